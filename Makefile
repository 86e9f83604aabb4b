# Two commands matter: `make run` and `make test`. They need Python 3.11 or newer with venv, and nothing else.
#
#   PYTHON=python3.12     another Python
#   PORT=8001             another port for `make run`
#   PYTEST_ARGS='-k feed' what `make test` hands on to pytest

PYTHON ?= python3
PYTEST_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(VENV)/.packages
DEV_PACKAGES := $(VENV)/.dev-packages

.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports sql-lint sql-check sql-types sql-plans migrations-check psql clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(PACKAGES) ## The service on 127.0.0.1:8000; without DATABASE_URL with a database and demo data of its own
	@exec $(BIN)/python -m service.commands.run

test: $(DEV_PACKAGES) ## All tests, in parallel, on a real PostgreSQL
	$(BIN)/pytest -n auto $(PYTEST_ARGS)

check: lint types imports sql-lint sql-check migrations-check ## All that CI runs after the tests

lint: $(DEV_PACKAGES) ## Python's style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV_PACKAGES) ## Types of the service, strictly
	$(BIN)/mypy

imports: $(DEV_PACKAGES) ## Areas never import each other
	$(BIN)/lint-imports

sql-lint: $(DEV_PACKAGES) ## Style of the SQL
	$(BIN)/sqlfluff lint sql migrations

sql-check: $(DEV_PACKAGES) ## The queries as a compiler sees them; AGAINST=v1.0.0 those of a release, against today's schema
	$(BIN)/python -m service.commands.scratch check $(if $(AGAINST),--against $(AGAINST))

sql-types: $(DEV_PACKAGES) ## Writes the stubs anew, after a change of a query or of the schema
	$(BIN)/python -m service.commands.scratch types

sql-plans: $(DEV_PACKAGES) ## Writes the snapshots of the plans anew
	$(BIN)/python -m service.commands.plans

migrations-check: $(DEV_PACKAGES) ## Migrations that would lock or break a busy database
	$(BIN)/squawk $(filter-out %.rollback.sql,$(wildcard migrations/*.sql))

psql: $(PACKAGES) ## psql as app_rw on the database that `make run` runs; q=inbox.list_messages opens a query
	@exec env q=$(q) $(BIN)/python -m service.commands.psql

# As root the database may be a link to a folder that PostgreSQL's user can reach.
clean: ## Removes the virtual environment, caches, and the embedded database with its data
	rm -rf "$$(readlink -f .data/postgres)" .data $(VENV)
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find service tests migrations -name __pycache__ -prune -exec rm -rf {} +

$(PACKAGES): requirements.txt
	@$(PYTHON) -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Draftroom needs Python 3.11 or newer with venv. Name one: make $(MAKECMDGOALS) PYTHON=python3.12'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_PACKAGES): requirements-dev.txt $(PACKAGES)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

"""compose.yaml and deploy/: what they name is there, no setting is forgotten, and PgBouncer's file works."""

import re
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.config import HttpSettings, Settings
from tests.client import ROOT

SETTINGS = {
    name.upper() for name in (*Settings.__dataclass_fields__, *HttpSettings.__dataclass_fields__)
}
# What compose.yaml itself decides.
OWN = {
    *("DATABASE_URL", "DATABASE_URL_RO", "DIRECT_URL", "SHADOW_DATABASE_URL"),
    *("DATA_DIR", "HOST", "PORT"),
}

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
KUBERNETES: list[dict[str, Any]] = [
    *yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text())
]


def given(resource: dict[str, Any]) -> dict[str, str]:
    """What a secret or a config map gives."""
    values: dict[str, str] = resource.get("stringData") or resource["data"]
    return values


def named(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in KUBERNETES if one["kind"] == kind}


WORKLOADS = named("Job") | named("Deployment")
GIVEN = {
    "secretRef": {name: given(one) for name, one in named("Secret").items()},
    "configMapRef": {name: given(one) for name, one in named("ConfigMap").items()},
}


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workload["spec"]["template"]["spec"]
    return found


def environment(workload: dict[str, Any]) -> dict[str, str]:
    [container] = pod(workload)["containers"]
    sources = [
        GIVEN[kind][ref["name"]] for one in container["envFrom"] for kind, ref in one.items()
    ]
    return dict(chain.from_iterable(source.items() for source in sources))


# Compose ------------------------------------------------------------------------------------------------


def test_compose_passes_every_setting_to_the_service() -> None:
    assert COMPOSE["x-settings"].keys() == SETTINGS - OWN
    for name, value in COMPOSE["x-settings"].items():
        assert re.fullmatch(rf"\$\{{{name}:[-?].*\}}", value)
    assert SERVICES["draftroom"]["environment"].keys() == SETTINGS - OWN | {
        "DATABASE_URL",
        "DATABASE_URL_RO",
    }


def test_compose_mounts_what_is_there() -> None:
    volumes = [volume for one in SERVICES.values() for volume in one.get("volumes", [])]
    files = {source for source, *_ in (one.split(":") for one in volumes) if Path(source).suffix}
    assert "./deploy/pgbouncer.ini" in files
    assert {one for one in files if not (ROOT / one).exists()} == set()
    used = {one["source"] for service in SERVICES.values() for one in service.get("configs", [])}
    assert used == COMPOSE["configs"].keys()


def test_what_is_optional_in_compose_is_a_profile() -> None:
    always = {name for name, one in SERVICES.items() if "profiles" not in one}
    assert always <= {"postgres", "migrate", "draftroom", "worker"}
    assert {"postgres", "migrate", "draftroom"} <= always


@pytest.mark.parametrize("name", ["postgres", "draftroom", "pgbouncer"])
def test_compose_gives_time_to_stop(name: str) -> None:
    assert SERVICES[name]["stop_grace_period"]


def test_no_password_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text()
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET_KEY))(:.)?", text)
    assert {name for name, default in secrets if default == ":-"} == set()
    assert {name for name, default in secrets if default == ":?"} == {
        *("POSTGRES_PASSWORD", "APP_OWNER_PASSWORD", "APP_RW_PASSWORD", "APP_RO_PASSWORD"),
        "SECRET_KEY",
    }


def test_the_image_has_the_packages_that_its_settings_need() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    [packages] = re.findall(r"^COPY (requirements.*) \./$", dockerfile, re.MULTILINE)
    assert set(packages.split()) <= {*(ROOT / ".dockerignore").read_text().replace("!", "").split()}
    [installed] = re.findall(r"pip install .*-r (\S+)$", dockerfile, re.MULTILINE)
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in COMPOSE["x-settings"]
    assert "opentelemetry-sdk" in (ROOT / installed).read_text()


def test_the_backup_of_compose_is_of_its_database() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    commands = re.findall(
        r"^docker compose exec -T (\w+) (\w+) -U postgres (.*)$", page, re.MULTILINE
    )
    assert [program for _, program, _ in commands] == ["pg_dump", "pg_restore", "psql"]
    url = SERVICES["migrate"]["environment"]["DIRECT_URL"]
    for container, _, arguments in commands:
        assert f"@{container}:5432/draftroom" in url
        assert re.search(r"(-Fc|-d) draftroom\b", arguments)
        assert SERVICES[container]["image"].startswith("postgres:")


# Kubernetes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_pod_has_settings_that_are_right(name: str) -> None:
    given = environment(WORKLOADS[name])
    assert given.keys() <= SETTINGS
    # As long as a secret must be.
    Settings.from_environment(given | {"SECRET_KEY": "x" * 32} if "SECRET_KEY" in given else given)
    HttpSettings.from_environment(given)


def test_who_serves_requests_cannot_see_all_tenants() -> None:
    assert "DIRECT_URL" not in environment(WORKLOADS["draftroom"])
    assert environment(WORKLOADS["draftroom-migrate"]).keys() == {"DIRECT_URL"}
    assert {"DIRECT_URL", "DATABASE_URL"} <= environment(WORKLOADS["draftroom-worker"]).keys()


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_pod_may_do_little(name: str) -> None:
    spec = pod(WORKLOADS[name])
    [container] = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert not spec["automountServiceAccountToken"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {one["name"] for one in container["volumeMounts"]} == {
        one["name"] for one in spec["volumes"]
    }


def test_a_pod_has_the_time_to_stop_that_its_settings_need() -> None:
    spec = pod(WORKLOADS["draftroom"])
    [container] = spec["containers"]
    [_, pause] = container["lifecycle"]["preStop"]["exec"]["command"]
    graceful = HttpSettings.from_environment(environment(WORKLOADS["draftroom"])).graceful_timeout
    assert spec["terminationGracePeriodSeconds"] > int(pause) + graceful


def test_the_selectors_find_the_pods() -> None:
    labels = {
        name: one["spec"]["template"]["metadata"]["labels"]
        for name, one in named("Deployment").items()
    }
    for name, deployment in named("Deployment").items():
        assert deployment["spec"]["selector"]["matchLabels"] == labels[name]
    assert named("Service")["draftroom"]["spec"]["selector"] == labels["draftroom"]
    disruption = named("PodDisruptionBudget")["draftroom"]["spec"]["selector"]
    assert disruption["matchLabels"] == labels["draftroom"]


@pytest.mark.parametrize("probe", ["livenessProbe", "readinessProbe", "startupProbe"])
def test_the_probes_ask_routes_that_are_there(probe: str) -> None:
    [container] = pod(WORKLOADS["draftroom"])["containers"]
    route = container[probe]["httpGet"]["path"]
    assert f'@blueprint.get("{route}")' in (ROOT / "service/operations/health.py").read_text()
    assert (route == "/readyz") == (probe == "readinessProbe")

"""pip-audit for all that the service runs on: fails for a known vulnerability.

Where the database of vulnerabilities cannot be asked it fails nothing, and says so. What is given goes to pip-audit.
"""

import json
import subprocess
import sys
from pathlib import Path

import pip_audit

ROOT = Path(__file__).parent.parent
COMMAND = [
    *(sys.executable, "-m", pip_audit.__name__),
    *("--requirement", "requirements.txt", "--requirement", "requirements-granian.txt"),
    *("--requirement", "requirements-otel.txt"),
    # Every package is pinned there: nothing is to be resolved, nothing installed.
    *("--no-deps", "--disable-pip"),
    *("--format", "json", "--progress-spinner", "off"),
]


def main(more: list[str]) -> int:
    try:
        done = subprocess.run(
            [*COMMAND, *more], cwd=ROOT, capture_output=True, text=True, timeout=300
        )
        packages = json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return not_audited("all packages", "no answer for 300 seconds")
    except ValueError:
        if done.returncode == 2:
            sys.exit(done.stderr)
        why = done.stderr.strip().splitlines()[-1:] or ["pip-audit said nothing"]
        return not_audited("all packages", why[0])
    found = [
        f"{package['name']} {package['version']}: {known['id']}, fixed in {known['fix_versions']}"
        for package in packages
        for known in package.get("vulns", [])
    ]
    skipped = [package for package in packages if "skip_reason" in package]
    if skipped:
        not_audited(", ".join(p["name"] for p in skipped), skipped[0]["skip_reason"])
    print(
        "\n".join(found) or f"{len(packages) - len(skipped)} packages without a known vulnerability"
    )
    return 1 if found else 0


def not_audited(what: str, why: str) -> int:
    print(f"NOT AUDITED: {what}\n  {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

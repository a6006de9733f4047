"""Checks the locked packages for known vulnerabilities and the packages that Heimdex runs on for their licences.

Fails on a vulnerability, on a licence that is not in ALLOWED, and when the vulnerability service cannot be reached.
Licences are read from the installed packages and need no network.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.locks import LOCKS, ROOT, read_lock

BIN = Path(sys.prefix) / "audit" / "bin"
# Licences that require no more than attribution, or (LGPL, MPL) the package's own source to be offered.
ALLOWED = (
    "0BSD",
    "Apache",
    "BSD",
    "CC0",
    "MIT",
    "PSF",
    "Python Software Foundation",
    "Zlib",
    "Zope",
    "LGPL",
    "MPL",
    "Mozilla Public License",
)


def run_tool(name: str, *arguments: str) -> Any:
    """Return the JSON output of a tool in the audit environment; None when its output is not JSON."""
    argv = [str(BIN / name), "--format", "json", *arguments]
    done = subprocess.run(argv, check=False, capture_output=True, text=True)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return None


def check_vulnerabilities() -> bool:
    """Query the vulnerability service for every locked version. True when no version has a known vulnerability."""
    files = [argument for name in LOCKS for argument in ("-r", str(ROOT / name))]
    answer = run_tool(
        "pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off", *files
    )
    packages = answer["dependencies"] if answer else []
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        print("Vulnerabilities: the service was not reached, so nothing is known.")
        return False
    skipped = [package["name"] for package in packages if "vulns" not in package]
    if skipped:
        print("Vulnerabilities: the service does not know", ", ".join(skipped))
    found = [(package, known) for package in audited for known in package["vulns"]]
    for package, known in found:
        fixed = ", ".join(known["fix_versions"]) or "no version yet"
        print(f"  {package['name']} {package['version']}: {known['id']}, mended in {fixed}")
    print(f"Vulnerabilities: {len(found)} known in {len(audited)} packages.")
    return not found and not skipped


def is_allowed(licence: str) -> bool:
    """Return whether ALLOWED has every part of a licence, or one alternative of each choice in it."""
    parts = licence.replace("; ", " AND ").split(" AND ")
    return all(any(name in part for name in ALLOWED) for part in parts)


def check_licences() -> bool:
    """Read the licences of the packages that Heimdex runs on. True when all are allowed."""
    names = read_lock(ROOT / "requirements.txt")
    python = ("--python", sys.executable, "--from", "mixed")
    packages = run_tool("pip-licenses", *python, "--packages", *names)
    refused = [package for package in packages if not is_allowed(package["License"])]
    for package in refused:
        print(f"  {package['Name']} {package['Version']}: {package['License']}")
    print(f"Licences: {len(refused)} of {len(packages)} packages have one that is not allowed.")
    return bool(packages) and not refused


if __name__ == "__main__":
    sys.exit(not all([check_licences(), check_vulnerabilities()]))

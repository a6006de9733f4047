"""Checks a container's health. Exits with 0 (healthy) or 1, in a second or two.

python deploy/healthcheck.py web          pages are answered (requests /health)
python deploy/healthcheck.py ready        also, everything that a job needs is available (requests /health/ready)
python deploy/healthcheck.py beat FILE    FILE was touched in the last minute (workers and the scheduler do that)
"""

import http.client
import os
import sys
import time
from pathlib import Path

MAX_AGE_S = 60
TIMEOUT_S = 7


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 when healthy; otherwise 1, after printing the reason."""
    kind = arguments[0]
    problem = _check_heartbeat(Path(arguments[1])) if kind == "beat" else _check_page(kind)
    if problem:
        print(problem)  # noqa: T201 - the container engine stores it
    return 1 if problem else 0


def _check_page(kind: str) -> str:
    """Request a health page as nginx would, with the first host name of HEIMDEX_HOSTS."""
    path = "/health/ready" if kind == "ready" else "/health"
    host = os.environ.get("HEIMDEX_HOSTS", "localhost").replace(",", " ").split()[0].lstrip(".*")
    port = int(os.environ.get("HEIMDEX_WEB_BIND", ":8000").rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        text = answer.read(2000).decode(errors="replace")
    except OSError as exc:
        return f"{path}: {exc}"
    return "" if answer.status == 200 else f"{path}: {answer.status} {text}"


def _check_heartbeat(file: Path) -> str:
    try:
        age = time.time() - file.stat().st_mtime
    except OSError as exc:
        return f"no sign of life: {exc}"
    return "" if age < MAX_AGE_S else f"no sign of life for {age:.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

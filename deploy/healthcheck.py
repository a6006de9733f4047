"""Is this container well? Ends with 0 or 1, in a second or two.

python deploy/healthcheck.py web          pages are answered (asks /health)
python deploy/healthcheck.py ready        and everything a job needs is there (asks /health/ready)
python deploy/healthcheck.py beat FILE    FILE was touched in the last minute (workers and the schedule do that)
"""

import http.client
import os
import sys
import time
from pathlib import Path

SILENT_S = 60
ANSWER_S = 7


def main(words: list[str]) -> int:
    """0 when all is well, 1 when not, with the reason in words."""
    kind = words[0]
    problem = _silent(Path(words[1])) if kind == "beat" else _ask(kind)
    if problem:
        print(problem)  # noqa: T201 - the container engine keeps it
    return 1 if problem else 0


def _ask(kind: str) -> str:
    """Ask as nginx would, with the first of the host names we answer to."""
    path = "/health/ready" if kind == "ready" else "/health"
    host = os.environ.get("HEIMDEX_HOSTS", "localhost").replace(",", " ").split()[0].lstrip(".*")
    port = int(os.environ.get("HEIMDEX_WEB_BIND", ":8000").rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        connection.request("GET", path, headers={"Host": host, "X-Forwarded-Proto": "https"})
        answer = connection.getresponse()
        text = answer.read(2000).decode(errors="replace")
    except OSError as exc:
        return f"{path}: {exc}"
    return "" if answer.status == 200 else f"{path}: {answer.status} {text}"


def _silent(file: Path) -> str:
    try:
        age = time.time() - file.stat().st_mtime
    except OSError as exc:
        return f"no sign of life: {exc}"
    return "" if age < SILENT_S else f"no sign of life for {age:.0f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""How gunicorn serves Heimdex: `gunicorn --config deploy/gunicorn_conf.py heimdex.wsgi`, always behind nginx.

nginx takes requests and answers whole, so a thread is busy only while Heimdex works. Without it, as many slow
visitors as there are threads would stop every answer. The measurements are in docs/operations.md.
"""

import os
import shutil
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess

bind = os.environ.get("HEIMDEX_WEB_BIND", "0.0.0.0:8000")
workers = int(os.environ.get("HEIMDEX_WEB_PROCESSES", "2"))
threads = int(os.environ.get("HEIMDEX_WEB_THREADS", "16"))
worker_class = "gthread"

# A thread that waits for storage holds nobody up; a process whose main loop hangs this long is replaced.
timeout = 60
# Requests under way may end after SIGTERM; longer than any of ours should take, shorter than the container's patience.
graceful_timeout = 25
# Longer than nginx keeps an idle connection (keepalive_timeout of the upstream), so that nginx closes first.
keepalive = 75
# A slow leak ends here; the spread keeps the processes from leaving together.
max_requests = 20_000
max_requests_jitter = 2_000

# The root file system may be read-only: signs of life go to memory, and there is no control socket.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - the kernel's, for this
control_socket_disable = True
# Requests are logged by Heimdex itself, without signatures in their addresses.
accesslog = None
errorlog = "-"


def on_starting(_server: Any) -> None:
    """Begin with an empty folder of counters: those of the last run's processes mean nothing any more."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
        Path(folder).mkdir(parents=True, exist_ok=True)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a process that has gone; its counters stay counted."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # it has no types

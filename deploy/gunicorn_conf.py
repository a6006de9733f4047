"""How gunicorn serves Heimdex: `gunicorn --config deploy/gunicorn_conf.py heimdex.wsgi`, always behind nginx.

nginx buffers whole requests and answers, so a thread is busy only while Heimdex works. Without nginx, as many slow
clients as there are threads would block every answer. The measurements are in docs/operations.md.
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

# In seconds. A thread that waits for storage does not count; a process whose main loop hangs this long is replaced.
timeout = 60
# Seconds for open requests to finish after SIGTERM: longer than any request should take, and shorter than the
# container's stop timeout.
graceful_timeout = 25
# Longer than nginx keeps an idle connection (keepalive_timeout of the upstream), so that nginx closes first.
keepalive = 75
# A process is replaced after this many requests, which ends a slow leak; the jitter keeps them from ending together.
max_requests = 20_000
max_requests_jitter = 2_000

# The root file system may be read-only: heartbeat files go to memory, and there is no control socket.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - the kernel's, for this
control_socket_disable = True
# Requests are logged by Heimdex itself, without signatures in their addresses.
accesslog = None
errorlog = "-"


def on_starting(_server: Any) -> None:
    """Empty the folder of counters: those of the last run's processes are out of date."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
        Path(folder).mkdir(parents=True, exist_ok=True)


def child_exit(_server: Any, worker: Any) -> None:
    """Remove the gauges of a process that has ended; its counters still count."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # it has no types

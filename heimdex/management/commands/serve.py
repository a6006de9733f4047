"""`manage.py serve`: the whole product in one process."""

import contextlib
import errno
import os
import signal
import socket
import sys
import tempfile
import threading
from argparse import ArgumentParser
from io import StringIO
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from heimdex.startup import bootstrap, one_server
from heimdex.web.server import WebServer, allow_open_files
from mediakit.sandbox import process
from videos import model_files
from workers import embedded

WORKER_SHUTDOWN_S = 8.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Command(BaseCommand):
    """Serve pages, API, workers and the schedule until SIGTERM or SIGINT."""

    help = "Run the web server, the background workers and the schedule in one process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the address and the tasks besides serving pages."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="0 takes any free port")
        parser.add_argument(
            "--web-only",
            action="store_true",
            help="pages and API only; run `celery -A heimdex worker -Q exports,videos` and "
            "`celery -A heimdex beat` beside it (needs REDIS_URL)",
        )
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="first update the tables and collect changed static files",
        )
        parser.add_argument(
            "--demo",
            action="store_true",
            help="make the demo account and video when the library is empty, and print the login",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Serve. Returns after SIGTERM or SIGINT, when running jobs have ended or are queued again."""
        if options["web_only"] and not settings.REDIS_URL:
            raise CommandError("--web-only needs REDIS_URL: nothing would do the work.")
        listening = _listen(options["host"], options["port"])
        with contextlib.closing(listening), _only_server(options, listening):
            tempfile.tempdir = str(settings.WORK_DIR)  # large request bodies are spooled there
            self._serve(listening, options)

    def _serve(self, listening: socket.socket, options: dict[str, Any]) -> None:
        login = self._prepare(options)
        if bootstrap.has_pending_migrations():
            raise CommandError("The database is not up to date: run `manage.py migrate`.")
        allow_open_files()
        server = _web_server(listening)
        background = None if options["web_only"] else embedded.EmbeddedWorkers()
        if background is not None:
            background.start()
            threading.Thread(target=_prepare_models, name="models", daemon=True).start()
        _exit_on_signals(server, background)
        self._say_where(options["host"], listening.getsockname()[1], login)
        try:
            server.run()
        finally:
            _second_signal_kills()
            clean = background is None or background.stop(within_s=WORKER_SHUTDOWN_S)
            is_idle = server.close()
        if not clean:
            # Their leases expire, and the next start claims the rows again.
            self.stderr.write("Some jobs did not stop in time; they will be taken up again.")
        if not (clean and is_idle):
            _exit_now()

    def _prepare(self, options: dict[str, Any]) -> str:
        """Run the steps that the options request before serving; returns the line with the demo login or ""."""
        if options["prepare"]:
            bootstrap.migrate_database()
        if options["prepare"] or not bootstrap.has_static_files():
            bootstrap.collect_static_files()
        if not options["demo"]:
            return ""
        login = StringIO()
        call_command("demo", stdout=login, stderr=self.stderr)
        return login.getvalue().strip()

    def _say_where(self, host: str, port: int, login: str) -> None:
        shown = f"[{host}]" if ":" in host else host
        self.stdout.write(f"Heimdex is at http://{shown}:{port}/")
        if host not in LOOPBACK and not os.environ.get("HEIMDEX_HOSTS"):
            self.stdout.write(
                "Set HEIMDEX_HOSTS to the names people will use (for example "
                "HEIMDEX_HOSTS=heimdex.example.org); requests for other names are refused."
            )
        for line in (login, "Ctrl-C stops."):
            if line:
                self.stdout.write(line)
        self.stdout.flush()


def _prepare_models() -> None:
    """Record which models are here, and fetch those of faces, text, objects and bodies; runs beside the server."""
    try:
        model_files.record_all()
        model_files.face_model_path()
        model_files.text_model_path()
        model_files.object_model_path()
        model_files.body_model_path()
    finally:
        connection.close()


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket; CommandError when the port is in use, also by this installation itself."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as exc:
        if exc.errno != errno.EADDRINUSE:
            raise CommandError(f"Cannot listen on {host}:{port}: {exc.strerror}.") from exc
        if holder := one_server.holder_of(settings.DATA_DIR):
            raise CommandError(_is_running(holder)) from exc
        raise CommandError(
            f"Another program has port {port} of {host}. Choose another port: `make run PORT={port + 1}`, or "
            f"`serve --port {port + 1}`."
        ) from exc


def _is_running(holder: str) -> str:
    return (
        f"Heimdex is running on {settings.DATA_DIR} already ({holder}). Stop it first, or set HEIMDEX_DATA_DIR to "
        "another folder."
    )


def _only_server(
    options: dict[str, Any], listening: socket.socket
) -> contextlib.AbstractContextManager[object]:
    """Hold the data folder until the end; CommandError when another `serve` has it. Web processes may share one."""
    if options["web_only"]:
        return contextlib.nullcontext()
    address = f"http://{options['host']}:{listening.getsockname()[1]}/"
    try:
        return one_server.hold_data_folder(settings.DATA_DIR, address=address)
    except one_server.AlreadyServedError as exc:
        raise CommandError(_is_running(str(exc))) from exc


def _web_server(listening: socket.socket) -> WebServer:
    """A web server on the listening socket, not running yet."""
    # Loaded before the first request, so that the first page is fast.
    from heimdex.wsgi import application  # noqa: PLC0415 - it sets up Django, which is done by now

    return WebServer(listening, application)


def _exit_on_signals(server: WebServer, background: embedded.EmbeddedWorkers | None) -> None:
    """The first SIGINT or SIGTERM stops the web server and requests the workers to stop."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        _second_signal_kills()
        if background is not None:
            background.request_stop()
        server.stop()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


def _second_signal_kills() -> None:
    """A second SIGINT or SIGTERM ends the process at once."""

    def kill(_number: int, _frame: FrameType | None) -> None:
        _exit_now(130)

    signal.signal(signal.SIGINT, kill)
    signal.signal(signal.SIGTERM, kill)


def _exit_now(code: int = 0) -> None:
    """Kill the child processes and exit without waiting for threads."""
    process.kill_all()
    sys.stdout.flush()
    os._exit(code)

"""Messages: sent from a thread of their own, to a real Redis or to none at all."""

import logging
import socket
import threading
import time
import uuid

import pytest
from celery import Celery

from jobs import notify
from jobs.notify import Sender

WAIT_S = 20
BROKER_S = 60  # who waits for the broker waits longer than any test does


def work(_pk: str = "") -> None:
    """Never run: no worker reads these queues."""


def _app(url: str) -> Celery:
    app = Celery(f"test-{uuid.uuid4()}", broker=url, set_as_current=False)
    app.conf.task_publish_retry = False
    app.conf.task_default_queue = f"queue-{uuid.uuid4()}"
    app.conf.broker_transport_options = {
        "socket_timeout": BROKER_S,
        "socket_connect_timeout": BROKER_S,
        "max_retries": 0,
    }
    app.task(name="work", ignore_result=True)(work)
    app.finalize()
    return app


def _until(check) -> None:
    deadline = time.monotonic() + WAIT_S
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.services
def test_messages_arrive_and_are_counted_until_they_are_taken(redis_url: str):
    app = _app(redis_url)
    task = app.tasks["work"]
    assert notify.queued_messages(task) == 0

    sender = Sender()
    for _ in range(3):
        sender.send_later(task, uuid.uuid4())

    _until(lambda: notify.queued_messages(task) == 3)


def test_callers_do_not_wait_for_a_broker_that_does_not_answer(caplog):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        task = _app(f"redis://127.0.0.1:{port}/0").tasks["work"]
        sender = Sender()
        done = threading.Event()

        def ask() -> None:
            for _ in range(
                2 * notify.MAX_PENDING_MESSAGES
            ):  # more than it keeps: the rest is dropped
                sender.send_later(task, uuid.uuid4())
            done.set()

        threading.Thread(target=ask, daemon=True).start()

        assert done.wait(WAIT_S)
    _until(lambda: "waits for the sweep" in caplog.text)  # its words are not for the next test


def test_a_broker_that_is_away_is_only_logged(caplog):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    task = _app(f"redis://127.0.0.1:{port}/0").tasks["work"]
    with caplog.at_level(logging.WARNING):
        assert not notify.send(task, uuid.uuid4())
    assert "waits for the sweep" in caplog.text

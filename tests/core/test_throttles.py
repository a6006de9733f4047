"""Limits for one person: counted once over all processes, and no reason for an error while the cache is away."""

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import time_machine

from core.errors import CoreCode, HeimdexError
from core.throttles import Throttle
from heimdex.settings.base import _cache
from tests import services

ROOT = Path(__file__).resolve().parents[2]
FOR_EVER_S = 10**8
TRIES, LIMIT = 100, 30
# Four threads of a web process that all ask for the same person; prints how many were allowed.
PROCESS = f"""
import django
django.setup()
from concurrent.futures import ThreadPoolExecutor
from core.throttles import Throttle
throttle = Throttle("test", limit={LIMIT}, window_s={FOR_EVER_S})
with ThreadPoolExecutor(4) as threads:
    print(sum(threads.map(throttle.allows, ["one"] * {TRIES})))
"""


@pytest.mark.services
def test_a_limit_holds_over_processes(redis_url, tmp_path):
    env = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "heimdex.settings",
        "HEIMDEX_DATA_DIR": str(tmp_path),
        "REDIS_URL": redis_url,
    }
    running = [
        subprocess.Popen([sys.executable, "-c", PROCESS], cwd=ROOT, env=env, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    allowed = [int(process.communicate(timeout=60)[0]) for process in running]

    assert sum(allowed) == LIMIT


def test_threads_of_one_process_share_a_limit():
    throttle = Throttle("threads", limit=LIMIT, window_s=FOR_EVER_S)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(throttle.allows, ["one"] * TRIES)) == LIMIT


def test_each_person_and_each_throttle_counts_for_itself():
    first, second = (Throttle(name, limit=1, window_s=FOR_EVER_S) for name in ("a", "b"))

    assert [first.allows(1), first.allows(1), first.allows(2), second.allows(1)] == [
        *(True, False, True, True)
    ]


def test_the_refusal_says_when_the_next_window_begins():
    throttle = Throttle("windows", limit=1)

    with time_machine.travel("2026-11-28 12:00:45Z", tick=False) as clock:
        throttle.check(1)
        with pytest.raises(HeimdexError) as caught:
            throttle.check(1)
        assert (caught.value.code, caught.value.status) == (CoreCode.THROTTLED, 429)
        assert caught.value.headers == {"Retry-After": "15"}

        clock.shift(15)
        throttle.check(1)


@pytest.mark.services
def test_a_redis_that_is_silent_or_away_stops_nobody(settings, caplog):
    throttle = Throttle("away", limit=1, window_s=FOR_EVER_S)
    with services.redis() as url:
        settings.CACHES = {"default": _cache(url)}
        assert [throttle.allows(1), throttle.allows(1)] == [True, False]
    assert throttle.allows(1)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CACHES = {"default": _cache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")}
        assert throttle.allows(1)

    said = [record.getMessage() for record in caplog.records if record.name == "core.throttles"]
    assert [words.rpartition(" ")[2] for words in said] == ["ConnectionError", "TimeoutError"]

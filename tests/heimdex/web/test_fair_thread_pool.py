"""Free threads go to visitors in turn."""

import asyncio
import threading

import pytest

from heimdex.web.fair_thread_pool import FairThreadPool


def test_no_visitor_waits_behind_all_requests_of_another():
    order: list[str] = []

    async def play():
        pool = FairThreadPool("test", threads=1, each=1)
        gate = threading.Event()
        first = asyncio.create_task(pool.run("many", gate.wait))
        await asyncio.sleep(0)
        many = [asyncio.create_task(pool.run("many", order.append, "many")) for _ in range(60)]
        await asyncio.sleep(0)
        other = asyncio.create_task(pool.run("other", order.append, "other"))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, other, *many)
        pool.close()

    asyncio.run(play())

    assert order.index("other") <= 1
    assert len(order) == 61


def test_one_visitor_leaves_threads_for_others():
    async def play():
        pool = FairThreadPool("test", threads=3, each=2)
        gate = threading.Event()
        held = [asyncio.create_task(pool.run("many", gate.wait)) for _ in range(5)]
        assert await pool.run("other", lambda: "answered") == "answered"
        before = pool.is_idle
        gate.set()
        await asyncio.gather(*held)
        assert (before, pool.is_idle) == (False, True)
        pool.close()

    asyncio.run(play())


def test_what_is_cancelled_while_it_waits_never_runs():
    ran: list[int] = []

    async def play():
        pool = FairThreadPool("test", threads=1, each=1)
        gate = threading.Event()
        first = asyncio.create_task(pool.run("one", gate.wait))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(pool.run("one", ran.append, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.set()
        await first
        assert await pool.run("one", lambda: "free") == "free"
        pool.close()

    asyncio.run(play())

    assert ran == []


def test_an_error_gives_the_thread_back():
    async def play():
        pool = FairThreadPool("test", threads=1, each=1)
        with pytest.raises(ZeroDivisionError):
            await pool.run("one", lambda: 1 // 0)
        assert await pool.run("one", lambda: "free") == "free"
        pool.close()

    asyncio.run(play())

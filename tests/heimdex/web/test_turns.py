"""Threads are given in turn."""

import asyncio
import threading

import pytest

from heimdex.web.turns import Turns


def test_nobody_waits_behind_all_of_another():
    order: list[str] = []

    async def play():
        turns = Turns("test", threads=1, each=1)
        gate = threading.Event()
        first = asyncio.create_task(turns.run("many", gate.wait))
        await asyncio.sleep(0)
        many = [asyncio.create_task(turns.run("many", order.append, "many")) for _ in range(60)]
        await asyncio.sleep(0)
        other = asyncio.create_task(turns.run("other", order.append, "other"))
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(first, other, *many)
        turns.close()

    asyncio.run(play())

    assert order.index("other") <= 1
    assert len(order) == 61


def test_one_visitor_leaves_threads_for_others():
    async def play():
        turns = Turns("test", threads=3, each=2)
        gate = threading.Event()
        held = [asyncio.create_task(turns.run("many", gate.wait)) for _ in range(5)]
        assert await turns.run("other", lambda: "answered") == "answered"
        before = turns.is_idle
        gate.set()
        await asyncio.gather(*held)
        assert (before, turns.is_idle) == (False, True)
        turns.close()

    asyncio.run(play())


def test_what_is_cancelled_while_it_waits_never_runs():
    ran: list[int] = []

    async def play():
        turns = Turns("test", threads=1, each=1)
        gate = threading.Event()
        first = asyncio.create_task(turns.run("one", gate.wait))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(turns.run("one", ran.append, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.set()
        await first
        assert await turns.run("one", lambda: "free") == "free"
        turns.close()

    asyncio.run(play())

    assert ran == []


def test_an_error_gives_the_thread_back():
    async def play():
        turns = Turns("test", threads=1, each=1)
        with pytest.raises(ZeroDivisionError):
            await turns.run("one", lambda: 1 // 0)
        assert await turns.run("one", lambda: "free") == "free"
        turns.close()

    asyncio.run(play())

"""The XMPP server is frozen for longer than the link bears silence. Both servers at the same time, since that is mostly waiting."""

import asyncio
import os
import signal
import time

import pytest
from broker import LIMIT, make_broker
from servers import KINDS
from test_registration import PASSWORD, log_in, query, verified
from wire import Client, describe, name

SILENCE = 75  # seconds after which the broker has given up a link on which nothing comes in, at the latest


async def until(broker, text, times, limit):
    end = time.monotonic() + limit
    while broker.log().count(text) < times:
        assert time.monotonic() < end, f"{text}\n{broker.log()[-3000:]}"
        await asyncio.sleep(0.1)


async def freezes(broker):
    await broker.ready()
    await verified(broker, "alice")
    os.kill(broker.server.pid, signal.SIGSTOP)
    try:
        await until(broker, "the server is silent", 1, SILENCE + LIMIT)
        assert broker.process.poll() is None
    finally:
        os.kill(broker.server.pid, signal.SIGCONT)
    await until(broker, "connected to the XMPP server", 2, 2 * LIMIT)
    await broker.ready()
    assert name(await log_in(broker.server, "alice", "SCRAM-SHA-256")) == "success"
    async with await Client.connected(broker.server) as client:
        answer = await client.iq("set", query(username="bob", password=PASSWORD, email="bob@mail.example"))
        assert answer.get("type") == "result", describe(answer)
    assert {account["username"] for account in broker.operate("account", "list")} == {"alice", "bob"}


@pytest.mark.skipif(os.environ.get("OSTIARY_LONG") != "1", reason="more than a minute of waiting: in the long run")
async def test_a_frozen_server_is_noticed_and_all_goes_on_when_it_is_thawed(servers, tmp_path):
    running = []
    try:
        for kind in KINDS:
            running.append(servers.new(kind))
            broker = make_broker(tmp_path / kind, running[-1])
            running.append(broker)
            broker.start()
        await asyncio.gather(*(freezes(broker) for broker in running[1::2]))
    finally:
        for each in reversed(running):
            each.stop()

"""The broker has no file descriptor left, because somebody holds connections to its pages."""

import asyncio
import contextlib
import os
import resource
import socket
import time
import urllib.parse
from pathlib import Path

from broker import LIMIT, Browser
from test_registration import PASSWORD, log_in, query, verified
from wire import Client, describe, name

TOLD = "could not accept a web connection"


def processor_ticks(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


async def test_without_file_descriptors_the_link_goes_on_and_pages_are_back_when_there_are_some(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    pid = broker.process.pid
    few = max(int(each) for each in os.listdir(f"/proc/{pid}/fd")) + 9
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (few, few))
    web = urllib.parse.urlsplit(broker.web)
    with contextlib.ExitStack() as held:
        for _ in range(40):
            held.enter_context(socket.create_connection((web.hostname, web.port), timeout=10))
        await broker.logged(TOLD)
        before = processor_ticks(pid)
        await asyncio.sleep(2)
        spent = (processor_ticks(pid) - before) / os.sysconf("SC_CLK_TCK")
        assert spent < 1, f"busy for {spent} of 2 seconds with nothing to do"
        for mechanism in ("PLAIN", "SCRAM-SHA-256"):
            assert name(await log_in(broker.server, "alice", mechanism)) == "success"
        async with await Client.connected(broker.server) as client:
            answer = await client.iq("set", query(username="bob", password=PASSWORD, email="bob@mail.example"))
            assert answer.get("type") == "result", describe(answer)
        assert broker.log().count(TOLD) == 1, broker.log()
    end = time.monotonic() + LIMIT
    while "web connections are accepted again" not in broker.log():
        assert time.monotonic() < end, broker.log()[-3000:]
        assert "<form" in await asyncio.to_thread(Browser(broker.web).get, "/register")
        await asyncio.sleep(0.2)
    assert broker.log().count(TOLD) == 1, broker.log()
    assert broker.operate("account", "list")
    await broker.letter("bob@mail.example")

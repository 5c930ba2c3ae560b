"""More than one broker for one database: one serves, the other stands by. And a connection of the component that is left over."""

import asyncio
import contextlib
import os
import signal
import time

import pytest
from broker import Standby
from scripted_broker import Broker as OldConnection
from test_registration import PASSWORD, log_in, query, verified
from wire import Client, Closed, describe, name, sasl_failure, stanza_error

SECONDS = 10  # in which a standby has to have taken over, on a busy machine
TAKES_OVER = {"more": 'component_conflict_resolve = "kick_old"\n'}


@contextlib.contextmanager
def standing_by(broker):
    standby = Standby.of(broker)
    standby.start()
    try:
        yield standby
    finally:
        standby.stop()


async def test_a_standby_takes_over_within_seconds_when_the_broker_is_killed_and_nothing_acknowledged_is_lost(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    acknowledged, told, logins = [], set(), set()
    running = True

    async def registers(person):
        number = 0
        while running:
            number += 1
            user = f"p{person}n{number}"
            with contextlib.suppress(Closed, OSError):
                async with await Client.connected(broker.server) as client:
                    answer = await client.iq("set", query(username=user, password=PASSWORD, email=f"{user}@mail.example"))
                    if answer.get("type") == "result":
                        acknowledged.append(user)
                    else:
                        told.add(stanza_error(answer)[:2])
            await asyncio.sleep(0.02)

    async def logs_in():
        while running:
            result = await log_in(broker.server, "alice", "SCRAM-SHA-256")
            logins.add("success" if name(result) == "success" else sasl_failure(result)[0])
            await asyncio.sleep(0.02)

    async def more_are_registered():
        before = len(acknowledged)
        while len(acknowledged) < before + 10:
            await asyncio.sleep(0.01)

    with standing_by(broker) as standby:
        await standby.logged("standing by")
        people = [asyncio.create_task(registers(person)) for person in range(4)] + [asyncio.create_task(logs_in())]
        await more_are_registered()
        began = time.monotonic()
        broker.kill()
        await asyncio.wait_for(more_are_registered(), SECONDS)
        print(f"ten more registrations {time.monotonic() - began:.1f} s after the kill")
        running = False
        await asyncio.gather(*people)
        assert "has ended: taking over" in standby.log()
        assert told <= {("wait", "service-unavailable")}, "people are told to try again, and nothing else"
        assert logins <= {"success", "temporary-auth-failure"} and "success" in logins
        accounts = {account["username"] for account in standby.operate("account", "list", "--limit", "1000")}
        assert set(acknowledged) <= accounts, "an acknowledged account is gone"
        # The roles can change again and again.
        broker.start("--standby")
        await broker.logged("standing by")
        standby.kill()
        await broker.logged("has ended: taking over")
        await broker.ready()
        assert name(await log_in(broker.server, "alice", "PLAIN")) == "success"


async def test_a_frozen_broker_keeps_the_database_until_it_is_killed(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    with standing_by(broker) as standby:
        await standby.logged("standing by")
        os.kill(broker.process.pid, signal.SIGSTOP)
        await asyncio.sleep(3)
        assert "has ended: taking over" not in standby.log()
        broker.kill()
        await standby.logged("has ended: taking over", SECONDS)
        await standby.ready()
        assert name(await log_in(broker.server, "alice", "SCRAM-SHA-256")) == "success"


async def test_a_connection_that_is_left_over_does_not_keep_the_broker_out(house, kind):
    """As after a broken network, when the server does not know yet that the other side is gone."""
    broker = house(**(TAKES_OVER if kind == "prosody" else {}))
    await broker.ready()
    await verified(broker, "alice")
    broker.kill()
    async with OldConnection(broker.server) as old:
        old.task.cancel()  # it neither reads nor answers from now on
        broker.start()
        await broker.ready()
        assert name(await log_in(broker.server, "alice", "SCRAM-SHA-256")) == "success"
        if kind == "prosody":
            assert (await old.ended())[0] == "conflict"
        else:
            assert not old.reader.at_eof(), "it is still there, and stands by"


async def until_connected(broker, times):
    end = time.monotonic() + 3 * SECONDS
    while broker.log().count("connected to the XMPP server") < times:
        assert time.monotonic() < end, broker.log()[-2000:]
        await asyncio.sleep(0.05)


@pytest.mark.only("prosody")
async def test_where_the_server_keeps_the_old_connection_the_broker_says_so_and_gets_in_when_that_has_ended(house):
    broker = house()
    await broker.ready()
    broker.kill()
    async with OldConnection(broker.server):
        broker.start()
        await broker.logged("another connection uses the component's address")
    # Not only offered still, by what the old connection said.
    await until_connected(broker, 2)
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        answer = await client.iq("set", query(username="bob", password=PASSWORD, email="bob@mail.example"))
        assert answer.get("type") == "result", describe(answer)

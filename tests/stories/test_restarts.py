"""Either side restarts at the worst moment: what the person is told, and how the account stands afterwards."""

import asyncio
import time

import pytest
from broker import Browser, code_in
from test_registration import PASSWORD, log_in, query, verified
from wire import Client, Closed, describe, name, sasl_failure, stanza_error

# So that a registration takes long enough to be caught in the middle.
SLOW_HASHING = """
memory_kib = 65536
passes = 32
threads = 1
scram_iterations = 10000
"""
OTHER = "another battery staple"


def alice():
    return query(username="alice", password=PASSWORD, email="alice@mail.example")


def accounts(broker):
    return {account["username"]: account["state"] for account in broker.operate("account", "list")}


def stop(process, how):
    """Ends a server or a broker."""
    process.stop() if how == "SIGTERM" else process.kill()


both_ways = pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])


@both_ways
async def test_a_registration_is_sent_off_while_the_broker_restarts(house, how):
    broker = house()
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        assert (await client.iq("get", query())).get("type") == "result"
        stop(broker, how)
        refused = stanza_error(await client.iq("set", alice(), id="away"))
        assert refused[:2] == ("wait", "service-unavailable") and "try again" in refused[2]
        assert accounts(broker) == {}
        broker.start()
        await broker.ready()
        # The form that came from the broker before is good for the one after.
        again = await client.iq("set", alice(), id="again")
        assert again.get("type") == "result", describe(again)
        taken = await client.iq("set", query(username="alice", password=OTHER, email="bob@mail.example"), id="taken")
        assert stanza_error(taken)[:2] == ("cancel", "conflict")
    assert accounts(broker) == {"alice": "pending"}


async def caught_in_the_middle(broker, client):
    """A registration whose password is being hashed; it has been accepted, and nothing of it is stored."""
    client.send(f"<iq type='set' id='caught'>{alice()}</iq>")
    await asyncio.sleep(0.5)
    assert accounts(broker) == {}


@both_ways
async def test_the_broker_restarts_while_a_registration_is_being_hashed(house, how):
    broker = house({"hashing": SLOW_HASHING})
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        await caught_in_the_middle(broker, client)
        await asyncio.to_thread(stop, broker, how)
        answer = await client.answer("caught")
        if how == "SIGTERM":
            assert answer.get("type") == "result", "what is under way is finished: " + describe(answer)
            assert accounts(broker) == {"alice": "pending"}
        else:
            assert stanza_error(answer)[:2] == ("wait", "service-unavailable")
            assert accounts(broker) == {}
        broker.start()
        await broker.ready()
        again = await client.iq("set", alice(), id="again")
        if how == "SIGTERM":
            assert stanza_error(again)[:2] == ("cancel", "conflict")
        else:
            assert again.get("type") == "result", describe(again)
    assert accounts(broker) == {"alice": "pending"}
    await broker.letter("alice@mail.example")
    assert len(broker.letters()) == 1


@both_ways
async def test_the_server_restarts_while_a_registration_is_being_hashed(house, how):
    broker = house({"hashing": SLOW_HASHING}, own=True)
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        await caught_in_the_middle(broker, client)
        await asyncio.to_thread(stop, broker.server, how)
        with pytest.raises((Closed, ConnectionError)):
            await client.answer("caught")
    # The broker finishes what it has accepted, although nobody is left to be told.
    code = code_in(await broker.letter("alice@mail.example"))
    assert accounts(broker) == {"alice": "pending"}
    await asyncio.to_thread(broker.server.run)
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        assert stanza_error(await client.iq("set", alice()))[:2] == ("cancel", "conflict")
    browser = Browser(broker.web)
    await asyncio.to_thread(lambda: browser.submit(browser.get("/verify"), username="alice", code=code))
    assert name(await log_in(broker.server, "alice", "SCRAM-SHA-256")) == "success"


@both_ways
async def test_what_happens_while_the_server_is_away_is_told_to_it_when_it_is_back(house, how):
    broker = house(own=True)
    await broker.ready()
    await verified(broker, "carol")
    async with await Client.connected(broker.server) as client:
        assert (await client.iq("set", alice())).get("type") == "result"
    code = code_in(await broker.letter("alice@mail.example"))
    await asyncio.to_thread(stop, broker.server, how)
    browser = Browser(broker.web)
    page = await asyncio.to_thread(lambda: browser.submit(browser.get("/verify"), username="alice", code=code))
    assert "alice@chat.example" in page
    assert accounts(broker) == {"alice": "active", "carol": "active"}
    await asyncio.to_thread(broker.server.run)
    await broker.ready()
    end = time.monotonic() + 10
    while ("registered", "alice") not in (seen := await broker.server.hand.events()):
        assert time.monotonic() < end, seen
        await asyncio.sleep(0.05)
    assert seen.count(("registered", "alice")) == 1
    assert name(await log_in(broker.server, "alice", "PLAIN")) == "success"


@pytest.mark.parametrize("seconds", [None, 60])
async def test_people_log_in_while_the_broker_restarts_where_keys_are_remembered(house, seconds):
    broker = house(own=True, memory=seconds)
    await broker.ready()
    await verified(broker, "alice")
    await verified(broker, "mallory")
    for user in ("alice", "mallory"):
        assert name(await log_in(broker.server, user, "SCRAM-SHA-256")) == "success"
    broker.kill()
    await broker.server.logged("is no longer connected")
    for mechanism in ("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"):
        result = await log_in(broker.server, "alice", mechanism)
        if seconds:
            assert name(result) == "success"
        else:
            assert sasl_failure(result)[0] == "temporary-auth-failure"
    # A change that the server cannot be told of yet: the old keys are good until it is.
    broker.operate("account", "suspend", "mallory@chat.example")
    outlaw = await Client.connected(broker.server)
    async with outlaw:
        if seconds:
            assert name(await outlaw.scram("mallory", PASSWORD, "SCRAM-SHA-256")) == "success"
            await outlaw.bind("phone")
        broker.start()
        await broker.ready()
        if seconds:
            assert (await outlaw.ended())[0] == "not-authorized"
    assert sasl_failure(await log_in(broker.server, "mallory", "SCRAM-SHA-256"))[0] == "account-disabled"
    broker.kill()
    await broker.server.logged("is no longer connected")
    result = await log_in(broker.server, "mallory", "SCRAM-SHA-256")
    assert sasl_failure(result)[0] == ("account-disabled" if seconds else "temporary-auth-failure")

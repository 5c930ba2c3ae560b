"""When is registration offered? Only while the component is there, is Ostiary, and has registration open."""

import asyncio
from contextlib import suppress
from ssl import TLSVersion

from scripted_broker import LINK, Broker, Error
from wire import REGISTER, Client, Closed, stanza_error

GET = f"<query xmlns='{REGISTER}'/>"


async def offered(server, **options):
    async with await Client.connected(server, **options) as client:
        return client.offers_registration()


async def test_registration_is_not_offered_without_the_component(server):
    assert not await offered(server)


async def test_registration_is_offered_while_the_component_is_connected_and_open(server):
    async with Broker(server) as broker:
        await broker.ready()
        assert await offered(server)
    await server.logged("is no longer connected")
    assert not await offered(server)


async def test_registration_is_not_offered_while_closed_and_follows_the_status(server):
    async with Broker(server, registration="closed") as broker:
        await broker.ready()
        assert not await offered(server)
        assert (await broker.set(f"<status xmlns='{LINK}' registration='open'/>")).get("type") == "result"
        assert await offered(server)
        assert (await broker.set(f"<status xmlns='{LINK}' registration='closed'/>")).get("type") == "result"
        assert not await offered(server)
        wrong = await broker.set(f"<status xmlns='{LINK}' registration='ajar'/>")
        assert stanza_error(wrong)[:2] == ("modify", "bad-request")


async def test_a_component_that_does_not_speak_the_link_gets_no_request_and_opens_nothing(server):
    async with Broker(server, features=("urn:ostiary:link:99",)) as broker:
        await server.logged("does not speak urn:ostiary:link:1")
        assert not await offered(server)
        async with await Client.connected(server) as client:
            assert stanza_error(await client.iq("get", GET))[:2] == ("wait", "service-unavailable")
            await client.plain("alice", "secret")
        assert broker.asked == []


async def test_the_status_is_asked_again_after_a_reconnect_and_after_a_reload_of_the_module(server):
    for _ in range(2):
        async with Broker(server) as broker:
            await broker.ready()
            assert await offered(server)
        await asyncio.sleep(0.1)
    async with Broker(server) as broker:
        await broker.ready()
        broker.status_asked.clear()
        await server.hand.reload_module()
        await broker.ready()
        assert len(broker.requests("status")) == 2
        assert await offered(server)


async def test_a_component_that_is_slow_to_start_is_greeted_again(hasty):
    async with Broker(hasty) as broker:
        broker.replace("query", lambda iq, element: None)
        await hasty.logged("did not answer the greeting")
        del broker.on_query
        await broker.ready()
        assert await offered(hasty)


async def test_a_host_that_the_broker_does_not_serve_stays_closed_and_the_log_says_why(hasty):
    broker = Broker(hasty)
    broker.replace("status", lambda iq, element: Error("auth", "forbidden"))
    async with broker:
        await hasty.logged("broker.example does not serve chat.example: add a [[domain]] with this name to ostiary.toml")
        assert not await offered(hasty)
        await asyncio.sleep(2.5)  # longer than a greeting that failed waits
        assert len(broker.requests("status")) == 1
    async with Broker(hasty) as mended:
        await mended.ready()
        assert await offered(hasty)


async def test_a_stranger_at_the_component_port_changes_nothing(server):
    async with Broker(server) as broker:
        await broker.ready()
        stranger = Broker(server)
        await stranger.connect(server.component_port)
        await stranger.open(server.component)
        stranger.send("<handshake>0000</handshake>")
        assert (await stranger.ended())[0] == "not-authorized"
        await stranger.close()
        assert await offered(server)
        async with await Client.connected(server) as client:
            assert (await client.iq("get", GET)).get("type") == "result"


async def test_where_the_server_requires_encryption_nothing_is_carried_without(start):
    server = start(tls_required=True)
    async with Broker(server) as broker:
        await broker.ready()
        async with await Client.connected(server) as client:
            assert not client.offers_registration()
            client.send(f"<iq type='get' id='clear'>{GET}</iq>")
            with suppress(Closed):  # a server may also end the stream
                assert stanza_error(await client.answer("clear"))[:2] == ("modify", "policy-violation")
        assert not broker.requests("carry")
        assert await offered(server, tls=TLSVersion.TLSv1_3)

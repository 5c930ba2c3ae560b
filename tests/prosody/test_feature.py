"""When is registration offered? Only while the component is there, is Ostiary, and has registration open."""

import asyncio
from ssl import TLSVersion

import pytest

from scripted_broker import LINK, Broker
from wire import REGISTER, Client, name, stanza_error

GET = f"<query xmlns='{REGISTER}'/>"


async def offered(server, **options):
    async with await Client.connected(server, **options) as client:
        return client.offers_registration()


async def test_registration_is_not_offered_without_the_component(prosody):
    assert not await offered(prosody)


async def test_registration_is_offered_while_the_component_is_connected_and_open(prosody):
    async with Broker(prosody) as broker:
        await broker.ready()
        assert await offered(prosody)
    await prosody.logged("is no longer connected")
    assert not await offered(prosody)


async def test_registration_is_not_offered_while_closed_and_follows_the_status(prosody):
    async with Broker(prosody, registration="closed") as broker:
        await broker.ready()
        assert not await offered(prosody)
        assert (await broker.set(f"<status xmlns='{LINK}' registration='open'/>")).get("type") == "result"
        assert await offered(prosody)
        assert (await broker.set(f"<status xmlns='{LINK}' registration='closed'/>")).get("type") == "result"
        assert not await offered(prosody)
        wrong = await broker.set(f"<status xmlns='{LINK}' registration='ajar'/>")
        assert stanza_error(wrong)[:2] == ("modify", "bad-request")


async def test_a_component_that_does_not_speak_the_link_gets_no_request_and_opens_nothing(prosody):
    async with Broker(prosody, features=("urn:ostiary:link:99",)) as broker:
        await prosody.logged("does not speak urn:ostiary:link:1")
        assert not await offered(prosody)
        async with await Client.connected(prosody) as client:
            assert stanza_error(await client.iq("get", GET))[:2] == ("wait", "service-unavailable")
            await client.plain("alice", "secret")
        assert broker.asked == []


async def test_the_status_is_asked_again_after_a_reconnect_and_after_a_reload_of_the_module(prosody):
    for _ in range(2):
        async with Broker(prosody) as broker:
            await broker.ready()
            assert await offered(prosody)
        await asyncio.sleep(0.1)
    async with Broker(prosody) as broker:
        await broker.ready()
        broker.status_asked.clear()
        await prosody.lua("return require'core.modulemanager'.reload(module.host, 'ostiary') and true")
        await broker.ready()
        assert len(broker.requests("status")) == 2
        assert await offered(prosody)


async def test_a_component_that_is_slow_to_start_is_greeted_again(prosody):
    async with Broker(prosody) as broker:
        broker.replace("query", lambda iq, element: None)
        await prosody.logged("did not answer the greeting")
        del broker.on_query
        await broker.ready()
        assert await offered(prosody)


async def test_a_stranger_at_the_component_port_changes_nothing(prosody):
    async with Broker(prosody) as broker:
        await broker.ready()
        stranger = Broker(prosody)
        await stranger.connect(prosody.component_port)
        await stranger.open(prosody.component)
        stranger.send("<handshake>0000</handshake>")
        assert (await stranger.ended())[0] == "not-authorized"
        await stranger.close()
        assert await offered(prosody)
        async with await Client.connected(prosody) as client:
            assert (await client.iq("get", GET)).get("type") == "result"


async def test_the_encryption_requirement_of_the_server_holds(start):
    server = start(tls_required=True)
    async with Broker(server) as broker:
        await broker.ready()
        async with await Client.connected(server) as client:
            assert not client.offers_registration()
            error = stanza_error(await client.iq("get", GET))
            assert error == ("modify", "policy-violation", "Encryption is required")
        assert not broker.requests("carry")
        assert await offered(server, tls=TLSVersion.TLSv1_3)


async def test_registration_modules_of_prosody_are_named_in_the_log_and_stay_unused(start):
    server = start(modules=("ostiary", "lab", "register"), host_options={"allow_registration": True})
    await server.logged("mod_register_ibr is loaded too")
    await server.logged("mod_user_account_management is loaded too")
    made = f"<query xmlns='{REGISTER}'><username>mallory</username><password>secret</password></query>"
    async with await Client.connected(server) as client:
        assert stanza_error(await client.iq("set", made))[:2] == ("wait", "service-unavailable")
    async with Broker(server) as broker:
        await broker.ready()
        async with await Client.connected(server) as client:
            registers = [child for child in client.features if name(child) == "register"]
            assert len(registers) == 1
            await client.iq("set", made)
        assert len(broker.requests("carry")) == 1


@pytest.mark.parametrize("options, told", [
    ({"ostiary_component": "other.example"}, "ostiary_component is \"other.example\", but there is no line"),
    ({"ostiary_timeout": 0}, "ostiary_timeout must be a number from 1 to 120"),
    ({"ostiary_timeout": "soon"}, "ostiary_timeout must be a number from 1 to 120"),
    ({"ostiary_max_pending": 0}, "ostiary_max_pending must be a number from 1 to 100000"),
])
async def test_a_wrong_option_is_named_and_nobody_gets_in(start, options, told):
    server = start(host_options=options, modules=("ostiary",))
    await server.logged(told)
    async with await Client.connected(server) as client:
        assert not client.offers_registration()
        assert client.mechanisms() == set()


async def test_several_components_need_the_option(start):
    server = start(modules=("ostiary",), more='Component "muc.example"\ncomponent_secret = "x"\n')
    await server.logged("ostiary_component is not set, and there are several external Components to choose from: "
                        "broker.example, muc.example")
    server = start(more='Component "muc.example"\ncomponent_secret = "x"\n',
                   host_options={"ostiary_component": "Broker.Example"})
    async with Broker(server) as broker:
        await broker.ready()
        assert await offered(server)

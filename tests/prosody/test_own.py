"""What only Prosody has: its own options, registration modules and transports. The stories of both servers are in tests/servers."""

import asyncio
import re
import urllib.request
from ssl import TLSVersion

import pytest

from scripted_broker import Account, Broker, Error, carried, carry_answer, client_of, notice
from wire import AT_ONCE, CLIENT, REGISTER, Client, name, stanza_error

GET = f"<query xmlns='{REGISTER}'/>"
CHANGE = f"<query xmlns='{REGISTER}'><username>alice</username><password>new</password></query>"


@pytest.fixture
def broker(prosody):
    return Broker(prosody, accounts={"alice": Account("secret"), "carol": Account("carol-pw", "pending")})


def new_account(user):
    return f"<query xmlns='{REGISTER}'><username>{user}</username><password>päss</password></query>"


async def offered(server, **options):
    async with await Client.connected(server, **options) as client:
        return client.offers_registration()


async def seen_events(server):
    return (await server.lua("return lab.events"))[0] or []


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
    ({"ostiary_credential_memory": 301}, "ostiary_credential_memory must be a number from 0 to 300"),
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
async def test_a_module_of_the_server_can_veto_in_the_ways_of_both_versions(prosody):
    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        await broker.ready()
        answer = await client.iq("set", new_account("Vetoed1"))
        assert stanza_error(answer) == ("auth", "forbidden", "Not with this name")
        form = ("<x xmlns='jabber:x:data' type='submit'><field var='username'><value>veto13</value></field></x>")
        answer = await client.iq("set", f"<query xmlns='{REGISTER}'><username>harmless</username>{form}</query>", id="i2")
        assert stanza_error(answer) == ("wait", "policy-violation", "Not so fast")
        assert broker.requests("carry") == []
        assert [(event["event"], event["username"], event["ip"]) for event in await seen_events(prosody)] == [
            ("user-registering", "vetoed1", "127.0.0.1"), ("user-registering", "veto13", "127.0.0.1")]


async def test_the_registration_limits_of_prosody_hold_also_for_attempts_without_a_name(start):
    server = start(host_options={"registration_throttle_max": 2, "registration_throttle_period": 600,
                                 "registration_allowlist": ["192.0.2.1"]})
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        await client.iq("set", new_account("bob"))
        await client.iq("set", f"<query xmlns='{REGISTER}'><email>b@example.org</email></query>")
        refused = await client.iq("set", new_account("bob2"))
        assert stanza_error(refused)[:2] == ("wait", "policy-violation")
        assert (await client.iq("get", GET)).get("type") == "result"
        assert len(broker.requests("carry")) == 3


async def test_an_account_that_is_active_at_once_is_announced_once(prosody):
    def register(_, carry):
        return carry_answer(carried(carry), "", registered=("bob", "active"))

    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        broker.replace("carry", register)
        await broker.ready()
        await client.iq("set", new_account("BOB"))
        await broker.notify("bob", "activated")
        events = [event for event in await seen_events(prosody) if event["event"] == "user-registered"]
        assert events == [{"event": "user-registered", "username": "bob", "host": prosody.domain, "ip": "127.0.0.1",
                           "source": "mod_ostiary", "session": "c2s_unauthed"}]


async def test_a_pending_account_is_announced_when_it_becomes_active_with_its_address(prosody):
    def register(_, carry):
        return carry_answer(carried(carry), "", registered=("bob", "pending"))

    async with Broker(prosody) as broker:
        broker.replace("carry", register)
        await broker.ready()
        async with await Client.connected(prosody) as client:
            await client.iq("set", new_account("bob"))
        assert [event["event"] for event in await seen_events(prosody)] == ["user-registering"]
        for _ in range(2):
            assert (await broker.notify("bob", "activated")).get("type") == "result"
        assert (await broker.notify("web-user", "activated")).get("type") == "result"
        events = [(event["username"], event.get("ip")) for event in await seen_events(prosody)
                  if event["event"] == "user-registered"]
        assert events == [("bob", "127.0.0.1"), ("web-user", None)]


async def test_welcome_and_watching_modules_of_prosody_work(start):
    server = start(modules=("ostiary", "lab", "welcome", "watchregistrations"),
                   host_options={"registration_watchers": ["alice@chat.example"]})
    accounts = {"alice": Account("secret"), "bob": Account("päss")}
    async with Broker(server, accounts=accounts) as broker:
        broker.replace("carry", lambda iq, carry: carry_answer(carried(carry), "", registered=("bob", "active")))
        await broker.ready()
        async with await Client.connected(server) as client:
            await client.iq("set", new_account("bob"))
        for user, password, said in (("alice", "secret", "User bob just registered on chat.example from 127.0.0.1"),
                                     ("bob", "päss", "Hello bob, welcome to the chat.example IM server!")):
            async with await Client.logged_in(server, user, password) as client:
                client.send("<presence/>")
                while name(message := await client.receive()) != "message":
                    pass
                assert message.findtext(f"{{{CLIENT}}}body") == said


async def test_registration_works_over_bosh(start):
    server = start(web=True)
    address = f"http://127.0.0.1:{server.http}/http-bind"

    def post(body):
        request = urllib.request.Request(address, f"<body xmlns='http://jabber.org/protocol/httpbind' {body}".encode(),
                                         {"Host": server.domain, "Content-Type": "text/xml"})
        return urllib.request.urlopen(request, timeout=10).read().decode()

    async with Broker(server) as broker:
        await broker.ready()
        opened = await asyncio.to_thread(post, f"to='{server.domain}' rid='1' wait='5' hold='1' ver='1.6' "
                                               "xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>")
        assert "http://jabber.org/features/iq-register" in opened
        sid = re.search(r"sid='([^']+)'|sid=\"([^\"]+)\"", opened)
        sid = sid[1] or sid[2]
        said = await asyncio.to_thread(post, f"rid='2' sid='{sid}'><iq xmlns='{CLIENT}' type='get' id='b1'>{GET}</iq></body>")
        assert "<instructions>Hello</instructions>" in said
        assert client_of(broker.requests("carry")[0][1])["address"] == "127.0.0.1"


async def test_registration_works_over_websocket(start):
    server = start(web=True)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.http)

    async def frame():
        """The text of one unmasked frame shorter than 64 KiB (RFC 6455 §5.2)."""
        length = (await reader.readexactly(2))[1]
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2))
        return (await reader.readexactly(length)).decode()

    def send(text):
        assert len(text) < 126
        mask = bytes(4)  # a mask of zeros leaves the text as it is
        writer.write(bytes([0x81, 0x80 | len(text)]) + mask + text.encode())

    async with Broker(server) as broker:
        await broker.ready()
        writer.write((f"GET /xmpp-websocket HTTP/1.1\r\nHost: {server.domain}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Protocol: xmpp\r\n\r\n").encode())
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        send(f"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{server.domain}' version='1.0'/>")
        assert "<open" in await frame()
        assert "http://jabber.org/features/iq-register" in await frame()
        send(f"<iq xmlns='{CLIENT}' type='get' id='w1'>{GET}</iq>")
        assert "<instructions>Hello</instructions>" in await frame()
        said = client_of(broker.requests("carry")[0][1])
        assert (said["address"], said["secure"]) == ("127.0.0.1", "true")
        writer.close()
async def stays_unauthenticated(client):
    assert (await client.iq("get", GET, id="again")).get("type") == "result"


async def test_an_event_handler_that_fails_makes_the_notice_come_again(prosody, broker):
    async with broker:
        await broker.ready()
        await prosody.lua("module:hook('user-registered', function () error('broken handler') end, 200)")
        assert stanza_error(await broker.notify("bob", "activated"))[:2] == ("wait", "internal-server-error")
        broker.replace("carry", lambda iq, carry: carry_answer(carried(carry), "", registered=("eve", "active")))
        async with await Client.connected(prosody) as client:
            assert (await client.iq("set", CHANGE)).get("type") == "result"
            await stays_unauthenticated(client)
        broker.replace("carry", lambda iq, carry: carry_answer(carried(carry), "", registered=("ivy", "active")))
        async with await Client.logged_in(prosody, "alice", "secret") as phone:
            assert (await phone.iq("get", GET)).get("type") == "result"
            assert (await broker.set(notice("alice", "suspended"), limit=AT_ONCE)).get("type") == "result"


async def test_the_server_side_can_change_and_remove_an_account(prosody, broker):
    async with broker:
        await broker.ready()
        users = "local users = require 'core.usermanager'; "
        assert (await prosody.lua(users + "return users.set_password('alice', 'neu', module.host)"))[0] is True
        assert broker.accounts["alice"].password == "neu"
        assert (await prosody.lua(users + "return users.test_password('alice', module.host, 'neu')"))[0] is True
        assert (await prosody.lua(users + "return users.test_password('carol', module.host, 'carol-pw')"))[0] is False
        assert (await prosody.lua(users + "return users.user_exists('alice', module.host)"))[0] is True
        assert (await prosody.lua(users + "return users.delete_user('alice', module.host)"))[0] is True
        assert "alice" not in broker.accounts
        assert (await prosody.lua(users + "return users.user_exists('alice', module.host)"))[0] is False
        assert await prosody.lua(users + "return users.delete_user('alice', module.host)") == [False, "item-not-found"]
        assert (await prosody.lua(users + "return users.create_user('x', 'y', module.host)"))[0] is False
        assert (await prosody.lua(users + "return users.users(module.host)()"))[0] is False
        broker.replace("set-password", lambda iq, element: Error("modify", "not-acceptable", "The password is too weak"))
        assert await prosody.lua(users + "return users.set_password('carol', 'a', module.host)") == [
            False, "The password is too weak"]


async def test_the_account_information_of_prosody_13_is_there(prosody, broker):
    async with broker:
        await broker.ready()
        provider = "local provider = require 'core.usermanager'.get_provider(module.host); "
        assert (await prosody.lua(provider + "return provider.get_account_info('alice').enabled"))[0] is True
        assert (await prosody.lua(provider + "return provider.is_enabled('carol')"))[0] is False
        assert await prosody.lua(provider + "return provider.get_account_info('nobody')") == [
            False, "There is no such account."]

"""Registration before login: what is carried, what comes back, and Prosody's own events around it."""

import asyncio
import re
import urllib.request
from ssl import TLSVersion
from xml.etree import ElementTree

from scripted_broker import LINK, Account, Broker, Error, carried, carry_answer, client_of
from wire import CLIENT, REGISTER, Client, describe, name, namespace, stanza_error

GET = f"<query xmlns='{REGISTER}'/>"


def new_account(user, more=""):
    return f"<query xmlns='{REGISTER}'><username>{user}</username><password>päss</password>{more}</query>"


def canonical(element):
    return ElementTree.canonicalize(describe(element), rewrite_prefixes=True)


async def seen_events(server):
    return (await server.lua("return lab.events"))[0] or []


async def test_a_get_is_carried_whole_with_what_the_server_knows_of_the_client(prosody):
    async with Broker(prosody) as broker, await Client.connected(prosody, lang="de") as client:
        await broker.ready()
        answer = await client.iq("get", GET, to=prosody.domain, id="g1", more="from='evil@example.org'")
        assert answer.get("from") == prosody.domain and answer.get("to") is None
        assert answer.findtext(f"{{{REGISTER}}}query/{{{REGISTER}}}instructions") == "Hello"
        iq, carry = broker.requests("carry")[0]
        assert (iq.get("from"), iq.get("to"), iq.get("type")) == (prosody.domain, prosody.component, "set")
        inner = carried(carry)
        assert (inner.get("type"), inner.get("id"), inner.get("from"), inner.get("to")) == ("get", "g1", None, None)
        said = dict(client_of(carry))
        assert len(said.pop("session")) <= 128
        assert said == {"address": "127.0.0.1", "secure": "false", "lang": "de"}


async def test_the_language_of_a_stanza_goes_before_that_of_the_stream(prosody):
    async with Broker(prosody) as broker, await Client.connected(prosody, lang="de") as client:
        await broker.ready()
        await client.iq("get", GET, more="xml:lang='fr'")
        await client.iq("get", GET, id="i2", more=f"xml:lang='{'x' * 36}'")
        languages = [client_of(carry).get("lang") for _, carry in broker.requests("carry")]
        assert languages == ["fr", None]


async def test_the_stanzas_of_one_stream_share_a_session_and_two_streams_do_not(prosody):
    async with Broker(prosody) as broker:
        await broker.ready()
        async with await Client.connected(prosody) as one, await Client.connected(prosody) as two:
            await one.iq("get", GET)
            await two.iq("get", GET)
            await one.iq("set", new_account("bob"), id="i2")
        sessions = [client_of(carry)["session"] for _, carry in broker.requests("carry")]
        assert sessions[0] == sessions[2] != sessions[1]


async def test_an_encrypted_stream_is_called_secure(prosody):
    async with Broker(prosody) as broker:
        await broker.ready()
        async with await Client.connected(prosody, tls=TLSVersion.TLSv1_3) as client:
            await client.iq("get", GET)
        assert client_of(broker.requests("carry")[0][1])["secure"] == "true"


async def test_a_form_and_everything_beside_it_comes_back_unchanged(prosody):
    payload = (f"<query xmlns='{REGISTER}'><instructions>Grüße, 你好 🎈 &lt;&amp;&gt;</instructions><username/>"
               "<x xmlns='jabber:x:data' type='form'><title>T</title><field var='FORM_TYPE' type='hidden'>"
               f"<value>{REGISTER}</value></field><field var='captcha' type='text-single'>"
               "<media xmlns='urn:xmpp:media-element'><uri type='image/png'>cid:sha1+aa@bob.xmpp.org</uri></media>"
               "</field></x><data xmlns='urn:xmpp:bob' cid='sha1+aa@bob.xmpp.org' type='image/png'>QUJD</data></query>")
    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        broker.replace("carry", lambda iq, carry: carry_answer(carried(carry), payload))
        await broker.ready()
        answer = await client.iq("get", GET)
        assert canonical(answer[0]) == canonical(ElementTree.fromstring(payload))
        assert len(answer) == 1


async def test_a_set_arrives_with_every_field_and_its_namespace(prosody):
    form = ("<x xmlns='jabber:x:data' type='submit'><field var='username'><value>Ünï&amp;cødé</value></field></x>"
            f"<stray xmlns='{CLIENT}'/>")
    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        await broker.ready()
        assert (await client.iq("set", f"<query xmlns='{REGISTER}'>{form}</query>")).get("type") == "result"
        query = carried(broker.requests("carry")[0][1])[0]
        assert query.findtext("{jabber:x:data}x/{jabber:x:data}field/{jabber:x:data}value") == "Ünï&cødé"
        # Not taken over into the namespace around it: the modules here did not see it as a field either.
        assert [namespace(child) for child in query] == ["jabber:x:data", CLIENT]


async def test_an_error_of_the_broker_reaches_the_client_as_it_is(prosody):
    def refuse(_, carry):
        return carry_answer(carried(carry), GET + str(Error("cancel", "conflict", "Vergeben: änne")))

    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        broker.replace("carry", lambda iq, carry: refuse(iq, carry).replace("type='result'", "type='error'"))
        await broker.ready()
        answer = await client.iq("set", new_account("änne"))
        assert stanza_error(answer) == ("cancel", "conflict", "Vergeben: änne")
        assert namespace(answer[0]) == REGISTER
        assert namespace(answer[1]) == CLIENT
        assert b"xmlns='jabber:client'" not in client.bytes.partition(b"<iq")[2]


async def test_a_refused_carrying_and_a_malformed_answer_are_internal_errors(prosody):
    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        await broker.ready()
        wrong_id = f"<carry xmlns='{LINK}'><iq xmlns='jabber:client' type='result' id='other'/></carry>"
        wrong_type = f"<carry xmlns='{LINK}'><iq xmlns='jabber:client' type='set' id='i1'/></carry>"
        for said in (Error("auth", "forbidden", "inner matters"), "", f"<carry xmlns='{LINK}'/>", wrong_id, wrong_type):
            broker.replace("carry", lambda iq, carry, said=said: said)
            assert stanza_error(await client.iq("get", GET)) == ("wait", "internal-server-error", None)


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


async def test_a_failed_registration_is_not_announced(prosody):
    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        await broker.ready()
        await client.iq("set", new_account("bob"))
        assert [event["event"] for event in await seen_events(prosody)] == ["user-registering"]


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


async def test_stanzas_behind_a_registration_keep_their_order(prosody):
    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        await broker.ready()
        for number in range(5):
            client.send(f"<iq type='get' id='p{number}'>{GET}</iq>")
        assert [(await client.receive()).get("id") for _ in range(5)] == [f"p{number}" for number in range(5)]


async def test_a_request_without_an_identifier_is_carried_with_one_and_answered_without(prosody):
    async with Broker(prosody) as broker, await Client.connected(prosody) as client:
        await broker.ready()
        client.send(f"<iq type='set'>{new_account('alice')}</iq>")
        answer = await client.receive()
        assert answer.get("type") == "result" and answer.get("id") is None, describe(answer)
        assert carried(broker.requests("carry")[0][1]).get("id")


async def test_a_stanza_for_another_host_or_with_two_children_is_not_carried(start):
    server = start(more='VirtualHost "other.example"\nauthentication = "ostiary"\n'
                        'modules_enabled = { "ostiary" }\n')
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        error = stanza_error(await client.iq("get", GET, to="other.example"))
        assert error[:2] == ("cancel", "service-unavailable")
        error = stanza_error(await client.iq("get", GET + GET, id="i2"))
        assert error[:2] == ("modify", "bad-request")
        assert broker.requests("carry") == []


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

"""Registration before login: what is carried, what comes back, and Prosody's own events around it."""

from ssl import TLSVersion
from xml.etree import ElementTree

import pytest

from scripted_broker import LINK, Account, Broker, Error, carried, carry_answer, client_of
from wire import CLIENT, REGISTER, Client, describe, name, namespace, stanza_error

GET = f"<query xmlns='{REGISTER}'/>"


def new_account(user, more=""):
    return f"<query xmlns='{REGISTER}'><username>{user}</username><password>päss</password>{more}</query>"


def canonical(element):
    return ElementTree.canonicalize(describe(element), rewrite_prefixes=True)


async def test_a_get_is_carried_whole_with_what_the_server_knows_of_the_client(server):
    async with Broker(server) as broker, await Client.connected(server, lang="de") as client:
        await broker.ready()
        answer = await client.iq("get", GET, to=server.domain, id="g1", more="from='evil@example.org'")
        assert answer.get("from") == server.domain and answer.get("to") is None
        assert answer.findtext(f"{{{REGISTER}}}query/{{{REGISTER}}}instructions") == "Hello"
        iq, carry = broker.requests("carry")[0]
        assert (iq.get("from"), iq.get("to"), iq.get("type")) == (server.domain, server.component, "set")
        inner = carried(carry)
        assert (inner.get("type"), inner.get("id"), inner.get("from"), inner.get("to")) == ("get", "g1", None, None)
        said = dict(client_of(carry))
        assert len(said.pop("session")) <= 128
        assert said == {"address": "127.0.0.1", "secure": "false", "lang": "de"}


async def test_the_language_of_a_stanza_goes_before_that_of_the_stream(server):
    async with Broker(server) as broker, await Client.connected(server, lang="de") as client:
        await broker.ready()
        await client.iq("get", GET, more="xml:lang='fr'")
        await client.iq("get", GET, id="i2", more=f"xml:lang='{'x' * 36}'")
        languages = [client_of(carry).get("lang") for _, carry in broker.requests("carry")]
        # A server may also refuse the stanza with an overlong tag.
    assert languages[0] == "fr" and languages[1:] in ([None], [])


async def test_the_stanzas_of_one_stream_share_a_session_and_two_streams_do_not(server):
    async with Broker(server) as broker:
        await broker.ready()
        async with await Client.connected(server) as one, await Client.connected(server) as two:
            await one.iq("get", GET)
            await two.iq("get", GET)
            await one.iq("set", new_account("bob"), id="i2")
        sessions = [client_of(carry)["session"] for _, carry in broker.requests("carry")]
        assert sessions[0] == sessions[2] != sessions[1]


async def test_an_encrypted_stream_is_called_secure(server):
    async with Broker(server) as broker:
        await broker.ready()
        async with await Client.connected(server, tls=TLSVersion.TLSv1_3) as client:
            await client.iq("get", GET)
        assert client_of(broker.requests("carry")[0][1])["secure"] == "true"


async def test_a_form_and_everything_beside_it_comes_back_unchanged(server):
    payload = (f"<query xmlns='{REGISTER}'><instructions>Grüße, 你好 🎈 &lt;&amp;&gt;</instructions><username/>"
               "<x xmlns='jabber:x:data' type='form'><title>T</title><field var='FORM_TYPE' type='hidden'>"
               f"<value>{REGISTER}</value></field><field var='captcha' type='text-single'>"
               "<media xmlns='urn:xmpp:media-element'><uri type='image/png'>cid:sha1+aa@bob.xmpp.org</uri></media>"
               "</field></x><data xmlns='urn:xmpp:bob' cid='sha1+aa@bob.xmpp.org' type='image/png'>QUJD</data></query>")
    async with Broker(server) as broker, await Client.connected(server) as client:
        broker.replace("carry", lambda iq, carry: carry_answer(carried(carry), payload))
        await broker.ready()
        answer = await client.iq("get", GET)
        assert canonical(answer[0]) == canonical(ElementTree.fromstring(payload))
        assert len(answer) == 1


async def test_a_set_arrives_with_every_field_and_its_namespace(server):
    form = ("<x xmlns='jabber:x:data' type='submit'><field var='username'><value>Ünï&amp;cødé</value></field></x>"
            f"<stray xmlns='{CLIENT}'/>")
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        assert (await client.iq("set", f"<query xmlns='{REGISTER}'>{form}</query>")).get("type") == "result"
        query = carried(broker.requests("carry")[0][1])[0]
        assert query.findtext("{jabber:x:data}x/{jabber:x:data}field/{jabber:x:data}value") == "Ünï&cødé"
        # Not taken over into the namespace around it: the modules here did not see it as a field either.
        assert [namespace(child) for child in query] == ["jabber:x:data", CLIENT]


async def test_an_error_of_the_broker_reaches_the_client_as_it_is(server):
    def refuse(_, carry):
        return carry_answer(carried(carry), GET + str(Error("cancel", "conflict", "Vergeben: änne")))

    async with Broker(server) as broker, await Client.connected(server) as client:
        broker.replace("carry", lambda iq, carry: refuse(iq, carry).replace("type='result'", "type='error'"))
        await broker.ready()
        answer = await client.iq("set", new_account("änne"))
        assert stanza_error(answer) == ("cancel", "conflict", "Vergeben: änne")
        assert namespace(answer[0]) == REGISTER
        assert namespace(answer[1]) == CLIENT
        assert b"xmlns='jabber:client'" not in client.bytes.partition(b"<iq")[2]


async def test_a_refused_carrying_and_a_malformed_answer_are_internal_errors(server):
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        wrong_id = f"<carry xmlns='{LINK}'><iq xmlns='jabber:client' type='result' id='other'/></carry>"
        wrong_type = f"<carry xmlns='{LINK}'><iq xmlns='jabber:client' type='set' id='i1'/></carry>"
        for said in (Error("auth", "forbidden", "inner matters"), "", f"<carry xmlns='{LINK}'/>", wrong_id, wrong_type):
            broker.replace("carry", lambda iq, carry, said=said: said)
            assert stanza_error(await client.iq("get", GET)) == ("wait", "internal-server-error", None)


async def test_a_failed_registration_is_not_announced(server):
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        await client.iq("set", new_account("bob"))
        assert await server.hand.events() == [("registering", "bob")]


async def test_stanzas_behind_a_registration_keep_their_order(server):
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        for number in range(5):
            client.send(f"<iq type='get' id='p{number}'>{GET}</iq>")
        assert [(await client.receive()).get("id") for _ in range(5)] == [f"p{number}" for number in range(5)]


@pytest.mark.only("prosody")  # ejabberd itself refuses such a request
async def test_a_request_without_an_identifier_is_carried_with_one_and_answered_without(server):
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        client.send(f"<iq type='set'>{new_account('alice')}</iq>")
        answer = await client.receive()
        assert answer.get("type") == "result" and answer.get("id") is None, describe(answer)
        assert carried(broker.requests("carry")[0][1]).get("id")


async def test_a_stanza_for_another_host_or_with_two_children_is_not_carried(start):
    server = start(others=("other.example",))
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        error = stanza_error(await client.iq("get", GET, to="other.example"))
        assert error[:2] == ("cancel", "service-unavailable")
        error = stanza_error(await client.iq("get", GET + GET, id="i2"))
        assert error[:2] == ("modify", "bad-request")
        assert broker.requests("carry") == []


async def test_the_modules_of_the_server_can_refuse_a_name_wherever_it_stands(server):
    """Prosody's say why, ejabberd's only that they do."""
    conditions = {"prosody": ("auth", "forbidden"), "ejabberd": ("cancel", "not-allowed")}
    form = "<x xmlns='jabber:x:data' type='submit'><field var='username'><value>{}</value></field></x>"
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        answer = await client.iq("set", new_account("Vetoed1"))
        assert stanza_error(answer)[:2] == conditions[server.kind]
        in_form = f"<query xmlns='{REGISTER}'><username>harmless</username>{form.format('vetoed2')}</query>"
        assert stanza_error(await client.iq("set", in_form, id="i2"))[:2] == conditions[server.kind]
        assert broker.requests("carry") == []
        assert await server.hand.events() == [("registering", "vetoed1"), ("registering", "vetoed2")]
        beside_form = f"<query xmlns='{REGISTER}'><username>vetoed3</username>{form.format('harmless')}</query>"
        assert (await client.iq("set", beside_form, id="i3")).get("type") == "result"


async def test_no_way_of_writing_a_name_keeps_it_from_the_modules_of_the_server(server):
    form = "<x xmlns='jabber:x:data'>{}</x>"
    ways = [
        "<username> \n\tVetoed1 </username>",
        "<username/><username>vetoed1</username>",
        "<username>vet<x xmlns='urn:x'>nothing</x>oed1</username>",
        "<username>vetoed1</username><username>harmless</username>",
        form.format("<field var='username'/><field var='username'><value/><value>vetoed1</value></field>"),
        "<username>harmless</username>" + form.format("<field var='username'><value>&#13;&#10;vetoed1</value></field>"),
    ]
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        for number, way in enumerate(ways):
            answer = await client.iq("set", f"<query xmlns='{REGISTER}'>{way}</query>", id=f"w{number}")
            assert answer.get("type") == "error", f"{way}: {describe(answer)}"
        assert broker.requests("carry") == []
        assert await server.hand.events() == [("registering", "vetoed1")] * len(ways)
        blanks = f"<query xmlns='{REGISTER}'><username>{' ' * 9000}</username></query>"
        assert (await client.iq("set", blanks, id="blanks")).get("type") == "result", "blanks without end cost nothing"


async def test_an_account_that_is_active_at_once_is_announced_once(server):
    def register(_, carry):
        return carry_answer(carried(carry), "", registered=("bob", "active"))

    async with Broker(server) as broker, await Client.connected(server) as client:
        broker.replace("carry", register)
        await broker.ready()
        await client.iq("set", new_account("BOB"))
        await broker.notify("bob", "activated")
        assert await server.hand.events() == [("registering", "bob"), ("registered", "bob")]


async def test_a_pending_account_is_announced_when_it_becomes_active(server):
    def register(_, carry):
        return carry_answer(carried(carry), "", registered=("bob", "pending"))

    async with Broker(server) as broker:
        broker.replace("carry", register)
        await broker.ready()
        async with await Client.connected(server) as client:
            await client.iq("set", new_account("bob"))
        assert await server.hand.events() == [("registering", "bob")]
        for _ in range(2):
            assert (await broker.notify("bob", "activated")).get("type") == "result"
        assert (await broker.notify("web-user", "activated")).get("type") == "result"
        assert await server.hand.events() == [("registering", "bob"), ("registered", "bob"), ("registered", "web-user")]

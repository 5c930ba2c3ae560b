"""Points of XEP-0077 that only a server can show, by number and section as in `docs/xep-0077.md`; and what nobody sends in
good faith, through a real server. The other points are in `tests/xep_0077/`."""

import ssl

import pytest
from lab import free_ports
from test_registration import PASSWORD, query, register, verified
from wire import REGISTER, Client, Closed, Stream, describe, name, namespace, stanza_error

REMOVE = f"<query xmlns='{REGISTER}'><remove/></query>"
FEATURE = "{http://jabber.org/features/iq-register}register"
DISCO = "http://jabber.org/protocol/disco#info"


async def presences(client, *expected):
    """Waits until presences of these types have come from bob's contact."""
    missing = set(expected)
    while missing:
        stanza = await client.receive()
        if name(stanza) == "presence":
            missing.discard(stanza.get("type"))


async def befriend(one, other):
    for client in (one, other):
        await client.iq("get", "<query xmlns='jabber:iq:roster'/>", id="roster")
        client.send("<presence/>")
    one.send("<presence type='subscribe' to='bob@chat.example'/>")
    await presences(other, "subscribe")
    other.send("<presence type='subscribed' to='alice@chat.example'/><presence type='subscribe' to='alice@chat.example'/>")
    await presences(one, "subscribed", "subscribe")
    one.send("<presence type='subscribed' to='bob@chat.example'/>")
    await presences(other, "subscribed")


async def test_p07_s3_1_1_the_same_stream_is_asked_for_a_form_before_login_and_told_registered_after_it(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.connected(broker.server) as client:
        before = await client.iq("get", query(), more="from='alice@chat.example/phone'")
        assert before.find(f"{{{REGISTER}}}query/{{{REGISTER}}}registered") is None
        assert before.find(f"{{{REGISTER}}}query/{{{REGISTER}}}username") is not None
        await client.plain("alice", PASSWORD)
        await client.bind("phone")
        after = await client.iq("get", query(), id="i2")
        assert after.find(f"{{{REGISTER}}}query/{{{REGISTER}}}registered") is not None


@pytest.mark.only("prosody")  # how long is an option of the server's
async def test_p13_s3_1_1_somebody_who_waits_too_long_before_logging_in_is_put_out(house):
    broker = house(server_options={"c2s_timeout": 3})
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        assert (await client.iq("set", query(username="alice", password=PASSWORD, email="a@mail.example"))).get("type") == "result"
        assert (await client.ended())[0] == "connection-timeout"


@pytest.mark.parametrize("to", [None, "chat.example", "alice@chat.example", "alice@chat.example/phone"],
                         ids=["no address", "domain", "bare JID", "own full JID"])
async def test_p15_s3_2_a_removal_is_answered_and_then_every_session_ends(house, to):
    """Without address: Gajim, Monal, Siskin. To the domain: Conversations, Pidgin, Smack. To the own full JID: Siskin."""
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD, "phone") as phone, \
            await Client.logged_in(broker.server, "alice", PASSWORD, "laptop") as laptop:
        gone = await phone.iq("set", REMOVE.replace("<remove/>", "<remove></remove>"), to=to)
        assert gone.get("type") == "result", describe(gone)
        for session in (phone, laptop):
            assert (await session.ended())[0] == "not-authorized"


async def test_p16_s3_2_a_removal_cancels_the_subscriptions_of_the_account(house):
    broker = house()
    await broker.ready()
    for user in ("alice", "bob"):
        await verified(broker, user)
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as alice, \
            await Client.logged_in(broker.server, "bob", PASSWORD) as bob:
        await befriend(alice, bob)
        roster = await bob.iq("get", "<query xmlns='jabber:iq:roster'/>", id="before")
        assert [item.get("subscription") for item in roster.iter("{jabber:iq:roster}item")] == ["both"]
        await alice.iq("set", REMOVE)
        await presences(bob, "unsubscribe", "unsubscribed")
        roster = await bob.iq("get", "<query xmlns='jabber:iq:roster'/>", id="after")
        assert [item.get("subscription") for item in roster.iter("{jabber:iq:roster}item")] == ["none"]


async def test_p24_s3_3_a_password_is_changed_at_every_address_that_clients_use(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    password = PASSWORD
    for number, to in enumerate([None, "chat.example", "alice@chat.example", "alice@chat.example/phone"]):
        async with await Client.logged_in(broker.server, "alice", password) as client:
            password = f"password number {number}"
            answer = await client.iq("set", query(username="alice", password=password), to=to)
            assert answer.get("type") == "result", (to, describe(answer))
    async with await Client.connected(broker.server) as client:
        assert name(await client.plain("alice", password)) == "success"


async def test_p31_s3_3_the_form_that_asks_for_the_old_password_reaches_the_client_and_comes_back(house):
    broker = house({"domain_options": "proof_for_password_change = true\nproof_for_removal = true"})
    await broker.ready()
    await verified(broker, "alice")

    def form(form_type, **values):
        fields = "".join(f"<field var='{key}'><value>{value}</value></field>" for key, value in values.items())
        return (f"<query xmlns='{REGISTER}'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
                f"<value>{REGISTER}:{form_type}</value></field>{fields}</x></query>")

    async with await Client.logged_in(broker.server, "alice", PASSWORD) as client:
        answer = await client.iq("set", query(username="alice", password="another good one"))
        assert stanza_error(answer)[:2] == ("modify", "not-authorized")
        fields = [field.get("var") for field in answer.iter("{jabber:x:data}field")]
        assert fields == ["FORM_TYPE", "username", "old_password", "password"]
        changed = await client.iq("set", form("changepassword", username="alice@chat.example", old_password=PASSWORD,
                                              password="another good one"), id="i2")
        assert changed.get("type") == "result", describe(changed)
        assert stanza_error(await client.iq("set", REMOVE, id="i3"))[:2] == ("cancel", "not-allowed")
        gone = await client.iq("set", form("cancel", username="alice", password="another good one"), id="i4")
        assert gone.get("type") == "result", describe(gone)
        assert (await client.ended())[0] == "not-authorized"


async def test_p37_s5_a_redirection_reaches_the_client_where_registration_is_on_the_web_only(house):
    broker = house({"domain_options": 'in_band = "web"\nregistration_page = "https://chat.example/join"'})
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        answer = (await client.iq("get", query())).find(f"{{{REGISTER}}}query")
        assert [(namespace(child), name(child)) for child in answer] == [(REGISTER, "instructions"), ("jabber:x:oob", "x")]
        assert "https://chat.example/join" in answer.findtext(f"{{{REGISTER}}}instructions").split()
        assert answer.findtext("{jabber:x:oob}x/{jabber:x:oob}url") == "https://chat.example/join"
    refused = await register(broker.server, "alice", "alice@mail.example")
    kind, condition, text = stanza_error(refused)
    assert (kind, condition) == ("cancel", "not-allowed") and "https://chat.example/join" in text


@pytest.mark.only("prosody")  # opens a stream as another server would
async def test_p43_s8_clients_are_told_of_registration_and_servers_are_not(house):
    port = free_ports(1)[0]
    broker = house(server_options={"modules_disabled": [], "s2s_ports": [port], "s2s_secure_auth": False,
                                   "modules_enabled": ["roster", "saslauth", "tls", "disco", "ping", "s2s"],
                                   "s2s_require_encryption": False})
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        assert client.features.find(FEATURE) is not None
    async with Stream("jabber:server") as server:
        await server.connect(port)
        await server.open("chat.example", version="1.0")
        features = await server.receive()
        assert name(features) == "features", describe(features)
        assert not [child for child in features.iter() if name(child) == "register"], describe(features)


async def test_p44_s9_errors_of_the_module_itself_have_condition_and_code_as_well(house):
    broker = house()
    await broker.ready()
    broker.stop()
    await broker.server.logged("no longer connected")
    async with await Client.connected(broker.server) as client:
        away = await client.iq("get", query())
        assert stanza_error(away)[:2] == ("wait", "service-unavailable")
        assert away.find("{jabber:client}error").get("code") == "503"
        odd = await client.iq("get", query() * 2, id="i2")
        assert stanza_error(odd)[:2] == ("modify", "bad-request")
        assert odd.find("{jabber:client}error").get("code") == "400"


async def test_p45_s10_the_domain_and_the_component_tell_the_feature(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as client:
        for number, to in enumerate(("chat.example", broker.server.component)):
            info = await client.iq("get", f"<query xmlns='{DISCO}'/>", to=to, id=f"d{number}")
            features = [feature.get("var") for feature in info.iter(f"{{{DISCO}}}feature")]
            assert REGISTER in features, (to, features)


async def test_p46_s11_registration_is_neither_announced_nor_taken_before_encryption(house):
    broker = house(tls_required=True)
    await broker.server.logged("open")
    async with await Client.connected(broker.server) as client:
        assert client.features.find(FEATURE) is None
        try:
            refused = await client.iq("set", query(username="alice", password=PASSWORD, email="alice@mail.example"))
            assert stanza_error(refused)[:2] == ("modify", "policy-violation")
        except Closed as end:  # ejabberd ends the stream with that
            assert name(end.args[0][0]) == "policy-violation"
    async with await Client.connected(broker.server, tls=ssl.TLSVersion.TLSv1_3) as client:
        assert client.features.find(FEATURE) is not None
        assert (await client.iq("set", query(username="alice", password=PASSWORD, email="alice@mail.example"))).get("type") == "result"


async def test_what_is_no_xml_ends_the_stream_of_whoever_sends_it_and_nobody_elses(house):
    broker = house()
    await broker.ready()
    for text in ("&#xD800;", "&#xDFFF;", "&#0;", "&#xFFFE;", "&#7;", "\x00", "<remove", "&unknown;", "&#x110000;"):
        async with await Client.connected(broker.server) as client:
            client.send(f"<iq type='set' id='x'>{query(username=text, password=PASSWORD)}</iq>")
            with pytest.raises(Closed):
                while True:
                    await client.receive()
    assert broker.log().count("connected to the XMPP server") == 1
    assert (await register(broker.server, "alice", "alice@mail.example")).get("type") == "result"


async def test_what_is_too_deep_too_wide_or_too_long_is_refused_and_nobody_else_notices(house):
    """Prosody itself ends a stream before login at a stanza of 10 kB, so the larger ones come after it."""
    broker = house()
    await broker.ready()
    await verified(broker, "alice")

    def form(fields):
        return f"<query xmlns='{REGISTER}'><x xmlns='jabber:x:data' type='submit'>{fields}</x></query>"

    deep = f"<query xmlns='{REGISTER}'>{'<a>' * 62}{'</a>' * 62}</query>"
    wide = f"<query xmlns='{REGISTER}'>{'<username/>' * 5000}</query>"
    thousand = form("<field var='f'><value>v</value></field>" * 1000)
    long = query(username="e" * 100_000, password=PASSWORD, email="e@mail.example")
    before = [deep, form("<field var='f'/>" * 101), query(username="e" * 5000, password=PASSWORD, email="e@mail.example")]
    async with await Client.connected(broker.server) as client, \
            await Client.logged_in(broker.server, "alice", PASSWORD) as alice:
        for session, payloads in ((client, before), (alice, [deep, wide, thousand, long])):
            for number, payload in enumerate(payloads):
                answer = await session.iq("set", payload, id=f"h{number}")
                assert answer.get("type") == "error", describe(answer)[:500]
                assert len(describe(answer)) < 4000
        good = await client.iq("set", query(username="bob", password=PASSWORD, email="bob@mail.example"), id="good")
        assert good.get("type") == "result", describe(good)
        assert (await alice.iq("get", query(), id="good")).get("type") == "result"
    assert broker.log().count("connected to the XMPP server") == 1

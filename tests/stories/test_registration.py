"""From the first stanza to the first login, through a real Prosody, with letters from the spool folder."""

import asyncio

import pytest
from broker import Browser, code_in, link_in
from wire import REGISTER, Client, describe, name, sasl_failure, stanza_error

PASSWORD = "correct horse battery"


def query(**fields):
    return f"<query xmlns='{REGISTER}'>" + "".join(f"<{key}>{value}</{key}>" for key, value in fields.items()) + "</query>"


async def register(server, user, address, **more):
    async with await Client.connected(server) as client:
        return await client.iq("set", query(username=user, password=PASSWORD, email=address), **more)


async def verified(broker, user):
    """Registers a user in-band and proves the address on the web."""
    result = await register(broker.server, user, f"{user}@mail.example")
    assert result.get("type") == "result", describe(result)
    code = code_in(await broker.letter(f"{user}@mail.example"))
    browser = Browser(broker.web)
    page = await asyncio.to_thread(lambda: browser.submit(browser.get("/verify"), username=user, code=code))
    assert f"{user}@chat.example" in page


async def log_in(server, user, mechanism, password=PASSWORD):
    async with await Client.connected(server) as client:
        if mechanism == "PLAIN":
            return await client.plain(user, password)
        return await client.scram(user, password, mechanism)


MECHANISMS = ("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256")


async def test_a_person_registers_in_band_proves_the_address_and_logs_in_by_every_mechanism(house):
    broker = house()
    await broker.ready()
    assert (await register(broker.server, "Alice", "alice@mail.example")).get("type") == "result"
    for mechanism in MECHANISMS:
        condition, text = sasl_failure(await log_in(broker.server, "alice", mechanism))
        assert condition == "account-disabled" and f"{broker.web}verify" in text
        condition, text = sasl_failure(await log_in(broker.server, "alice", mechanism, "wrong password"))
        assert condition == "not-authorized" and not (text and "verify" in text)

    code = code_in(await broker.letter("alice@mail.example"))
    browser = Browser(broker.web)
    page = await asyncio.to_thread(lambda: browser.submit(browser.get("/verify"), username="alice", code=code))
    assert "alice@chat.example" in page
    for mechanism in MECHANISMS:
        assert name(await log_in(broker.server, "alice", mechanism)) == "success"
        assert sasl_failure(await log_in(broker.server, "alice", mechanism, "wrong password"))[0] == "not-authorized"


async def test_the_form_comes_as_legacy_fields_and_as_a_data_form_in_the_language_asked_for(house):
    broker = house()
    await broker.ready()
    async with await Client.connected(broker.server, lang="de") as client:
        form = (await client.iq("get", query())).find(f"{{{REGISTER}}}query")
    assert [name(child) for child in form] == ["instructions", "username", "password", "email", "x"]
    fields = {field.get("var"): field for field in form.iter("{jabber:x:data}field")}
    assert list(fields) == ["FORM_TYPE", "username", "password", "email"]
    assert fields["FORM_TYPE"].findtext("{jabber:x:data}value") == REGISTER
    assert fields["password"].get("type") == "text-private" and fields["password"].get("label") == "Passwort"


async def test_a_data_form_registers_on_a_second_stream(house):
    broker = house()
    await broker.ready()
    submitted = (f"<query xmlns='{REGISTER}'><username>ignored</username><x xmlns='jabber:x:data' type='submit'>"
                 f"<field var='FORM_TYPE'><value>{REGISTER}</value></field><field var='username'><value>dora</value></field>"
                 f"<field var='password'><value>{PASSWORD}</value></field><field var='email'><value>dora@mail.example</value></field>"
                 "</x></query>")
    async with await Client.connected(broker.server) as client:
        await client.iq("get", query())
    async with await Client.connected(broker.server) as client:
        assert (await client.iq("set", submitted)).get("type") == "result"
    assert [account["username"] for account in broker.operate("account", "list")] == ["dora"]


@pytest.mark.parametrize("sent, expected, said", [
    ({"username": "al ice", "password": PASSWORD, "email": "a@mail.example"}, ("modify", "not-acceptable"), None),
    ({"username": "admin", "password": PASSWORD, "email": "a@mail.example"}, ("modify", "not-acceptable"), None),
    ({"username": "alice", "password": "short", "email": "a@mail.example"}, ("modify", "not-acceptable"), "The password is too weak"),
    ({"username": "alice", "password": PASSWORD}, ("modify", "not-acceptable"), "/register"),
    ({"username": "alice", "password": PASSWORD, "email": "nonsense"}, ("modify", "not-acceptable"), None),
    ({}, ("modify", "not-acceptable"), None),
    ({"username": "taken", "password": PASSWORD, "email": "b@mail.example"}, ("cancel", "conflict"), None),
])
async def test_what_cannot_be_accepted_is_told_in_the_tuple_that_clients_decode(house, sent, expected, said):
    broker = house()
    await broker.ready()
    assert (await register(broker.server, "taken", "taken@mail.example")).get("type") == "result"
    async with await Client.connected(broker.server) as client:
        answer = await client.iq("set", query(**sent))
    kind, condition, text = stanza_error(answer)
    assert (kind, condition) == expected and text and (said is None or said in text)
    assert PASSWORD not in describe(answer) and "short" not in describe(answer).replace("too short", "")
    if condition == "not-acceptable":
        assert answer.find(f"{{{REGISTER}}}query/{{jabber:x:data}}x") is not None, "no fresh form to correct"


async def test_a_link_proves_the_address_only_when_its_button_is_pressed(house):
    broker = house()
    await broker.ready()
    await register(broker.server, "bob", "bob@mail.example")
    browser = Browser(broker.web)
    page = await asyncio.to_thread(browser.get, link_in(await broker.letter("bob@mail.example")))
    assert broker.operate("account", "show", "bob@chat.example")["state"] == "pending"
    page = await asyncio.to_thread(browser.submit, page)
    assert "bob@chat.example" in page
    assert name(await log_in(broker.server, "bob", "SCRAM-SHA-256")) == "success"


async def test_somebody_who_signed_up_on_the_web_and_somebody_who_did_in_band_write_to_each_other(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    browser = Browser(broker.web)
    await asyncio.to_thread(lambda: browser.submit(browser.get("/register"), username="bob", password=PASSWORD,
                                                    email="bob@mail.example"))
    page = await asyncio.to_thread(browser.get, link_in(await broker.letter("bob@mail.example")))
    await asyncio.to_thread(browser.submit, page)
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as alice, \
            await Client.logged_in(broker.server, "bob", PASSWORD) as bob:
        bob.send("<presence/>")
        await bob.receive()
        alice.send("<message to='bob@chat.example' type='chat'><body>Hello Bob</body></message>")
        while name(message := await bob.receive()) != "message":
            pass
        assert message.findtext("{jabber:client}body") == "Hello Bob"


async def test_an_address_that_has_an_account_looks_the_same_to_the_asker_and_its_owner_gets_a_letter(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    first = await register(broker.server, "fresh", "fresh@mail.example", id="same")
    second = await register(broker.server, "mallory", "alice@mail.example", id="same")
    assert describe(first) == describe(second)
    letter = await broker.letter("alice@mail.example", 2)
    assert "alice@chat.example" in letter and "token=" not in letter


async def test_registration_is_not_offered_while_it_is_closed_or_the_broker_is_away(house):
    broker = house()
    await broker.ready()
    broker.stop()
    async with await Client.connected(broker.server) as client:
        assert not client.offers_registration()
        kind, condition, _ = stanza_error(await client.iq("get", query()))
        assert (kind, condition) == ("wait", "service-unavailable")
        assert sasl_failure(await client.plain("alice", PASSWORD))[0] == "temporary-auth-failure"
    broker.config.write_text(broker.config.read_text().replace("require_encryption = false",
                                                               'require_encryption = false\nregistration = "closed"'))
    broker.start()
    await broker.server.logged("closed")
    async with await Client.connected(broker.server) as client:
        assert not client.offers_registration()

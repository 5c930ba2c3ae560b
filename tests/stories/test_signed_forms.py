"""Programs with an API key register by signed forms (XEP-0348), as the one family of clients does that signs."""

import asyncio

import pytest

import signer
from wire import REGISTER, Client, describe, name, stanza_error

PASSWORD = "correct horse battery"


def make_key(broker, limit, owner="Acme Sensors"):
    made = broker.operate("key", "create", "--owner", owner, "--limit", str(limit))
    return made["key"], made["secret"]


async def offered(broker):
    """Waits until the form can be signed, which takes a second after the first key was made."""
    for _ in range(100):
        async with await Client.connected(broker.server) as client:
            if "oauth_token" in (values := await signer.form(client)):
                return values
        await asyncio.sleep(0.1)
    raise AssertionError("the form cannot be signed")


def counters(broker, key):
    shown = broker.operate("key", "show", key)
    return shown["created"], shown["deleted"], shown["left"]


async def test_a_program_with_a_key_makes_accounts_until_its_limit_and_logs_in_on_the_same_stream(house):
    broker = house()
    await broker.ready()
    key, secret = make_key(broker, 2)
    await offered(broker)
    for user in ("sensor-1", "sensor-2"):
        answer, _, login = await signer.register(broker.server, user, PASSWORD, key, secret)
        assert answer.get("type") == "result", describe(answer)
        assert name(login) == "success", describe(login)
        account = broker.operate("account", "show", user)
        assert (account["state"], account["email"], account["api_key"]) == ("active", None, key)
    assert counters(broker, key) == (2, 0, 0)

    answer, _, _ = await signer.register(broker.server, "sensor-3", PASSWORD, key, secret)
    kind, condition, text = stanza_error(answer)
    assert (kind, condition) == ("wait", "resource-constraint") and "API key" in text

    async with await Client.logged_in(broker.server, "sensor-1", PASSWORD) as client:
        assert (await client.iq("set", f"<query xmlns='{REGISTER}'><remove/></query>")).get("type") == "result"
    assert counters(broker, key) == (2, 1, 1)
    answer, _, login = await signer.register(broker.server, "sensor-3", PASSWORD, key, secret)
    assert name(login) == "success", describe(answer)
    history = broker.operate("key", "show", key)["history"]
    assert [entry["action"] for entry in history] == ["registered", "registered", "registered", "key-created"]


async def test_a_name_and_a_password_beyond_ascii_are_signed_as_the_library_signs_them(house):
    broker = house({"domain_options": 'username_alphabet = "unicode"'})
    await broker.ready()
    key, secret = make_key(broker, 5)
    await offered(broker)
    for user, password in (("élise", "mot de passé €"), ("жанна", "пароль из слов €")):
        answer, _, login = await signer.register(broker.server, user, password, key, secret)
        assert answer.get("type") == "result", describe(answer)
        assert name(login) == "success", describe(login)


async def test_a_signature_counts_once(house):
    broker = house()
    await broker.ready()
    key, secret = make_key(broker, 5)
    await offered(broker)
    answer, values, _ = await signer.register(broker.server, "sensor", PASSWORD, key, secret)
    assert answer.get("type") == "result", describe(answer)
    assert broker.operate("account", "delete", "sensor", "--yes")["username"] == "sensor"
    async with await Client.connected(broker.server) as client:
        again = await client.iq("set", signer.submission(values))
    assert stanza_error(again)[:2] == ("modify", "bad-request")
    assert counters(broker, key) == (1, 1, 5)


async def test_what_was_changed_after_signing_is_refused(house):
    broker = house()
    await broker.ready()
    key, secret = make_key(broker, 5)
    other, _ = make_key(broker, 5)
    await offered(broker)
    for change in ({"username": "mallory"}, {"password": "another password"}, {"email": "a@mail.example"}, {"added": ""},
                   {"oauth_consumer_key": other}, {"oauth_consumer_key": "unknown"}, {"oauth_nonce": "0" * 32},
                   {"oauth_timestamp": "1700000000"}, {"oauth_signature": ""}, {"oauth_token": "x"},
                   {"oauth_signature_method": "PLAINTEXT"}):
        answer, _, _ = await signer.register(broker.server, "sensor", PASSWORD, key, secret, change)
        kind, condition, text = stanza_error(answer)
        assert (kind, condition) == ("modify", "bad-request") and text, (change, describe(answer))
        assert PASSWORD not in describe(answer) and secret not in describe(answer)
    answer, _, _ = await signer.register(broker.server, "sensor", PASSWORD, key, "not the secret")
    assert stanza_error(answer)[:2] == ("modify", "bad-request")
    assert broker.operate("account", "list") == [] and counters(broker, key) == (0, 0, 5)


async def test_a_revoked_key_is_told_so_and_the_form_is_as_before_the_first_key(house):
    broker = house()
    await broker.ready()
    key, secret = make_key(broker, 5)
    values = await offered(broker)
    broker.operate("key", "revoke", key, "--yes")
    async with await Client.connected(broker.server) as client:
        signed = signer.fill(values, key, secret, username="sensor", password=PASSWORD)
        kind, condition, text = stanza_error(await client.iq("set", signer.submission(signed)))
        assert (kind, condition) == ("auth", "forbidden") and "API key" in text

        await asyncio.sleep(1.1)
        assert list(await signer.form(client)) == ["FORM_TYPE", "username", "password", "email"]


async def test_a_taken_name_comes_with_names_that_are_free(house):
    broker = house()
    await broker.ready()
    key, secret = make_key(broker, 5)
    await offered(broker)
    assert (await signer.register(broker.server, "sensor", PASSWORD, key, secret))[0].get("type") == "result"
    answer, _, _ = await signer.register(broker.server, "sensor2", PASSWORD, key, secret)
    assert answer.get("type") == "result", describe(answer)
    answer = await taken(broker, key, secret)
    assert stanza_error(answer)[:2] == ("cancel", "conflict")
    error = next(child for child in answer if name(child) == "error")
    names = [each.text for each in error.iterfind(f"{{{signer.ALTERNATIVES}}}alternatives/{{{signer.ALTERNATIVES}}}alternative")]
    assert names and all(each.startswith("sensor") and each != "sensor" for each in names)
    answer, _, login = await signer.register(broker.server, names[0], PASSWORD, key, secret)
    assert name(login) == "success", describe(answer)


async def taken(broker, key, secret):
    """The conflict of a name that exists. The password is another one: with the right one the login before would succeed."""
    return (await signer.register(broker.server, "sensor", "another password", key, secret))[0]


async def test_people_register_as_ever_in_the_form_that_could_be_signed(house):
    broker = house()
    await broker.ready()
    make_key(broker, 5)
    values = await offered(broker)
    echoed = values | {"username": "alice", "password": PASSWORD, "email": "alice@mail.example"}
    without = {var: value for var, value in echoed.items() if not var.startswith("oauth")} | {"username": "bob"}
    for sent in (echoed, without):
        async with await Client.connected(broker.server) as client:
            answer = await client.iq("set", signer.submission(sent))
        assert answer.get("type") == "result", describe(answer)
    states = {account["username"]: (account["state"], account["api_key"]) for account in broker.operate("account", "list")}
    assert states == {"alice": ("pending", None), "bob": ("pending", None)}


@pytest.mark.parametrize("option", ['invitations = "required"', 'in_band = "web"'])
async def test_programs_that_sign_get_a_form_where_people_get_none(house, option):
    broker = house({"domain_options": option})
    await broker.ready()
    key, secret = make_key(broker, 5)
    await asyncio.sleep(1.1)
    async with await Client.connected(broker.server) as client:
        answer = await client.iq("get", f"<query xmlns='{REGISTER}'/>")
        assert answer.find(f"{{{REGISTER}}}query/{{jabber:x:data}}x") is None, describe(answer)
    answer, values, login = await signer.register(broker.server, "sensor", PASSWORD, key, secret)
    assert values["FORM_TYPE"] == "urn:xmpp:xdata:signature:oauth1"
    assert answer.get("type") == "result", describe(answer)
    assert name(login) == "success", describe(login)
    # The form alone opens no door.
    answer, values, _ = await signer.register(broker.server, "mallory", PASSWORD, key, "not the secret")
    assert stanza_error(answer)[:2] == ("modify", "bad-request")
    unsigned = {var: "" if var.startswith("oauth") else value for var, value in values.items()}
    async with await Client.connected(broker.server) as client:
        answer = await client.iq("set", signer.submission(unsigned))
    assert answer.get("type") == "error" and stanza_error(answer)[1] != "bad-request", describe(answer)
    assert [account["username"] for account in broker.operate("account", "list")] == ["sensor"]

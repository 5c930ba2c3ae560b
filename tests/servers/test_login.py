"""Logging in, and what the server itself asks about accounts."""

import asyncio
from ssl import TLSVersion

import pytest

from scripted_broker import LINK, Account, Broker, Error
from wire import AT_ONCE, CLIENT, Client, Closed, describe, name, sasl_failure, stanza_error

PENDING = "Please open the link in the letter that we sent you – grüß dich."
SUSPENDED = "Your account is suspended: spam."
TEMPORARY = "temporary-auth-failure"


def accounts():
    return {"alice": Account("sécret, =x"), "carol": Account("carol-pw", "pending", PENDING),
            "dave": Account("dave-pw", "suspended", SUSPENDED)}


def login(client, mechanism, user, password):
    return client.plain(user, password) if mechanism == "PLAIN" else client.scram(user, password, mechanism)


@pytest.fixture
def broker(server):
    return Broker(server, accounts=accounts())


MECHANISMS = ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]
mechanisms = pytest.mark.parametrize("mechanism", MECHANISMS)


@mechanisms
async def test_the_right_password_logs_in(server, broker, mechanism):
    async with broker, await Client.connected(server) as client:
        await broker.ready()
        assert mechanism in client.mechanisms()
        assert name(await login(client, mechanism, "Alice", "sécret, =x")) == "success"
        await client.bind("phone")


@mechanisms
async def test_a_wrong_password_and_an_unknown_user_look_the_same(server, broker, mechanism):
    async with broker, await Client.connected(server) as client:
        await broker.ready()
        wrong = sasl_failure(await login(client, mechanism, "alice", "wrong"))
        unknown = sasl_failure(await login(client, mechanism, "nobody", "wrong"))
        assert wrong == unknown and wrong[0] == "not-authorized"
        assert name(await login(client, mechanism, "alice", "sécret, =x")) == "success"


@mechanisms
@pytest.mark.parametrize("user, text", [("carol", PENDING), ("dave", SUSPENDED)])
async def test_an_inactive_account_says_why_only_after_the_right_password(server, broker, mechanism, user, text):
    async with broker:
        await broker.ready()
        async with await Client.connected(server) as client:
            condition, said = sasl_failure(await login(client, mechanism, user, "wrong"))
            assert condition == "not-authorized" and text not in (said or "")
            assert sasl_failure(await login(client, mechanism, user, f"{user}-pw")) == ("account-disabled", text)
        async with await Client.connected(server) as client:
            condition, said = sasl_failure(await login(client, mechanism, user, "wrong again"))
            assert condition == "not-authorized" and text not in (said or "")


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"])
async def test_channel_binding_works_over_tls(server, broker, mechanism):
    async with broker:
        await broker.ready()
        async with await Client.connected(server, tls=TLSVersion.TLSv1_2) as client:
            assert mechanism in client.mechanisms()
            assert sasl_failure(await client.scram("alice", "wrong", mechanism))[0] == "not-authorized"
            assert name(await client.scram("alice", "sécret, =x", mechanism)) == "success"


async def test_plain_tells_address_and_language_and_scram_the_language(server, broker):
    async with broker:
        await broker.ready()
        async with await Client.connected(server, lang="de") as client:
            await client.plain("alice", "wrong")
            await client.scram("alice", "wrong", "SCRAM-SHA-1")
        said = broker.requests("authenticate")[0][1].attrib
        assert said == {"user": "alice", "address": "127.0.0.1", "lang": "de"}
        assert broker.requests("credentials")[0][1].attrib == {"user": "alice", "lang": "de"}


@mechanisms
async def test_without_the_component_logging_in_fails_temporarily(server, mechanism):
    async with await Client.connected(server) as client:
        assert sasl_failure(await login(client, mechanism, "alice", "sécret, =x"))[0] == TEMPORARY


@mechanisms
@pytest.mark.parametrize("said", [
    Error("wait", "resource-constraint"), Error("auth", "forbidden"), "",
    f"<authenticated xmlns='{LINK}' state='dreaming'/>", None])
async def test_a_busy_refusing_odd_or_silent_broker_is_a_temporary_failure(hasty, mechanism, said):
    broker = Broker(hasty, accounts=accounts())
    for element in ("authenticate", "credentials"):
        broker.replace(element, lambda iq, _: said)
    async with broker, await Client.connected(hasty) as client:
        await broker.ready()
        assert sasl_failure(await login(client, mechanism, "alice", "sécret, =x"))[0] == TEMPORARY


async def test_an_unknown_state_lets_nobody_in(server, broker):
    broker.accounts["alice"].state = "dreaming"
    async with broker, await Client.connected(server) as client:
        await broker.ready()
        for mechanism in MECHANISMS:
            assert sasl_failure(await login(client, mechanism, "alice", "sécret, =x"))[0] == TEMPORARY


async def test_no_keys_for_a_mechanism_points_to_plain(server, broker):
    broker.replace("credentials", lambda iq, element: f"<credentials xmlns='{LINK}' user='alice' state='active'/>")
    async with broker, await Client.connected(server) as client:
        await broker.ready()
        assert sasl_failure(await client.scram("alice", "sécret, =x", "SCRAM-SHA-256"))[0] == "invalid-mechanism"
        assert name(await client.plain("alice", "sécret, =x")) == "success"


async def test_the_component_leaving_during_a_login_answers_at_once(server, broker):
    broker.replace("authenticate", lambda iq, element: None)
    async with await Client.connected(server) as client:
        async with broker:
            await broker.ready()
            attempt = asyncio.create_task(client.plain("alice", "sécret, =x"))
            await broker.request_arrived("authenticate")
        assert sasl_failure(await asyncio.wait_for(attempt, AT_ONCE))[0] == TEMPORARY


async def test_keys_do_not_outlive_a_change_of_the_account(server, broker):
    async with broker:
        await broker.ready()
        for event in ("suspended", "password-changed", "deleted"):
            async with await Client.connected(server) as client:
                result = await client.scram("alice", "sécret, =x", "SCRAM-SHA-256", broker.notify("alice", event))
                assert sasl_failure(result)[0] == TEMPORARY
        async with await Client.connected(server) as client:
            result = await client.scram("alice", "sécret, =x", "SCRAM-SHA-256", broker.notify("carol", "suspended"))
            assert name(result) == "success"


async def test_a_login_may_be_faster_than_the_notice_of_the_registration(server, broker):
    for user, password, outcome in (("alice", "sécret, =x", "success"), ("carol", "carol-pw", "failure")):
        async with broker, await Client.connected(server) as client:
            await broker.ready()
            result = await client.scram(user, password, "SCRAM-SHA-256", broker.notify(user, "activated"))
            assert name(result) == outcome, describe(result)
            if outcome == "failure":
                assert sasl_failure(result)[0] == TEMPORARY, "the keys said that it may not log in, which is no longer true"


async def test_many_clients_log_in_side_by_side(server):
    held = []
    async with Broker(server, accounts=accounts()) as broker:
        await broker.ready()
        broker.replace("authenticate", lambda iq, element: held.append((iq, element)))
        clients = [await Client.connected(server) for _ in range(40)]
        attempts = [asyncio.create_task(client.plain("alice", "sécret, =x")) for client in clients]
        await broker.request_arrived("authenticate", 40)
        del broker.on_authenticate
        for iq, element in reversed(held):
            broker.reply(iq, broker.on_authenticate(iq, element))
        assert {name(await attempt) for attempt in attempts} == {"success"}
        for client in clients:
            await client.close()


async def test_a_client_that_leaves_during_a_login_does_no_harm(server, broker):
    held = []
    async with broker:
        await broker.ready()
        broker.replace("authenticate", lambda iq, element: held.append((iq, element)))
        client = await Client.connected(server)
        attempt = asyncio.create_task(client.plain("alice", "sécret, =x"))
        await broker.request_arrived("authenticate")
        attempt.cancel()
        await client.close()
        del broker.on_authenticate
        broker.reply(held[0][0], broker.on_authenticate(*held[0]))
        async with await Client.logged_in(server, "alice", "sécret, =x"):
            pass
    assert server.hand.crash not in server.log()


async def test_each_domain_asks_for_its_own_accounts(start):
    server = start(others=("other.example",))
    async with Broker(server, accounts=accounts()) as broker:
        await broker.ready()
        await broker.request_arrived("status", 2)
        for domain in ("chat.example", "other.example"):
            async with await Client.logged_in(server, "alice", "sécret, =x", domain=domain):
                pass
        assert [iq.get("from") for iq, _ in broker.requests("authenticate")] == ["chat.example", "other.example"]


async def test_no_password_or_key_is_kept_or_logged(server, broker):
    async with broker:
        await broker.ready()
        for user, password in (("alice", "sécret, =x"), ("carol", "carol-pw"), ("alice", "wrong-guess")):
            async with await Client.connected(server) as client:
                await client.plain(user, password)
            async with await Client.connected(server) as client:
                await client.scram(user, password, "SCRAM-SHA-256")
        assert len(broker.requests("authenticate")) == len(broker.requests("credentials")) == 3
        broker.accounts["alice"].password = "changed"
        async with await Client.connected(server) as client:
            assert sasl_failure(await client.plain("alice", "sécret, =x"))[0] == "not-authorized"
    for secret in ("sécret", "carol-pw", "wrong-guess"):
        assert secret not in server.log()


# ---- what the server asks


async def test_a_message_to_somebody_offline_is_kept_and_one_to_nobody_is_refused(server, broker):
    broker.accounts["bob"] = Account("bob-pw")
    async with broker:
        await broker.ready()
        async with await Client.logged_in(server, "alice", "sécret, =x") as alice:
            alice.send("<message type='chat' to='bob@chat.example' id='m1'><body>hi</body></message>"
                       "<message type='chat' to='nobody@chat.example' id='m2'><body>hi</body></message>")
            refused = await alice.receive()
            assert refused.get("id") == "m2" and stanza_error(refused)[1] == "service-unavailable"
        # From the component's stream, where the server cannot wait for an answer.
        broker.send("<message from='broker.example' to='bob@chat.example' type='chat'><body>from afar</body></message>")
        async with await Client.logged_in(server, "bob", "bob-pw") as bob:
            bob.send("<presence/>")
            bodies = [(await bob.receive()).findtext(f"{{{CLIENT}}}body") for _ in range(3)]  # one is the presence
            assert [body for body in bodies if body] == ["hi", "from afar"]


async def test_a_message_is_kept_while_the_broker_is_away(server, broker):
    async with await login_then_leave(server, broker) as alice:
        alice.send("<message type='chat' to='bob@chat.example' id='m1'><body>later</body></message>"
                   "<iq type='get' id='ping' to='chat.example'><ping xmlns='urn:xmpp:ping'/></iq>")
        assert (await alice.receive()).get("id") == "ping"


async def login_then_leave(server, broker):
    async with broker:
        await broker.ready()
        client = await Client.logged_in(server, "alice", "sécret, =x")
    await server.logged("is no longer connected")
    return client


async def test_a_stanza_with_odd_sasl_is_answered(server, broker):
    async with broker, await Client.connected(server) as client:
        await broker.ready()
        for mechanism, text in (("PLAIN", "="), ("PLAIN", "AAAA"), ("SCRAM-SHA-1", "bixuPQ=="), ("NONE", "")):
            client.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{text}</auth>")
            assert name(await client.receive()) == "failure"
        assert broker.asked[1:] == []
        with pytest.raises((Closed, asyncio.TimeoutError)):
            await client.receive(0.2)


async def test_the_server_side_can_change_and_remove_an_account_but_not_make_one(server, broker):
    hand = server.hand
    async with broker:
        await broker.ready()
        assert await hand.set_password("alice", "neu") is True
        assert broker.accounts["alice"].password == "neu"
        assert await hand.check_password("alice", "neu") is True
        assert await hand.check_password("alice", "sécret, =x") is False
        assert await hand.check_password("carol", "carol-pw") is False
        assert await hand.exists("alice") is True
        assert await hand.remove("alice") is True
        assert "alice" not in broker.accounts
        assert await hand.exists("alice") is False
        assert await hand.create("x", "y") is False
        broker.replace("set-password", lambda iq, element: Error("modify", "not-acceptable", "The password is too weak"))
        assert await hand.set_password("carol", "a") is False

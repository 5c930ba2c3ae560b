"""Keys that the modules may remember for a short time, so that people can log in while the broker restarts."""

import asyncio
import base64

import pytest
from scripted_broker import ITERATIONS, SALT, Account, Broker, Error
from wire import Client, describe, name, sasl_failure, scram_keys, to_base64

TEMPORARY = "temporary-auth-failure"
PASSWORDS = {"alice": "alice-geheim", "bob": "bob-geheim", "carol": "carol-geheim", "nobody": "nobody-geheim"}
MECHANISMS = ["PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"]
mechanisms = pytest.mark.parametrize("mechanism", MECHANISMS)
MOST = 1000


def accounts():
    return {"alice": Account(PASSWORDS["alice"]), "bob": Account(PASSWORDS["bob"]),
            "carol": Account(PASSWORDS["carol"], "pending", "Open the link")}


@pytest.fixture
def remembering(servers, kind, start):
    """A server that remembers keys for longer than a story takes."""
    return start(memory=300, timeout=2) if kind == "prosody" else servers.alike(kind, memory=300, timeout=2)


async def log_in(server, user, password, mechanism):
    async with await Client.connected(server) as client:
        if mechanism == "PLAIN":
            return await client.plain(user, password)
        return await client.scram(user, password, mechanism)


async def known(server, broker, *users):
    """Each of them has begun a login while the broker was there."""
    async with broker:
        await broker.ready()
        for user in users:
            await log_in(server, user, PASSWORDS[user], "SCRAM-SHA-256")
    await server.logged("is no longer connected")


async def salt_of(server, user, mechanism="SCRAM-SHA-256"):
    """The salt that the server names, or the failure."""
    said = await challenge_of(server, user, mechanism)
    return said if isinstance(said, str) else said[0]


async def challenge_of(server, user, mechanism="SCRAM-SHA-256"):
    """Salt and iterations that the server names, or the failure."""
    async with await Client.connected(server) as client:
        client.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{to_base64(f'n,,n={user},r=x')}</auth>")
        said = await client.receive()
        if name(said) != "challenge":
            return sasl_failure(said)[0]
        return base64.b64decode(said.text).decode().split(",")[1:]


@mechanisms
async def test_somebody_whose_keys_are_remembered_logs_in_while_the_broker_is_away(remembering, mechanism):
    broker = Broker(remembering, accounts=accounts())
    await known(remembering, broker, "alice")
    async with await Client.connected(remembering) as client:
        result = await (client.plain("Alice", PASSWORDS["alice"]) if mechanism == "PLAIN"
                        else client.scram("Alice", PASSWORDS["alice"], mechanism))
        assert name(result) == "success", describe(result)
        await client.bind("phone")
        assert (await client.iq("get", "<ping xmlns='urn:xmpp:ping'/>")).get("type") == "result"
    assert len(broker.requests("credentials")) == 1


@mechanisms
async def test_a_broker_that_does_not_answer_is_as_good_as_away(remembering, mechanism):
    broker = Broker(remembering, accounts=accounts())
    async with broker:
        await broker.ready()
        await log_in(remembering, "alice", PASSWORDS["alice"], "SCRAM-SHA-256")
        for element in ("authenticate", "credentials"):
            broker.replace(element, lambda iq, _: None)
        assert name(await log_in(remembering, "alice", PASSWORDS["alice"], mechanism)) == "success"


@mechanisms
async def test_a_broker_that_is_there_decides_alone(remembering, mechanism):
    broker = Broker(remembering, accounts=accounts())
    async with broker:
        await broker.ready()
        await log_in(remembering, "alice", PASSWORDS["alice"], "SCRAM-SHA-256")
        broker.accounts["alice"].password = "another"
        assert sasl_failure(await log_in(remembering, "alice", PASSWORDS["alice"], mechanism))[0] == "not-authorized"
        assert name(await log_in(remembering, "alice", "another", mechanism)) == "success"
        for condition in ("resource-constraint", "service-unavailable", "remote-server-timeout"):
            for element in ("authenticate", "credentials"):
                broker.replace(element, lambda iq, _, condition=condition: Error("wait", condition))
            assert sasl_failure(await log_in(remembering, "alice", "another", mechanism))[0] == TEMPORARY


@mechanisms
async def test_unless_it_is_configured_nothing_is_remembered(server, mechanism):
    await known(server, Broker(server, accounts=accounts()), "alice")
    assert sasl_failure(await log_in(server, "alice", PASSWORDS["alice"], mechanism))[0] == TEMPORARY


async def test_keys_are_good_no_longer_than_the_configured_time(start):
    server = start(memory=3)
    broker = Broker(server, accounts=accounts())
    async with broker:
        await broker.ready()
        for user in ("alice", "bob"):
            await log_in(server, user, PASSWORDS[user], "SCRAM-SHA-256")
        await asyncio.sleep(2)
        await log_in(server, "alice", PASSWORDS["alice"], "SCRAM-SHA-256")
    await server.logged("is no longer connected")
    for mechanism in MECHANISMS:
        assert name(await log_in(server, "alice", PASSWORDS["alice"], mechanism)) == "success"
    await asyncio.sleep(1.3)
    assert name(await log_in(server, "alice", PASSWORDS["alice"], "SCRAM-SHA-1")) == "success", "since the broker spoke of it again"
    assert sasl_failure(await log_in(server, "bob", PASSWORDS["bob"], "SCRAM-SHA-1"))[0] == TEMPORARY
    await asyncio.sleep(2)
    for mechanism in MECHANISMS:
        assert sasl_failure(await log_in(server, "alice", PASSWORDS["alice"], mechanism))[0] == TEMPORARY
    assert await salt_of(server, "alice") == TEMPORARY, "nothing at all is left"


@pytest.mark.parametrize("event", ["activated", "password-changed", "suspended", "resumed", "deleted", "of-tomorrow"])
async def test_a_notice_about_an_account_takes_its_keys_away_at_once(remembering, event):
    broker = Broker(remembering, accounts=accounts())
    async with broker:
        await broker.ready()
        for user in ("alice", "bob"):
            await log_in(remembering, user, PASSWORDS[user], "SCRAM-SHA-256")
        await broker.notify("alice", event)
    await remembering.logged("is no longer connected")
    for mechanism in MECHANISMS:
        assert sasl_failure(await log_in(remembering, "alice", PASSWORDS["alice"], mechanism))[0] == TEMPORARY
        assert name(await log_in(remembering, "bob", PASSWORDS["bob"], mechanism)) == "success"


async def test_keys_that_were_asked_for_before_a_notice_are_not_remembered_after_it(remembering):
    broker, held = Broker(remembering, accounts=accounts()), []
    async with broker:
        await broker.ready()
        await log_in(remembering, "bob", PASSWORDS["bob"], "SCRAM-SHA-256")
        broker.replace("credentials", lambda iq, element: held.append((iq, element)))
        attempt = asyncio.create_task(log_in(remembering, "alice", PASSWORDS["alice"], "SCRAM-SHA-256"))
        await broker.request_arrived("credentials", 2)
        await broker.notify("alice", "password-changed")
        del broker.on_credentials
        broker.reply(held[0][0], broker.on_credentials(*held[0]))
        await attempt
    await remembering.logged("is no longer connected")
    assert sasl_failure(await log_in(remembering, "alice", PASSWORDS["alice"], "PLAIN"))[0] == TEMPORARY
    assert name(await log_in(remembering, "bob", PASSWORDS["bob"], "PLAIN")) == "success"


async def test_a_notice_during_a_login_by_remembered_keys_stops_it(remembering):
    broker = Broker(remembering, accounts=accounts())
    await known(remembering, broker, "alice")

    async def told():
        broker.status_asked.clear()
        async with broker:
            await broker.ready()
            await broker.notify("alice", "suspended", "Spam")

    async with await Client.connected(remembering) as client:
        result = await client.scram("alice", PASSWORDS["alice"], "SCRAM-SHA-256", told())
        assert sasl_failure(result)[0] == TEMPORARY


@mechanisms
async def test_an_account_that_may_not_log_in_is_remembered_as_such(remembering, mechanism):
    await known(remembering, Broker(remembering, accounts=accounts()), "carol")
    assert sasl_failure(await log_in(remembering, "carol", PASSWORDS["carol"], mechanism)) == ("account-disabled", "Open the link")
    condition, text = sasl_failure(await log_in(remembering, "carol", "wrong", mechanism))
    assert condition == TEMPORARY and text != "Open the link"


@mechanisms
async def test_who_is_remembered_cannot_be_told_from_who_is_not_and_who_is_unknown(remembering, mechanism):
    """The broker gives made-up keys for unknown names, which are remembered like others."""
    broker = Broker(remembering, accounts=accounts())
    keys = broker.on_credentials

    def salted(iq, element):
        broker.accounts.setdefault(element.get("user"), Account("nobody knows"))
        return keys(iq, element)

    broker.replace("credentials", salted)
    await known(remembering, broker, "alice", "nobody")
    users = ("alice", "nobody", "bob", "nemo")
    if mechanism == "PLAIN":
        assert len({sasl_failure(await log_in(remembering, user, "wrong", mechanism)) for user in users}) == 1
        return
    before = [await salt_of(remembering, user, mechanism) for user in users]
    assert all(salt.startswith("s=") for salt in before)
    assert {sasl_failure(await log_in(remembering, user, "wrong", mechanism))[0] for user in users} == {TEMPORARY}
    assert [await salt_of(remembering, user, mechanism) for user in users] == before, "also not after a wrong proof"


async def test_made_up_keys_of_a_name_stay_the_same_when_others_are_forgotten(start):
    server = start(memory=3)
    broker = Broker(server, accounts=accounts())
    async with broker:
        await broker.ready()
        await log_in(server, "bob", PASSWORDS["bob"], "SCRAM-SHA-256")
        keys = broker.on_credentials
        broker.replace("credentials", lambda iq, element: keys(iq, element).replace(f"iterations='{ITERATIONS}'", "iterations='777'"))
        await log_in(server, "carol", PASSWORDS["carol"], "SCRAM-SHA-256")
        await asyncio.sleep(1.5)
        del broker.on_credentials
        await log_in(server, "alice", PASSWORDS["alice"], "SCRAM-SHA-256")
    await server.logged("is no longer connected")
    before = await challenge_of(server, "nemo")
    assert before[1] == f"i={ITERATIONS}", "as the last answer"
    await asyncio.sleep(1.7)
    assert name(await log_in(server, "alice", PASSWORDS["alice"], "PLAIN")) == "success"
    assert await challenge_of(server, "nemo") == before


@mechanisms
async def test_one_wrong_proof_uses_the_remembered_keys_up(remembering, mechanism):
    """Nobody counts wrong passwords while the broker is away."""
    broker = Broker(remembering, accounts=accounts())
    await known(remembering, broker, "alice", "bob")
    assert sasl_failure(await log_in(remembering, "alice", "wrong", mechanism))[0] == TEMPORARY
    for again in MECHANISMS:
        assert sasl_failure(await log_in(remembering, "alice", PASSWORDS["alice"], again))[0] == TEMPORARY
    assert name(await log_in(remembering, "bob", PASSWORDS["bob"], mechanism)) == "success"
    await known(remembering, broker, "alice")
    assert name(await log_in(remembering, "alice", PASSWORDS["alice"], mechanism)) == "success"


async def test_a_right_proof_that_was_begun_before_a_wrong_one_does_not_count_after_it(remembering):
    """Or many wrong ones could be begun side by side."""
    broker = Broker(remembering, accounts=accounts())
    await known(remembering, broker, "alice")
    async with await Client.connected(remembering) as client:
        wrong = log_in(remembering, "alice", "wrong", "SCRAM-SHA-256")
        result = await client.scram("alice", PASSWORDS["alice"], "SCRAM-SHA-256", wrong)
        assert sasl_failure(result)[0] == TEMPORARY


async def test_a_reload_of_the_module_forgets_everything(remembering):
    await known(remembering, Broker(remembering, accounts=accounts()), "alice")
    assert name(await log_in(remembering, "alice", PASSWORDS["alice"], "PLAIN")) == "success"
    await remembering.hand.reload_module()
    for mechanism in MECHANISMS:
        assert sasl_failure(await log_in(remembering, "alice", PASSWORDS["alice"], mechanism))[0] == TEMPORARY


async def test_a_thousand_are_remembered_and_the_oldest_go_first(remembering):
    broker = Broker(remembering, accounts=accounts())
    async with broker:
        await broker.ready()
        for user in ("alice", "bob", "alice"):  # bob's keys are the oldest then
            await log_in(remembering, user, PASSWORDS[user], "SCRAM-SHA-256")
        broker.accounts |= {f"n{number}": Account("x") for number in range(MOST - 1)}
        async with await Client.connected(remembering) as client:
            for number in range(MOST - 1):
                client.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>"
                            f"{to_base64(f'n,,n=n{number},r=x')}</auth>")
                assert name(await client.receive()) == "challenge"
                client.send("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
                await client.receive()
    await remembering.logged("is no longer connected")
    assert name(await log_in(remembering, "alice", PASSWORDS["alice"], "PLAIN")) == "success"
    assert sasl_failure(await log_in(remembering, "bob", PASSWORDS["bob"], "PLAIN"))[0] == TEMPORARY


async def test_no_password_and_no_remembered_key_is_in_the_log(remembering):
    broker = Broker(remembering, accounts=accounts())
    await known(remembering, broker, "alice", "carol")
    for user in ("alice", "carol", "bob"):
        for mechanism in MECHANISMS:
            await log_in(remembering, user, PASSWORDS[user], mechanism)
    await known(remembering, broker, "alice")
    log = remembering.log()
    assert "geheim" not in log
    for user in ("alice", "carol"):
        for algorithm in ("sha1", "sha256"):
            keys = scram_keys(PASSWORDS[user], algorithm, SALT, ITERATIONS)
            assert to_base64(keys.stored) not in log and to_base64(keys.server) not in log
    assert remembering.hand.crash not in log

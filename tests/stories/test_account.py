"""What happens to an account after its first login: by its owner, by the operator, by time."""

import asyncio

from test_registration import MECHANISMS, PASSWORD, log_in, query, register, verified
from wire import REGISTER, Client, describe, name, sasl_failure, stanza_error

OTHER = "another good password"


async def test_a_changed_password_ends_the_other_sessions_and_works_at_once(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD, "phone") as phone, \
            await Client.logged_in(broker.server, "alice", PASSWORD, "laptop") as laptop:
        result = await phone.iq("set", query(username="alice", password=OTHER))
        assert result.get("type") == "result", describe(result)
        await laptop.ended()
        assert (await phone.iq("get", query())).get("type") == "result", "the session that changed it goes on"
    for mechanism in MECHANISMS:
        assert sasl_failure(await log_in(broker.server, "alice", mechanism))[0] == "not-authorized"
        assert name(await log_in(broker.server, "alice", mechanism, OTHER)) == "success"


async def test_what_is_on_file_is_told_to_its_owner_without_the_password(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as client:
        on_file = (await client.iq("get", query())).find(f"{{{REGISTER}}}query")
    assert on_file.find(f"{{{REGISTER}}}registered") is not None
    assert on_file.findtext(f"{{{REGISTER}}}username") == "alice"
    assert on_file.findtext(f"{{{REGISTER}}}email") == "alice@mail.example"
    assert not on_file.findtext(f"{{{REGISTER}}}password")


async def test_a_person_deletes_the_account_and_its_name_stays_taken(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD, "phone") as phone, \
            await Client.logged_in(broker.server, "alice", PASSWORD, "laptop") as laptop:
        wrong = await phone.iq("set", f"<query xmlns='{REGISTER}'><remove/><username>alice</username></query>")
        assert stanza_error(wrong)[:2] == ("modify", "bad-request")
        gone = await phone.iq("set", f"<query xmlns='{REGISTER}'><remove/></query>", id="r1")
        assert gone.get("type") == "result", describe(gone)
        assert (await phone.ended())[0] == "not-authorized"
        await laptop.ended()
    for mechanism in MECHANISMS:
        assert sasl_failure(await log_in(broker.server, "alice", mechanism))[0] == "not-authorized"
    assert stanza_error(await register(broker.server, "alice", "thief@mail.example"))[1] == "conflict"


async def test_nobody_removes_an_account_before_login(house):
    broker = house()
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        answer = await client.iq("set", f"<query xmlns='{REGISTER}'><remove/></query>")
    assert stanza_error(answer)[1] == "unexpected-request"


async def test_the_operator_suspends_and_resumes_on_the_command_line_while_the_broker_runs(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as client:
        await asyncio.to_thread(broker.operate, "account", "suspend", "alice@chat.example", "--reason", "Unpaid bill")
        condition, text = await client.ended()
        assert condition == "not-authorized" and "Unpaid bill" in text
    for mechanism in MECHANISMS:
        condition, text = sasl_failure(await log_in(broker.server, "alice", mechanism))
        assert condition == "account-disabled" and "Unpaid bill" in text
        assert sasl_failure(await log_in(broker.server, "alice", mechanism, "wrong one"))[0] == "not-authorized"
    broker.operate("account", "resume", "alice@chat.example")
    resumed = await log_in(broker.server, "alice", "SCRAM-SHA-256")
    assert name(resumed) == "success", describe(resumed)


async def test_the_operator_makes_changes_and_deletes_accounts(house):
    broker = house()
    await broker.ready()
    broker.operate("account", "add", "staff@chat.example", "--password-stdin", input=PASSWORD + "\n")
    assert name(await log_in(broker.server, "staff", "SCRAM-SHA-1")) == "success"
    await register(broker.server, "alice", "alice@mail.example")
    broker.operate("account", "verify", "alice@chat.example")
    assert name(await log_in(broker.server, "alice", "PLAIN")) == "success"
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as client:
        broker.operate("account", "set-password", "alice@chat.example", "--password-stdin", input=OTHER + "\n")
        await client.ended()
    assert name(await log_in(broker.server, "alice", "PLAIN", OTHER)) == "success"
    async with await Client.logged_in(broker.server, "alice", OTHER) as client:
        broker.operate("account", "delete", "alice@chat.example", "--yes")
        await client.ended()
    assert sasl_failure(await log_in(broker.server, "alice", "PLAIN", OTHER))[0] == "not-authorized"


async def test_scram_does_not_tell_who_exists(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")

    async def challenge(user):
        async with await Client.connected(broker.server) as client:
            return await client.scram(user, "wrong password", "SCRAM-SHA-256")

    known, unknown = await challenge("alice"), await challenge("nobody")
    assert sasl_failure(known) == sasl_failure(unknown)
    assert describe(known) == describe(unknown)


async def test_an_account_of_the_domain_manages_itself_at_the_components_own_address(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as client:
        to = broker.server.component
        answer = await client.iq("get", query(), to=to)
        assert answer.find(f"{{{REGISTER}}}query/{{{REGISTER}}}registered") is not None
        answer = await client.iq("set", query(username="alice", password=OTHER), to=to, id="p1")
        assert answer.get("type") == "result", describe(answer)
        answer = await client.iq("set", f"<query xmlns='{REGISTER}'><remove/></query>", to=to, id="r1")
        assert answer.get("type") == "result", describe(answer)
        await client.ended()


async def test_a_user_cannot_speak_the_link_protocol(house):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as client:
        for number, payload in enumerate((
            "<credentials xmlns='urn:ostiary:link:1' user='alice'/>",
            "<account xmlns='urn:ostiary:link:1' user='alice'/>",
            "<status xmlns='urn:ostiary:link:1'/>",
        )):
            answer = await client.iq("get", payload, to=broker.server.component, id=f"f{number}")
            assert stanza_error(answer)[:2] == ("auth", "forbidden")

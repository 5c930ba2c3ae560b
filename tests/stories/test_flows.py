"""XEP-0389 on a client's stream before login, from the announcement to the first login on the same stream."""

from ssl import TLSVersion

import pytest
from broker import code_in
from wire import Client, describe, name

FLOWS = "urn:xmpp:register:0"
DATA = "jabber:x:data"
PASSWORD = "correct horse battery"
NEW = "a wholly new password"


def flow_of(client, process, challenge):
    """The id of the announced flow with that challenge."""
    for flow in client.features.findall(f"{{{FLOWS}}}{process}/{{{FLOWS}}}flow"):
        if flow.find(f"{{{FLOWS}}}challenge").get("type") == challenge:
            return flow.get("id")
    raise AssertionError(describe(client.features))


async def select(client, process, challenge=DATA):
    flow = flow_of(client, process, challenge)
    client.send(f"<{process} xmlns='{FLOWS}'><flow id='{flow}'/></{process}>")
    return await client.receive()


async def respond(client, challenge, **values):
    """Fills in the form of a challenge, with its hidden fields."""
    form = challenge.find(f"{{{DATA}}}x")
    assert form is not None, describe(challenge)
    fields = {field.get("var"): field.findtext(f"{{{DATA}}}value") for field in form.findall(f"{{{DATA}}}field")
              if field.get("type") == "hidden"} | values
    fields = "".join(f"<field var='{var}'><value>{value}</value></field>" for var, value in fields.items())
    client.send(f"<response xmlns='{FLOWS}'><x xmlns='{DATA}' type='submit'>{fields}</x></response>")
    return await client.receive()


def succeeded(element, user):
    assert element.tag == f"{{{FLOWS}}}success", describe(element)
    assert element.findtext(f"{{{FLOWS}}}jid") == f"{user}@chat.example"
    return element.findtext(f"{{{FLOWS}}}username") == user


async def secured(broker, **options):
    return await Client.connected(broker.server, tls=TLSVersion.TLSv1_3, **options)


async def registered(broker, client, user):
    form = await select(client, "register")
    code = await respond(client, form, username=user, password=PASSWORD, email=f"{user}@mail.example")
    typed = code_in(await broker.letter(f"{user}@mail.example")).replace(" ", "")
    assert succeeded(await respond(client, code, code=typed), user)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256"])
async def test_somebody_registers_proves_the_address_and_logs_in_on_one_stream(house, mechanism):
    broker = house()
    await broker.ready()
    async with await secured(broker, lang="de") as client:
        await registered(broker, client, "alice")
        logged_in = client.plain("alice", PASSWORD) if mechanism == "PLAIN" else client.scram("alice", PASSWORD, mechanism)
        assert name(await logged_in) == "success"


async def test_a_code_that_is_entered_on_another_stream_is_as_good(house):
    broker = house()
    await broker.ready()
    async with await secured(broker) as client:
        form = await select(client, "register")
    async with await secured(broker) as client:
        code = await respond(client, form, username="bob", password=PASSWORD, email="bob@mail.example")
    broker.kill()
    broker.start()
    await broker.ready()
    async with await secured(broker) as client:
        wrong = await respond(client, code, code="000000")
        assert name(wrong) in ("challenge", "success")
        typed = code_in(await broker.letter("bob@mail.example")).replace(" ", "")
        assert succeeded(await respond(client, code, code=typed), "bob")


async def test_a_forgotten_password_is_replaced_and_open_sessions_end(house):
    broker = house()
    await broker.ready()
    async with await secured(broker) as client:
        await registered(broker, client, "carol")
    session = await Client.logged_in(broker.server, "carol", PASSWORD)
    async with session, await secured(broker) as client:
        code = await respond(client, await select(client, "recovery"), account="carol")
        typed = code_in(await broker.letter("carol@mail.example", 2)).replace(" ", "")
        assert succeeded(await respond(client, code, code=typed, password=NEW), "carol")
        assert (await session.ended())[0] is not None
        assert name(await client.plain("carol", PASSWORD)) == "failure"
        assert name(await client.plain("carol", NEW)) == "success"


async def test_a_page_is_named_and_a_wrong_flow_ends_the_stream(house):
    broker = house()
    await broker.ready()
    async with await secured(broker) as client:
        for process, page in (("register", "register"), ("recovery", "recover")):
            challenge = await select(client, process, "jabber:x:oob")
            assert challenge.findtext("{jabber:x:oob}x/{jabber:x:oob}url") == f"{broker.web}{page}"
            client.send(f"<response xmlns='{FLOWS}'/>")
            assert (await client.receive()).tag == f"{{{FLOWS}}}cancel"
        client.send(f"<register xmlns='{FLOWS}'><flow id='no such flow'/></register>")
        error = await client.receive()
        assert [name(child) for child in error] == ["undefined-condition", "invalid-flow"]

"""XEP-0389 before login: which elements the module announces and carries, and what becomes of the answers."""

import asyncio
from ssl import TLSVersion

from scripted_broker import LINK, Broker, Error, carried, carry_answer, client_of
from wire import CLIENT, XML, Client, describe, name, namespace, stanza_error

FLOWS = "urn:xmpp:register:0"
OFFERED = (f"<register xmlns='{FLOWS}'><flow id='a'><name xml:lang='en'>A form</name><name xml:lang='de'>Ein Formular</name>"
           f"<challenge type='jabber:x:data'/></flow></register>"
           f"<recovery xmlns='{FLOWS}'><flow id='b'><name>Page</name><challenge type='jabber:x:oob'/></flow></recovery>")
SELECT = f"<register xmlns='{FLOWS}'><flow id='a'/></register>"
CHALLENGE = f"<challenge xmlns='{FLOWS}' type='jabber:x:data'><x xmlns='jabber:x:data' type='form'/></challenge>"


def offering(broker, answer=CHALLENGE):
    """Makes the scripted broker offer flows, and answer every carried element with `answer`."""
    broker.replace("status", lambda iq, _: f"<status xmlns='{LINK}' registration='open'>{OFFERED}</status>")
    broker.replace("carry", lambda iq, carry: carry_answer(carried(carry), answer))
    return broker


def response(**fields):
    fields = "".join(f"<field var='{var}'><value>{value}</value></field>" for var, value in fields.items())
    return f"<response xmlns='{FLOWS}'><x xmlns='jabber:x:data' type='submit'>{fields}</x></response>"


async def secured(server, **options):
    return await Client.connected(server, tls=TLSVersion.TLSv1_3, **options)


async def ask(client, element):
    client.send(element)
    return await client.receive()


async def test_flows_are_announced_as_they_are_and_only_on_encrypted_streams(prosody):
    async with offering(Broker(prosody)) as broker:
        await broker.ready()
        async with await Client.connected(prosody) as client:
            assert client.features.find(f"{{{FLOWS}}}register") is None
            await client.start_tls(TLSVersion.TLSv1_3)
            flows = client.features.findall(f"{{{FLOWS}}}register/{{{FLOWS}}}flow")
            assert [flow.get("id") for flow in flows] == ["a"]
            names = [(label.get(f"{{{XML}}}lang"), label.text) for label in flows[0].findall(f"{{{FLOWS}}}name")]
            assert names == [("en", "A form"), ("de", "Ein Formular")]
            assert client.features.find(f"{{{FLOWS}}}recovery") is not None
            assert client.mechanisms(), "announced beside SASL"
    await prosody.logged("is no longer connected")
    async with await secured(prosody) as client:
        assert client.features.find(f"{{{FLOWS}}}register") is None


async def test_an_element_is_carried_in_an_iq_with_what_the_server_knows(prosody):
    async with offering(Broker(prosody)) as broker:
        await broker.ready()
        async with await secured(prosody, lang="de") as client:
            challenge = await ask(client, SELECT)
            assert challenge.tag == f"{{{FLOWS}}}challenge" and challenge[0].tag == "{jabber:x:data}x"
            _, carry = broker.requests("carry")[0]
            inner = carried(carry)
            assert inner.get("type") == "set" and inner.get("id") and len(inner) == 1
            assert inner[0].tag == f"{{{FLOWS}}}register" and inner[0][0].get("id") == "a"
            context = client_of(carry)
            assert (context["secure"], context["lang"], context.get("jid")) == ("true", "de", None)
            await ask(client, response(code="123456"))
            _, second = broker.requests("carry")[1]
            assert client_of(second)["session"] == context["session"]


async def test_a_flow_that_was_not_offered_ends_the_stream_with_invalid_flow(prosody):
    async with offering(Broker(prosody), Error("cancel", "item-not-found")) as broker:
        await broker.ready()
        async with await secured(prosody) as client:
            error = await ask(client, SELECT)
            assert [name(child) for child in error] == ["undefined-condition", "invalid-flow"]
            assert namespace(error[1]) == FLOWS
            assert (await client.ended())[0] == "undefined-condition"


async def test_after_a_failure_the_flow_is_cancelled_and_the_stream_lives(prosody):
    async with offering(Broker(prosody), Error("wait", "resource-constraint")) as broker:
        await broker.ready()
        async with await secured(prosody) as client:
            for element in (SELECT, response(code="1")):
                assert (await ask(client, element)).tag == f"{{{FLOWS}}}cancel"
            broker.replace("carry", lambda iq, carry: "<nonsense xmlns='urn:x'/>")
            assert (await ask(client, SELECT)).tag == f"{{{FLOWS}}}cancel"
            assert name(await client.plain("alice", "secret")) == "failure"
        await broker.close()
        await prosody.logged("is no longer connected")
        async with await secured(prosody) as client:
            assert (await ask(client, SELECT)).tag == f"{{{FLOWS}}}cancel"


async def test_a_clients_cancel_is_not_carried_and_gets_no_answer(prosody):
    async with offering(Broker(prosody, accounts={})) as broker:
        await broker.ready()
        async with await secured(prosody) as client:
            client.send(f"<cancel xmlns='{FLOWS}'/>")
            assert name(await ask(client, SELECT)) == "challenge"
            assert len(broker.requests("carry")) == 1


async def test_the_servers_own_modules_may_veto_the_name_in_a_response_and_see_no_recovery(prosody):
    async with offering(Broker(prosody)) as broker:
        await broker.ready()
        async with await secured(prosody) as client:
            assert (await ask(client, response(username="vetoed-bob"))).tag == f"{{{FLOWS}}}cancel"
            assert broker.requests("carry") == []
            assert name(await ask(client, response(username="Bob"))) == "challenge"
            assert name(await ask(client, response(account="alice"))) == "challenge"
    events = (await prosody.lua("return lab.events"))[0]
    assert [(event["event"], event["username"]) for event in events] == [
        ("user-registering", "vetoed-bob"), ("user-registering", "bob")]


async def test_an_account_that_was_made_is_told_to_the_servers_own_modules(prosody):
    async with offering(Broker(prosody)) as broker:
        await broker.ready()
        broker.replace("carry", lambda iq, carry: carry_answer(carried(carry), CHALLENGE, ("bob", "active")))
        async with await secured(prosody) as client:
            await ask(client, response(username="Bob"))
    events = (await prosody.lua("return lab.events"))[0]
    assert ("user-registered", "bob") in [(event["event"], event["username"]) for event in events]


async def test_without_encryption_nothing_is_carried(prosody):
    async with offering(Broker(prosody)) as broker:
        await broker.ready()
        async with await Client.connected(prosody) as client:
            client.send(SELECT)
            assert (await client.ended())[0] == "unsupported-stanza-type"
            assert broker.requests("carry") == []


async def test_after_login_requests_to_the_domain_are_carried_like_others(prosody):
    from scripted_broker import Account

    async with offering(Broker(prosody, accounts={"alice": Account("secret")}), f"<register xmlns='{FLOWS}'/>") as broker:
        await broker.ready()
        async with await Client.logged_in(prosody, "alice", "secret") as client:
            for to in (None, prosody.domain):
                answer = await client.iq("get", f"<register xmlns='{FLOWS}'/>", to=to)
                assert answer.get("type") == "result" and answer[0].tag == f"{{{FLOWS}}}register", describe(answer)
            assert client_of(broker.requests("carry")[0][1])["jid"] == "alice@chat.example/phone"
            info = await client.iq("get", "<query xmlns='http://jabber.org/protocol/disco#info'/>", to=prosody.domain)
            assert FLOWS in [feature.get("var") for feature in info[0]]

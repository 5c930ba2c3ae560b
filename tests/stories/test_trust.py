"""What the broker and the server may expect of each other: the right secret, the right domain, and nobody else in between."""

import asyncio
import time

import pytest
from lab import free_ports, make_certificate
from scripted_broker import Broker as OtherComponent
from test_monitoring import ask, until
from test_registration import PASSWORD, log_in, query, verified
from wire import Client, Peer, name, sasl_failure, stanza_error

LINK = "urn:ostiary:link:1"
EVERYTHING = {
    "get": (
        f"<status xmlns='{LINK}'/>",
        f"<credentials xmlns='{LINK}' user='alice'/>",
        f"<account xmlns='{LINK}' user='alice'/>",
    ),
    "set": (
        f"<carry xmlns='{LINK}'><client jid='alice@chat.example/phone' secure='true'/><iq xmlns='jabber:client' type='set' id='i'>"
        "<query xmlns='jabber:iq:register'><remove/></query></iq></carry>",
        f"<authenticate xmlns='{LINK}' user='alice'><password>{PASSWORD}</password></authenticate>",
        f"<set-password xmlns='{LINK}' user='alice'><password>{PASSWORD}, mine now</password></set-password>",
        f"<remove xmlns='{LINK}' user='alice'/>",
        f"<account-changed xmlns='{LINK}' user='alice' event='deleted'/>",
    ),
}
# XEP-0355 §4.3: how a server hands a component the request of a client.
WRAPPERS = tuple(
    f"<delegation xmlns='urn:xmpp:delegation:{version}'><forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' type='set' "
    "id='w' from='alice@chat.example/phone' to='chat.example'><query xmlns='jabber:iq:register'><remove/></query></iq></forwarded>"
    "</delegation>" for version in (1, 2))
LINK_REQUESTS = sum(len(payloads) for payloads in EVERYTHING.values())


def forgeries():
    """Everything that only the server may send to the broker, as (type of the IQ, payload)."""
    return [(kind, payload) for kind, payloads in EVERYTHING.items() for payload in payloads] + \
        [("set", wrapper) for wrapper in WRAPPERS]


async def watched(house, **needs):
    """A broker whose metrics are on the port that comes with it; alice has an account."""
    port = free_ports(1)[0]
    broker = house({"extra": f'[monitoring]\nlisten = ["127.0.0.1:{port}"]\n'}, **needs)
    await broker.ready()
    await until(port, "/readyz", 200)
    await verified(broker, "alice")
    return broker, port


async def counted(port, wanted):
    """Waits until so many link requests and delegation wrappers have been refused."""
    lines = [f'ostiary_forged_requests_total{{kind="{kind}"}} {count}' for kind, count in wanted.items() if count]
    end = time.monotonic() + 10
    while True:
        text = (await asyncio.to_thread(ask, port, "/metrics"))[1]
        if set(lines) <= set(text.splitlines()):
            return
        assert time.monotonic() < end, [line for line in text.splitlines() if "forged" in line]
        await asyncio.sleep(0.05)


async def unharmed(broker):
    """Alice's account is as it was, and her password, too."""
    assert broker.operate("account", "show", "alice@chat.example")["state"] == "active"
    assert name(await log_in(broker.server, "alice", "SCRAM-SHA-256")) == "success"
    assert broker.process.poll() is None
    assert broker.log().count("connected to the XMPP server") == 1
    assert broker.log().count("sent a link request; refused") <= 1, "who sends forgeries must not fill the log"
    assert PASSWORD not in broker.log() and PASSWORD not in broker.server.log()


async def test_what_a_user_forges_does_nothing_and_is_counted(house):
    broker, port = await watched(house)
    await verified(broker, "mallory")
    async with await Client.logged_in(broker.server, "mallory", PASSWORD) as mallory:
        for number, (kind, payload) in enumerate(forgeries()):
            answer = await mallory.iq(kind, payload, to=broker.server.component, id=f"f{number}")
            assert stanza_error(answer)[:2] in (("auth", "forbidden"), ("cancel", "service-unavailable")), payload
        await counted(port, {"link": LINK_REQUESTS, "delegation": len(WRAPPERS)})
    await unharmed(broker)


async def test_what_another_component_of_the_server_forges_does_nothing_and_is_counted(house):
    broker, port = await watched(house, own=True, stranger="evil.example")
    async with OtherComponent(broker.server, component="evil.example", port=broker.server.stranger_port) as evil:
        for sender in ("evil.example", "chat.example@evil.example", "alice@chat.example"):
            for number, (kind, payload) in enumerate(forgeries()):
                evil.send(f"<iq type='{kind}' id='e{number}' from='{sender}' to='broker.example'>{payload}</iq>")
        await counted(port, {"link": 3 * LINK_REQUESTS, "delegation": 3 * len(WRAPPERS)})
        for event in ("deleted", "suspended", "password-changed"):
            evil.send(f"<iq type='set' id='n' from='evil.example' to='chat.example'>"
                      f"<account-changed xmlns='{LINK}' user='alice' event='{event}'/></iq>")
        await broker.server.logged("Refused a stanza that only broker.example may send; it came from evil.example")
    await unharmed(broker)


async def test_what_a_remote_server_forges_does_nothing_and_is_counted(house, tmp_path):
    make_certificate(tmp_path, "remote.example")
    certificate, key = tmp_path / "remote.example.crt", tmp_path / "remote.example.key"
    broker, port = await watched(house, own=True, peer=certificate)
    server = broker.server
    async with await Client.logged_in(server, "alice", PASSWORD) as alice:
        async with await Peer.connected(server, "remote.example", certificate, key) as remote:
            remote.send("<message from='remote.example' to='alice@chat.example/phone'><body>hello</body></message>")
            assert name(await alice.receive()) == "message", "what a remote server may send arrives"
            for event in ("deleted", "suspended", "password-changed"):
                remote.send(f"<iq type='set' id='n' from='remote.example' to='chat.example'>"
                            f"<account-changed xmlns='{LINK}' user='alice' event='{event}'/></iq>")
            await server.logged("Refused a stanza that only broker.example may send; it came from remote.example")
            assert (await alice.iq("get", "<ping xmlns='urn:xmpp:ping'/>")).get("type") == "result"
            for sender in ("remote.example", "chat.example@remote.example"):
                for number, (kind, payload) in enumerate(forgeries()):
                    remote.send(f"<iq type='{kind}' id='r{number}' from='{sender}' to='broker.example'>{payload}</iq>")
            await counted(port, {"link": 2 * LINK_REQUESTS, "delegation": 2 * len(WRAPPERS)})
            # In the name of the domain itself: a server lets a remote one speak for its own name only.
            remote.send(f"<iq type='set' id='s' from='chat.example' to='broker.example'><remove xmlns='{LINK}' user='alice'/></iq>")
            await remote.ended()
    await unharmed(broker)


async def test_a_wrong_secret_is_named_in_the_log_and_does_no_harm_once_it_is_mended(house):
    broker = house(own=True)
    await broker.ready()
    broker.stop()
    (broker.folder / "secrets" / "component.secret").write_text("another-secret\n")
    broker.start()
    await broker.logged("make the secret here and in the XMPP server's component section the same")
    await asyncio.sleep(3)
    log = broker.log()
    assert log.count("the server refused the secret") == 1, "the same again and again is told once"
    assert "another-secret" not in log and "lab-secret" not in log
    async with await Client.connected(broker.server) as client:
        assert not client.offers_registration()
        refused = await client.iq("set", query(username="alice", password=PASSWORD, email="alice@mail.example"))
        assert stanza_error(refused)[:2] == ("wait", "service-unavailable")
    assert broker.operate("account", "list") == []
    # Mended on the server's side: the broker needs no restart.
    await asyncio.to_thread(broker.server.stop)
    config = broker.server.config
    config.write_text(config.read_text().replace("lab-secret", "another-secret"))
    await asyncio.to_thread(broker.server.run)
    await broker.ready()
    await verified(broker, "alice")
    assert name(await log_in(broker.server, "alice", "PLAIN")) == "success"


async def test_a_domain_that_the_broker_does_not_serve_stays_closed_and_both_logs_say_why(house):
    broker, port = await watched(house, own=True, others=("other.example",))
    await broker.server.logged("broker.example does not serve other.example: add a [[domain]] with this name to ostiary.toml")
    assert "from=other.example" in broker.log() and "only the server of a served domain may send" in broker.log()
    async with await Client.connected(broker.server, "other.example") as client:
        assert not client.offers_registration()
        made = query(username="bob", password=PASSWORD, email="bob@mail.example")
        assert stanza_error(await client.iq("set", made))[0] == "wait"
        assert sasl_failure(await client.plain("alice", PASSWORD))[0] == "temporary-auth-failure"
    await counted(port, {"link": 3})
    assert [account["address"] for account in broker.operate("account", "list")] == ["alice@chat.example"]
    await unharmed(broker)

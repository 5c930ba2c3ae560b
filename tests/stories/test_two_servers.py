"""One broker for two servers at once, a Prosody and an ejabberd, each with a domain of its own."""

import asyncio
import time

import pytest
from broker import code_in, make_broker
from ejabberd import start_ejabberd
from lab import make_certificate, start_prosody
from test_registration import MECHANISMS, PASSWORD, log_in, query
from wire import REGISTER, Client, describe, name, sasl_failure, stanza_error

PEOPLE = {"a.example": "the people of a", "b.example": "the people of b"}
OTHER = "another good password"


@pytest.fixture
def two(tmp_path, servers):
    """A broker, the Prosody of a.example and the ejabberd of b.example."""
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    for domain in PEOPLE:
        make_certificate(certificates, domain)
    prosody = start_prosody(tmp_path / "prosody", certificates, domain="a.example", component="register.a.example",
                            secret="secret-of-a", modules=("ostiary", "lab"),
                            host_options={"ostiary_component": "register.a.example"})
    ejabberd = start_ejabberd(tmp_path / "ejabberd", certificates, servers.beams, domain="b.example",
                              component="register.b.example", secret="secret-of-b")
    broker = make_broker(tmp_path / "ostiary", prosody)
    secret = broker.folder / "secrets" / "b.secret"
    secret.touch(0o600)
    secret.write_text(ejabberd.secret + "\n")
    text = broker.config.read_text()
    text = text.replace('name = "Example Chat"', "").replace('from = "accounts@chat.example"', "")
    text = text.replace("[component]", '[[component]]\ndomains = ["a.example"]')
    text += f"""
[[component]]
jid = "register.b.example"
domains = ["b.example"]
address = "127.0.0.1:{ejabberd.component_port}"
secret_file = "secrets/b.secret"

[[domain]]
name = "b.example"
require_encryption = false
username_reserved = ["romeo"]

[[domain_brand]]
domain = "b.example"
name = "The B Chat"
"""
    broker.config.write_text(text)
    broker.start()
    yield broker, prosody, ejabberd
    for each in (broker, prosody, ejabberd):
        each.stop()


async def verified(broker, server, user, address):
    """Registers in-band on the server, types the code on the command line of that domain's operator."""
    async with await Client.connected(server) as client:
        answer = await client.iq("set", query(username=user, password=PASSWORD, email=address))
        assert answer.get("type") == "result", describe(answer)
    broker.operate("account", "verify", f"{user}@{server.domain}")


async def both_ready(broker, prosody, ejabberd):
    await broker.ready()
    broker.server = ejabberd
    await broker.ready()
    broker.server = prosody


async def test_people_register_and_log_in_on_both_and_the_same_name_is_two_accounts(two):
    broker, prosody, ejabberd = two
    await both_ready(*two)
    for server, address in ((prosody, "alice@mail.example"), (ejabberd, "other@mail.example")):
        async with await Client.connected(server) as client:
            answer = await client.iq("set", query(username="alice", password=PASSWORD, email=address))
            assert answer.get("type") == "result", describe(answer)
    letters = {address: await broker.letter(address) for address in ("alice@mail.example", "other@mail.example")}
    assert "b.example" not in letters["alice@mail.example"] and "The B Chat" not in letters["alice@mail.example"]
    assert "a.example" not in letters["other@mail.example"] and "The B Chat" in letters["other@mail.example"]
    senders = {str(letter["To"]): str(letter["From"]) for letter in broker.letters()}
    assert "noreply@a.example" in senders["alice@mail.example"] and "noreply@b.example" in senders["other@mail.example"]
    # The code of one is nothing on the other.
    assert code_in(letters["alice@mail.example"]) != code_in(letters["other@mail.example"])
    for domain in PEOPLE:
        broker.operate("account", "verify", f"alice@{domain}")
    broker.operate("account", "set-password", "alice@b.example", "--password-stdin", input=OTHER + "\n")
    for mechanism in MECHANISMS:
        assert name(await log_in(prosody, "alice", mechanism)) == "success"
        assert sasl_failure(await log_in(prosody, "alice", mechanism, OTHER))[0] == "not-authorized"
    assert name(await log_in(ejabberd, "alice", "PLAIN", OTHER)) == "success"
    assert sasl_failure(await log_in(ejabberd, "alice", "PLAIN"))[0] == "not-authorized"


async def test_each_domain_has_its_own_rules_and_a_change_on_one_leaves_the_other_alone(two):
    broker, prosody, ejabberd = two
    await both_ready(*two)
    await verified(broker, prosody, "romeo", "romeo@mail.example")
    async with await Client.connected(ejabberd) as client:
        reserved = await client.iq("set", query(username="romeo", password=PASSWORD, email="r@mail.example"))
    assert stanza_error(reserved)[0] == "modify" or stanza_error(reserved)[1] == "conflict", describe(reserved)
    for server, address in ((prosody, "juliet@mail.example"), (ejabberd, "j@mail.example")):
        await verified(broker, server, "juliet", address)
    async with await Client.logged_in(prosody, "juliet", PASSWORD) as here, \
            await Client.logged_in(ejabberd, "juliet", PASSWORD) as there:
        broker.operate("account", "suspend", "juliet@b.example", "--reason", "a story")
        await there.ended()
        assert (await here.iq("get", query())).get("type") == "result", "the namesake stays logged in"
    assert name(await log_in(prosody, "juliet", "PLAIN")) == "success"


async def test_one_server_that_goes_away_leaves_the_other_as_it_was(two):
    broker, prosody, ejabberd = two
    await both_ready(*two)
    await verified(broker, prosody, "alice", "alice@mail.example")
    ejabberd.stop()
    assert name(await log_in(prosody, "alice", "PLAIN")) == "success"
    async with await Client.connected(prosody) as client:
        assert client.offers_registration()
        answer = await client.iq("set", query(username="bob", password=PASSWORD, email="bob@mail.example"))
        assert answer.get("type") == "result", describe(answer)


async def test_a_server_that_speaks_for_the_other_domain_is_refused(two):
    """More of what a whole server could forge is in tests/xep_0077/links.rs."""
    broker, prosody, ejabberd = two
    await both_ready(*two)
    await verified(broker, ejabberd, "bob", "bob@mail.example")
    await prosody.lua("""
        local iq = require "util.stanza".iq({ type = "set", id = "forged", from = "b.example", to = "register.a.example" });
        prosody.core_route_stanza(prosody.hosts["a.example"], iq:tag("remove", { xmlns = "urn:ostiary:link:1", user = "bob" }):up());
        return true;
    """)
    end = time.monotonic() + 10
    while "from=b.example" not in broker.log():
        assert time.monotonic() < end, broker.log()[-3000:]
        await asyncio.sleep(0.05)
    assert name(await log_in(ejabberd, "bob", "PLAIN")) == "success"


async def test_a_user_cannot_reach_the_accounts_of_the_other_domain(two):
    broker, prosody, ejabberd = two
    await both_ready(*two)
    await verified(broker, prosody, "alice", "alice@mail.example")
    await verified(broker, ejabberd, "bob", "bob@mail.example")
    async with await Client.logged_in(prosody, "alice", PASSWORD) as client:
        remove = f"<query xmlns='{REGISTER}'><remove/><username>bob</username></query>"
        assert (await client.iq("set", remove, to="register.a.example")).get("type") == "error"
        link = "<remove xmlns='urn:ostiary:link:1' user='bob'/>"
        assert stanza_error(await client.iq("set", link, to="register.a.example"))[1] == "forbidden"
        command = "<command xmlns='http://jabber.org/protocol/commands' node='register'/>"
        assert "b.example" not in describe(await client.iq("set", command, to="register.a.example"))
    assert name(await log_in(ejabberd, "bob", "PLAIN")) == "success"

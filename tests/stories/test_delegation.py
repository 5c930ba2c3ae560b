"""Servers without our modules hand over what their logged-in users send (XEP-0355), by their own mod_delegation.

Whom the server lets log in is its own business here: it has accounts of the same names in its own store.
"""

import asyncio
import sqlite3
import time
from contextlib import closing

import pytest
from broker import make_broker
from ejabberd import start_ejabberd
from lab import start_prosody
from test_registration import query
from wire import REGISTER, Client, describe, stanza_error

SERVERS_OWN = "what the server itself asks for"
NEW = "another good password"


@pytest.fixture
def house(tmp_path, certificates, kind):
    """A broker with accounts of alice and bob beside a server that has the same names in its own store."""
    folder = tmp_path / kind
    if kind == "prosody":
        server = start_prosody(
            folder, certificates, modules=("lab", "delegation"),
            host_options={"authentication": "internal_plain",
                          "delegations": {'["jabber:iq:register"]': {"jid": "broker.example"}}},
            more='modules_enabled = { "delegation" }\n')
    else:
        server = start_ejabberd(
            folder, certificates, None, ours=False, lab=False,
            server_options={"auth_method": ["internal"], "acl": {"broker": {"server": "broker.example"}},
                            "access_rules": {"broker": {"allow": "broker"}},
                            "registration_timeout": "infinity"},
            modules={"mod_delegation": {"namespaces": {"jabber:iq:register": {"access": "broker"}}},
                     "mod_register": {"ip_access": "all", "access": "all"}})
    broker = make_broker(tmp_path / "ostiary", server)
    text = broker.config.read_text()
    broker.config.write_text(text.replace("[component]", "[component]\nhas_module = false"))
    broker.start()
    yield broker
    broker.stop()
    server.stop()


async def prepared(broker, kind):
    """Makes the accounts on both sides, and waits until the server delegates."""
    broker.listening()
    for name in ("alice", "bob"):
        broker.operate("account", "add", f"{name}@chat.example", "--email", f"{name}@mail.example", "--password-stdin",
                       input=f"{name} has this password\n")
        if kind == "prosody":
            source = f'require "core.usermanager".create_user("{name}", "{SERVERS_OWN}", "chat.example") return true'
            await broker.server.lua(source)
        else:
            async with await Client.connected(broker.server) as client:
                made = await client.iq("set", query(username=name, password=SERVERS_OWN))
                assert made.get("type") == "result", describe(made)
    await broker.server.logged("delegated to", 20)


def waiting_notices(broker):
    with closing(sqlite3.connect(f"file:{broker.folder / 'data' / 'ostiary.db'}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM notices").fetchone()[0]


def events(broker, name):
    return [entry["action"] for entry in broker.operate("account", "show", f"{name}@chat.example")["history"]]


async def test_the_owner_changes_the_password_and_removes_the_account(house, kind):
    await prepared(house, kind)
    async with await Client.logged_in(house.server, "alice", SERVERS_OWN) as client:
        for to in ("chat.example", "alice@chat.example", None):
            form = await client.iq("get", query(), to=to)
            assert form.find(f"{{{REGISTER}}}query/{{{REGISTER}}}registered") is not None, describe(form)
        changed = await client.iq("set", query(username="alice", password=NEW), to="chat.example")
        assert changed.get("type") == "result", describe(changed)
        assert "password-changed" in events(house, "alice")
        weak = await client.iq("set", query(username="alice", password="x"), to="chat.example")
        assert stanza_error(weak)[1] == "not-acceptable", describe(weak)
        removed = await client.iq("set", f"<query xmlns='{REGISTER}'><remove/></query>", to="chat.example")
        assert removed.get("type") == "result", describe(removed)
    assert house.run("account", "show", "alice@chat.example", "--json").returncode == 3
    assert "does not take account changes" not in house.log()
    end = time.monotonic() + 10
    while waiting_notices(house):
        assert time.monotonic() < end, "nobody will ever take the notices"
        await asyncio.sleep(0.05)


async def test_nobody_reaches_somebody_elses_account(house, kind):
    await prepared(house, kind)
    async with await Client.logged_in(house.server, "alice", SERVERS_OWN) as client:
        for content in (query(username="bob", password=NEW), f"<query xmlns='{REGISTER}'><remove/></query>"):
            answer = await client.iq("set", content, to="bob@chat.example")
            assert answer.get("type") == "error", describe(answer)
        wrapper = (f"<delegation xmlns='urn:xmpp:delegation:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                   f"<iq xmlns='jabber:client' type='set' id='f' from='bob@chat.example/x' to='chat.example'>"
                   f"<query xmlns='{REGISTER}'><remove/></query></iq></forwarded></delegation>")
        forged = await client.iq("set", wrapper, to="broker.example")
        assert stanza_error(forged)[1] == "forbidden", describe(forged)
    assert "password-changed" not in events(house, "bob")

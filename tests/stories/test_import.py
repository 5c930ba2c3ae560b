"""A server that has kept its accounts itself is moved to the broker: people log in with the passwords that they have."""

import asyncio

import pytest
from broker import make_broker
from lab import start_prosody
from servers import start_server
from test_registration import log_in, query
from wire import Client, describe, name, sasl_failure

PEOPLE = {"alice": "correct horse battery", "b.b": "x", "ève": "pass wörd \"quoted\" \\ ünd"}


async def made_in_band(server):
    for user, password in PEOPLE.items():
        async with await Client.connected(server) as client:
            escaped = password.replace("&", "&amp;").replace('"', "&quot;")
            result = await client.iq("set", query(username=user, password=escaped))
            assert result.get("type") == "result", describe(result)


async def everybody_logs_in(server, scram):
    """With the old passwords; by SCRAM first, since PLAIN gives new keys."""
    for mechanism in (*scram, "PLAIN"):
        for user, password in PEOPLE.items():
            assert name(await log_in(server, user, mechanism, password)) == "success", (user, mechanism)
            assert sasl_failure(await log_in(server, user, mechanism, "wrong"))[0] == "not-authorized"
    for user, password in PEOPLE.items():
        await every_mechanism_works(server, user, password)


async def every_mechanism_works(server, user, password):
    """The verifier and the new keys are made after the answer to PLAIN."""
    for _ in range(200):
        if name(await log_in(server, user, "SCRAM-SHA-256", password)) == "success":
            break
        await asyncio.sleep(0.05)
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"):
        assert name(await log_in(server, user, mechanism, password)) == "success", (user, mechanism)


@pytest.mark.only("prosody")
@pytest.mark.parametrize("authentication, algorithm", [
    ("internal_hashed", "SHA-1"), ("internal_hashed", "SHA-256"), ("internal_plain", None)])
async def test_prosodys_own_accounts_log_in_as_before(kind, tmp_path, certificates, authentication, algorithm):
    folder = tmp_path / "prosody"
    options = {"authentication": authentication, "allow_registration": True} | ({"password_hash": algorithm} if algorithm else {})
    old = start_prosody(folder, certificates, modules=("register_ibr",), host_options=options)
    try:
        await made_in_band(old)
        async with await Client.logged_in(old, "alice", PEOPLE["alice"]) as alice:
            await alice.iq("set", "<query xmlns='jabber:iq:roster'><item jid='bob@chat.example'/></query>")
    finally:
        old.stop()

    server = start_server(kind, folder, certificates, None)
    broker = make_broker(tmp_path / "ostiary", server)
    try:
        dry = broker.operate("import", "prosody", str(folder / "data"))
        assert (dry["applied"], dry["imported"], dry["skipped"]) == (False, len(PEOPLE), [])
        done = broker.operate("import", "prosody", str(folder / "data"), "--apply")
        assert (done["imported"], done["skipped"]) == (len(PEOPLE), [])
        assert done["from_passwords"] == (0 if algorithm else len(PEOPLE))
        assert done["without_scram_sha_256"] == (len(PEOPLE) if algorithm == "SHA-1" else 0)
        again = broker.operate("import", "prosody", str(folder / "data"), "--apply")
        assert [(skipped["reason"], skipped["accounts"]) for skipped in again["skipped"]] == [("there-already", len(PEOPLE))]
        broker.start()
        await broker.ready()
        await everybody_logs_in(server, [f"SCRAM-{algorithm}"] if algorithm else ["SCRAM-SHA-1", "SCRAM-SHA-256"])
        async with await Client.logged_in(server, "alice", PEOPLE["alice"]) as alice:
            roster = describe(await alice.iq("get", "<query xmlns='jabber:iq:roster'/>"))
            assert "bob@chat.example" in roster, "what else the server keeps is where it was"
        assert await server.hand.events() == [], "the server is told of nobody as if they were new"
    finally:
        broker.stop()
        server.stop()

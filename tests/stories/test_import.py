"""A server that has kept its accounts itself is moved to the broker: people log in with the passwords that they have."""

import asyncio
import base64
import json
import sqlite3

import pytest
from broker import make_broker
from ejabberd import ejabberd_home, start_ejabberd
from lab import start_prosody
from servers import EjabberdHand, start_server
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


async def made_by_ejabberd(folder, certificates, beams, password_format, dump):
    """An ejabberd of its own with these people, stopped; gives what `dump`, run in it, gave."""
    old = start_ejabberd(folder, certificates, beams, server_options={
        "auth_method": ["internal"], "auth_password_format": password_format, "disable_sasl_mechanisms": ["digest-md5"]})
    try:
        hand = EjabberdHand(old)
        for user, password in PEOPLE.items():
            assert await hand.create(user, password), user
            assert await hand.check_password(user, password)
        return await old.erlang(dump)
    finally:
        old.stop()


async def moved(kind, tmp_path, certificates, beams, arguments, scram):
    """The import, and then everybody's logins with the broker beside the same server."""
    server = start_server(kind, tmp_path / "ejabberd", certificates, beams)
    broker = make_broker(tmp_path / "ostiary", server)
    try:
        dry = broker.operate("import", *arguments)
        assert (dry["applied"], dry["imported"], dry["skipped"]) == (False, len(PEOPLE), [])
        done = broker.operate("import", *arguments, "--apply")
        assert (done["imported"], done["skipped"]) == (len(PEOPLE), [])
        broker.start()
        await broker.ready()
        await everybody_logs_in(server, scram)
        assert await server.hand.events() == [], "the server is told of nobody as if they were new"
    finally:
        broker.stop()
        server.stop()


@pytest.mark.only("ejabberd")
@pytest.mark.parametrize("password_format, scram", [("scram", ["SCRAM-SHA-1"]), ("plain", ["SCRAM-SHA-1", "SCRAM-SHA-256"])])
async def test_ejabberds_own_accounts_log_in_as_before(kind, tmp_path, certificates, servers, password_format, scram):
    folder, dump = tmp_path / "ejabberd", tmp_path / "dump.txt"
    said = await made_by_ejabberd(folder, certificates, servers.beams, password_format, f'mnesia:dump_to_textfile("{dump}")')
    assert said == "ok"
    await moved(kind, tmp_path, certificates, servers.beams, ["ejabberd", str(dump)], scram)


@pytest.mark.only("ejabberd")
async def test_ejabberds_own_export_of_xep_0227_is_read(kind, tmp_path, certificates, servers):
    exported = tmp_path / "export"
    exported.mkdir()
    await made_by_ejabberd(tmp_path / "ejabberd", certificates, servers.beams, "scram", f'ejabberd_piefxis:export_server(<<"{exported}">>)')
    files = sorted(exported.iterdir())
    (whole,) = [file for file in files if "include" in file.read_text()]
    server = start_server(kind, tmp_path / "ejabberd", certificates, servers.beams)
    try:
        told = make_broker(tmp_path / "other", server).run("import", "xep-0227", str(whole))
        assert told.returncode == 1 and "is included" in told.stderr, told.stderr
    finally:
        server.stop()
    parts = [str(file) for file in files if file != whole]
    await moved(kind, tmp_path, certificates, servers.beams, ["xep-0227", *parts], ["SCRAM-SHA-1"])


def erlang_text(value):
    """A text as it is written in Erlang."""
    return value.removeprefix('<<"').removesuffix('">>').replace('\\"', '"').replace("\\\\", "\\")


@pytest.mark.only("ejabberd")
@pytest.mark.parametrize("schema", ["lite.sql", "lite.new.sql"])
@pytest.mark.parametrize("as_dump", [False, True])
async def test_ejabberds_accounts_in_sql_log_in_as_before(kind, tmp_path, certificates, servers, schema, as_dump):
    keys = ('lists:map(fun({U, S}) -> {scram, K, V, L, _, I} = ejabberd_auth:get_password(U, S), '
            '[base64:encode(U), K, V, L, I] end, ejabberd_auth:get_users())')
    rows = await made_by_ejabberd(tmp_path / "ejabberd", certificates, servers.beams, "scram", f"jiffy:encode({keys})")
    rows = json.loads(erlang_text(rows))
    database = tmp_path / "ejabberd.db"
    sql = sqlite3.connect(database)
    sql.executescript((ejabberd_home() / "priv" / "sql" / schema).read_text())
    for user, *cells in rows:
        host = {"server_host": "chat.example"} if schema == "lite.new.sql" else {}
        row = host | dict(zip(("username", "password", "serverkey", "salt", "iterationcount"), (base64.b64decode(user).decode(), *cells)))
        sql.execute(f"INSERT INTO users ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    sql.commit()
    if as_dump:
        file = tmp_path / "ejabberd.sql"
        file.write_text("\n".join(sql.iterdump()))
    else:
        file = database
    sql.close()
    await moved(kind, tmp_path, certificates, servers.beams, ["ejabberd", str(file), "--domain", "chat.example"], ["SCRAM-SHA-1"])

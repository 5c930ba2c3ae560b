"""XMPP servers without any module of ours: an unmodified ejabberd by external authentication, and HTTP authentication as
Prosody's mod_auth_http, mod_auth_http_async and MongooseIM send it."""

import asyncio
import base64
import hashlib
import hmac
import os
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest
from broker import BINARY, make_broker
from ejabberd import start_ejabberd
from lab import free_ports, start_prosody
from test_monitoring import ask
from test_registration import PASSWORD, log_in, query
from types import SimpleNamespace
from wire import REGISTER, SASL, Client, describe, name, sasl_failure, stanza_error

OTHER = "another good password"
NO_EMAIL = 'email = "off"'


def configured(broker, section):
    text = broker.config.read_text()
    broker.config.write_text(text.replace("[component]", "[component]\nhas_module = false") + section)


@pytest.fixture
def external(tmp_path, certificates):
    """A broker, and an ejabberd of which nothing is ours."""
    socket = tmp_path / "extauth.sock"
    server = start_ejabberd(
        tmp_path / "ejabberd", certificates, None, ours=False, lab=False,
        server_options={"auth_method": ["external"], "extauth_program": f"{BINARY} extauth --socket {socket}",
                        "extauth_pool_size": 3, "auth_use_cache": False, "registration_timeout": "infinity"},
        modules={"mod_register": {"ip_access": "all", "access": "all"}})
    broker = make_broker(tmp_path / "ostiary", server, domain_options=NO_EMAIL)
    configured(broker, f'[backend]\nextauth = "{socket}"\n')
    broker.start()
    broker.listening()
    broker.socket = socket
    yield broker
    broker.stop()
    server.stop()


@pytest.fixture
def http(tmp_path):
    """A broker whose XMPP server asks over HTTP; `ask` is that server."""
    port = free_ports(1)[0]
    server = SimpleNamespace(domain="chat.example", component="broker.example", secret="s", component_port=free_ports(1)[0])
    broker = make_broker(tmp_path / "ostiary", server, domain_options=NO_EMAIL)
    secret = broker.folder / "secrets" / "backend.secret"
    secret.touch(0o600)
    secret.write_text("the server's own secret\n")
    broker.monitoring = free_ports(1)[0]
    configured(broker, f'[backend]\nhttp = ["127.0.0.1:{port}"]\nopen_login = true\n[monitoring]\nlisten = ["127.0.0.1:{broker.monitoring}"]\n')
    broker.start()
    broker.listening()

    def ask(method, path, credentials="prosody:the server's own secret", kind=None, **fields):
        text = urllib.parse.urlencode(fields)
        url = f"http://127.0.0.1:{port}{path}" + (f"?{text}" if method == "GET" and text else "")
        request = urllib.request.Request(url, method=method, data=text.encode() if method == "POST" else None)
        if kind:
            request.add_header("Content-Type", kind)
        if credentials:
            request.add_header("Authorization", "Basic " + base64.b64encode(credentials.encode()).decode())
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    broker.ask, broker.port = ask, port
    yield broker
    broker.stop()


def exists(broker, user):
    return broker.run("account", "show", f"{user}@chat.example", "--json").returncode == 0


async def test_an_unmodified_ejabberd_registers_logs_in_changes_and_removes(external):
    server = external.server
    async with await Client.connected(server) as client:
        made = await client.iq("set", query(username="alice", password=PASSWORD))
        assert made.get("type") == "result", describe(made)
        taken = await client.iq("set", query(username="alice", password=OTHER))
        assert stanza_error(taken)[1] == "conflict", describe(taken)
        assert "PLAIN" in client.mechanisms() and not any("SCRAM" in mechanism for mechanism in client.mechanisms())
    assert exists(external, "alice")
    assert name(await log_in(server, "alice", "PLAIN")) == "success"
    for user, password in (("alice", OTHER), ("nobody", PASSWORD)):
        assert sasl_failure(await log_in(server, user, "PLAIN", password))[0] == "not-authorized"
    async with await Client.logged_in(server, "alice", PASSWORD) as client:
        changed = await client.iq("set", query(username="alice", password=OTHER), to="chat.example")
        assert changed.get("type") == "result", describe(changed)
    assert name(await log_in(server, "alice", "PLAIN", OTHER)) == "success"
    assert sasl_failure(await log_in(server, "alice", "PLAIN"))[0] == "not-authorized"
    external.operate("account", "suspend", "alice@chat.example")
    assert sasl_failure(await log_in(server, "alice", "PLAIN", OTHER))[0] == "not-authorized"
    external.operate("account", "resume", "alice@chat.example")
    async with await Client.logged_in(server, "alice", OTHER) as client:
        client.send(f"<iq type='set' id='r' to='chat.example'><query xmlns='{REGISTER}'><remove/></query></iq>")
        assert (await client.answer("r")).get("type") == "result"
    assert not exists(external, "alice")


async def test_an_unmodified_ejabberd_lets_nobody_in_while_the_broker_is_away_and_everybody_after(external):
    server = external.server
    external.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")
    assert name(await log_in(server, "alice", "PLAIN")) == "success"
    external.kill()
    async with await Client.connected(server) as client:  # every worker waits for the broker before it ends
        message = base64.b64encode(f"\0alice\0{PASSWORD}".encode()).decode()
        client.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{message}</auth>")
        assert name(await client.receive(60)) == "failure"
    external.start()
    external.listening()
    end = time.monotonic() + 60  # ejabberd starts its workers again in its own time
    while name(await log_in(server, "alice", "PLAIN")) != "success":
        assert time.monotonic() < end, server.log()[-3000:]
        await asyncio.sleep(0.3)


async def test_a_restart_of_the_broker_refuses_nobody(external):
    server = external.server
    external.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")
    for _ in range(6):  # every worker has met the broker
        assert name(await log_in(server, "alice", "PLAIN")) == "success"
    external.stop()
    waiting = asyncio.create_task(log_in(server, "alice", "PLAIN"))
    await asyncio.sleep(0.5)
    assert not waiting.done(), "it waits for the broker"
    external.start()
    assert name(await waiting) == "success"
    for _ in range(6):
        assert name(await log_in(server, "alice", "PLAIN")) == "success"
    assert "terminated unexpectedly" not in server.log()


async def test_whoever_guesses_at_one_account_takes_no_worker_from_the_others(external):
    server = external.server
    text = external.config.read_text()
    external.config.write_text(text.replace("wrong_proofs_per_minute = 1000", "wrong_proofs_per_minute = 2"))
    external.stop()
    external.start()
    external.listening()
    for user in ("alice", "bob"):
        external.operate("account", "add", f"{user}@chat.example", "--password-stdin", input=PASSWORD + "\n")
    for _ in range(15):
        assert sasl_failure(await log_in(server, "alice", "PLAIN", OTHER))[0] == "not-authorized"
    assert sasl_failure(await log_in(server, "alice", "PLAIN"))[0] == "not-authorized", "for a moment"
    assert name(await log_in(server, "bob", "PLAIN")) == "success"
    assert "terminated unexpectedly" not in server.log()


async def test_ejabberd_keeps_its_workers_while_the_broker_can_tell_nothing(external):
    server = external.server
    external.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")
    external.stop()

    async def hang_up(reader, writer):
        await reader.read(1)
        writer.close()

    async with await asyncio.start_unix_server(hang_up, external.socket):
        clients = [await Client.connected(server) for _ in range(8)]
        for client in clients:
            client.send(f"<iq type='set' id='r1'>{query(username='bob', password=OTHER)}</iq>")
        for client in clients:
            assert stanza_error(await client.receive(60))[0] == "wait", "as something broken, not as done or as taken"
            await client.close()
    await server.logged("terminated unexpectedly")
    assert "reached_max_restart_intensity" not in server.log(), "its supervisor has not given up"
    external.socket.unlink(missing_ok=True)
    external.start()
    external.listening()
    assert name(await log_in(server, "alice", "PLAIN")) == "success"


def test_fifty_workers_are_small(external):
    external.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")
    command = [BINARY, "extauth", "--socket", external.socket]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(50)]
    try:
        for worker in workers:
            worker.stdin.write(frame(f"auth:alice:chat.example:{PASSWORD}"))
            worker.stdin.flush()
        assert {worker.stdout.read(4) for worker in workers} == {b"\0\2\0\1"}
        own = sum(int(line.split()[1]) for worker in workers
                  for line in Path(f"/proc/{worker.pid}/smaps_rollup").read_text().splitlines() if line.startswith("Private_"))
        print(f"50 workers have {own} KiB of their own")
        assert own < 50 * 4096, "KiB, beside the program that they share"
    finally:
        for worker in workers:
            worker.stdin.close()
        for worker in workers:
            assert worker.wait(20) == 0


def frame(text):
    return struct.pack(">H", len(text.encode())) + text.encode()


def test_a_worker_ends_instead_of_saying_no_where_it_cannot_ask(external):
    external.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")
    worker = [BINARY, "extauth", "--socket", str(external.socket)]
    asked = frame(f"auth:alice:chat.example:{PASSWORD}") + frame("auth:alice:chat.example:wrong") + frame("isuser:alice:chat.example") \
        + frame("isuser:alice:other.example")
    run = subprocess.run(worker, input=asked, capture_output=True, timeout=30)
    assert (run.returncode, run.stdout) == (0, b"\0\2\0\1" + b"\0\2\0\0" + b"\0\2\0\1" + b"\0\2\0\0"), run.stderr
    nonsense = subprocess.run(worker, input=frame("open:sesame"), capture_output=True, timeout=30)
    assert (nonsense.returncode, nonsense.stdout) == (1, b"") and b"gave no answer" in nonsense.stderr
    external.stop()
    away = subprocess.run(worker, input=asked, capture_output=True, timeout=30)
    assert (away.returncode, away.stdout) == (1, b"") and b"cannot reach the broker" in away.stderr, away.stderr
    assert PASSWORD.encode() not in away.stderr + nonsense.stderr and PASSWORD not in external.log()


def test_the_socket_is_for_its_owner_and_group_only(external):
    assert os.stat(external.socket).st_mode & 0o777 == 0o660
    assert sorted(path.name for path in external.socket.parent.iterdir() if "sock" in path.name) == ["extauth.sock"]


def test_the_six_calls_are_answered_as_the_modules_read_them(http):
    alice = {"user": "alice", "server": "chat.example"}
    assert http.ask("GET", "/user_exists", **alice) == (200, "false")
    assert http.ask("POST", "/register", **alice, **{"pass": PASSWORD})[0] == 201
    assert http.ask("POST", "/register", **alice, **{"pass": PASSWORD})[0] == 409
    assert http.ask("POST", "/register", user="bob", server="chat.example", **{"pass": "x"}) == (403, "invalid")
    assert http.ask("GET", "/user_exists", **alice) == (200, "true")
    for method in ("GET", "POST"):
        assert http.ask(method, "/check_password", **alice, **{"pass": PASSWORD}) == (200, "true")
        assert http.ask(method, "/check_password", **alice, **{"pass": "wrong"}) == (200, "false")
    assert http.ask("GET", "/check_password", user="alice", server="other.example", **{"pass": PASSWORD}) == (200, "false")
    assert http.ask("POST", "/set_password", **alice, **{"pass": OTHER})[0] == 204
    assert http.ask("GET", "/check_password", **alice, **{"pass": OTHER}) == (200, "true")
    http.operate("account", "suspend", "alice@chat.example")
    assert http.ask("GET", "/check_password", **alice, **{"pass": OTHER}) == (200, "false")
    assert http.ask("POST", "/remove_user", **alice)[0] == 204
    assert http.ask("POST", "/remove_user", **alice)[0] == 404
    assert http.ask("GET", "/user_exists", **alice) == (200, "false")
    assert http.ask("GET", "/check_password", user="alice")[0] in (400, 422), "a field is missing"
    assert PASSWORD not in http.log() and OTHER not in http.log()


def test_a_form_need_not_say_that_it_is_one(http):
    # mod_auth_http has a slash too many, and MongooseIM says nothing, for which this client has no way.
    for number, kind in enumerate(("application/x/www-form-urlencoded", "text/plain")):
        bob = {"user": f"bob{number}", "server": "chat.example"}
        assert http.ask("POST", "/register", kind=kind, **bob, **{"pass": PASSWORD})[0] == 201
        assert http.ask("POST", "/set_password", kind=kind, **bob, **{"pass": OTHER})[0] == 204
        assert http.ask("POST", "/remove_user", kind=kind, **bob)[0] == 204


def test_scram_keys_are_not_taken_for_a_password(http):
    http.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")
    keys = http.ask("GET", "/get_password", user="alice", server="chat.example")[1]
    for sent in (keys, "==SCRAM==,a,b,c,4096"):
        assert http.ask("POST", "/set_password", user="alice", server="chat.example", **{"pass": sent})[0] == 403
        assert http.ask("POST", "/register", user="bob", server="chat.example", **{"pass": sent})[0] == 403
    assert http.ask("GET", "/check_password", user="alice", server="chat.example", **{"pass": PASSWORD}) == (200, "true")
    assert not exists(http, "bob")


THIRD_PARTY = os.environ.get("OSTIARY_PROSODY_MODULES")


@pytest.mark.skipif(not THIRD_PARTY, reason="OSTIARY_PROSODY_MODULES names no folder with mod_auth_http and mod_auth_http_async")
async def test_a_prosody_with_the_real_http_modules_registers_logs_in_changes_and_removes(http, tmp_path, certificates):
    url, options = f"http://127.0.0.1:{http.port}", {"plugin_paths": [THIRD_PARTY]}
    prosody = start_prosody(tmp_path / "prosody", certificates, modules=("register",), server_options=options, host_options={
        "authentication": "http", "http_auth_url": url, "http_auth_credentials": "prosody:the server's own secret", "allow_registration": True})
    try:
        async with await Client.connected(prosody) as client:
            assert (await client.iq("set", query(username="alice", password=PASSWORD))).get("type") == "result"
            assert stanza_error(await client.iq("set", query(username="alice", password=OTHER)))[1] == "conflict"
        assert sasl_failure(await log_in(prosody, "alice", "PLAIN", OTHER))[0] == "not-authorized"
        async with await Client.logged_in(prosody, "alice", PASSWORD) as client:
            assert (await client.iq("set", query(username="alice", password=OTHER), to="chat.example")).get("type") == "result"
        assert name(await log_in(prosody, "alice", "PLAIN", OTHER)) == "success"
        async with await Client.logged_in(prosody, "alice", OTHER) as client:
            client.send(f"<iq type='set' id='r' to='chat.example'><query xmlns='{REGISTER}'><remove/></query></iq>")
            assert (await client.answer("r")).get("type") == "result"
        assert not exists(http, "alice")
    finally:
        prosody.stop()
    http.operate("account", "add", "bob@chat.example", "--password-stdin", input=PASSWORD + "\n")
    prosody = start_prosody(tmp_path / "async", certificates, modules=(), server_options=options, host_options={
        "authentication": "http_async", "http_auth_url": url + "/login/$host"})
    try:
        assert name(await log_in(prosody, "bob", "PLAIN")) == "success"
        assert sasl_failure(await log_in(prosody, "bob", "PLAIN", OTHER))[0] == "not-authorized"
    finally:
        prosody.stop()


def test_a_connection_that_says_nothing_or_half_a_head_is_closed(http):
    with ExitStack() as open_ones:
        connections = []
        for sent in (b"", b"GET /user_exists HTTP/1.1\r\nX: "):
            connection = open_ones.enter_context(socket.create_connection(("127.0.0.1", http.port), timeout=25))
            connection.sendall(sent)
            connections.append(connection)
        for connection in connections:
            heard = b""
            while piece := connection.recv(4096):
                heard += piece
            assert b" 200 " not in heard


def test_nobody_is_answered_without_the_secret(http):
    for credentials in (None, "prosody:wrong", "prosody:", "the server's own secret"):
        for method, path in (("GET", "/user_exists"), ("GET", "/get_password"), ("POST", "/remove_user"), ("POST", "/register")):
            assert http.ask(method, path, credentials, user="alice", server="chat.example")[0] == 401, (credentials, path)
    counted = ask(http.monitoring, "/metrics")[1]
    assert 'ostiary_backend_requests_total{protocol="http",outcome="unauthorized"} 16\n' in counted


def scram_proves(text, password, mechanism):
    """Reads the keys as MongooseIM's manual has them, and checks that the password belongs to them."""
    prefix, iterations, *keys = text.split(",")
    assert prefix == "==MULTI_SCRAM=="
    salt, stored, server = next(key for key in keys if key.startswith(mechanism)).removeprefix(mechanism).split("|")
    algorithm = {"===SHA1===": "sha1", "==SHA256==": "sha256"}[mechanism]
    salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), base64.b64decode(salt), int(iterations))
    client = hmac.digest(salted, b"Client Key", algorithm)
    return (hashlib.new(algorithm, client).digest() == base64.b64decode(stored)
            and hmac.digest(salted, b"Server Key", algorithm) == base64.b64decode(server))


def test_the_scram_keys_prove_the_password_and_those_of_nobody_prove_nothing(http):
    http.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")

    def keys(user):
        status, text = http.ask("GET", "/get_password", user=user, server="chat.example")
        assert status == 200
        return text

    for mechanism in ("===SHA1===", "==SHA256=="):
        assert scram_proves(keys("alice"), PASSWORD, mechanism)
        assert not scram_proves(keys("alice"), OTHER, mechanism)
        assert not scram_proves(keys("nobody"), PASSWORD, mechanism) and keys("nobody") == keys("nobody")
    http.operate("account", "suspend", "alice@chat.example")
    assert not scram_proves(keys("alice"), PASSWORD, "==SHA256=="), "who may not log in cannot be told why"


def test_the_users_own_name_and_password_are_enough_where_the_operator_says_so(http):
    http.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")
    assert http.ask("GET", "/login/chat.example", f"alice:{PASSWORD}")[0] == 204
    assert http.ask("GET", "/login/chat.example", "alice:wrong")[0] == 401
    assert http.ask("GET", "/login/chat.example", f"nobody:{PASSWORD}")[0] == 401
    assert http.ask("GET", "/login/chat.example", None)[0] == 401
    assert http.ask("GET", "/login/other.example", f"alice:{PASSWORD}")[0] == 404
    counted = ask(http.monitoring, "/metrics")[1]
    for outcome, number in (("yes", 1), ("no", 2), ("refused", 1), ("unauthorized", 1)):
        assert f'ostiary_backend_requests_total{{protocol="http",outcome="{outcome}"}} {number}\n' in counted, outcome

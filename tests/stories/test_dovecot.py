"""A Prosody without any module of ours: the Dovecot authentication protocol, by its unmodified mod_auth_dovecot (Debian's
prosody-modules), with PLAIN and both SCRAM mechanisms."""

import socket
from contextlib import suppress

import pytest
from broker import make_broker
from lab import free_ports, start_prosody
from test_monitoring import ask
from test_registration import MECHANISMS, PASSWORD, log_in
from wire import Client, name, sasl_failure

OTHER = "another good password"


@pytest.fixture
def house(tmp_path, certificates):
    """A broker with the account of alice; `prosody()` starts the server beside it, since its module wants the broker to be there."""
    running = []
    component_port, port, monitoring = free_ports(3)

    class Server:
        domain, component, secret = "chat.example", "broker.example", "lab-secret"

    server = Server()
    server.component_port = component_port
    broker = make_broker(tmp_path / "ostiary", server)
    text = broker.config.read_text().replace("[component]", "[component]\nhas_module = false")
    broker.socket = tmp_path / "dovecot.sock"
    broker.config.write_text(
        text + f'[backend]\ndovecot = ["unix:{broker.socket}", "127.0.0.1:{port}"]\ndovecot_domain = "chat.example"\n'
        f'[monitoring]\nlisten = ["127.0.0.1:{monitoring}"]\n')
    broker.start()
    broker.listening()
    broker.operate("account", "add", "alice@chat.example", "--password-stdin", input=PASSWORD + "\n")

    def prosody(**options):
        started = start_prosody(tmp_path / "prosody", certificates, modules=(),
                                host_options={"authentication": "dovecot", "disable_sasl_mechanisms": []} | options)
        running.append(started)
        return started

    broker.prosody, broker.port, broker.monitoring = prosody, port, monitoring
    yield broker
    for each in running:
        each.stop()
    broker.stop()


async def test_everybody_logs_in_by_every_mechanism_and_nobody_else(house):
    server = house.prosody(dovecot_auth_socket=str(house.socket))
    house.operate("account", "add", "pat@chat.example", "--password-stdin", input=OTHER + "\n")
    house.operate("account", "suspend", "pat@chat.example", "--reason", "spam")
    async with await Client.connected(server) as client:
        assert set(client.mechanisms()) == set(MECHANISMS)
    for mechanism in MECHANISMS:
        assert name(await log_in(server, "alice", mechanism)) == "success", mechanism
        wrong, nobody = [sasl_failure(await log_in(server, user, mechanism, "wrong")) for user in ("alice", "nobody")]
        assert wrong[0] == "not-authorized" and wrong == nobody
        condition, text = sasl_failure(await log_in(server, "pat", mechanism, OTHER))[:2]
        assert condition == "not-authorized" and "spam" in text, "why it may not log in"
        assert "spam" not in str(sasl_failure(await log_in(server, "pat", mechanism, "wrong")))
    assert PASSWORD not in house.log() and OTHER not in house.log()
    counted = ask(house.monitoring, "/metrics")[1].splitlines()
    for mechanism in ("password", "scram-sha-1", "scram-sha-256"):
        # alice, and pat with the right password, who may not log in; three wrong ones.
        for outcome, number in (("right", 2), ("refused", 3)):
            line = f'ostiary_logins_total{{front="server",mechanism="{mechanism}",outcome="{outcome}"}} {number}'
            assert line in counted, [line for line in counted if "logins" in line]
    assert 'ostiary_backend_requests_total{protocol="dovecot",outcome="yes"} 3' in counted
    assert 'ostiary_backend_requests_total{protocol="dovecot",outcome="no"} 12' in counted


async def test_a_broker_that_was_away_is_found_again(house):
    # Over TCP: the module never comes back to a Unix socket once it has found nobody there.
    server = house.prosody(dovecot_auth_host="127.0.0.1", dovecot_auth_port=str(house.port))
    assert name(await log_in(server, "alice", "PLAIN")) == "success"
    house.stop()
    assert sasl_failure(await log_in(server, "alice", "PLAIN"))[0] != "not-authorized"
    house.start()
    house.listening()
    for _ in range(3):  # the module notices a lost connection by a login that fails
        if name(await log_in(server, "alice", "SCRAM-SHA-256")) == "success":
            break
    assert name(await log_in(server, "alice", "SCRAM-SHA-256")) == "success"


def test_what_breaks_the_protocol_is_closed_and_others_go_on(house):
    greeting = b"VERSION\t1\t1\n"
    for sent in (b"VERSION\t2\t0\n", greeting + b"CPID\t1\nAUTH\tx\tPLAIN\n", greeting + b"CPID\t1\nAUTH\n", b"x" * 9000 + b"\n", b"\xff\n"):
        with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
            connection.sendall(sent)
            heard = b""
            with suppress(ConnectionResetError):  # what was not read any more
                while piece := connection.recv(4096):
                    heard += piece
            assert b"DONE\n" in heard and b"\nOK" not in heard, sent[:40]
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        lines = connection.makefile("rwb")
        lines.write(greeting + b"CPID\t1\nAUTH\t1\tCRAM-MD5\tservice=xmpp\nAUTH\t2\tPLAIN\tservice=xmpp\tresp=nonsense!\n")
        lines.flush()
        heard = [lines.readline() for _ in range(10)]
        assert heard[-2:] == [b"FAIL\t1\n", b"FAIL\t2\n"], heard

"""Health and metrics of a broker beside a real server."""

import asyncio
import time
import urllib.error
import urllib.request

from lab import free_ports
from test_registration import log_in
from wire import REGISTER, Client, sasl_failure

PASSWORD = "correct horse battery"
LIMIT = 30


def ask(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=LIMIT) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def until(port, path, wanted):
    end = time.monotonic() + LIMIT
    while (seen := await asyncio.to_thread(ask, port, path))[0] != wanted:
        assert time.monotonic() < end, seen
        await asyncio.sleep(0.1)
    return seen[1]


async def test_a_service_is_ready_while_the_server_has_it_and_what_people_do_is_counted(house):
    port = free_ports(1)[0]
    broker = house({"domain_options": 'email = "off"', "extra": f'[monitoring]\nlisten = ["127.0.0.1:{port}"]\n'})
    await broker.ready()
    await until(port, "/readyz", 200)
    async with await Client.connected(broker.server) as client:
        fields = f"<username>alice</username><password>{PASSWORD}</password>"
        await client.iq("set", f"<query xmlns='{REGISTER}'>{fields}</query>")
        refused = await client.iq("set", f"<query xmlns='{REGISTER}'>{fields}</query>")
        assert refused.get("type") == "error"
    async with await Client.logged_in(broker.server, "alice", PASSWORD):
        pass
    assert sasl_failure(await log_in(broker.server, "alice", "PLAIN", "wrong"))[0] == "not-authorized"
    counted = ask(port, "/metrics")[1].splitlines()
    assert 'ostiary_refusals_total{front="server",code="wrong-password"} 1' in counted
    assert 'ostiary_logins_total{front="server",mechanism="password",outcome="refused"} 1' in counted
    assert 'ostiary_registrations_total{front="server",outcome="active"} 1' in counted
    assert 'ostiary_refusals_total{front="server",code="name-taken"} 1' in counted
    assert 'ostiary_accounts{state="active"} 1' in counted
    assert f'ostiary_link_up{{component="{broker.server.component}"}} 1' in counted
    assert 'ostiary_logins_total{front="server",mechanism="password",outcome="right"} 1' in counted

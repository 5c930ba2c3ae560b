"""A real Prometheus: takes the rules, the dashboard's questions and the numbers of a running broker, and fires."""

import contextlib
import json
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from broker import ROOT, make_broker
from lab import free_ports, start_prosody
from test_monitoring import ask
from test_registration import PASSWORD
from wire import REGISTER, Client

EXAMPLES = ROOT / "examples" / "monitoring"
LIMIT = 20


def promtool(*arguments, input=None):
    run = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, input=input, timeout=LIMIT)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def test_the_rules_are_right_and_fire_when_they_should_and_not_before():
    promtool("check", "config", EXAMPLES / "prometheus.yml")
    promtool("test", "rules", Path(__file__).parent / "alerts_test.yml")
    names = re.findall(r"alert: (\w+)", (EXAMPLES / "alerts.yml").read_text())
    tested = (Path(__file__).parent / "alerts_test.yml").read_text()
    assert len(names) > 8 and not [name for name in names if name not in tested], "each rule has its test"


class Prometheus:
    """A server that looks every second; `folder` is its own."""

    def __init__(self, folder, monitored):
        self.port = free_ports(1)[0]
        folder.mkdir()
        config = (EXAMPLES / "prometheus.yml").read_text()
        assert "127.0.0.1:9642" in config
        config = "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n" + config
        (folder / "prometheus.yml").write_text(config.replace("127.0.0.1:9642", f"127.0.0.1:{monitored}"))
        # The same rules without their patience.
        rules = re.sub(r"\bfor: \S+", "for: 0s", (EXAMPLES / "alerts.yml").read_text())
        (folder / "alerts.yml").write_text(rules)
        self.log_file = folder / "prometheus.log"
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def get(self, path, **parameters):
        """The status, and the data of the answer or what was wrong."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=LIMIT) as answer:
                return answer.status, json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def query(self, expression):
        status, data = self.get("query", query=expression)
        return [float(series["value"][1]) for series in data["result"]] if status == 200 else data

    def until(self, what, wanted):
        """Waits until `what()` is as wanted."""
        end = time.monotonic() + LIMIT
        while not wanted(seen := what()):
            assert time.monotonic() < end and self.process.poll() is None, f"{seen}\n{self.log_file.read_text()[-2000:]}"
            time.sleep(0.1)
        return seen

    def firing(self):
        status, data = self.get("alerts")
        return {alert["labels"]["alertname"] for alert in data["alerts"] if alert["state"] == "firing"} if status == 200 else {data}

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def watched(tmp_path, certificates):
    """A server, its broker, and a Prometheus that watches it."""
    with contextlib.ExitStack() as stack:
        server = start_prosody(tmp_path / "prosody", certificates, modules=("ostiary",))
        stack.callback(server.stop)
        monitored = free_ports(1)[0]
        extra = f'[monitoring]\nlisten = ["127.0.0.1:{monitored}"]\n'
        broker = make_broker(tmp_path / "ostiary", server, domain_options='email = "off"', extra=extra)
        broker.start()
        stack.callback(broker.stop)
        prometheus = Prometheus(tmp_path / "prometheus", monitored)
        stack.callback(prometheus.stop)
        yield broker, prometheus, monitored


async def test_a_real_prometheus_reads_what_is_counted_answers_the_dashboard_and_fires(watched):
    broker, prometheus, monitored = watched
    await broker.ready()
    for user in ("alice", "bob", "alice"):
        async with await Client.connected(broker.server) as client:
            await client.iq("set", f"<query xmlns='{REGISTER}'><username>{user}</username><password>{PASSWORD}</password></query>")
    assert not promtool("check", "metrics", input=ask(monitored, "/metrics")[1]).strip()

    prometheus.until(lambda: prometheus.query('up{job="ostiary"}'), lambda seen: seen == [1])
    prometheus.until(lambda: prometheus.query('ostiary_registrations_total{front="server",outcome="active"}'), lambda seen: seen == [2])
    assert prometheus.query('ostiary_refusals_total{code="name-taken"}') == [1]
    assert prometheus.query('ostiary_accounts{state="active"}') == [2]
    dashboard = json.loads((EXAMPLES / "dashboard.json").read_text())
    questions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    groups = prometheus.get("rules")[1]["groups"]
    questions += [rule["query"] for group in groups for rule in group["rules"]]
    assert len(questions) > 25
    for question in questions:
        status, said = prometheus.get("query", query=question)
        assert status == 200, f"{question}: {said}"
    assert prometheus.firing() == set(), "all is well"

    broker.server.stop()
    prometheus.until(prometheus.firing, lambda firing: firing == {"OstiaryLinkDown"})
    broker.stop()
    prometheus.until(prometheus.firing, lambda firing: "OstiaryDown" in firing)

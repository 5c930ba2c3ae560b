"""One request can be followed: from the stanza or the form to the letter, in the log, in the audit table and in what the person is told."""

import json
import os
import re
import urllib.request
from types import SimpleNamespace

from broker import Browser, make_broker
from lab import free_ports
from test_registration import PASSWORD
from wire import REGISTER, Client

REGISTERED, SENT = "an account is registered", "the letter is sent"


def one(found):
    found = list(found)
    assert len(found) == 1, found
    return found[0]


async def test_one_name_leads_from_the_stanza_to_the_letter(house):
    broker = house()
    await broker.ready()
    names = set()
    for user in ("alice", "bob"):
        async with await Client.connected(broker.server) as client:
            fields = f"<username>{user}</username><password>{PASSWORD}</password><email>{user}@mail.example</email>"
            assert (await client.iq("set", f"<query xmlns='{REGISTER}'>{fields}</query>")).get("type") == "result"
        await broker.letter(f"{user}@mail.example")
        await broker.logged(SENT)
        history = broker.operate("account", "show", f"{user}@{broker.server.domain}")["history"]
        request = one(entry for entry in history if entry["action"] == "registered")["request"]
        names.add(request)
        await broker.logged(f"letter{{request={request}}}")
        lines = [line for line in broker.log().splitlines() if request in line]
        assert f"xmpp{{request={request}}}" in one(line for line in lines if REGISTERED in line)
        sent = one(line for line in lines if SENT in line)
        identifier = re.search(r'letter="([^"]+)"', sent).group(1)
        assert str(broker.letters(f"{user}@mail.example")[0]["Message-ID"]) == f"<{identifier}>"
        assert not any(user in line for line in lines), "nobody is named"
    assert len(names) == 2


async def test_the_same_on_the_web_in_lines_for_programs(tmp_path):
    server = SimpleNamespace(domain="chat.example", component="broker.example", secret="s", component_port=free_ports(1)[0])
    broker = make_broker(tmp_path / "ostiary", server, extra='[log]\nformat = "json"\n')
    broker.start()
    try:
        broker.listening()
        browser = Browser(broker.web)
        told = []
        browser.opener.add_handler(Noted(told))
        browser.submit(browser.get("register"), username="alice", password=PASSWORD, email="alice@mail.example")
        await broker.letter("alice@mail.example")
        await broker.logged(SENT)
        lines = [json.loads(line) for line in broker.log().splitlines()]
        registered = one(line for line in lines if line["message"] == REGISTERED)
        sent = one(line for line in lines if line["message"] == SENT)
        assert (registered["span"]["name"], sent["span"]["name"]) == ("web", "letter")
        assert registered["span"]["request"] == sent["span"]["request"]
        # The form, what was sent with it, and the page that the browser was sent on to.
        assert len(told) == len(set(told)) == 3 and registered["span"]["request"] == told[1]
    finally:
        broker.stop()


def test_lines_have_priorities_where_the_log_is_the_journal_and_only_there(tmp_path, monkeypatch):
    # systemd names the stream by the numbers of its file; to the broker any file is as good.
    server = SimpleNamespace(domain="chat.example", component="broker.example", secret="s", component_port=free_ports(1)[0])
    broker = make_broker(tmp_path / "ostiary", server)
    broker.log_file.touch()
    stat = broker.log_file.stat()
    for inode, prefixes in ((stat.st_ino, {"<4>", "<6>"}), (stat.st_ino + 1, set())):
        os.truncate(broker.log_file, 0)
        monkeypatch.setenv("JOURNAL_STREAM", f"{stat.st_dev}:{inode}")
        broker.start()
        try:
            broker.listening()
        finally:
            broker.stop()
        lines = broker.log().splitlines()
        assert any(re.match(r"(<4>| *\S+Z +)WARN", line) for line in lines), lines
        if prefixes:
            assert {line[:3] for line in lines} == prefixes, lines
        else:
            assert not any(line.startswith("<") for line in lines), lines


class Noted(urllib.request.BaseHandler):
    """Writes down what answers call their requests."""

    handler_order = 100

    def __init__(self, told):
        self.told = told

    def http_response(self, request, response):
        self.told.append(response.headers["X-Request-Id"])
        return response

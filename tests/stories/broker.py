"""The real broker beside a real Prosody: its configuration, its process, its letters, its web pages, its command line."""

import asyncio
import base64
import email
import email.policy
import html.parser
import http.cookiejar
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from lab import free_ports

ROOT = Path(__file__).parent.parent.parent
BINARY = os.environ.get("OSTIARY_BINARY", str(ROOT / "target" / "debug" / "ostiary"))
LIMIT = 20


@dataclass
class Broker:
    """One running broker. `web` is the base URL of its pages."""

    folder: Path
    server: object
    web: str
    process: subprocess.Popen = None
    runs: int = field(default=0)

    @property
    def config(self):
        return self.folder / "ostiary.toml"

    @property
    def mail_dir(self):
        return self.folder / "mail"

    def master_key(self):
        return (self.folder / "secrets" / "master.key").read_text()

    def start(self, *options):
        self.runs += 1
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([BINARY, "--config", self.config, "serve", *options], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)

    @property
    def log_file(self):
        return self.folder / "ostiary.log"

    def log(self):
        return self.log_file.read_text(errors="replace")

    async def logged(self, text, limit=LIMIT):
        """Waits until the log holds the text."""
        end = time.monotonic() + limit
        while text not in self.log():
            assert time.monotonic() < end, f"never logged: {text}\n{self.log()[-3000:]}"
            await asyncio.sleep(0.02)

    async def ready(self, tls=None):
        """Waits until the server offers registration: the broker is connected, and the module has heard from it."""
        from wire import Client

        end = time.monotonic() + LIMIT
        while True:
            assert self.process.poll() is None, f"the broker ended:\n{self.log()[-3000:]}"
            assert time.monotonic() < end, f"registration is not offered:\n{self.log()[-3000:]}\n{self.server.log()[-3000:]}"
            async with await Client.connected(self.server, tls=tls) as client:
                if client.offers_registration():
                    return
            await asyncio.sleep(0.05)

    def listening(self):
        """Waits until pages are served."""
        end = time.monotonic() + LIMIT
        while True:
            assert self.process.poll() is None and time.monotonic() < end, self.log()[-3000:]
            try:
                with urllib.request.urlopen(self.web, timeout=LIMIT):
                    return
            except urllib.error.URLError:
                time.sleep(0.05)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def run(self, *arguments, input=None):
        """Runs an operator's command; returns the finished process."""
        return subprocess.run([BINARY, "--config", self.config, *arguments], capture_output=True, text=True, input=input,
                              timeout=LIMIT)

    def operate(self, *arguments, input=None):
        """Runs an operator's command with --json; it must succeed. Returns what it said."""
        run = self.run(*arguments, "--json", input=input)
        assert run.returncode == 0, f"{arguments}: {run.returncode}: {run.stdout}{run.stderr}"
        return json.loads(run.stdout)

    def letters(self, address=None):
        """Every letter in the spool folder, the oldest first."""
        files = sorted(self.mail_dir.rglob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        letters = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
        return [letter for letter in letters if address is None or address in str(letter["To"])]

    async def letter(self, address, number=1):
        """Waits for the numbered letter to an address; returns its text."""
        end = time.monotonic() + LIMIT
        while len(found := self.letters(address)) < number:
            assert time.monotonic() < end, f"no letter to {address}:\n{self.log()[-3000:]}"
            await asyncio.sleep(0.02)
        return found[number - 1].get_body(("plain",)).get_content()


@dataclass
class Standby(Broker):
    """A second process for the database of a broker, with the same configuration and a log of its own."""

    @classmethod
    def of(cls, broker):
        return cls(broker.folder, broker.server, broker.web)

    @property
    def log_file(self):
        return self.folder / "standby.log"

    def start(self):
        super().start("--standby")


# Derivations that cost next to nothing.
CHEAP_HASHING = """
memory_kib = 64
passes = 1
scram_iterations = 64
insecure_for_tests = true
"""


def write_config(folder, server, *, base_url, domain_options="", sections="", hashing=CHEAP_HASHING, http="", extra=""):
    folder.mkdir(parents=True, exist_ok=True)
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name, value in (("master.key", base64.b64encode(os.urandom(32)).decode()), ("component.secret", server.secret)):
        path = secrets / name
        path.touch(0o600)
        path.write_text(value + "\n")
    port = urllib.parse.urlsplit(base_url).port
    (folder / "ostiary.toml").write_text(f"""
[service]
name = "Example Chat"
base_url = "{base_url}"

[component]
jid = "{server.component}"
address = "127.0.0.1:{server.component_port}"
secret_file = "secrets/component.secret"

[[domain]]
name = "{server.domain}"
require_encryption = false
{domain_options}

[database]
path = "data/ostiary.db"

[keys]
master_file = "secrets/master.key"

[http]
listen = ["127.0.0.1:{port}"]
{http}

[hashing]
{hashing}

[limits]
registrations_per_hour = 100000
registrations_per_day = 1000000
registrations_per_key_per_hour = 1000000
registrations_per_key_per_day = 1000000
wrong_proofs_per_minute = 1000
wrong_proofs_per_day = 1000000
letters_per_hour = 1000
letters_per_day = 1000
letters_to_domain_per_hour = 1000000

{sections or '[mail]' + chr(10) + 'transport = "spool"' + chr(10) + 'from = "accounts@chat.example"' + chr(10) + 'spool_dir = "mail"'}

{extra}
""")


def make_broker(folder, server, **options):
    base_url = f"http://127.0.0.1:{free_ports(1)[0]}/"
    write_config(folder, server, base_url=base_url, **options)
    return Broker(folder, server, base_url)


def code_in(letter):
    return re.search(r"\b(\d{3} ?\d{3})\b", letter).group(1)


def link_in(letter):
    return re.search(r"https?://\S+token=\S+", letter).group(0)


class Form(html.parser.HTMLParser):
    """The fields of the first form of a page."""

    def __init__(self, page):
        super().__init__()
        self.values, self.action = {}, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and self.action is None:
            self.action = attributes.get("action", "")
        if tag == "input" and attributes.get("name"):
            self.values.setdefault(attributes["name"], attributes.get("value") or "")


class Browser:
    """Cookies and forms, no JavaScript."""

    def __init__(self, base):
        self.base, self.url = base, base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar, urllib.request.ProxyHandler({}))

    def open(self, request):
        try:
            with self.opener.open(request, timeout=LIMIT) as answer:
                self.url, self.status = answer.geturl(), answer.status
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            self.status = error.code
            return error.read().decode()

    def get(self, path):
        return self.open(urllib.parse.urljoin(self.base, path))

    def submit(self, page, **values):
        form = Form(page)
        target = urllib.parse.urljoin(self.url, form.action or self.url)
        data = urllib.parse.urlencode({**form.values, **values}).encode()
        return self.open(urllib.request.Request(target, data, {"Origin": self.base.rstrip("/")}))

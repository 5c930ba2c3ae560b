"""The whole story of an account, played against a running `ostiary demo` with slixmpp, a client that knows nothing of Ostiary.

Usage: tour.py DEMO.JSON OSTIARY-BINARY

Prints each step with the time it took. Exits 0 only if every step was seen to work.
"""

import asyncio
import email
import email.policy
import html.parser
import http.cookiejar
import json
import logging
import pathlib
import re
import ssl
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import slixmpp

STEP_TIMEOUT = 30


class StepFailed(Exception):
    pass


def check(condition, what):
    if not condition:
        raise StepFailed(what)


class Person(slixmpp.ClientXMPP):
    """One connection of one person to the demo's server."""

    def __init__(self, demo, name, password, fields=None):
        super().__init__(f"{name}@{demo['domain']}", password)
        self.demo = demo
        self.fields = fields
        self.outcome = asyncio.get_running_loop().create_future()
        self.ended = asyncio.get_running_loop().create_future()
        self.inbox = asyncio.Queue()
        self.sasl_failure = None
        self.registered = None
        self.mechanism = None
        for plugin in ("xep_0004", "xep_0030", "xep_0066", "xep_0077", "xep_0199"):
            self.register_plugin(plugin)
        self.plugin["xep_0077"].create_account = fields is not None
        self.enable_direct_tls = False
        self.enable_plaintext = False
        self.enable_starttls = True
        # The demo's certificate is made for the demo and signed by nobody.
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.add_event_handler("register", self.on_register)
        self.add_event_handler("session_start", self.on_session)
        self.add_event_handler("failed_auth", self.on_failed_auth)
        self.add_event_handler("failed_all_auth", lambda _: self.settle("refused"))
        self.add_event_handler("message", self.on_message)
        self.add_event_handler("disconnected", self.on_disconnected)

    def settle(self, what):
        if not self.outcome.done():
            self.outcome.set_result(what)

    async def on_register(self, form):
        self.registered = {"fields": sorted(form["register"]["fields"])}
        iq = self.make_iq_set(ito=self.demo["domain"])
        for field, value in {"username": self.boundjid.user, "password": self.password, **self.fields}.items():
            iq["register"][field] = value
        try:
            await iq.send(timeout=STEP_TIMEOUT)
            self.registered["error"] = None
        except slixmpp.exceptions.IqError as error:
            self.registered["error"] = error.iq["error"]["condition"]
            self.disconnect()

    async def on_session(self, _):
        self.mechanism = self.plugin["feature_mechanisms"].mech.name
        await self.get_roster()
        self.send_presence()
        self.settle("online")

    def on_failed_auth(self, failure):
        self.sasl_failure = (failure["condition"], failure["text"])

    async def on_message(self, message):
        if message["type"] in ("chat", "normal") and message["body"]:
            await self.inbox.put((message["from"].bare, message["body"]))

    def on_disconnected(self, _):
        self.settle("disconnected")
        if not self.ended.done():
            self.ended.set_result(True)

    async def log_in(self):
        host, port = self.demo["c2s"].rsplit(":", 1)
        self.connect(host, int(port))
        return await asyncio.wait_for(self.outcome, STEP_TIMEOUT)

    async def leave(self):
        if not self.ended.done():
            self.disconnect()
            await asyncio.wait_for(self.ended, STEP_TIMEOUT)


class Fields(html.parser.HTMLParser):
    """The names and values of a page's form fields."""

    def __init__(self, page):
        super().__init__()
        self.values, self.action = {}, None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form" and self.action is None:
            self.action = attrs.get("action")
        if tag == "input" and attrs.get("name"):
            self.values.setdefault(attrs["name"], attrs.get("value") or "")


class Browser:
    """A browser as simple as can be: cookies, forms, no JavaScript."""

    def __init__(self, base):
        self.base = base
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(jar, urllib.request.ProxyHandler({}))

    def get(self, url):
        with self.opener.open(urllib.parse.urljoin(self.base, url), timeout=STEP_TIMEOUT) as answer:
            self.url = answer.geturl()
            return answer.read().decode()

    def submit(self, page, **values):
        form = Fields(page)
        data = urllib.parse.urlencode({**form.values, **values}).encode()
        target = urllib.parse.urljoin(self.url, form.action or self.url)
        request = urllib.request.Request(target, data, {"Origin": self.base.rstrip("/")})
        with self.opener.open(request, timeout=STEP_TIMEOUT) as answer:
            self.url = answer.geturl()
            return answer.read().decode()


async def letter(demo, address):
    """Waits for the newest letter to an address."""
    deadline = time.monotonic() + STEP_TIMEOUT
    while time.monotonic() < deadline:
        files = sorted(pathlib.Path(demo["mail_dir"]).rglob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in files:
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if address in str(message["To"]):
                return message.get_body(("plain",)).get_content()
        await asyncio.sleep(0.05)
    raise StepFailed(f"no letter to {address}")


def code_in(text):
    found = re.search(r"\b(\d{3} ?\d{3})\b", text)
    check(found, "the letter holds no code")
    return found.group(1)


class Tour:
    def __init__(self, demo, binary):
        self.demo, self.binary = demo, binary
        self.unique = f"{time.time_ns() // 1_000_000 % 1_000_000_000:x}"
        self.alice, self.bob = f"alice{self.unique}", f"bob{self.unique}"
        self.password, self.online = "correct horse battery", {}
        # slixmpp leaves a task behind with each client; one that is collected before the loop ends complains on the screen.
        self.clients = []

    def person(self, name, password=None, **kwargs):
        self.clients.append(Person(self.demo, name, password or self.password, **kwargs))
        return self.clients[-1]

    async def operate(self, *arguments):
        command = [self.binary, "--config", self.demo["config"], *arguments]
        run = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=STEP_TIMEOUT)
        check(run.returncode == 0, f"{' '.join(arguments)}: exit code {run.returncode}: {run.stderr.strip()}")
        return run.stdout

    async def registers_inside_the_client(self):
        """a client offers registration, and alice fills in name, password and address"""
        client = self.person(self.alice, fields={"email": f"{self.alice}@mail.example"})
        outcome = await client.log_in()
        check(client.registered is not None, "the server did not offer registration")
        check("email" in client.registered["fields"], "the form asks for no address")
        check(client.registered["error"] is None, f"registration was refused: {client.registered['error']}")
        check(outcome == "refused", "the account could be used before the address was proven")
        await client.leave()

    async def cannot_log_in_yet(self):
        """the right password of a pending account is answered with account-disabled and what to do"""
        client = self.person(self.alice)
        check(await client.log_in() == "refused", "a pending account could log in")
        condition, text = client.sasl_failure
        check(condition == "account-disabled", f"SASL said {condition}")
        check("/verify" in text, "the text does not say where to prove the address")
        await client.leave()

    async def proves_the_address_with_the_code(self):
        """the letter arrives, and alice types its code on the web page"""
        code = code_in(await letter(self.demo, f"{self.alice}@mail.example"))
        page = await asyncio.to_thread(self.type_code, self.alice, code)
        check(f"{self.alice}@{self.demo['domain']}" in page, "the start page does not show the XMPP address")

    def type_code(self, name, code):
        browser = Browser(self.demo["http"])
        return browser.submit(browser.get("/verify"), username=name, code=code)

    async def signs_up_on_the_web(self):
        """bob registers on the web page"""
        page = await asyncio.to_thread(self.fill_in_web_form)
        check("code" in page.lower(), "the page does not ask for the code")

    def fill_in_web_form(self):
        self.browser = Browser(self.demo["http"])
        page = self.browser.get("/register")
        return self.browser.submit(page, username=self.bob, password=self.password, email=f"{self.bob}@mail.example")

    async def proves_the_address_with_the_link(self):
        """bob opens the link of his letter and presses the button; opening alone changes nothing"""
        link = re.search(r"https?://\S+/verify\?token=\S+", await letter(self.demo, f"{self.bob}@mail.example"))
        check(link, "the letter holds no link")
        browser = Browser(self.demo["http"])
        page = await asyncio.to_thread(browser.get, link.group(0))
        early = self.person(self.bob)
        check(await early.log_in() == "refused", "opening the link was enough; a link preview could do that")
        await early.leave()
        page = await asyncio.to_thread(browser.submit, page)
        check(f"{self.bob}@{self.demo['domain']}" in page, "the start page does not show the XMPP address")

    async def log_in_with_scram(self):
        """both log in, by SCRAM"""
        for name in (self.alice, self.bob):
            client = self.online[name] = self.person(name)
            check(await client.log_in() == "online", f"{name} cannot log in: {client.sasl_failure}")
            check(client.mechanism.startswith("SCRAM-SHA-256"), f"{name} logged in by {client.mechanism}")

    async def write_to_each_other(self):
        """alice writes to bob, and bob answers"""
        alice, bob = self.online[self.alice], self.online[self.bob]
        for sender, receiver, text in ((alice, bob, "Hello Bob"), (bob, alice, "Hello Alice")):
            sender.send_message(receiver.boundjid.bare, text, mtype="chat")
            got = await asyncio.wait_for(receiver.inbox.get(), STEP_TIMEOUT)
            check(got == (sender.boundjid.bare, text), f"received {got}")

    async def changes_the_password(self):
        """alice changes her password in the client; her other session ends, the old password is refused"""
        other = self.person(self.alice)
        check(await other.log_in() == "online", "the second session could not log in")
        first = self.online[self.alice]
        await first.plugin["xep_0077"].change_password("another good one", timeout=STEP_TIMEOUT)
        await asyncio.wait_for(other.ended, STEP_TIMEOUT)
        check(not first.ended.done(), "the session that changed the password was closed")
        old = self.person(self.alice)
        check(await old.log_in() == "refused", "the old password still works")
        await old.leave()
        new = self.person(self.alice, "another good one")
        check(await new.log_in() == "online", "the new password does not work")
        await new.leave()

    async def is_suspended_by_the_operator(self):
        """the operator suspends bob on the command line; his session ends, and he is told why"""
        await self.operate("account", "suspend", f"{self.bob}@{self.demo['domain']}", "--reason", "Unpaid bill")
        await asyncio.wait_for(self.online[self.bob].ended, STEP_TIMEOUT)
        client = self.person(self.bob)
        check(await client.log_in() == "refused", "a suspended account could log in")
        condition, text = client.sasl_failure
        check(condition == "account-disabled" and "Unpaid bill" in text, f"SASL said {condition}: {text}")
        await client.leave()

    async def is_resumed_by_the_operator(self):
        """the operator resumes bob, and he logs in again"""
        await self.operate("account", "resume", f"{self.bob}@{self.demo['domain']}")
        client = self.online[self.bob] = self.person(self.bob)
        check(await client.log_in() == "online", f"bob cannot log in: {client.sasl_failure}")

    async def deletes_the_account(self):
        """alice deletes her account in the client; her session ends, and the name stays taken for others"""
        client = self.online[self.alice]
        await client.plugin["xep_0077"].cancel_registration(timeout=STEP_TIMEOUT)
        await asyncio.wait_for(client.ended, STEP_TIMEOUT)
        gone = self.person(self.alice, "another good one")
        check(await gone.log_in() == "refused", "a deleted account could log in")
        await gone.leave()
        thief = self.person(self.alice, fields={"email": f"thief{self.unique}@mail.example"})
        await thief.log_in()
        check(thief.registered and thief.registered["error"] == "conflict", f"the name could be taken: {thief.registered}")
        await thief.leave()

    STEPS = (
        registers_inside_the_client,
        cannot_log_in_yet,
        proves_the_address_with_the_code,
        signs_up_on_the_web,
        proves_the_address_with_the_link,
        log_in_with_scram,
        write_to_each_other,
        changes_the_password,
        is_suspended_by_the_operator,
        is_resumed_by_the_operator,
        deletes_the_account,
    )

    async def run(self):
        for number, step in enumerate(self.STEPS, 1):
            started = time.monotonic()
            try:
                await asyncio.wait_for(step(self), 4 * STEP_TIMEOUT)
            except (StepFailed, slixmpp.exceptions.XMPPError, OSError, subprocess.SubprocessError, TimeoutError) as error:
                print(f"{number:2}. FAILED  {step.__doc__}\n            {type(error).__name__}: {error}", flush=True)
                return 1
            print(f"{number:2}. {(time.monotonic() - started) * 1000:6.0f} ms  {step.__doc__}", flush=True)
        for client in self.online.values():
            await client.leave()
        print(f"All {len(self.STEPS)} steps were seen to work.")
        return 0


def main():
    # A refused login is a step here; the library would report it as a mishap.
    logging.getLogger("slixmpp").setLevel(logging.CRITICAL)
    demo = json.loads(pathlib.Path(sys.argv[1]).read_text())
    return asyncio.run(asyncio.wait_for(start(demo), 600))


async def start(demo):
    return await Tour(demo, sys.argv[2]).run()


if __name__ == "__main__":
    sys.exit(main())

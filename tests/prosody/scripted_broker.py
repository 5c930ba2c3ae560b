"""A component that speaks docs/link.md from a script: what the modules have to deal with, without the real broker."""

import asyncio
import hashlib
import itertools
from contextlib import suppress
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from wire import COMPONENT, Closed, LIMIT, Stream, name, namespace, scram_keys, to_base64

LINK = "urn:ostiary:link:1"
DISCO = "http://jabber.org/protocol/disco#info"
SALT = b"salt-of-the-test"
ITERATIONS = 4096


@dataclass
class Account:
    password: str
    state: str = "active"
    text: str = ""


class Broker(Stream):
    """Answers by its methods `on_<element>`; `replace` puts another function in place of one of them.

    A function gets the IQ and its element, and returns the children of the result, an `Error`, or None for no answer.
    `asked` holds all requests of this namespace, in their order, as (IQ, element).
    """

    def __init__(self, server, features=(LINK,), registration="open", accounts=None, component=None, port=None):
        super().__init__(COMPONENT)
        self.component, self.port = component or server.component, port or server.component_port
        self.server, self.link_features, self.registration = server, features, registration
        self.accounts = accounts or {}
        self.asked, self.waiting, self.numbers = [], {}, itertools.count(1)

    async def __aenter__(self):
        await self.connect(self.port)
        await self.open(self.component)
        token = hashlib.sha1((self.header.get("id") + self.server.secret).encode()).hexdigest()
        self.send(f"<handshake>{token}</handshake>")
        assert name(await self.receive()) == "handshake"
        self.status_asked = asyncio.Event()
        self.task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task
        await self.close()

    async def ready(self):
        """Waits until the module has learned the status."""
        await asyncio.wait_for(self.status_asked.wait(), LIMIT)
        await asyncio.sleep(0.05)

    def replace(self, element, function):
        setattr(self, "on_" + element.replace("-", "_"), function)

    def requests(self, element):
        return [(iq, child) for iq, child in self.asked if name(child) == element]

    async def request_arrived(self, element, count=1):
        async def arrival():
            while len(self.requests(element)) < count:
                await asyncio.sleep(0.01)
        await asyncio.wait_for(arrival(), LIMIT)
        return self.requests(element)[count - 1]

    async def _run(self):
        with suppress(Closed, ConnectionError):
            while True:
                stanza = await self.receive(None)
                if stanza.get("type") in ("result", "error"):
                    self.waiting.pop(stanza.get("id"), asyncio.Future()).set_result(stanza)
                elif name(stanza) == "iq":
                    await self._answer(stanza)

    async def _answer(self, iq):
        child = iq[0]
        if namespace(child) == LINK:
            self.asked.append((iq, child))
        function = getattr(self, "on_" + name(child).replace("-", "_"), None)
        said = function(iq, child) if function else Error("cancel", "service-unavailable")
        if said is not None:
            self.reply(iq, said)
        if name(child) == "status":
            self.status_asked.set()

    def reply(self, iq, said, sender=None):
        kind = "error" if isinstance(said, Error) else "result"
        self.send(f"<iq type='{kind}' id={quoteattr(iq.get('id'))} to={quoteattr(iq.get('from'))} "
                  f"from={quoteattr(sender or iq.get('to'))}>{said}</iq>")

    async def set(self, payload, limit=LIMIT):
        """Sends an IQ set to the server and returns the answer."""
        id = f"n{next(self.numbers)}"
        answer = self.waiting[id] = asyncio.get_running_loop().create_future()
        self.send(f"<iq type='set' id='{id}' from='{self.component}' to='{self.server.domain}'>{payload}</iq>")
        return await asyncio.wait_for(answer, limit)

    async def notify(self, user, event, text="", **more):
        return await self.set(notice(user, event, text, **more))

    # ---- what the broker says unless a test replaces it

    def on_query(self, iq, _):
        return (f"<query xmlns='{DISCO}'><identity category='component' type='generic'/>"
                + "".join(f"<feature var='{feature}'/>" for feature in self.link_features) + "</query>")

    def on_status(self, iq, _):
        return f"<status xmlns='{LINK}' registration='{self.registration}'/>"

    def on_carry(self, iq, carry):
        inner = carried(carry)
        return carry_answer(inner, "<query xmlns='jabber:iq:register'><instructions>Hello</instructions></query>"
                            if inner.get("type") == "get" else "")

    def on_credentials(self, iq, element):
        account = self.accounts.get(element.get("user"), Account("never-provable"))
        keys = "".join(scram_element(account.password, mechanism) for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256"))
        return (f"<credentials xmlns='{LINK}' user={quoteattr(element.get('user'))} state='{account.state}'>"
                f"{text_element(account.text)}{keys}</credentials>")

    def on_authenticate(self, iq, element):
        account = self.accounts.get(element.get("user"))
        if account is None or element.findtext(f"{{{LINK}}}password") != account.password:
            return Error("auth", "not-authorized")
        return (f"<authenticated xmlns='{LINK}' user={quoteattr(element.get('user'))} state='{account.state}'>"
                f"{text_element(account.text)}</authenticated>")

    def on_account(self, iq, element):
        exists = "true" if element.get("user") in self.accounts else "false"
        return f"<account xmlns='{LINK}' user={quoteattr(element.get('user'))} exists='{exists}'/>"

    def on_set_password(self, iq, element):
        if element.get("user") not in self.accounts:
            return Error("cancel", "item-not-found")
        self.accounts[element.get("user")].password = element.findtext(f"{{{LINK}}}password")
        return ""

    def on_remove(self, iq, element):
        return "" if self.accounts.pop(element.get("user"), None) else Error("cancel", "item-not-found")


class Error:
    def __init__(self, kind, condition, text=""):
        self.kind, self.condition, self.text = kind, condition, text

    def __str__(self):
        namespace = "urn:ietf:params:xml:ns:xmpp-stanzas"
        text = f"<text xmlns='{namespace}'>{escape(self.text)}</text>" if self.text else ""
        return f"<error type='{self.kind}'><{self.condition} xmlns='{namespace}'/>{text}</error>"


def carried(carry):
    """The client's own IQ."""
    return carry.find("{jabber:client}iq")


def client_of(carry):
    """What the server says about the client."""
    return carry.find(f"{{{LINK}}}client").attrib


def carry_answer(inner, said, registered=None):
    """The answer to a carried IQ; `registered` is (user, state)."""
    kind = "error" if isinstance(said, Error) else "result"
    made = f"<registered user={quoteattr(registered[0])} state='{registered[1]}'/>" if registered else ""
    return (f"<carry xmlns='{LINK}'>{made}"
            f"<iq xmlns='jabber:client' type='{kind}' id={quoteattr(inner.get('id'))}>{said}</iq></carry>")


def notice(user, event, text="", **more):
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in more.items())
    return (f"<account-changed xmlns='{LINK}' user={quoteattr(user)} event='{event}'{attributes}>"
            f"{text_element(text)}</account-changed>")


def text_element(text):
    return f"<text>{escape(text)}</text>" if text else ""


def scram_element(password, mechanism):
    keys = scram_keys(password, mechanism.removeprefix("SCRAM-").lower().replace("-", ""), SALT, ITERATIONS)
    return (f"<scram mechanism='{mechanism}' iterations='{ITERATIONS}' salt='{to_base64(SALT)}' "
            f"stored-key='{to_base64(keys.stored)}' server-key='{to_base64(keys.server)}'/>")

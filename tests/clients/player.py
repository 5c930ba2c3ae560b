"""Plays a recording against a real Prosody with the real broker, and holds what the client sees against it."""

import asyncio
import re
import ssl
from xml.sax.saxutils import escape, quoteattr

import eyes
import readers
import signer
from broker import Browser, code_in
from wire import Client, Closed, describe, name, namespace, sasl_failure, stanza_error

PASSWORD = "correct horse battery"
OTHER = "another horse entirely"
DATA = "jabber:x:data"


class Player:
    """One story of one client."""

    def __init__(self, house, recording, story, number):
        self.house, self.recording, self.story = house, recording, story
        self.read = readers.of(recording.slug)
        self.domain = house.domains[story.domain]
        user = f"{recording.slug}{number}"
        self.values = {
            "user": user, "password": PASSWORD, "other": OTHER, "address": f"{user}@mail.example", "domain": self.domain,
            "jid": f"{user}@{self.domain}", "web": house.broker.web, "taken": "taken", "weak": "short", "wrong": "BBBBBB",
            }
        self.streams, self.sent, self.answer, self.form = {}, {}, None, None

    async def play(self):
        try:
            for step in self.story.steps:
                try:
                    await getattr(self, step.verb)(step.actor, step.rest)
                except (AssertionError, Closed, TimeoutError) as error:
                    raise AssertionError(f"{self.recording.path.name}:{step.line}: {step.actor} {step.verb} {step.rest}\n"
                                         f"{error or type(error).__name__}") from error
        finally:
            for stream in self.streams.values():
                await stream.close()

    def fill(self, text):
        """Puts values in place of `{name}`; `{field NAME}` is the value of a field of the last form, `{whole form}` that form
        sent back as it came, `{signed form}` a query with name and password filled in and signed."""
        def value(match):
            key = match.group(1)
            if key == "whole form":
                return whole(self.form, self.values)
            if key == "signed form":
                key = self.house.keys[self.story.domain]
                filled = signer.fill(form_values(self.form), key["key"], key["secret"], username=self.values["user"],
                                     password=PASSWORD)
                assert filled["oauth_signature"], "the form cannot be signed"
                return signer.submission(filled)
            if key.startswith("field "):
                return escape(form_values(self.form)[key.removeprefix("field ")])
            return escape(self.values[key])
        return re.sub(r"\{([a-z][a-z _-]*)\}", value, text)

    # ---- what a stream does

    async def opens(self, stream, rest):
        client = await Client.connected(self.house.server, self.domain, tls=ssl.TLSVersion.TLSv1_3)
        self.streams[stream] = client
        if self.recording.gate == "feature":
            assert client.offers_registration(), f"the client sees no registration feature: {describe(client.features)}"

    async def finds(self, stream, rest):
        """`A finds NAMESPACE`: the stream offers `register` in that namespace."""
        features = self.streams[stream].features
        assert features.find(f"{{{rest}}}register") is not None, f"it sees no such feature: {describe(features)}"

    async def sends(self, stream, rest):
        text = self.fill(rest)
        identifier = re.match(r"""<iq [^>]*\bid=["']([^"']*)""", text)
        self.sent[stream] = identifier and identifier.group(1)
        self.streams[stream].send(text)

    async def sees(self, stream, rest):
        """The answer to what was sent last, as this client shows it."""
        stanza = await self.streams[stream].receive()
        if name(stanza) in ("success", "failure", "challenge"):
            shown = name(stanza) if name(stanza) != "failure" else f"failure {sasl_failure(stanza)[0]}"
        else:
            assert name(stanza) == "iq", describe(stanza)
            if self.sent[stream] is not None:
                assert stanza.get("id") == self.sent[stream], f"a client knows its answer by the id: {describe(stanza)}"
            assert stanza.get("from") in (None, self.domain, self.values["jid"]) or stanza.get("from").startswith(
                self.values["jid"] + "/"), f"an answer from a stranger is thrown away: {describe(stanza)}"
            assert PASSWORD not in describe(stanza) and OTHER not in describe(stanza), "a password came back"
            form = next(stanza.iter(f"{{{DATA}}}x"), None)
            self.form = form if form is not None else self.form
            if form is not None and "challenge" in (fields := form_values(form)):
                self.values["picture"] = eyes.text_of(fields["challenge"], self.house.broker.master_key())
            shown = self.read(readers.Reply(stanza, self.domain))
        self.answer = stanza
        assert fits(self.fill(rest), shown), f"it sees: {shown}\nin: {describe(stanza)}"

    async def hears(self, stream, rest):
        """The text of the last error, whether this client shows it or not."""
        assert fits(self.fill(rest), text := stanza_error(self.answer)[2] or ""), f"the text is: {text}"

    async def takes(self, stream, rest):
        """Binds a resource after a SASL success, as every client does."""
        await self.streams[stream].bind(rest or "phone")

    async def logs(self, stream, rest):
        """`A logs in`: a stream that is past SASL and resource binding. `person logs in with PASSWORD`: only whether it works."""
        password = self.values[rest.removeprefix("in with ")] if rest.startswith("in with ") else PASSWORD
        client = await Client.connected(self.house.server, self.domain, tls=ssl.TLSVersion.TLSv1_3)
        self.streams[stream] = client
        result = await client.scram(self.values["user"], password, "SCRAM-SHA-1")
        assert name(result) == "success", describe(result)
        await client.bind("phone")
        self.values["full"] = f"{self.values['jid']}/phone"
        if stream == "person":
            await self.streams.pop(stream).close()

    async def closes(self, stream, rest):
        await self.streams.pop(stream).close()

    async def ends(self, stream, rest):
        """The server closes the stream, `with` a condition."""
        condition, _ = await self.streams[stream].ended()
        assert f"with {condition}" == rest, condition

    async def tries(self, stream, rest):
        """`A tries MECHANISM: OUTCOME`, SASL on the stream as it is."""
        mechanism, _, outcome = rest.partition(": ")
        result = await self.streams[stream].scram(self.values["user"], PASSWORD, mechanism)
        assert outcome == " ".join([name(result), *([sasl_failure(result)[0]] if name(result) == "failure" else [])]), describe(result)

    # ---- what a person does, or has

    async def has(self, person, rest):
        """`person has an account`, made by the operator."""
        assert rest == "an account"
        await asyncio.to_thread(self.house.broker.operate, "account", "add", self.values["jid"], "--password-stdin",
                                input=PASSWORD + "\n")

    async def gets(self, person, rest):
        """`person gets an invitation` from the operator."""
        assert rest == "an invitation"
        made = await asyncio.to_thread(self.house.broker.operate, "invite", "create", "--domain", self.domain)
        self.values["token"] = made["uri"].partition("preauth=")[2].partition(";")[0]

    async def proves(self, person, rest):
        """`person proves the address` with the code of the letter, on the web page."""
        assert rest == "the address"
        code = code_in(await self.house.broker.letter(self.values["address"]))
        browser = Browser(self.house.broker.web)
        page = await asyncio.to_thread(
            lambda: browser.submit(browser.get("/verify"), username=self.values["user"], domain=self.domain, code=code))
        assert self.values["jid"] in page, page

    async def cannot(self, person, rest):
        """`person cannot log in: CONDITION`."""
        async with await Client.connected(self.house.server, self.domain, tls=ssl.TLSVersion.TLSv1_3) as client:
            result = await client.scram(self.values["user"], PASSWORD, "SCRAM-SHA-1")
        assert f"log in: {sasl_failure(result)[0]}" == rest, describe(result)


def fits(wanted, shown):
    """Whether the text is as wanted; `*` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), shown, re.DOTALL) is not None


def form_values(form):
    return {field.get("var"): field.findtext(f"{{{DATA}}}value") or "" for field in form.iter(f"{{{DATA}}}field")}


def whole(form, values):
    """A form sent back as it came, with titles, labels, options, pictures and all; only the type changes and the values that a
    person has typed are put in."""
    typed = {"username": values["user"], "password": values["password"], "email": values["address"], "ocr": values.get("picture")}
    return written(form, "", {"type": "submit"}, typed)


def written(element, inherited, attributes=None, typed=None):
    given = {key: value for key, value in element.attrib.items() if "}" not in key} | (attributes or {})
    space = namespace(element)
    opening = "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
    xmlns = f" xmlns={quoteattr(space)}" if space != inherited else ""
    fills = typed and name(element) == "field" and element.get("var") in typed
    children = [child for child in element if not (fills and name(child) == "value")]
    inner = escape(element.text or "") + "".join(written(child, space, None, typed) + escape(child.tail or "") for child in children)
    if fills:
        inner += f"<value>{escape(typed[element.get('var')])}</value>"
    return f"<{name(element)}{xmlns}{opening}>{inner}</{name(element)}>"

"""XMPP on the wire: text goes out as it is written, elements come in. For clients and for components (XEP-0114)."""

import asyncio
import base64
import hashlib
import hmac
import os
import ssl
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

CLIENT = "jabber:client"
COMPONENT = "jabber:component:accept"
SERVER = "jabber:server"
STREAM = "http://etherx.jabber.org/streams"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
STANZA_ERROR = "urn:ietf:params:xml:ns:xmpp-stanzas"
STREAM_ERROR = "urn:ietf:params:xml:ns:xmpp-streams"
XML = "http://www.w3.org/XML/1998/namespace"
REGISTER = "jabber:iq:register"
LIMIT = 10  # seconds for anything to arrive; less than the modules wait for an answer
AT_ONCE = 5


class Closed(Exception):
    """The other side has ended the stream or the connection. The argument is the last stream error, or None."""


class Stream:
    """One XML stream. `features` is what the server offered after the last opening."""

    sender = None

    def __init__(self, namespace):
        self.namespace = namespace
        self.features = None
        self.stream_error = None
        self.bytes = b""  # all that has come, as it came

    async def connect(self, port):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)

    async def open(self, to, lang=None, version=None):
        self.parser = ElementTree.XMLPullParser(["start", "end"])
        self.depth, self.arrived, self.header = 0, [], None
        version = "1.0" if self.namespace != COMPONENT else version
        version = f"version='{version}'" if version else ""
        language = f"xml:lang={quoteattr(lang)}" if lang else ""
        sender = f"from={quoteattr(self.sender)}" if self.sender else ""
        self.send(f"<?xml version='1.0'?><stream:stream xmlns='{self.namespace}' xmlns:stream='{STREAM}' "
                  f"to={quoteattr(to)} {sender} {version} {language}>")
        while self.header is None:
            await self._read()

    def send(self, text):
        self.writer.write(text.encode())

    async def receive(self, limit=LIMIT):
        """The next child of the stream."""
        while not self.arrived:
            await self._read(limit)
        element = self.arrived.pop(0)
        if element is None:
            raise Closed(self.stream_error)
        if element.tag == f"{{{STREAM}}}error":
            self.stream_error = element
        return element

    async def _read(self, limit=LIMIT):
        data = await asyncio.wait_for(self.reader.read(65536), limit)
        if not data:
            raise Closed(self.stream_error)
        self.bytes += data
        self.parser.feed(data)
        for event, element in self.parser.read_events():
            if event == "start":
                self.depth += 1
                if self.depth == 1:
                    self.header = element
            else:
                self.depth -= 1
                if self.depth == 1:
                    self.arrived.append(element)
                elif self.depth == 0:
                    self.arrived.append(None)

    async def ended(self, limit=LIMIT):
        """Waits for the end of the stream. Returns condition and text of its error."""
        try:
            while True:
                await self.receive(limit)
        except Closed as end:
            error = end.args[0]
        if error is None:
            return None, None
        condition = next(name(child) for child in error if name(child) != "text")
        return condition, error.findtext(f"{{{STREAM_ERROR}}}text")

    async def close(self):
        if self.writer.get_extra_info("ssl_object"):
            self.writer.transport.abort()  # ejabberd lets TLS's own goodbye go unanswered for half a minute
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except OSError:
            pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()


class Client(Stream):
    """A client's stream to the domain of a `lab.Prosody`."""

    @classmethod
    async def connected(cls, server, domain=None, lang=None, tls=None):
        for attempt in range(3):
            client = cls(CLIENT)
            client.domain, client.lang = domain or server.domain, lang
            await client.connect(server.c2s)
            await client.start()
            try:
                if tls:
                    await client.start_tls(tls)
                return client
            except ConnectionResetError:
                # Prosody now and then loses a TLS greeting that comes right behind its <proceed/>.
                await client.close()
                if attempt == 2:
                    raise

    @classmethod
    async def logged_in(cls, server, user, password, resource="phone", domain=None):
        client = await cls.connected(server, domain)
        result = await client.plain(user, password)
        assert name(result) == "success", describe(result)
        await client.bind(resource)
        return client

    async def start(self):
        await self.open(self.domain, self.lang)
        self.features = await self.receive()

    async def start_tls(self, version):
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        assert name(await self.receive()) == "proceed"
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = version
        await self.writer.start_tls(context, server_hostname=self.domain)
        await self.start()

    def offers_registration(self):
        return self.features.find("{http://jabber.org/features/iq-register}register") is not None

    def mechanisms(self):
        return {element.text for element in self.features.iter(f"{{{SASL}}}mechanism")}

    async def iq(self, kind, payload, to=None, id="i1", more=""):
        address = f"to={quoteattr(to)}" if to else ""
        self.send(f"<iq type='{kind}' id='{id}' {address} {more}>{payload}</iq>")
        return await self.answer(id)

    async def answer(self, id):
        while True:
            stanza = await self.receive()
            if name(stanza) == "iq" and stanza.get("id") == id and stanza.get("type") in ("result", "error"):
                return stanza

    async def plain(self, user, password):
        self.send(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{to_base64(chr(0) + user + chr(0) + password)}</auth>")
        return await self.receive()

    async def scram(self, user, password, mechanism, meanwhile=None):
        """RFC 5802, with tls-unique (RFC 5929 §3) for the -PLUS mechanisms. `meanwhile` is awaited before the proof."""
        plus = mechanism.endswith("-PLUS")
        algorithm = mechanism.removesuffix("-PLUS").removeprefix("SCRAM-").lower().replace("-", "")
        header = "p=tls-unique,," if plus else "n,,"
        binding = self.writer.get_extra_info("ssl_object").get_channel_binding("tls-unique") if plus else b""
        first = f"n={user.replace('=', '=3D').replace(',', '=2C')},r={to_base64(os.urandom(18))}"
        self.send(f"<auth xmlns='{SASL}' mechanism='{mechanism}'>{to_base64(header + first)}</auth>")
        challenge = await self.receive()
        if name(challenge) != "challenge":
            return challenge
        if meanwhile:
            await meanwhile
        server_first = base64.b64decode(challenge.text).decode()
        said = dict(part.split("=", 1) for part in server_first.split(","))
        keys = scram_keys(password, algorithm, base64.b64decode(said["s"]), int(said["i"]))
        final = f"c={to_base64(header.encode() + binding)},r={said['r']}"
        message = f"{first},{server_first},{final}".encode()
        signature = hmac.digest(keys.stored, message, algorithm)
        proof = bytes(left ^ right for left, right in zip(keys.client, signature))
        self.send(f"<response xmlns='{SASL}'>{to_base64(f'{final},p={to_base64(proof)}')}</response>")
        result = await self.receive()
        if name(result) == "success":
            verifier = f"v={to_base64(hmac.digest(keys.server, message, algorithm))}"
            assert base64.b64decode(result.text).decode() == verifier
        return result

    async def bind(self, resource):
        await self.start()
        result = await self.iq("set", f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind>")
        assert result.get("type") == "result", describe(result)


class Peer(Stream):
    """Another server, which sends to a server of ours and proves its name by its certificate (XEP-0178). It is not called back, so
    answers do not arrive."""

    @classmethod
    async def connected(cls, server, sender, certificate, key):
        peer = cls(SERVER)
        peer.sender, peer.to = sender, server.domain
        await peer.connect(server.s2s_port)
        await peer.greet()
        peer.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        assert name(await peer.receive()) == "proceed"
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(certificate, key)
        await peer.writer.start_tls(context, server_hostname=peer.to)
        await peer.greet()
        assert "EXTERNAL" in {element.text for element in peer.features.iter(f"{{{SASL}}}mechanism")}, describe(peer.features)
        peer.send(f"<auth xmlns='{SASL}' mechanism='EXTERNAL'>{to_base64(sender)}</auth>")
        assert name(result := await peer.receive()) == "success", describe(result)
        await peer.greet()
        return peer

    async def greet(self):
        await self.open(self.to)
        self.features = await self.receive()


class ScramKeys:
    def __init__(self, client, stored, server):
        self.client, self.stored, self.server = client, stored, server


def scram_keys(password, algorithm, salt, iterations):
    salted = hashlib.pbkdf2_hmac(algorithm, password.encode(), salt, iterations)
    client = hmac.digest(salted, b"Client Key", algorithm)
    return ScramKeys(client, hashlib.new(algorithm, client).digest(), hmac.digest(salted, b"Server Key", algorithm))


def to_base64(value):
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def name(element):
    return element.tag.rpartition("}")[2]


def namespace(element):
    return element.tag[1:].rpartition("}")[0]


def describe(element):
    return ElementTree.tostring(element, encoding="unicode")


def stanza_error(stanza):
    """Type, condition and text of an error stanza."""
    assert stanza.get("type") == "error", describe(stanza)
    error = next(child for child in stanza if name(child) == "error")
    return (error.get("type"), next(name(child) for child in error if name(child) != "text"),
            error.findtext(f"{{{STANZA_ERROR}}}text"))


def sasl_failure(element):
    """Condition and text of a SASL failure."""
    assert name(element) == "failure", describe(element)
    return next(name(child) for child in element if name(child) != "text"), element.findtext(f"{{{SASL}}}text")

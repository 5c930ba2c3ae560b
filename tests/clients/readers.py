"""How each client decides what an answer to its registration means: the order of preference of its parser, and the words or the
window that the person gets to see. One function for each recording, told from the sources that the recordings name."""

import re

from wire import STANZA_ERROR, describe, name, namespace

REGISTER = "jabber:iq:register"
DATA = "jabber:x:data"
OOB = "jabber:x:oob"
BOB = "urn:xmpp:bob"
MEDIA = "urn:xmpp:media-element"

# The elements of XEP-0077's schema that clients know.
LEGACY = ("username", "nick", "password", "name", "first", "last", "email", "address", "city", "state", "zip", "phone", "url", "date")


class Reply:
    """An answer, taken apart. `fields` are `(var, type, label, values)` as written, with None for what is not there."""

    def __init__(self, stanza, domain):
        self.stanza, self.domain = stanza, domain
        self.query = stanza.find(f"{{{REGISTER}}}query")
        children = list(self.query) if self.query is not None else []
        self.legacy = [name(child) for child in children if namespace(child) == REGISTER and name(child) in LEGACY]
        self.registered = any(name(child) == "registered" for child in children)
        self.instructions = self.text_of(self.query, f"{{{REGISTER}}}instructions")
        self.xs = [child for child in children if name(child) == "x"]
        self.form = next((x for x in self.xs if namespace(x) == DATA), None)
        self.oob = next((self.text_of(x, f"{{{OOB}}}url") for x in self.xs if namespace(x) == OOB), None)
        self.pictures = [child for child in children if child.tag == f"{{{BOB}}}data"]
        self.fields = [] if self.form is None else [
            Field(element) for element in self.form if element.tag == f"{{{DATA}}}field"]
        self.form_type = next((field.value for field in self.fields if field.var == "FORM_TYPE"), None)
        error = next((child for child in stanza if name(child) == "error"), None)
        self.error = error
        if error is not None:
            self.kind = error.get("type")
            self.first = name(error[0]) if len(error) else None
            self.condition = next((name(child) for child in error if namespace(child) == STANZA_ERROR and name(child) != "text"), None)
            self.text = error.findtext(f"{{{STANZA_ERROR}}}text")

    @staticmethod
    def text_of(element, path):
        return None if element is None else element.findtext(path)

    def field(self, var):
        return next((field for field in self.fields if field.var == var), None)

    def picture_of(self, field):
        """The inline picture that a field's media element points to."""
        for uri in field.element.iter(f"{{{MEDIA}}}uri"):
            cid = (uri.text or "").strip()
            for picture in self.pictures:
                if cid == f"cid:{picture.get('cid')}":
                    return picture
        return None


class Field:
    def __init__(self, element):
        self.element = element
        self.var, self.type, self.label = element.get("var"), element.get("type"), element.get("label")
        self.value = element.findtext(f"{{{DATA}}}value")
        self.has_media = element.find(f"{{{MEDIA}}}media") is not None


def of(slug):
    return globals()[slug.replace("-", "_")]


def listed(what, names):
    return f"{what}: {' '.join(names)}" if names else what


def visible(reply, default="text-single"):
    return [field.var for field in reply.fields if (field.type or default) not in ("hidden", "fixed")]


def web_address(text, schemes="https?"):
    found = re.search(rf"{schemes}://\S+", text or "")
    return found and found.group(0)


# ------------------------------------------------------------------------------------------------ one function for each client

def conversations(reply):
    if reply.error is not None:
        if reply.condition == "conflict":
            return "Username already in use"
        if reply.condition == "resource-constraint":
            return "Registration failed: try again later"
        if reply.condition == "not-acceptable" and reply.text in ("The password is too weak", "Please use a longer password."):
            return "Password too weak"
        if reply.condition == "item-not-found":
            return "Invalid registration token"
        return "Registration failed"
    if reply.query is None:
        return "done"
    if "username" in reply.legacy and "password" in reply.legacy:
        return "asks for: username password"
    if reply.form is not None:
        ocr = reply.field("ocr")
        if reply.form_type in (REGISTER, "urn:xmpp:captcha") and ocr and reply.picture_of(ocr) is not None:
            return "shows the picture"
        return "Registration failed"
    url = (reply.oob if (reply.oob or "").startswith("https:") else None) or web_address(reply.instructions, "https")
    return f"web page {url}" if url else "Registration failed"


def gajim(reply):
    form = reply.form is not None and reply.form_type in (REGISTER, "urn:xmpp:captcha")
    for picture in reply.pictures:
        assert picture.get("cid") and picture.get("type") and picture.get("max-age"), "nbxmpp takes no picture without max-age"
    shown = None
    if form:
        shown = listed("form", [var for var in visible(reply) if "fallback" not in var])
    elif reply.legacy:
        shown = listed("fields", reply.legacy)
    elif reply.oob:
        shown = f"web page {reply.oob}"
    if reply.error is not None:
        text = reply.text or "The server rejected the registration without an error message"
        return f"{text} -- again with {shown}" if reply.kind == "modify" and form else f"{text} -- the end"
    if reply.query is None:
        return "done"
    return shown or "malformed answer"


def dino(reply):
    if reply.error is not None:
        return reply.text or "Error"
    if reply.query is None:
        return "done"
    if reply.oob:
        return f"web page {reply.oob}"
    shown = [field.var for field in reply.fields if field.type in ("boolean", "fixed", "list-single", "text-private", "text-single")]
    return listed("form", shown) if shown else f"Check http://{reply.domain} for information on how to sign up"


def monal(reply):
    if reply.error is not None:
        return reply.text or reply.condition
    if reply.query is None:
        return "done"
    if reply.form is not None and reply.form_type in (REGISTER, "urn:xmpp:captcha"):
        return "shows the picture" if reply.pictures else "asks for: username password"
    if "username" in reply.legacy and "password" in reply.legacy:
        return "asks for: username password"
    return f"Could not request registration form: {reply.instructions}"


def profanity(reply):
    if reply.error is not None:
        return f"Server error: {reply.text or reply.condition}"
    if reply.query is None:
        return "done"
    return "Already registered." if reply.registered else "goes on"


def converse(reply):
    if reply.error is not None:
        status = {"conflict": "CONFLICT", "not-acceptable": "NOTACCEPTABLE"}.get(reply.first, "REGIFAIL")
        text = "Please try a different username." if reply.condition == "conflict" else "".join(reply.error.itertext())
        return f"Registration failed. {text} ({status})"
    if reply.query is None:
        return "done"
    if reply.form is not None:
        return listed("form", visible(reply))
    inputs = [name(child) for child in reply.query if name(child) not in ("instructions", "x")]
    return listed("inputs", inputs) + (f", and the link {reply.oob}" if reply.oob else "")


def psi(reply):
    if reply.error is not None:
        return f"There was an error registering the account. Reason: {reply.text or reply.condition}"
    if reply.query is None:
        return "done"
    return listed("form", visible(reply)) if reply.form is not None else listed("fields", reply.legacy)


def pidgin(reply):
    if reply.error is not None:
        return f"Registration Failed: {reply.text or reply.condition}"
    if reply.query is None:
        return "done"
    if reply.registered:
        return "Already Registered"
    if reply.form is not None:
        return listed("form", visible(reply))
    return f"web page {reply.oob}" if reply.oob else listed("fields", reply.legacy)


def kaidan(reply):
    if reply.error is not None:
        return f"{kaidan_error(reply)}: {reply.text}"
    if reply.query is None:
        return "done"
    if reply.fields:
        return listed("form", visible(reply))
    if reply.legacy:
        return listed("fields", [each for each in reply.legacy if each in ("username", "password", "email")])
    url = reply.oob or next((word for word in (reply.instructions or "").split(" ") if word.startswith("https://")), None)
    return f"web page {url}" if url else "registration is not supported"


def kaidan_error(reply):
    text = (reply.text or "").lower()
    match reply.kind, reply.condition:
        case "cancel", "feature-not-implemented":
            return "not supported, aborted"
        case "cancel", "conflict":
            return "name taken"
        case "cancel", "not-allowed" if "captcha" in text:
            return "wrong CAPTCHA"
        case "modify", "not-acceptable":
            if "password" in text and ("weak" in text or "short" in text):
                return "password too weak"
            return "blocked, aborted" if "ip" in text or "quickly" in text else "information missing"
        case "modify", "bad-request" if "captcha" in text:
            return "wrong CAPTCHA"
        case "auth", "forbidden":
            return "not supported, aborted"
        case "wait", "resource-constraint" | "policy-violation":
            return "blocked, aborted"
    return "unknown error"


def siskin(reply):
    if reply.error is not None:
        fixed = {"not-acceptable": "Provided values are not acceptable", "not-allowed": "Provided values are not acceptable",
                 "conflict": "Username is not available", "service-unavailable": "Service is not available"}
        return reply.text or fixed.get(reply.condition, "Server returned an error")
    if reply.query is None:
        return "done"
    if reply.form is not None:
        return listed("form", visible(reply))
    return listed("fields", [each for each in reply.legacy if each in ("username", "password", "email")])


def smack(reply):
    if reply.error is not None:
        return f"XMPPErrorException: {reply.condition} - {reply.kind} {reply.text or ''}".strip()
    if reply.query is None:
        return "done"
    return listed("attributes", [name(child) for child in reply.query
                                 if namespace(child) == REGISTER and name(child) != "instructions"])


yaxim = smack


def atalk(reply):
    if reply.error is not None:
        return f"XMPPErrorException: {reply.condition} - {reply.kind} {reply.text or ''}".strip()
    if reply.query is None:
        return "done"
    if reply.form is None:
        return "In-band registration is not supported"
    return listed("shows the picture and" if reply.pictures else "form", visible(reply))


def movim(reply):
    if reply.error is not None:
        return {"conflict": reply.text, "not-acceptable": "Your details are not acceptable",
                "forbidden": "Forbidden"}.get(reply.condition) or "nothing"
    if reply.query is None:
        return "done"
    first = reply.xs[0] if reply.xs else None
    if first is None:
        return listed("fields", reply.legacy)
    if namespace(first) == OOB:
        return f"web page {reply.oob}"
    return listed("form", visible(reply))


def xmppframework(reply):
    """Anything that is not an error counts as success; the app gets the error as it came."""
    return f"didNotRegister: {describe(reply.error)}" if reply.stanza.get("type") == "error" else "done"


def slixmpp(reply):
    if reply.error is not None:
        return f"IqError: {reply.condition} {reply.text}"
    if reply.query is None:
        return "done"
    shown = listed("fields", reply.legacy)
    return f"{shown}; {listed('form', visible(reply))}" if reply.form is not None else shown


def waher(reply):
    if reply.error is not None:
        form = reply.kind == "modify" and reply.form is not None
        return f"{reply.condition}: {reply.text}" + (f" -- with {listed('form', visible(reply))}" if form else "")
    if reply.query is None:
        return "done"
    if reply.form is not None:
        return listed("form", visible(reply))
    return listed("fields", [each for each in reply.legacy if each in ("username", "password")])


def strophe(reply):
    """The plugin reads names of elements without looking at namespaces, and the first child of the error."""
    if reply.error is not None:
        return {"conflict": "CONFLICT", "not-acceptable": "NOTACCEPTABLE"}.get(reply.first, "REGIFAIL")
    if reply.query is None:
        return "done"
    return listed("REGISTER", [name(child) for child in reply.query if name(child) not in ("instructions", "x")])

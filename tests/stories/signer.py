"""A client that registers with a signed form exactly as Waher's library does (XEP-0348 with that library's differences).

It sees the stream feature, tries SASL first, asks for the form without `to`, takes the last child named `x`, fills in `username` and
`password` and nothing else, signs where all eight fields are there, and logs in again on the same stream.
"""

import base64
import hashlib
import hmac
import os
import time
from xml.sax.saxutils import escape as xml_escape
from xml.sax.saxutils import quoteattr

from wire import REGISTER, Client, describe, name, sasl_failure

OAUTH = ("oauth_version", "oauth_signature_method", "oauth_token", "oauth_token_secret", "oauth_nonce", "oauth_timestamp",
         "oauth_consumer_key", "oauth_signature")
ALTERNATIVES = "http://waher.se/Schema/Alternatives.xsd"


def escape(text):
    """Each unit of UTF-16 as one number, as the library does."""
    escaped = ""
    data = text.encode("utf-16-be")
    for unit in (int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data), 2)):
        plain = unit < 128 and (chr(unit).isalnum() or chr(unit) in "-._~")
        escaped += chr(unit) if plain else f"%{unit:02X}"
    return escaped


def culture(text):
    """The order of .NET's invariant culture, for the names that forms have."""
    return [(2 if c.isalpha() else 1 if c.isdigit() else 0, c.lower()) for c in text], text.swapcase()


def sign(values, secret, to=""):
    signed = sorted((var for var in values if var not in ("oauth_token_secret", "oauth_signature")), key=culture)
    pairs = "&".join(f"{escape(var)}={escape(values[var])}" for var in signed)
    key = f"{escape(secret)}&{escape(values['oauth_token_secret'])}"
    mac = hmac.digest(key.encode(), f"submit&{escape(to)}&{escape(pairs)}".encode(), hashlib.sha1)
    return escape(base64.b64encode(mac).decode())


def fill(values, key, secret, **filled):
    """The values of a form filled in and signed; unsigned where a field is missing."""
    values = {**values, **{var: value for var, value in filled.items() if var in values}}
    if all(var in values for var in OAUTH):
        values |= {"oauth_consumer_key": key, "oauth_timestamp": str(int(time.time())), "oauth_nonce": os.urandom(16).hex(),
                   "oauth_version": "1.0", "oauth_signature_method": "HMAC-SHA1"}
        values["oauth_signature"] = sign(values, secret)
    return values


def submission(values):
    fields = "".join(f"<field var={quoteattr(var)}><value>{xml_escape(value)}</value></field>" for var, value in values.items())
    return f"<query xmlns='{REGISTER}'><x xmlns='jabber:x:data' type='submit'>{fields}</x></query>"


async def form(client):
    """The values of the form that the library takes."""
    answer = await client.iq("get", f"<query xmlns='{REGISTER}'/>", id="form")
    assert answer.get("type") == "result", describe(answer)
    taken = [child for child in answer[0] if name(child) == "x"][-1]
    fields = [field for field in taken if name(field) == "field" and field.get("type") != "fixed"]
    return {field.get("var"): "\n".join(value.text or "" for value in field if name(value) == "value") for field in fields}


async def register(server, user, password, key, secret, change=None):
    """The whole way. Returns the answer to the form, what was submitted, and the outcome of the second login or None."""
    async with await Client.connected(server) as client:
        assert client.offers_registration()
        refused = await client.scram(user, password, "SCRAM-SHA-256")
        assert sasl_failure(refused)[0] == "not-authorized", describe(refused)
        values = fill(await form(client), key, secret, username=user, password=password)
        values |= change or {}
        answer = await client.iq("set", submission(values), id="submit")
        if answer.get("type") == "error":
            return answer, values, None
        return answer, values, await client.scram(user, password, "SCRAM-SHA-256")

"""CAPTCHAs in the registration form, through a real Prosody, as a client solves them that sees no picture (XEP-0158)."""

import asyncio
import base64
import hashlib
import itertools

from wire import REGISTER, Client, describe, stanza_error

PASSWORD = "correct horse battery"
DATA = "{jabber:x:data}"
BOB = "{urn:xmpp:bob}data"
MEDIA = "{urn:xmpp:media-element}"

ALWAYS = {"domain_options": '''email = "off"
captcha = "always"
captcha_work_bits = 12
captcha_questions = [
  { lang = "en", ask = "What colour is snow?", answers = ["white"] },
  { lang = "de", ask = "Welche Farbe hat Schnee?", answers = ["weiß"] },
]'''}


async def form(server, lang=None):
    async with await Client.connected(server, lang=lang) as client:
        result = await client.iq("get", f"<query xmlns='{REGISTER}'/>", id="reg1")
    return result.find(f"{{{REGISTER}}}query")


def fields(query):
    return {field.get("var"): field for field in query.iter(f"{DATA}field")}


def value(query, var):
    return fields(query)[var].findtext(f"{DATA}value")


async def submit(server, query, **values):
    """Answers a form on a stream of its own, with everything that was hidden in it."""
    for var in ("FORM_TYPE", "challenge", "sid", "answers"):
        values.setdefault(var, value(query, var))
    filled = "".join(f"<field var='{var.replace('_256', '-256')}'><value>{text}</value></field>" for var, text in values.items())
    form = f"<x xmlns='jabber:x:data' type='submit'>{filled}</x>"
    async with await Client.connected(server) as client:
        return await client.iq("set", f"<query xmlns='{REGISTER}'>{form}</query>")


def work(query, jid="chat.example"):
    """XEP-0158 §6.2: a text that starts with the address asked, whose hash ends with the bits of the label."""
    label = int(fields(query)["SHA-256"].get("label"), 16)
    mask = (1 << label.bit_length()) - 1
    texts = (f"{jid}{number:X}" for number in itertools.count())
    return next(text for text in texts if int(hashlib.sha256(text.encode()).hexdigest(), 16) & mask == label)


async def test_every_challenge_is_in_the_form_with_the_picture_beside_it(house):
    broker = house(ALWAYS)
    await broker.ready()
    query = await form(broker.server, lang="de")
    assert list(fields(query)) == ["FORM_TYPE", "username", "password", "challenge", "sid", "answers", "ocr", "qa", "SHA-256"]
    assert value(query, "FORM_TYPE") == REGISTER and value(query, "sid") == "reg1"
    assert all(field.get("type") for field in fields(query).values())
    assert query.find(f"{{{REGISTER}}}username") is None, "a client that fills in plain fields would leave out the answer"
    assert query.find("{jabber:x:oob}x") is None
    assert f"{broker.web}register" in query.findtext(f"{{{REGISTER}}}instructions")
    assert fields(query)["qa"].get("label") == "Welche Farbe hat Schnee?"
    data = query.find(BOB)
    picture = base64.b64decode(data.text, validate=True)
    assert picture.startswith(b"\x89PNG") and len(picture) <= 8000 and data.get("max-age") == "0"
    uri = fields(query)["ocr"].find(f"{MEDIA}media/{MEDIA}uri")
    assert uri.text == f"cid:{data.get('cid')}" and uri.get("type") == data.get("type") == "image/png"
    assert data.get("cid") == f"sha1+{hashlib.sha1(picture).hexdigest()}@bob.xmpp.org"


async def test_a_wrong_answer_brings_a_challenge_that_is_solved_on_another_stream_after_a_restart_of_the_broker(house):
    broker = house(ALWAYS)
    await broker.ready()
    first = await form(broker.server)
    refused = await submit(broker.server, first, username="alice", password=PASSWORD, qa="black")
    kind, condition, text = stanza_error(refused)
    assert (condition, kind) == ("bad-request", "modify") and "captcha" in text.lower(), describe(refused)
    assert PASSWORD not in describe(refused)
    fresh = refused.find(f"{{{REGISTER}}}query")
    assert value(fresh, "challenge") != value(first, "challenge") and fresh.find(BOB) is not None

    broker.stop()
    broker.start()
    await broker.ready()
    made = await submit(broker.server, fresh, username="alice", password=PASSWORD, qa=" White ")
    assert made.get("type") == "result", describe(made)
    for used in (first, fresh):
        again = await submit(broker.server, used, username="bob", password=PASSWORD, qa="white")
        assert stanza_error(again)[:2] == ("modify", "bad-request"), describe(again)


async def test_a_program_does_the_work_and_a_client_without_forms_is_shown_the_web_page(house):
    broker = house(ALWAYS)
    await broker.ready()
    query = await form(broker.server)
    answer = await asyncio.to_thread(work, query)
    made = await submit(broker.server, query, username="robot", password=PASSWORD, SHA_256=answer)
    assert made.get("type") == "result", describe(made)

    async with await Client.connected(broker.server) as client:
        plain = f"<query xmlns='{REGISTER}'><username>carol</username><password>{PASSWORD}</password></query>"
        refused = await client.iq("set", plain)
    kind, condition, text = stanza_error(refused)
    assert (condition, kind) == ("not-acceptable", "modify") and f"{broker.web}register" in text

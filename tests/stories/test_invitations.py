"""Invitations through a real server: clients that know only a name and a password, expiry, required invitations, contacts."""

import asyncio
import re
import sqlite3
import time

from broker import Browser
from wire import CLIENT, REGISTER, Client, describe, name, stanza_error

PASSWORD = "correct horse battery"
FEATURE = "{urn:xmpp:ibr-token:0}register"
OLD_FEATURE = "{urn:xmpp:invite}register"
ROSTER = "jabber:iq:roster"
REQUIRED = {"domain_options": 'invitations = "required"'}


def invite(broker, *more):
    made = broker.operate("invite", "create", *more)
    return made, made["uri"].partition("preauth=")[2].partition(";")[0]


def preauth(token):
    return f"<preauth xmlns='urn:xmpp:pars:0' token='{token}'/>"


def plain(user):
    """What Conversations, Monal, Profanity and Smack send."""
    return f"<query xmlns='{REGISTER}'><username>{user}</username><password>{PASSWORD}</password></query>"


GET = f"<query xmlns='{REGISTER}'/>"


async def test_a_client_that_knows_only_name_and_password_gets_an_account_at_once_by_invitation(house):
    broker = house()
    await broker.ready()
    _, token = invite(broker)
    async with await Client.connected(broker.server) as client:
        assert client.features.find(FEATURE) is not None and client.features.find(OLD_FEATURE) is not None
        refused = await client.iq("set", plain("ada"), to="chat.example")
        assert stanza_error(refused)[:2] == ("modify", "not-acceptable") and "/register" in stanza_error(refused)[2]
        accepted = await client.iq("set", preauth(token), to="chat.example", id="pa1")
        assert (accepted.get("type"), accepted.get("from"), len(accepted)) == ("result", "chat.example", 0)
        form = (await client.iq("get", GET, to="chat.example", id="g")).find(f"{{{REGISTER}}}query")
        assert [name(child) for child in form] == ["instructions", "username", "password", "x"]
        made = await client.iq("set", plain("ada"), to="chat.example", id="s")
        assert made.get("type") == "result", describe(made)
        again = await client.iq("set", plain("bea"), to="chat.example", id="s2")
        assert stanza_error(again)[:2] == ("cancel", "item-not-found")
    async with await Client.logged_in(broker.server, "ada", PASSWORD):
        pass
    assert broker.operate("invite", "show", "1")["accounts"] == ["ada@chat.example"]
    assert token not in broker.log() and token not in broker.server.log()


async def test_a_wrong_token_is_told_as_the_xep_says_and_registration_goes_on_without_it(house):
    broker = house({"domain_options": 'email = "optional"'})
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        for token in ("a" * 26, "TOKEN", ""):
            refused = await client.iq("set", preauth(token), to="chat.example", id="pa1")
            kind, condition, text = stanza_error(refused)
            assert (kind, condition) == ("cancel", "item-not-found") and text
        assert (await client.iq("set", plain("ada"), id="s")).get("type") == "result"


async def test_an_invitation_that_expires_between_token_and_form_still_works(house):
    broker = house()
    await broker.ready()
    _, token = invite(broker, "--expires", "1m", "--uses", "2")
    database = broker.folder / "data" / "ostiary.db"
    async with await Client.connected(broker.server) as client:
        assert (await client.iq("set", preauth(token), id="pa1")).get("type") == "result"
        # A minute that the test does not want to wait for.
        connection = sqlite3.connect(database)
        with connection:
            connection.execute("UPDATE invitations SET expires_at = ?", (time.time_ns() // 1_000_000,))
        connection.close()
        await asyncio.sleep(0.05)
        async with await Client.connected(broker.server) as late:
            assert stanza_error(await late.iq("set", preauth(token), id="pa1"))[1] == "item-not-found"
        assert (await client.iq("get", GET, id="g")).get("type") == "result"
        assert (await client.iq("set", plain("ada"), id="s")).get("type") == "result"


async def test_where_an_invitation_is_required_everybody_else_is_told_so(house):
    broker = house(REQUIRED)
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        answer = (await client.iq("get", GET)).find(f"{{{REGISTER}}}query")
        assert [name(child) for child in answer] == ["instructions", "x"]
        assert "invitation" in answer.findtext(f"{{{REGISTER}}}instructions")
        assert answer.findtext("{jabber:x:oob}x/{jabber:x:oob}url") == f"{broker.web}register"
        kind, condition, text = stanza_error(await client.iq("set", plain("ada"), id="s"))
        assert (kind, condition) == ("auth", "forbidden") and "invitation" in text and "/register" in text
        _, token = invite(broker, "--name", "juliet")
        assert (await client.iq("set", preauth(token), id="pa")).get("type") == "result"
        wrong = await client.iq("set", plain("romeo"), id="s2")
        assert stanza_error(wrong)[:2] == ("modify", "not-acceptable") and "juliet" in stanza_error(wrong)[2]
        form = (await client.iq("get", GET, id="g2")).find(f"{{{REGISTER}}}query")
        fields = {field.get("var"): field for field in form.iter("{jabber:x:data}field")}
        assert fields["username"].findtext("{jabber:x:data}value") == "juliet"
        assert (await client.iq("set", plain("juliet"), id="s3")).get("type") == "result"


async def test_no_feature_is_announced_where_invitations_are_off(house):
    broker = house({"domain_options": 'invitations = "off"'})
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        assert client.offers_registration()
        assert client.features.find(FEATURE) is None and client.features.find(OLD_FEATURE) is None


async def test_the_inviter_gets_the_new_account_as_a_contact_at_once(house):
    broker = house({"domain_options": 'email = "off"'})
    await broker.ready()
    async with await Client.connected(broker.server) as client:
        assert (await client.iq("set", plain("romeo"))).get("type") == "result"
    _, token = invite(broker, "--inviter", "romeo@chat.example")
    async with await Client.logged_in(broker.server, "romeo", PASSWORD) as romeo:
        await romeo.iq("get", f"<query xmlns='{ROSTER}'/>", id="r")
        async with await Client.connected(broker.server) as client:
            assert (await client.iq("set", preauth(token), id="pa")).get("type") == "result"
            assert (await client.iq("set", plain("juliet"), id="s")).get("type") == "result"
        while True:
            push = await asyncio.wait_for(romeo.receive(), 10)
            item = push.find(f"{{{ROSTER}}}query/{{{ROSTER}}}item")
            if item is not None and item.get("jid") == "juliet@chat.example" and item.get("subscription") == "both":
                break
    async with await Client.logged_in(broker.server, "juliet", PASSWORD) as juliet:
        roster = await juliet.iq("get", f"<query xmlns='{ROSTER}'/>", id="r")
        items = {item.get("jid"): item.get("subscription") for item in roster.iter(f"{{{ROSTER}}}item")}
        assert items == {"romeo@chat.example": "both"}


async def test_at_the_components_own_address_a_token_is_remembered_for_who_has_shown_it(house):
    broker = house({"domain_options": 'invitations = "required"\nusername_reserved = []'})
    await broker.ready()
    for user in ("ada", "bea"):
        broker.operate("account", "add", f"{user}@chat.example", "--password-stdin", input=PASSWORD + "\n")
    _, token = invite(broker, "--uses", "5")
    component = broker.server.component
    async with await Client.logged_in(broker.server, "ada", PASSWORD) as ada:
        wrong = await ada.iq("set", preauth("a" * 26), to=component, id="pa0")
        assert stanza_error(wrong)[:2] == ("cancel", "item-not-found")
        assert (await ada.iq("set", preauth(token), to=component, id="pa")).get("type") == "result"
        info = await ada.iq("get", "<query xmlns='http://jabber.org/protocol/disco#info'/>", to=component, id="d")
        assert "urn:xmpp:pars:0" in describe(info)


async def test_an_address_proven_on_the_web_makes_an_account_in_a_program_that_knows_only_name_and_password(house):
    broker = house()
    await broker.ready()
    browser = Browser(broker.web)
    page = await asyncio.to_thread(lambda: browser.submit(browser.get("/invite"), email="ada@mail.example"))
    assert 'role="status"' in page
    letter = await broker.letter("ada@mail.example")
    token = re.search(r"/invite/([a-z2-7]{26})", letter).group(1)
    landing = await asyncio.to_thread(browser.get, f"/invite/{token}")
    assert f"xmpp:chat.example?register;preauth={token}" in landing
    async with await Client.connected(broker.server) as client:
        assert (await client.iq("set", preauth(token), to="chat.example", id="pa1")).get("type") == "result"
        assert (await client.iq("set", plain("ada"), to="chat.example", id="s")).get("type") == "result"
    async with await Client.logged_in(broker.server, "ada", PASSWORD):
        pass
    account = broker.operate("account", "show", "ada@chat.example")
    assert account["state"] == "active" and account["email"] == "ada@mail.example" and account["email_verified_at"]

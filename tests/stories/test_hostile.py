"""Whatever a logged-in user sends to the component through a real server, the link lives and the next request is answered.

The same stanzas as in `tests/support/hostile_stanzas.rs`, as they are after the server has had its say.
"""

from test_registration import PASSWORD, verified
from wire import Client, Closed, describe

PING = "<ping xmlns='urn:xmpp:ping'/>"
STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def iq(payload, more=""):
    return f"<iq type='get' id='1' {more} TO>{payload}</iq>"


def nested(levels):
    return iq("<a>" * levels + "</a>" * levels)


def attribute(size):
    return iq(f"<q xmlns='urn:x' a='{'x' * size}'/>")


CASES = {
    "good": iq(PING),
    "iq no id": f"<iq type='get' TO>{PING}</iq>",
    "iq no payload": "<iq type='get' id='1' TO/>",
    "iq bad type": f"<iq type='zonk' id='1' TO>{PING}</iq>",
    "iq text content": iq(f"hello{PING}"),
    "iq error without error": "<iq type='error' id='1' TO/>",
    "iq error without condition": "<iq type='error' id='1' TO><error type='cancel'/></iq>",
    "iq error unknown condition": f"<iq type='error' id='1' TO><error type='cancel'><zonk xmlns='{STANZAS}'/></error></iq>",
    "message bad type": "<message type='zonk' TO><body>x</body></message>",
    "message error without error": "<message type='error' TO/>",
    "presence bad priority": "<presence TO><priority>9999</priority></presence>",
    "presence bad show": "<presence TO><show>zonk</show></presence>",
    "presence bad type": "<presence type='zonk' TO/>",
    "attribute of 8.3 kB": attribute(8300),
    "message id of 8.3 kB": f"<message TO id='{'x' * 8300}'/>",
    "prefixed payload": iq("<z:q xmlns:z='urn:x' z:a='1'/>"),
    "xml:lang": iq(PING, "xml:lang='de'"),
    "forwarded message": iq("<f xmlns='urn:x'><message xmlns='jabber:client' to='a@b'><body>x</body></message></f>"),
    "1,000 levels": nested(1000),
    "5,000 levels": nested(5000),
    "20,000 levels": nested(20_000),
    "attribute of 60 kB": attribute(60_000),
    "attribute of 180 kB": attribute(180_000),
    "50,000 children": iq(f"<q xmlns='urn:x'>{'<a/>' * 50_000}</q>"),
    # A registration that is as odd as the rest.
    "thousand fields": iq("<query xmlns='jabber:iq:register'>" + "<username>x</username>" * 1000 + "</query>"),
    "form of 100 kB": iq("<query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='username'>"
                         f"<value>{'x' * 100_000}</value></field></x></query>").replace("'get'", "'set'"),
}


async def test_no_stanza_of_a_user_ends_the_link_through_a_real_server(house):
    broker = house()
    await broker.ready()
    await verified(broker, "mallory")
    client = await Client.logged_in(broker.server, "mallory", PASSWORD)
    to = f"to='{broker.server.component}'"
    for number, (name, stanza) in enumerate(CASES.items()):
        client.send(stanza.replace("TO", to))
        try:
            pong = await client.iq("get", PING, to=broker.server.component, id=f"after-{number}")
        except (Closed, ConnectionError):
            # The server has had enough of this user; the link must live all the same.
            client = await Client.logged_in(broker.server, "mallory", PASSWORD)
            pong = await client.iq("get", PING, to=broker.server.component, id=f"again-{number}")
        assert pong.get("type") == "result", f"{name}: {describe(pong)}"
        assert broker.process.poll() is None, name
    assert broker.log().count("connected to the XMPP server") == 1, broker.log()[-2000:]

"""The language of a client's stream decides the language of what it is told."""

import pytest

from wire import REGISTER, Client, stanza_error

USERNAME = {"de": "Benutzername", "en": "Username", "es": "Nombre de usuario", "fr": "Nom d’utilisateur", "sv": "Användarnamn"}


@pytest.mark.parametrize("asked, told", [("de-AT", "de"), ("es-MX", "es"), ("fr-CA", "fr"), ("sv", "sv"), ("nl", "en")])
async def test_form_and_refusals_come_in_the_nearest_language_of_the_stream(house, asked, told):
    broker = house()
    await broker.ready()
    async with await Client.connected(broker.server, lang=asked) as client:
        form = (await client.iq("get", f"<query xmlns='{REGISTER}'/>")).find(f"{{{REGISTER}}}query")
        labels = [field.get("label") for field in form.iter("{jabber:x:data}field")]
        assert USERNAME[told] in labels
        answer = await client.iq("set", f"<query xmlns='{REGISTER}'><username>admin</username><password>short</password></query>")
    assert stanza_error(answer)[:2] == ("modify", "not-acceptable")
    text = next(answer.iter("{urn:ietf:params:xml:ns:xmpp-stanzas}text"))
    assert text.get("{http://www.w3.org/XML/1998/namespace}lang") == told
    assert ("This name is reserved" in text.text) == (told == "en")

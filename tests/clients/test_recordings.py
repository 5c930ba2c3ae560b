"""What each client sends is answered with what that client needs."""

import re
import ssl

import pytest
import readers
import table
from player import Player, fits
from transcript import recordings
from wire import Client, describe

STORIES = [pytest.param(recording, story, number, id=f"{recording.slug} {story.kind} {story.title}".replace(" ", "-"))
           for recording in recordings() for number, story in enumerate(recording.stories)]


@pytest.mark.parametrize("recording, story, number", STORIES)
async def test_a_client(house, recording, story, number):
    await Player(house, recording, story, number).play()


@pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording.slug)
def test_where_an_e_mail_address_is_required_a_client_sends_it_or_is_told_the_web_address(recording):
    there = {story.kind for story in recording.stories if story.domain == "required"}
    elsewhere = {story.kind for story in recording.stories if story.domain != "required"}
    assert recording.email in ("yes", "no", "if its program does")
    if recording.email != "no":
        assert "registers" in there
    if recording.email != "yes":
        assert "is refused" in there and "registers" in elsewhere


@pytest.mark.parametrize("recording", recordings(), ids=lambda recording: recording.slug)
@pytest.mark.parametrize("domain", ["form", "web"])
async def test_what_a_client_makes_of_a_form_alone_and_of_a_web_page_alone(house, recording, domain):
    question = next((step.rest for story in recording.stories for step in story.steps
                     if step.verb == "sends" and re.match("<iq [^>]*type=.get.", step.rest)), None)
    if question is None:
        assert getattr(recording, domain) == "does not ask"
        return
    async with await Client.connected(house.server, house.domains[domain], tls=ssl.TLSVersion.TLSv1_3) as client:
        client.send(question.replace("{domain}", house.domains[domain]))
        answer = await client.receive()
    shown = readers.of(recording.slug)(readers.Reply(answer, house.domains[domain]))
    assert fits(getattr(recording, domain).replace("{page}", house.page), shown), f"it sees: {shown}\nin: {describe(answer)}"


def test_the_page_about_clients_says_what_is_played():
    assert table.PAGE.read_text() == table.page(), "run .venv/bin/python tests/clients/table.py"

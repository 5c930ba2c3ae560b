"""What each client sends is answered with what that client needs."""

import pytest
import table
from player import Player
from transcript import recordings

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


def test_the_page_about_clients_says_what_is_played():
    assert table.PAGE.read_text() == table.page(), "run .venv/bin/python tests/clients/table.py"

"""Reads the recordings: what a client sends, byte by byte, and what it makes of the answers. `README.md` holds the form."""

import re
from dataclasses import dataclass, field
from pathlib import Path

RECORDINGS = Path(__file__).parent / "recordings"


@dataclass
class Step:
    """One line: somebody (a stream, `A` to `Z`, or `person`), a verb, the rest."""

    line: int
    actor: str
    verb: str
    rest: str


@dataclass
class Story:
    """One thing that a client does. `kind` is what comes before the colon of its title."""

    kind: str
    title: str
    domain: str = None
    steps: list = field(default_factory=list)


@dataclass
class Recording:
    """Everything about one client."""

    path: Path
    client: str = None
    source: str = None
    about: str = ""
    gate: str = None
    email: str = None
    real: str = None
    form: str = None
    web: str = None
    stories: list = field(default_factory=list)

    @property
    def slug(self):
        return self.path.stem


VERBS = {"opens", "sends", "sees", "hears", "closes", "ends", "proves", "has", "logs", "cannot", "takes", "tries", "finds", "gets"}


def read(path):
    recording, story, last = Recording(path), None, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        if text.startswith("#") and not recording.client:
            recording.about += " " * bool(recording.about) + text.removeprefix("#").strip()
        if not text or text.startswith("#"):
            continue
        if line[0] == " ":  # goes on; nothing that a client sends has a line break
            last.rest += text
            continue
        word, _, rest = text.partition(" ")
        rest = rest.strip()
        if word in ("client", "source", "gate", "email", "real", "form", "web"):
            setattr(recording, word, rest)
        elif word == "story":
            kind, _, title = rest.partition(": ")
            story = Story(kind, title)
            recording.stories.append(story)
        elif word == "domain":
            story.domain = rest
        else:
            verb, _, rest = rest.partition(" ")
            assert verb in VERBS and re.fullmatch("[A-Z]|person", word), f"{path.name}:{number}: {line}"
            last = Step(number, word, verb, rest.strip())
            story.steps.append(last)
    for needed in ("about", "client", "source", "gate", "email", "form", "web", "stories"):
        assert getattr(recording, needed), f"{path.name}: no {needed}"
    assert all(story.domain and story.title for story in recording.stories), f"{path.name}: a story without domain or title"
    return recording


def recordings():
    return [read(path) for path in sorted(RECORDINGS.glob("*.txt"))]

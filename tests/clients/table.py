"""Makes `docs/clients.md` from the recordings: `.venv/bin/python tests/clients/table.py` writes it, a test compares it."""

from pathlib import Path

from transcript import recordings

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "clients.md"

HEAD = """# Clients

What the clients that people use do when they register, change a password or remove an account, and what they get. Each line is played:
a *recording* (`tests/clients/recordings/`) sends what the client sends, byte by byte, to a real Prosody with the real broker, and
holds what that client makes of the answer against what it should see; it names the source that it was written from. *Real* clients
run as well. This page is made from the recordings by `tests/clients/table.py`; a test compares it.

A client that cannot send an e-mail address is refused where one is required, and the text of the refusal holds the address of the web
page. It registers with an invitation, or where no address is required (`email = "optional"` or `"off"` of the domain), and logs in like
any other with an account made on the web. The same holds for one that cannot show a CAPTCHA, where one is asked for.

| client | sends an e-mail address | registers | sends an invitation | solves a CAPTCHA | changes the password | removes the account | tested by |
|---|---|---|---|---|---|---|---|
"""

FOOT = """
xmpp.js has no in-band registration; an account made on the web works with it.
"""

SHAPES = """
## What they make of other offers

Usually a domain offers the elements of XEP-0077 and an equivalent form. With `in_band = "form"` it offers the form alone, with
`in_band = "web"` the address of the web page; this is what each client then shows.

| client | form alone | web page alone |
|---|---|---|
"""


def page():
    every = recordings()
    rows = "".join(row(recording) for recording in every)
    shapes = "".join(f"| {recording.client} | {shown(recording.form)} | {shown(recording.web)} |\n" for recording in every)
    return HEAD + rows + FOOT + SHAPES + shapes + "".join(section(recording) for recording in every)


def row(recording):
    def has(kind):
        return "yes" if any(story.kind == kind for story in recording.stories) else "-"
    tests = f"recording `{recording.slug}`" + (f", real (`{recording.real}`)" if recording.real else "")
    return (f"| [{recording.client}](#{anchor(recording.client)}) | {recording.email} | {has('registers')} | {has('is invited')} | {has('solves a CAPTCHA')} | "
            f"{has('changes its password')} | {has('removes its account')} | {tests} |\n")


def section(recording):
    lines = "".join(f"- {sentence(story)} (`{story.domain}`)\n" for story in recording.stories)
    return f"\n## {recording.client}\n\n{recording.about}\n\n{lines}\nSource: {recording.source}.\n"


def sentence(story):
    return f"{story.kind} {story.title}" if story.kind in ("registers", "is invited", "changes its password", "removes its account") else \
        f"{story.kind}: {story.title}"


def shown(text):
    return text.replace("*{page}", "… the address").replace("{page}", "").strip()


def anchor(title):
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")


if __name__ == "__main__":
    PAGE.write_text(page())

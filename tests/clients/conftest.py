"""Fixtures of the stories of clients: one Prosody and one broker for all recordings, with a domain for each policy."""

import asyncio
import inspect
import json
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS / "prosody"), str(TESTS / "stories")]

import signer  # noqa: E402
from broker import BINARY, LIMIT, Broker, make_broker  # noqa: E402
from lab import make_certificate, settings, start_prosody  # noqa: E402
from wire import Client  # noqa: E402

STORY_LIMIT = 120

# Conversations and Kaidan look for https addresses only, which the broker of a test does not have.
PAGE = "https://accounts.example/register"

# What each domain asks for. The first is the one that Prosody starts with.
DOMAINS = {
    "required": 'email = "required"',
    "optional": 'email = "optional"',
    "off": 'email = "off"',
    "captcha": 'email = "off"\ncaptcha = "always"\n'
               'captcha_questions = [{ lang = "en", ask = "What colour is snow?", answers = ["white"] }]',
    "form": f'in_band = "form"\nregistration_page = "{PAGE}"',
    "web": f'in_band = "web"\nregistration_page = "{PAGE}"',
    "localhost": 'email = "off"',  # for programs that look the server up by the name of the domain
}
COMPONENT = "broker.example"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), STORY_LIMIT))
    return True


@dataclass
class House:
    """A server and the broker beside it. `domains` maps the names of `DOMAINS` to addresses; `page` is what those of other offers
    send people to; `keys` are API keys by the name of their domain, so forms have the hidden fields of XEP-0348 there."""

    server: object
    broker: object
    domains: dict
    page: str
    keys: dict


@pytest.fixture(scope="session")
def house(tmp_path_factory):
    """Encryption is required everywhere, as on a server that people use."""
    folder = tmp_path_factory.mktemp("house")
    domains = {name: name if name == "localhost" else f"{name}.example" for name in DOMAINS}
    for domain in domains.values():
        make_certificate(folder / "certificates", domain)
    first, *others = domains.items()
    host = {"authentication": "ostiary", "ostiary_component": COMPONENT, "modules_enabled": ["ostiary"]}
    server = start_prosody(
        folder / "prosody", folder / "certificates", domain=first[1], component=COMPONENT, tls_required=True,
        host_options={"ostiary_component": COMPONENT},
        more="".join(f'VirtualHost "{domain}"\n{settings(host)}' for _, domain in others))
    try:
        broker = make_broker(folder / "ostiary", server, domain_options=DOMAINS[first[0]] + "".join(
            f'\n[[domain]]\nname = "{domain}"\n{DOMAINS[name]}\n' for name, domain in others))
        broker.start()
        try:
            asyncio.run(broker.ready(tls=ssl.TLSVersion.TLSv1_3))
            for domain in domains.values():
                broker.operate("account", "add", f"taken@{domain}", "--password-stdin", input="correct horse battery\n")
            keys = {name: broker.operate("key", "create", "--owner", "A maker of sensors", "--limit", "1000", "--domain", domains[name])
                    for name in ("required", "captcha")}
            asyncio.run(signable(server, domains["required"]))
            yield House(server, broker, domains, PAGE, keys)
        finally:
            broker.stop()
    finally:
        server.stop()


async def signable(server, domain):
    """Waits until forms can be signed, which takes a second after the first key was made."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        async with await Client.connected(server, domain, tls=ssl.TLSVersion.TLSv1_3) as client:
            if "oauth_token" in await signer.form(client):
                return
        await asyncio.sleep(0.1)
    raise AssertionError("forms cannot be signed")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """`ostiary demo`, as somebody who tries it out has it: a `Broker` with what `demo.json` says in `whereabouts`."""
    folder = tmp_path_factory.mktemp("demo")
    with open(folder.parent / "demo.log", "wb") as log:
        process = subprocess.Popen([BINARY, "demo", "--dir", folder, "--json"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 2 * LIMIT
        while not (folder / "demo.json").exists():
            assert process.poll() is None and time.monotonic() < end, (folder.parent / "demo.log").read_text()
            time.sleep(0.05)
        whereabouts = json.loads((folder / "demo.json").read_text())
        broker = Broker(folder, None, whereabouts["http"] + "/", process)
        broker.whereabouts = whereabouts
        yield broker
    finally:
        process.terminate()
        process.wait(LIMIT)

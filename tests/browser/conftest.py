"""Fixtures of the stories in a real browser: the real broker, whose XMPP server is away, and Chromium."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS / "prosody"), str(TESTS / "stories")]

import chromium  # noqa: E402
from broker import make_broker  # noqa: E402
from lab import free_ports  # noqa: E402
from person import Person  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--pictures", metavar="FOLDER", help="keep a picture of each page here")


@pytest.fixture
def house(tmp_path):
    """Starts a broker; the options are those of `write_config`."""
    running = []

    def started(**options):
        server = SimpleNamespace(domain="chat.example", component="broker.example", secret="secret",
                                 component_port=free_ports(1)[0])
        broker = make_broker(tmp_path / f"ostiary-{len(running)}", server, **options)
        running.append(broker)
        broker.start()
        broker.listening()
        return broker

    yield started
    for each in running:
        each.stop()


@pytest.fixture
def person(tmp_path):
    """Somebody with a browser."""
    running = []

    def started(broker, **options):
        driver = chromium.start(tmp_path / f"chromium-{len(running)}", **options)
        running.append(driver)
        return Person(driver, broker)

    yield started
    for each in running:
        each.quit()

"""Fixtures of the stories with a scripted broker. Each is told on both servers; the loop for coroutines comes with the table."""

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "prosody")]

from ejabberd import compile_modules  # noqa: E402
from lab import make_certificate  # noqa: E402
from servers import KINDS, Servers  # noqa: E402

pytest_plugins = ["story_table"]


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    certificates = tmp_path_factory.mktemp("certificates")
    make_certificate(certificates, "chat.example")
    beams = compile_modules(tmp_path_factory.mktemp("ebin"))
    servers = Servers(tmp_path_factory.mktemp("servers"), certificates, beams)
    yield servers
    servers.stop()


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def start(servers, kind):
    """Starts a server of one's own with the needs of `servers.start_server`, and stops it afterwards."""
    running = []

    def started(**needs):
        running.append(servers.new(kind, **needs))
        return running[-1]

    yield started
    for server in running:
        server.stop()


@pytest.fixture
def server(servers, kind, start):
    """A server as most stories need it. Its requests time out later than a story waits for anything."""
    return start() if kind == "prosody" else servers.alike(kind)


@pytest.fixture
def hasty(servers, kind, start):
    """A server whose requests time out after two seconds, for stories about silence."""
    return start(timeout=2) if kind == "prosody" else servers.alike(kind, timeout=2)

"""Fixtures of the stories with the real broker. They are told on both servers, whose labs are in `tests/prosody` and `tests/servers`."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(TESTS / "prosody"), str(TESTS / "servers")]

from broker import make_broker  # noqa: E402
from ejabberd import compile_modules  # noqa: E402
from lab import make_certificate, start_prosody  # noqa: E402
from servers import KINDS, Servers  # noqa: E402

pytest_plugins = ["story_table"]


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_certificate(folder, "chat.example")
    return folder


@pytest.fixture(scope="session")
def servers(tmp_path_factory, certificates):
    servers = Servers(tmp_path_factory.mktemp("servers"), certificates, compile_modules(tmp_path_factory.mktemp("ebin")))
    yield servers
    servers.stop()


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def house(tmp_path, certificates, servers, kind):
    """Starts a server and a broker beside it; `broker_options` go to `write_config`.

    The rest are needs of the server: `tls_required` on both, others only where a story is about Prosody alone
    (`start_prosody`). An ejabberd is shared by the stories that need the same of it; with `own`, the story has either server for
    itself, with the needs of `servers.start_server`.
    """
    running = []

    def started(broker_options=None, own=False, **needs):
        if own:
            server = servers.new(kind, **needs)
            running.append(server)
        elif kind == "prosody":
            needs.setdefault("modules", ("ostiary",))
            server = start_prosody(tmp_path / f"prosody-{len(running)}", certificates, **needs)
            running.append(server)
        else:
            server = servers.alike(kind, **needs)
        broker = make_broker(tmp_path / f"ostiary-{len(running)}", server, **(broker_options or {}))
        running.append(broker)
        broker.start()
        return broker

    yield started
    for each in reversed(running):
        each.stop()

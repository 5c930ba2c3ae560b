"""Fixtures of the stories with the real broker. Prosody, wire and the loop for coroutines come from `tests/prosody`."""

import asyncio
import inspect
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "prosody"))

from broker import make_broker  # noqa: E402
from lab import make_certificate, start_prosody  # noqa: E402

STORY_LIMIT = 300


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), STORY_LIMIT))
    return True


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    make_certificate(folder, "chat.example")
    return folder


@pytest.fixture
def house(tmp_path, certificates):
    """Starts Prosody and a broker beside it; `broker_options` go to `write_config`, the rest to `start_prosody`."""
    running = []

    def started(broker_options=None, **server_options):
        server_options.setdefault("modules", ("ostiary",))
        server = start_prosody(tmp_path / f"prosody-{len(running)}", certificates, **server_options)
        running.append(server)
        broker = make_broker(tmp_path / f"ostiary-{len(running)}", server, **(broker_options or {}))
        running.append(broker)
        broker.start()
        return broker

    yield started
    for each in reversed(running):
        each.stop()

"""Fixtures of the stories, and the loop that runs those written as coroutines."""

import asyncio
import inspect

import pytest

from lab import make_certificate, start_prosody

STORY_LIMIT = 60


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
def start(tmp_path, certificates):
    """Starts servers with the given options of `lab.start_prosody`, and stops them afterwards."""
    servers = []

    def started(**options):
        options.setdefault("modules", ("ostiary", "lab"))
        servers.append(start_prosody(tmp_path / f"prosody-{len(servers)}", certificates, **options))
        return servers[-1]

    yield started
    for server in servers:
        server.stop()


@pytest.fixture
def prosody(start):
    """A server as most stories need it; requests time out after two seconds."""
    return start(host_options={"ostiary_timeout": 2})

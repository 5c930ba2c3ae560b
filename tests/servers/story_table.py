"""A plugin of pytest: runs stories that are coroutines, and writes down which story holds on which server.

    pytest --stories FILE …

writes `{"stories": {"test_register.py": {"a_story": {"prosody": "passed", "ejabberd": "passed"}}}}`. `scripts/story-table`
makes the table of docs/servers.md from such files.
"""

import asyncio
import inspect
import json
from pathlib import Path

import pytest

STORY_LIMIT = 300
RANK = {"skipped": 0, "passed": 1, "failed": 2}


def pytest_addoption(parser):
    parser.addoption("--stories", metavar="FILE", help="write down which story holds on which server")


def pytest_configure(config):
    config.addinivalue_line("markers", "only(kind): the story is about one server's own")
    config.addinivalue_line("markers", "limit(seconds): the story may take longer than others")
    if config.getoption("--stories"):
        config.pluginmanager.register(Table(Path(config.getoption("--stories"))))


def pytest_collection_modifyitems(config, items):
    """Leaves out the servers that a story is not about."""
    left_out = [item for item in items if (only := item.get_closest_marker("only")) and kind_of(item) not in only.args]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def kind_of(item):
    return item.callspec.params.get("kind") if hasattr(item, "callspec") else None


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    limit = pyfuncitem.get_closest_marker("limit")
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), limit.args[0] if limit else STORY_LIMIT))
    return True


class Table:
    def __init__(self, path):
        self.path, self.stories = path, {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item):
        outcome = yield
        kind = kind_of(item)
        if not kind:
            return
        row = self.stories.setdefault(item.path.name, {}).setdefault(item.originalname, {})
        result = outcome.get_result().outcome
        row[kind] = max(row.get(kind, "skipped"), result, key=RANK.get)

    def pytest_sessionfinish(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.stories, indent=1, sort_keys=True) + "\n")

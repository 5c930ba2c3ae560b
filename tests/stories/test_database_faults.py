"""Every system call of the database fails in turn while people register: what was acknowledged stays, nothing is half made, it ends by itself."""

import errno
import mmap
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from broker import LIMIT, Browser, make_broker
from lab import free_ports

SOURCE = Path(__file__).parent.parent / "faults" / "failing.c"
KINDS = ("open", "read", "write", "sync", "truncate", "stat", "lock", "map", "unlink", "close")
ONCE, FOR_GOOD, SHORT, TORN = range(4)
PASSWORD = "correct horse battery"


class Calls:
    """Says which call fails; the other side is `failing.c`."""

    def __init__(self, folder):
        self.library = folder / "failing.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, SOURCE, "-ldl"], check=True, timeout=60)
        self.path = folder / "calls"
        self.path.write_bytes(bytes(4096))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)
        self.fail_none()

    def fail(self, kind, countdown, error, manner):
        struct.pack_into("5i", self.memory, 0, -1, countdown, error, manner, 0)
        struct.pack_into("i", self.memory, 0, KINDS.index(kind))

    def fail_none(self):
        """Returns how often a call has failed."""
        struct.pack_into("i", self.memory, 0, -1)
        return struct.unpack_from("i", self.memory, 16)[0]

    def seen(self):
        return dict(zip(KINDS, struct.unpack_from(f"{len(KINDS)}i", self.memory, 20)))


@pytest.fixture
def calls(tmp_path):
    return Calls(tmp_path)


@pytest.fixture
def broker(tmp_path, calls):
    server = SimpleNamespace(domain="chat.example", component="broker.example", secret="secret", component_port=free_ports(1)[0])
    broker = make_broker(tmp_path / "ostiary", server)
    broker.acknowledged, broker.attempted = [], set()
    yield broker
    broker.stop()


def start(broker, calls=None):
    """With `calls`, they may fail in it."""
    if calls is None:
        broker.start()
        return
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LD_PRELOAD", str(calls.library))
        environment.setenv("FAILING_CALLS", str(calls.path))
        broker.start()


def registers(broker):
    """Somebody new registers; returns whether that was acknowledged."""
    user = f"user{len(broker.attempted)}"
    broker.attempted.add(user)
    browser = Browser(broker.web)
    browser.submit(browser.get("/register"), username=user, password=PASSWORD, email=f"{user}@mail.example")
    if done := browser.status == 200 and browser.url.endswith("/verify"):
        broker.acknowledged.append(user)
    return done


def recovers(broker):
    end = time.monotonic() + LIMIT
    while not registers(broker):
        assert broker.process.poll() is None and time.monotonic() < end, broker.log()[-3000:]
        time.sleep(0.05)


def whole(path):
    """The accounts that a process that starts now finds, in the order in which they were made; none is half made."""
    database = sqlite3.connect(path)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        accounts = [row[0] for row in database.execute("SELECT username FROM accounts ORDER BY id")]
        half = database.execute("SELECT username FROM accounts WHERE id NOT IN (SELECT account_id FROM verifications)"
                                " OR username || '@chat.example' NOT IN (SELECT account FROM audit) OR password_hash IS NULL").fetchall()
    finally:
        database.close()
    assert half == [], "half made"
    return accounts


def look(path, broker):
    accounts = set(whole(path))
    assert set(broker.acknowledged) <= accounts <= broker.attempted, "an acknowledged account is gone"
    return accounts


def look_at_copy(broker, folder):
    """As after a SIGKILL right now. The log may be folded in between the two copies, so that a bad one may be taken again."""
    for patience in (True, True, False):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for end in ("", "-wal"):
            if (file := Path(f"{broker.folder}/data/ostiary.db{end}")).exists():
                shutil.copy(file, folder)
        try:
            return look(folder / "ostiary.db", broker)
        except (AssertionError, sqlite3.DatabaseError):
            if not patience:
                raise
            time.sleep(0.1)


def look_after_restart(broker):
    """Without the shim: everything is there, and each account gets its letter."""
    broker.stop()
    start(broker)
    broker.listening()
    recovers(broker)
    accounts = {account["username"] for account in broker.operate("account", "list", "--limit", "1000")}
    assert set(broker.acknowledged) <= accounts <= broker.attempted
    end = time.monotonic() + LIMIT
    while not accounts <= (lettered := {str(letter["To"]).split("@")[0] for letter in broker.letters()}):
        assert time.monotonic() < end, f"no letter: {accounts - lettered}"
        time.sleep(0.1)
    broker.stop()
    look(broker.folder / "data" / "ostiary.db", broker)


def forget_pages(broker):
    """Another program's commit, after which pages are read again."""
    database = sqlite3.connect(broker.folder / "data" / "ostiary.db", timeout=LIMIT)
    with database:
        database.execute("INSERT INTO audit (at, front, account, action) VALUES (1, 'cli', 'nobody@chat.example', 'registered')")
    database.close()


@pytest.mark.parametrize(("call", "error", "manner"), [
    ("write", errno.EIO, ONCE), ("write", errno.ENOSPC, FOR_GOOD), ("write", errno.EIO, SHORT), ("write", errno.ENOSPC, TORN),
    ("sync", errno.EIO, ONCE), ("sync", errno.EIO, FOR_GOOD), ("read", errno.EIO, ONCE), ("lock", errno.EIO, ONCE),
])
def test_each_call_of_the_database_fails_in_turn_and_nothing_acknowledged_is_lost(broker, calls, tmp_path, call, error, manner):
    start(broker, calls)
    broker.listening()
    recovers(broker)
    assert calls.seen()["write"] > 10 and calls.seen()["sync"] > 1, "the calls do not pass through the shim"
    reached = refused = 0
    for number in range(1, 41):
        if call == "read":
            forget_pages(broker)
        calls.fail(call, number, error, manner)
        refused += not registers(broker)
        hit = calls.fail_none()
        reached += bool(hit)
        recovers(broker)
        look_at_copy(broker, tmp_path / "copy")
        if not hit:
            break
    assert reached > 0 and (refused or manner == SHORT), f"{reached} reached, {refused} refused"
    print(f"{call} {errno.errorcode[error]}: {reached} failed in turn, {refused} refused, {len(broker.acknowledged)} acknowledged")
    look_after_restart(broker)


@pytest.mark.parametrize("call", ["open", "read", "write", "sync", "truncate", "stat", "map", "unlink", "close"])
def test_a_call_that_fails_at_the_start_or_the_end_is_told_and_harms_nothing(broker, calls, call):
    start(broker)
    broker.listening()
    recovers(broker)
    broker.kill()
    reached = 0
    for number in (1, 2, 3, 5, 8):
        log = len(broker.log())
        calls.fail(call, number, errno.EIO, ONCE)
        start(broker, calls)
        end = time.monotonic() + LIMIT
        while broker.process.poll() is None and "ostiary serves" not in broker.log()[log:]:
            assert time.monotonic() < end, broker.log()[log:]
            time.sleep(0.02)
        reached += bool(calls.fail_none())
        if broker.process.poll() is None:
            recovers(broker)
            calls.fail(call, number, errno.EIO, ONCE)
            broker.process.send_signal(signal.SIGTERM)
            assert broker.process.wait(LIMIT) == 0, broker.log()[log:]
            reached += bool(calls.fail_none())
        else:
            assert broker.process.returncode == 1 and "ostiary.db" in broker.log()[log:], broker.log()[log:]
        look(broker.folder / "data" / "ostiary.db", broker)
        start(broker)
        broker.listening()
        recovers(broker)
        broker.kill()
    assert reached > 0, "no such call was made"
    look_after_restart(broker)


def end_of_commits(log):
    """Where the last frame that ends a transaction ends (SQLite's file format, §4.1)."""
    size, end = struct.unpack_from(">I", log, 8)[0] + 24, 0
    for at in range(32, len(log) - size + 1, size):
        if log[at + 8:at + 16] == log[16:24] and struct.unpack_from(">I", log, at + 4)[0]:
            end = at + size
    return end, size


def test_of_a_torn_log_counts_what_was_committed_before_the_tear(broker):
    start(broker)
    broker.listening()
    for _ in range(12):
        assert registers(broker)
    broker.kill()
    path = broker.folder / "data" / "ostiary.db"
    log_path = Path(f"{path}-wal")
    database, log = path.read_bytes(), log_path.read_bytes()
    end, frame = end_of_commits(log)
    assert end > 12 * frame, "the registrations are in the log"
    chance = random.Random(11)

    def torn(log):
        path.write_bytes(database)
        log_path.write_bytes(log)
        Path(f"{path}-shm").unlink(missing_ok=True)
        return whole(path)

    committed = log[:end]
    for tail in (b"", chance.randbytes(100), chance.randbytes(3 * frame), committed[-frame:][:frame // 2], committed[-frame:],
                 committed[32:32 + frame] + chance.randbytes(frame), bytes(2 * frame)):
        assert torn(committed + tail) == broker.acknowledged, "only what was not committed is gone"
    found = set()
    for _ in range(30):
        at = chance.randrange(32, end)
        garbage = chance.choice([b"", chance.randbytes(min(200, end - at))])
        accounts = torn(committed[:at] + (garbage + committed[at + len(garbage):] if garbage else b""))
        assert accounts == broker.acknowledged[:len(accounts)], "what is left is what came first"
        found.add(len(accounts))
    assert len(found) > 3 and max(found) < 12, "the tears are at places that matter"

    # And the real broker goes on from there.
    for at in (end - frame // 2, end // 2):
        left = torn(committed[:at])
        path.write_bytes(database)
        log_path.write_bytes(committed[:at] + chance.randbytes(frame))
        start(broker)
        broker.listening()
        assert registers(broker)
        broker.stop()
        assert whole(path) == [*left, broker.acknowledged.pop()]

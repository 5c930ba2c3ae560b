"""Measures the whole service, side by side in one run: `scripts/bench` builds what this needs and calls it.

Every round measures each thing once, one after the other; the figures are the medians of the rounds. What counts are the ratios
within a run: the machine does what it does to both sides.
"""

import argparse
import asyncio
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests" / "prosody"), str(ROOT / "tests" / "stories")]

import broker as broker_stories  # noqa: E402
from lab import free_ports, make_certificate, start_prosody  # noqa: E402

TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
LOAD = TARGET / "examples" / "load"
broker_stories.BINARY = str(TARGET / "ostiary")

THREADS = os.cpu_count()
CONFIGURED = {"memory_kib": 19456, "passes": 2, "scram_iterations": 10000}
TRIVIAL = {"memory_kib": 8, "passes": 1, "scram_iterations": 1, "insecure_for_tests": True}
# Prosody's default collector costs it two thirds of its processor time under this load; both sides of each ratio have the same.
COLLECTOR = {"gc": {"mode": "generational"}}
# Clients that come at once wait to be accepted; what does not fit is sent again by the kernel seconds later.
CROWD = {"network_settings": {"tcp_backlog": 1024}}
WITHOUT_EMAIL = 'email = "off"'
# Connections that do nothing, and that send a byte a second.
IDLE, SLOW = 2000, 500


def load(*arguments, environment=None):
    """Runs the load generator; returns its lines."""
    command = [str(LOAD), *map(str, arguments)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, env=os.environ | (environment or {}))
    if run.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{run.stdout}{run.stderr}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def derive(seconds, huge_pages=False, **more):
    options = [f"--{key.replace('_', '-')}={value}" for key, value in (CONFIGURED | more).items()]
    environment = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"} if huge_pages else {}
    return load("derive", f"--seconds={seconds}", *options, environment=environment)[0]["per_second"]


@contextmanager
def running(folder, server, hashing, domain_options="", **options):
    text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in hashing.items())
    broker = broker_stories.make_broker(folder / f"ostiary-{time.monotonic_ns()}", server, domain_options=domain_options,
                                        hashing=text, **options)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def at_component(folder, hashing, *phases, email=True):
    """A broker whose server is the load generator; returns the line of each phase."""
    port = free_ports(1)[0]
    server = SimpleNamespace(domain="chat.example", component="broker.example", secret="secret", component_port=port)
    with running(folder, server, hashing, "" if email else WITHOUT_EMAIL) as broker:
        return load("component", f"--listen=127.0.0.1:{port}", "--component=broker.example", "--domain=chat.example",
                    f"--watch=broker={broker.process.pid}", *([] if email else ["--no-email"]), *phases)


def prosody(folder, certificates, **options):
    options["server_options"] = COLLECTOR | CROWD | {"log": {"warn": str(folder / "prosody.log")}} | options.get("server_options", {})
    return start_prosody(folder / f"prosody-{time.monotonic_ns()}", certificates, **options)


@contextmanager
def web_front(folder, hashing, **options):
    """A broker whose XMPP server is away, and the arguments that lead to its web front."""
    server = SimpleNamespace(domain="chat.example", component="broker.example", secret="secret", component_port=free_ports(1)[0])
    with running(folder, server, hashing, **options) as broker:
        broker.listening()
        address = urllib.parse.urlsplit(broker.web).netloc
        yield broker, ["web", f"--server={address}", f"--watch=broker={broker.process.pid}"]


def pages(folder, seconds):
    """The registration page: as often as goes, and how long it takes now and then, without and with connections that do nothing."""
    many = "max_connections = 4000\nmax_connections_per_client = 4000"
    with web_front(folder, TRIVIAL, http=many) as (_, arguments):
        full = load(*arguments, "--what=page", f"--seconds={seconds}")[0]
        paced = [*arguments, "--what=page", "--per-second=200", "--connections=8", f"--seconds={seconds}"]
        alone = load(*paced)[0]
        beside = load(*paced, f"--idle={IDLE}", f"--slow={SLOW}", "--settle=3")[0]
    return full, alone, beside


def through_api(folder, seconds):
    """Registrations through each interface for programs."""
    with web_front(folder, CONFIGURED) as (broker, arguments):
        key = broker.operate("key", "create", "--owner", "Bench", "--limit", "100000")
        branch = broker.operate("branch", "create", "--owner", "Bench")
        common = [*arguments, f"--seconds={seconds}", "--connections=32"]
        yield "Agent API", load(*common, "--what=agent", "--prefix=a", "--credentials", key["key"], key["secret"])[0]
        yield "branches", load(*common, "--what=branch", "--prefix=b", "--credentials", branch["branch"], branch["secret"],
                               branch["activation_token"])[0]


def clients(server, watched, seconds, *, prefix, reconnect, email):
    arguments = [f"--server=127.0.0.1:{server.c2s}", f"--domain={server.domain}", f"--seconds={seconds}", f"--prefix={prefix}",
                 *(f"--watch={name}={pid}" for name, pid in watched.items())]
    return load("server", *arguments, *(["--reconnect"] if reconnect else []), *([] if email else ["--no-email"]))[0]


def through_prosody(folder, certificates, seconds, reconnect):
    server = prosody(folder, certificates)
    try:
        with running(folder, server, CONFIGURED) as broker:
            asyncio.run(broker.ready())
            return clients(server, {"broker": broker.process.pid, "prosody": server.pid}, seconds, prefix="a", reconnect=reconnect,
                           email=True)
    finally:
        server.stop()


def prosody_alone(folder, certificates, seconds, reconnect):
    server = prosody(folder, certificates, modules=("register_ibr",),
                     host_options={"authentication": "internal_hashed", "allow_registration": True, "modules_enabled": ["register_ibr"]})
    try:
        return clients(server, {"prosody": server.pid}, seconds, prefix="a", reconnect=reconnect, email=False)
    finally:
        server.stop()


class Figures:
    """What was measured, by name; one value for each round."""

    def __init__(self):
        self.values = {}

    def note(self, name, value):
        self.values.setdefault(name, []).append(value)

    def __getitem__(self, name):
        return statistics.median(self.values[name])


class Bound:
    """The derivation bound, measured anew around each thing that is held against it: the machine does not run evenly."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.seen = [derive(seconds)]

    def share(self, per_second):
        """What `per_second`, measured just now, is of the bound before and after."""
        self.seen.append(derive(self.seconds))
        return per_second / statistics.mean(self.seen[-2:])


def rate(line, what="register"):
    answers = line["load"][what]
    refused = {outcome: count for outcome, count in answers["outcomes"].items() if outcome != "result"}
    if refused:
        print(f"  refused in {line['phase']}: {refused}", file=sys.stderr)
    return answers["per_second"]


def measure(figures, folder, certificates, seconds):
    note = figures.note
    bound = Bound(seconds / 2)
    idle, full, beside = at_component(folder, CONFIGURED, f"none:{seconds / 2}:beside=200", f"register:{seconds}",
                                      f"register:{seconds}:beside=200")
    note("registrations, component", rate(full))
    note("registrations, component / bound", bound.share(rate(full)))
    note("idle KiB", idle["usage"]["broker"]["rss_kib"])
    note("loaded KiB", full["usage"]["broker"]["rss_kib"])
    for kind in ("ping", "disco", "form", "credentials"):
        note(f"p99 us of {kind}, hashing saturated", beside["beside"][kind]["p99_us"])
        note(f"p99 us of {kind}, idle", idle["beside"][kind]["p99_us"])

    for reconnect, how in ((False, "streams kept"), (True, "a connection each")):
        through = through_prosody(folder, certificates, seconds, reconnect)
        note(f"registrations, Prosody, {how}", rate(through))
        note(f"registrations, Prosody, {how} / bound", bound.share(rate(through)))
        note(f"cores of Prosody, {how}", through["usage"]["prosody"]["cores"])
        note(f"cores of the broker, {how}", through["usage"]["broker"]["cores"])
        own = rate(prosody_alone(folder, certificates, seconds, reconnect))
        note(f"registrations, Prosody's own, {how}", own)
        note(f"registrations, Prosody / Prosody's own, {how}", rate(through) / own)
    for which, line in through_api(folder, seconds):
        note(f"registrations, {which}", rate(line, "request"))
        note(f"registrations, {which} / bound", bound.share(rate(line, "request")))
    full, alone, beside = pages(folder, seconds)
    note("pages a second", rate(full, "request"))
    note("pages a second and core", rate(full, "request") / full["usage"]["broker"]["cores"])
    note("p99 us of a page", alone["load"]["request"]["p99_us"])
    note("p99 us of a page beside held connections", beside["load"]["request"]["p99_us"])
    note("p99 of a page, beside held connections / alone", beside["load"]["request"]["p99_us"] / alone["load"]["request"]["p99_us"])
    note("connections held", beside["held"])

    note("derivations", statistics.mean(bound.seen))
    note("derivations with huge pages / without", bound.share(derive(seconds / 2, huge_pages=True)))
    note("derivations, one thread", derive(seconds / 4, threads=1))

    for email, which in ((True, ""), (False, ", no e-mail")):
        register, credentials = at_component(folder, TRIVIAL, f"register:{seconds}:outstanding=256",
                                             f"credentials:{seconds}:outstanding=256", email=email)
        note(f"registrations, trivial{which}", rate(register))
        note(f"look-ups{which}", rate(credentials, "credentials"))
        note(f"loaded KiB, trivial{which}", credentials["usage"]["broker"]["rss_kib"])


def requirements(figures):
    """What is promised: a text, what was seen, the least or the most, and whether that holds."""
    mib = 1024
    pool = THREADS * CONFIGURED["memory_kib"] / mib

    def at_least(text, seen, least):
        return text, seen, f"at least {least:g}", seen >= least

    def at_most(text, seen, most):
        return text, seen, f"at most {most:g}", seen <= most

    yield at_least("registrations at the component / derivation bound", figures["registrations, component / bound"], 0.9)
    for how in ("streams kept", "a connection each"):
        yield at_least(f"registrations through Prosody / derivation bound ({how})",
                       figures[f"registrations, Prosody, {how} / bound"], 0.9)
    for which in ("Agent API", "branches"):
        yield at_least(f"registrations through the {which} / derivation bound", figures[f"registrations, {which} / bound"], 0.9)
    yield at_least("registration pages a second and core", figures["pages a second and core"], 15000)
    yield at_most(f"p99 of a page beside {IDLE} idle and {SLOW} slow connections / alone",
                  figures["p99 of a page, beside held connections / alone"], 3)
    yield at_least("connections held meanwhile", figures["connections held"], 0.95 * (IDLE + SLOW))
    yield at_least("registrations a second at the component, trivial derivations", figures["registrations, trivial"], 5000)
    yield at_least("... without e-mail", figures["registrations, trivial, no e-mail"], 5000)
    yield at_least("credential look-ups a second", figures["look-ups, no e-mail"], 15000)
    for kind in ("ping", "disco", "form", "credentials"):
        yield at_most(f"p99 of {kind} while hashing is saturated, ms", figures[f"p99 us of {kind}, hashing saturated"] / 1000, 5)
    yield at_most("idle memory, MiB", figures["idle KiB"] / mib, 25)
    yield at_most("memory under load without what the hashing pool holds, MiB", figures["loaded KiB"] / mib - pool, 25)


def beside(folder, other, rounds, seconds):
    """Prints what registrations with trivial derivations are of those of another build, which is measured right before and after."""
    def registrations(binary, email):
        broker_stories.BINARY = str(binary)
        return rate(at_component(folder, TRIVIAL, f"register:{seconds}:outstanding=256", email=email)[0])

    for email in (False, True):
        shares, own = [], []
        for _ in range(rounds):
            before, this, after = (registrations(binary, email) for binary in (other, TARGET / "ostiary", other))
            own.append(this)
            shares.append(this / statistics.mean((before, after)))
        print(f"{'with' if email else 'without'} e-mail: {statistics.median(own):,.0f} a second, "
              f"{statistics.median(shares):.3f} of the other ({min(shares):.3f} to {max(shares):.3f})")


def end(options, figures, promises):
    """Prints what is promised, and ends as the options say."""
    print("\n| promised | seen | wanted | |\n|---|---:|---:|---|")
    kept = True
    for text, seen, wanted, holds in promises:
        kept &= holds
        print(f"| {text} | {seen:,.3g} | {wanted} | {'holds' if holds else 'FALLS SHORT'} |"
              if seen < 1000 else f"| {text} | {seen:,.0f} | {wanted} | {'holds' if holds else 'FALLS SHORT'} |")
    if options.json:
        options.json.write_text(json.dumps(figures.values, indent=1))
    if options.check and not kept:
        sys.exit(1)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="of each measurement")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a promise is not kept")
    parser.add_argument("--json", type=Path, help="write every value to this file")
    parser.add_argument("--beside", type=Path, metavar="BINARY", help="measure nothing but registrations, beside this other build")
    options = parser.parse_args()

    if options.beside:
        with tempfile.TemporaryDirectory(prefix="ostiary-bench-") as name:
            return beside(Path(name), options.beside, options.rounds, options.seconds)
    # Both ends of all those connections.
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="ostiary-bench-") as name:
        folder = Path(name)
        make_certificate(folder / "certificates", "chat.example")
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            measure(figures, folder, folder / "certificates", options.seconds)

    # Prosody has no command that tells its version and nothing else; its packages keep it in this file.
    version = Path("/usr/lib/prosody/prosody.version")
    version = f"Prosody {version.read_text().strip()}" if version.exists() else "Prosody"
    print(f"{THREADS} cores, {platform.system()} {platform.release()}, {version}; "
          f"{options.rounds} rounds of {options.seconds:g} s, medians\n")
    print("| measured | median | least | most |\n|---|---:|---:|---:|")
    for name, values in figures.values.items():
        print(f"| {name} | {figures[name]:,.3g} | {min(values):,.3g} | {max(values):,.3g} |"
              if max(values) < 100 else f"| {name} | {figures[name]:,.0f} | {min(values):,.0f} | {max(values):,.0f} |")
    end(options, figures, requirements(figures))


if __name__ == "__main__":
    main()

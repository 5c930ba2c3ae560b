"""Measures each server with the broker beside the same server with its own internal back end, side by side in one run:
registrations through the module, logins by PLAIN and SCRAM-SHA-256, and a thousand clients that come back at once.

Derivations cost the same on both sides: what the server's own back end derives for a password is measured, and the broker's Argon2id is
set to take as long. So what is compared is the way through the module, the link and the broker.
"""

import argparse
import asyncio
import hashlib
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import service
from service import WITHOUT_EMAIL, Figures, end, load, prosody, rate, running

sys.path.insert(0, str(service.ROOT / "tests" / "servers"))

from ejabberd import compile_modules, ejabberd_home, environment, start_ejabberd  # noqa: E402
from lab import make_certificate  # noqa: E402

MECHANISMS = {"PLAIN": "plain", "SCRAM-SHA-256": "scram-sha256"}
ACCOUNTS = 1000
NATIVE_PROSODY = {"authentication": "internal_hashed", "password_hash": "SHA-256", "allow_registration": True,
                  "modules_enabled": ["register_ibr"]}
NATIVE_EJABBERD = {"auth_method": ["internal"], "auth_password_format": "scram", "auth_scram_hash": "sha256", "auth_use_cache": True,
                   "registration_timeout": "infinity", "disable_sasl_mechanisms": ["digest-md5", "x-oauth2"]}


def seconds_of_prosody():
    """What Prosody derives for a password (util.sasl.scram: PBKDF2 of OpenSSL, 10,000 rounds)."""
    def once():
        begun = time.perf_counter()
        hashlib.pbkdf2_hmac("sha256", b"correct horse battery", b"0123456789abcdef", 10000)
        return time.perf_counter() - begun

    return statistics.median(once() for _ in range(21))


def seconds_of_ejabberd():
    """The same of ejabberd: 4,096 rounds in Erlang."""
    program = ("{ok, _} = application:ensure_all_started(stringprep), Once = fun(_) -> {T, _} = timer:tc(fun() -> scram:salted_password(sha256, <<\"correct horse battery\">>,"
               " <<\"0123456789abcdef\">>, 4096) end), T end,"
               " io:format(\"~p\", [lists:nth(11, lists:sort(lists:map(Once, lists:seq(1, 21))))]), halt().")
    run = subprocess.run(["erl", "-noinput", "-pa", str(ejabberd_home() / "ebin"), "-eval", program], capture_output=True, text=True,
                         timeout=60, env=environment(), check=True)
    return int(run.stdout) / 1e6


def as_costly(seconds):
    """Argon2id that takes so long on one core: the configuration of the broker."""
    cheap = {"passes": 1, "scram_iterations": 64, "insecure_for_tests": True}

    def takes(memory_kib):
        options = [f"--memory-kib={memory_kib}", "--passes=1", "--scram-iterations=64", "--seconds=1"]
        return service.THREADS / load("derive", *options)[0]["per_second"]

    memory = 1024
    for _ in range(5):
        memory = max(16, round(memory * seconds / takes(memory)))
    return cheap | {"memory_kib": memory}


@contextmanager
def with_broker(kind, folder, certificates, beams, hashing):
    if kind == "prosody":
        server = prosody(folder, certificates)
    else:
        server = start_ejabberd(folder / f"ejabberd-{time.monotonic_ns()}", certificates, beams, lab=False)
    try:
        with running(folder, server, hashing, WITHOUT_EMAIL) as broker:
            asyncio.run(broker.ready())
            yield server, {"broker": broker.process.pid, kind: server.pid}
    finally:
        server.stop()


@contextmanager
def alone(kind, folder, certificates):
    if kind == "prosody":
        server = prosody(folder, certificates, modules=("register_ibr",), host_options=NATIVE_PROSODY)
    else:
        server = start_ejabberd(folder / f"ejabberd-{time.monotonic_ns()}", certificates, None, ours=False, lab=False,
                                server_options=NATIVE_EJABBERD, modules={"mod_register": {"ip_access": "all", "access": "all"}})
    try:
        yield server, {kind: server.pid}
    finally:
        server.stop()


def clients(what, server, watched, *more):
    watch = [f"--watch={name}={pid}" for name, pid in watched.items()]
    return load(what, f"--server=127.0.0.1:{server.c2s}", f"--domain={server.domain}", *watch, *more)[0]


def figures_of(server, watched, seconds):
    """Registrations and logins a second, and the seconds until all clients are back."""
    accounts = clients("server", server, watched, "--prefix=c", "--no-email", "--seconds=300", f"--most={ACCOUNTS}")
    assert accounts["load"]["register"]["outcomes"] == {"result": ACCOUNTS}, accounts
    yield "registrations a second", rate(clients("server", server, watched, "--prefix=r", "--no-email", f"--seconds={seconds}"))
    for name, mechanism in MECHANISMS.items():
        common = ["--prefix=c", f"--mechanism={mechanism}"]
        yield f"logins a second, {name}", rate(clients("login", server, watched, *common, "--accounts=16", f"--seconds={seconds}"), "login")
    back = clients("login", server, watched, "--prefix=c", "--mechanism=scram-sha256", f"--accounts={ACCOUNTS}")
    assert back["load"]["login"]["outcomes"] == {"result": ACCOUNTS}, back
    yield f"seconds until {ACCOUNTS} clients are back", back["seconds"]


def measure(figures, kind, folder, certificates, beams, hashing, seconds):
    """The server alone before and after the one with the broker: the machine does not run evenly."""
    def of_alone():
        with alone(kind, folder, certificates) as (server, watched):
            return dict(figures_of(server, watched, seconds))

    before = of_alone()
    with with_broker(kind, folder, certificates, beams, hashing) as (server, watched):
        ours = dict(figures_of(server, watched, seconds))
    after = of_alone()
    for name, value in ours.items():
        own = statistics.mean((before[name], after[name]))
        figures.note(f"{kind}: {name}", value)
        figures.note(f"{kind}: {name}, internal back end", own)
        figures.note(f"{kind}: {name} / internal back end", value / own)


def requirements(figures, kinds):
    for kind in kinds:
        for name, wanted in (("registrations a second", 1.0), *((f"logins a second, {name}", 0.9) for name in MECHANISMS)):
            seen = figures[f"{kind}: {name} / internal back end"]
            yield f"{kind}: {name} / internal back end", seen, f"at least {wanted:g}", seen >= wanted
        seen = figures[f"{kind}: seconds until {ACCOUNTS} clients are back / internal back end"]
        yield f"{kind}: {ACCOUNTS} clients are back / internal back end", seen, "at most 1.2", seen <= 1.2


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench --servers", description=__doc__.split("\n\n")[0])
    parser.add_argument("--servers", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement")
    parser.add_argument("--only", choices=("prosody", "ejabberd"), help="this server alone")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a promise is not kept")
    parser.add_argument("--json", type=Path, help="write every value to this file")
    options = parser.parse_args()
    kinds = (options.only,) if options.only else ("prosody", "ejabberd")
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="ostiary-bench-") as name:
        folder = Path(name)
        make_certificate(folder / "certificates", "chat.example")
        (folder / "ebin").mkdir()
        beams = compile_modules(folder / "ebin")
        costs = {"prosody": seconds_of_prosody, "ejabberd": seconds_of_ejabberd}
        costs = {kind: costs[kind]() for kind in kinds}
        hashing = {kind: as_costly(seconds) for kind, seconds in costs.items()}
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            for kind in kinds:
                measure(figures, kind, folder, folder / "certificates", beams, hashing[kind], options.seconds)

    for kind in kinds:
        print(f"{kind} derives for {costs[kind] * 1000:.2f} ms; the broker's Argon2id has {hashing[kind]['memory_kib']} KiB for that")
    print(f"\n{options.rounds} rounds of {options.seconds:g} s, medians\n\n| measured | median | least | most |\n|---|---:|---:|---:|")
    for name, values in figures.values.items():
        print(f"| {name} | {figures[name]:,.3g} | {min(values):,.3g} | {max(values):,.3g} |")
    end(options, figures, requirements(figures, kinds))


if __name__ == "__main__":
    main()

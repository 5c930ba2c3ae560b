"""A real ejabberd in a temporary folder, on free loopback ports, with Ostiary's modules.

Erlang's `erl` itself is started: without distribution, without epmd, and without ejabberdctl, which insists on users and places
of its own. `OSTIARY_EJABBERD` names the folder with ejabberd's `ebin` and `include`, if it is not where Debian puts it.
"""

import asyncio
import glob
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lab import free_ports, wait_for_port

HERE = Path(__file__).parent
MODULES = HERE.parent.parent / "integrations" / "ejabberd" / "mod_ostiary"
START_LIMIT = 60
STOP_LIMIT = 10


@dataclass
class Ejabberd:
    """One running server. `c2s` and `component_port` are ports on 127.0.0.1."""

    domain: str
    component: str
    secret: str
    c2s: int
    component_port: int
    folder: Path
    config: Path
    beams: Path = None
    process: subprocess.Popen = None
    log_start: int = 0

    kind = "ejabberd"

    @property
    def pid(self):
        return self.process.pid

    def run(self):
        """Starts the process and waits until it takes clients; also again, after an end. Without `beams` it looks for modules where
        it does by itself: in `.ejabberd-modules` in the folder, which is its home. `+sss`: see docs/servers.md."""
        if (self.folder / "ejabberd.log").exists():
            self.read_log_from_here()
        folder = self.folder
        with open(folder / "console.log", "wb") as console:
            self.process = subprocess.Popen(
                ["erl", "+K", "true", "+A", "4", "+sss", "8192", "-noinput", *(["-pa", self.beams] if self.beams else []), "-mnesia",
                 "dir", f'"{folder / "spool"}"', "-s", "ejabberd"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd=folder,
                env=environment(EJABBERD_CONFIG_PATH=str(self.config), EJABBERD_LOG_PATH=str(folder / "ejabberd.log"),
                                EJABBERD_PID_PATH=str(folder / "ejabberd.pid"), HOME=str(folder)))
        try:
            wait_until_started(self)  # the ports are open before
            for port in (self.c2s, self.component_port):
                wait_for_port(self, port)
        except BaseException:
            self.stop()
            print(self.log()[-3000:])
            raise

    def log(self):
        path = self.folder / "ejabberd.log"
        return path.read_bytes()[self.log_start:].decode(errors="replace") if path.exists() else ""

    def read_log_from_here(self):
        """What the log holds so far belongs to other stories."""
        self.log_start = (self.folder / "ejabberd.log").stat().st_size

    async def logged(self, text, limit=5):
        """Waits until the log holds the text."""
        end = time.monotonic() + limit
        while text not in self.log():
            assert time.monotonic() < end, f"never logged: {text}\n{self.log()[-3000:]}"
            await asyncio.sleep(0.02)

    async def erlang(self, source, limit=30):
        """Runs Erlang in the server; returns the value as it is written in Erlang."""
        question, answer = self.folder / "lab.in", self.folder / "lab.out"
        answer.unlink(missing_ok=True)
        draft = self.folder / "lab.draft"
        draft.write_text(source)
        draft.rename(question)
        end = time.monotonic() + limit
        while not answer.exists():
            assert time.monotonic() < end, f"no answer to: {source}\n{self.log()[-3000:]}"
            await asyncio.sleep(0.01)
        outcome, _, value = answer.read_text().partition(" ")
        assert outcome == "ok", value
        return value

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def ejabberd_home():
    """The folder with `ebin` and `include`."""
    found = os.environ.get("OSTIARY_EJABBERD") or max(glob.glob("/usr/lib/*/ejabberd-*/ebin") or [""]).removesuffix("/ebin")
    assert found, "ejabberd is not installed: scripts/install-test-tools"
    return Path(found)


def include_folders():
    """Where ejabberd's and its XMPP library's headers are."""
    home = ejabberd_home()
    return [home / "include", *sorted(Path(path) for path in glob.glob("/usr/lib/erlang/lib/*xmpp-*/include")
                                      + glob.glob(str(home.parent / "xmpp-*/include")))]


def compile_modules(folder):
    """Compiles the modules of the product and of the tests."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted((MODULES / "src").glob("*.erl")) + sorted((HERE / "modules").glob("*.erl"))
    includes = [argument for include in include_folders() for argument in ("-I", include)]
    subprocess.run(["erlc", "-Wall", "-Werror", "+debug_info", "-pa", ejabberd_home() / "ebin", *includes, "-o", folder, *sources],
                   check=True, env=environment())
    return folder


def environment(**more):
    return os.environ | {"ERL_LIBS": str(ejabberd_home().parent), "ERL_CRASH_DUMP": "/dev/null"} | more


def start_ejabberd(folder, certificates, beams, *, domain="chat.example", component="broker.example", secret="lab-secret",
                   others=(), tls_required=False, server_options=None, host_options=None, modules=None, listen=(), lab=True, ours=True):
    """Starts the server and waits until it takes clients.

    `host_options` go to mod_ostiary, `server_options` to the top of the configuration, `modules` are more of ejabberd's modules,
    `others` more hosts, `listen` more listeners. Without `ours` it has no module of Ostiary.
    """
    ports = free_ports(2)
    folder.mkdir(parents=True, exist_ok=True)
    pem = folder / "cert.pem"
    pem.write_bytes(b"".join((certificates / f"{domain}.{kind}").read_bytes() for kind in ("crt", "key")))
    options = {
        "hosts": [domain, *others],
        "loglevel": "info",
        "certfiles": [str(pem)],
        "auth_method": ["ostiary"],
        "auth_use_cache": False,
        "disable_sasl_mechanisms": ["digest-md5", "scram-sha-512", "scram-sha-512-plus", "x-oauth2"],
        "negotiation_timeout": 300,
        "listen": [
            {"port": ports[0], "ip": "127.0.0.1", "module": "ejabberd_c2s", "starttls": True, "starttls_required": tls_required,
             "access": "all", "shaper": "none", "max_stanza_size": 262144, "backlog": 1024},
            {"port": ports[1], "ip": "127.0.0.1", "module": "ejabberd_service", "check_from": True, "shaper": "none",
             "access": "all", "max_stanza_size": 524288, "backlog": 100, "hosts": {component: {"password": secret}}},
            *listen,
        ],
        "modules": ({"mod_ostiary": {"component": component} | (host_options or {})} if ours else {}) | {
            "mod_disco": {}, "mod_offline": {}, "mod_ping": {}, "mod_roster": {},
        } | ({"mod_lab": {"path": str(folder / "lab")}} if lab else {}) | (modules or {}),
    } | (server_options or {})
    config = folder / "ejabberd.yml"
    config.write_text(json.dumps(options, indent=1))  # JSON is YAML
    return run_ejabberd(folder, config, ports, beams, domain=domain, component=component, secret=secret)


def run_ejabberd(folder, config, ports, beams=None, *, domain="chat.example", component="broker.example", secret="lab-secret"):
    """Starts ejabberd with a configuration file that names these ports (clients', component's)."""
    server = Ejabberd(domain, component, secret, *ports, folder, config, beams)
    server.run()
    return server


def wait_until_started(server):
    end = time.monotonic() + START_LIMIT
    while "is started in the node" not in server.log():
        if server.process.poll() is not None or time.monotonic() > end:
            raise RuntimeError((server.folder / "console.log").read_text())
        time.sleep(0.02)

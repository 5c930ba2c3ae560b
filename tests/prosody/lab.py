"""A real Prosody in a temporary folder, on free loopback ports, with Ostiary's modules.

`OSTIARY_PROSODY` names the program to start, if it is not the `prosody` of the search path.
"""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
MODULES = HERE.parent.parent / "integrations" / "prosody"
START_LIMIT = 15
STOP_LIMIT = 10


@dataclass
class Prosody:
    """One running server. `c2s`, `component_port` and `http` (None without web) are ports on 127.0.0.1."""

    domain: str
    component: str
    secret: str
    c2s: int
    component_port: int
    http: int
    folder: Path
    process: subprocess.Popen = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def config(self):
        return self.folder / "prosody.cfg.lua"

    def run(self):
        """Starts the process and waits until it takes clients; also again, after an end."""
        with open(self.folder / "console.log", "wb") as console:
            self.process = subprocess.Popen([os.environ.get("OSTIARY_PROSODY", "prosody"), "-F", "--config", self.config],
                                            stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        try:
            for port in filter(None, (self.c2s, self.component_port, self.http)):
                wait_for_port(self, port)
        except BaseException:
            self.stop()
            raise

    def log(self):
        return (self.folder / "prosody.log").read_text(errors="replace")

    async def logged(self, text, limit=5):
        """Waits until the log holds the text."""
        end = time.monotonic() + limit
        while text not in self.log():
            assert time.monotonic() < end, f"never logged: {text}\n{self.log()[-3000:]}"
            await asyncio.sleep(0.02)

    async def lua(self, source, limit=5):
        """Runs Lua in the server, in an async context; returns its first two values. Needs the module `lab`."""
        question, answer = self.folder / "lab.in", self.folder / "lab.out"
        answer.unlink(missing_ok=True)
        draft = self.folder / "lab.draft"
        draft.write_text(source)
        draft.rename(question)
        end = time.monotonic() + limit
        while not answer.exists():
            assert time.monotonic() < end, f"no answer to: {source}\n{self.log()[-3000:]}"
            await asyncio.sleep(0.01)
        said = json.loads(answer.read_text())
        assert said["ok"], said["values"]
        return said["values"]

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


def make_certificate(folder, domain):
    """Writes `<domain>.crt` and `.key`, the names under which Prosody looks for them."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={domain}",
         "-addext", f"subjectAltName=DNS:{domain}",
         "-keyout", folder / f"{domain}.key", "-out", folder / f"{domain}.crt"],
        check=True, capture_output=True)


def start_prosody(folder, certificates, *, domain="chat.example", component="broker.example", secret="lab-secret",
                  modules=("ostiary",), web=False, tls_required=False, server_options=None, host_options=None,
                  more=""):
    """Starts the server and waits until it takes clients. `more` is appended to the configuration file."""
    ports = free_ports(3)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("data", "certs"):
        (folder / name).mkdir(exist_ok=True)
    for file in certificates.iterdir():
        shutil.copy(file, folder / "certs")
    everywhere = ["roster", "saslauth", "tls", "disco", "ping"] + (["bosh", "websocket"] if web else [])
    options = {
        "pidfile": str(folder / "prosody.pid"),
        "data_path": str(folder / "data"),
        "certificates": str(folder / "certs"),
        "plugin_paths": [str(MODULES), str(HERE / "modules")],
        "interfaces": ["127.0.0.1"],
        "local_interfaces": ["127.0.0.1"],
        "component_interfaces": ["127.0.0.1"],
        "c2s_ports": [ports[0]],
        "component_ports": [ports[1]],
        "http_ports": [ports[2]] if web else [],
        "c2s_direct_tls_ports": [], "s2s_ports": [], "https_ports": [],
        "modules_enabled": everywhere,
        "modules_disabled": ["s2s"],
        "run_as_root": os.getuid() == 0,
        "c2s_require_encryption": tls_required,
        "allow_unencrypted_plain_auth": not tls_required,
        "consider_bosh_secure": web, "consider_websocket_secure": web,
        "log": {"debug": str(folder / "prosody.log")},
    } | (server_options or {})
    host = {
        "authentication": "ostiary",
        "modules_enabled": list(modules),
        "lab_path": str(folder / "lab"),
    } | (host_options or {})
    server = Prosody(domain, component, secret, *ports[:2], ports[2] if web else None, folder)
    server.config.write_text(
        settings(options)
        + f"VirtualHost {lua_value(domain)}\n" + settings(host)
        + f"Component {lua_value(component)}\n" + settings({"component_secret": secret})
        + more)
    server.run()
    return server


def settings(options):
    return "".join(f"{name} = {lua_value(value)}\n" for name, value in options.items())


def lua_value(value):
    if isinstance(value, dict):
        return "{ " + "".join(f"{name} = {lua_value(item)}; " for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "{ " + "".join(f"{lua_value(item)}; " for item in value) + "}"
    return json.dumps(value, ensure_ascii=False)  # the same in Lua for text, numbers and booleans


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_for_port(server, port):
    end = time.monotonic() + START_LIMIT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if server.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((server.folder / "console.log").read_text()) from None
            time.sleep(0.02)

"""`ostiary integrate ejabberd`: what it writes, compiles and prints is all that an ejabberd needs."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from ejabberd import run_ejabberd
from lab import free_ports
from scripted_broker import Account, Broker
from wire import Client

pytestmark = pytest.mark.only("ejabberd")

ROOT = Path(__file__).parent.parent.parent
BINARY = os.environ.get("OSTIARY_BINARY", str(ROOT / "target" / "debug" / "ostiary"))


async def test_an_ejabberd_works_with_what_integrate_writes_compiles_and_prints(kind, tmp_path):
    c2s, component_port = free_ports(2)
    house = tmp_path / "ostiary"
    subprocess.run([BINARY, "init", "--dir", house, "--domain", "chat.example", "--component-jid", "broker.example",
                    "--base-url", "https://accounts.chat.example"], check=True, capture_output=True)
    config = house / "ostiary.toml"
    config.write_text(config.read_text().replace('#address = "127.0.0.1:5347"', f'address = "127.0.0.1:{component_port}"'))
    modules = tmp_path / ".ejabberd-modules" / "mod_ostiary"
    done = subprocess.run([BINARY, "--config", config, "integrate", "ejabberd", "--dir", modules, "--json"], check=True,
                          capture_output=True, text=True)
    told = json.loads(done.stdout)
    secret = (house / "secrets" / "component.secret").read_text().strip()
    assert secret not in done.stdout + done.stderr
    assert len(told["compiled"]) == 5 and all(Path(beam).exists() for beam in told["compiled"])
    yaml = tmp_path / "ejabberd.yml"
    yaml.write_text('hosts: ["chat.example"]\nloglevel: info\nmodules:\n  mod_disco: {}\n' + told["configuration"]
                    + f'  - port: {c2s}\n    ip: "127.0.0.1"\n    module: ejabberd_c2s\n')
    server = run_ejabberd(tmp_path, yaml, [c2s, component_port], secret=secret)
    try:
        async with Broker(server, accounts={"alice": Account("secret")}) as broker:
            await broker.ready()
            async with await Client.logged_in(server, "alice", "secret"), await Client.connected(server) as stranger:
                assert stranger.offers_registration()
                assert stranger.mechanisms() == {"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"}
    finally:
        server.stop()



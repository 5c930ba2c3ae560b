"""How long it takes to take many accounts over: a file of XEP-0227 with SCRAM keys, imported dry, in earnest, and once more.

    cargo build --release --locked && python3 benches/import.py [--accounts N] [--binary FILE]
"""

import argparse
import base64
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent


def write(path, accounts):
    """Salts and keys as Prosody makes them, names as people choose them: in no order."""
    with open(path, "w") as file:
        file.write("<?xml version='1.0'?>\n<server-data xmlns='urn:xmpp:pie:0'>\n<host jid='chat.example'>\n")
        for number in range(accounts):
            name = f"{os.urandom(4).hex()}{number}"
            salt = base64.b64encode(f"0b2a4c6e-1f3d-4a5b-8c7d-{os.urandom(6).hex()}".encode()).decode()
            server, stored = (base64.b64encode(os.urandom(20)).decode() for _ in range(2))
            file.write(f"<user name='{name}'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'>"
                       f"<iter-count>10000</iter-count><salt>{salt}</salt><server-key>{server}</server-key>"
                       f"<stored-key>{stored}</stored-key></scram-credentials></user>\n")
        file.write("</host>\n</server-data>\n")


def timed(what, command, folder):
    begun = time.monotonic()
    process = subprocess.Popen([*command, "--json"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, said
    took, report = time.monotonic() - begun, json.loads(said)
    print(f"{what:<12} {took:7.1f} s  {report['found'] / took:9,.0f} accounts/s  {report['imported']:9,} imported  "
          f"{usage.ru_maxrss / 1024:6.0f} MiB at most")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--accounts", type=int, default=1_000_000)
    options.add_argument("--binary", default=str(ROOT / "target" / "release" / "ostiary"))
    options = options.parse_args()
    options.binary = os.path.abspath(options.binary)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([options.binary, "init", "--dir", ".", "--domain", "chat.example"], cwd=folder, check=True, capture_output=True)
        file = Path(folder) / "accounts.xml"
        write(file, options.accounts)
        command = [options.binary, "import", "xep-0227", file.name]
        timed("dry run", command, folder)
        timed("import", [*command, "--apply"], folder)
        timed("once more", [*command, "--apply"], folder)
        size = sum(path.stat().st_size for path in Path(folder).glob("ostiary.db*"))
        print(f"file {file.stat().st_size / 2**20:.0f} MiB, database {size / 2**20:.0f} MiB")


if __name__ == "__main__":
    main()

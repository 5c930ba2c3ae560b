"""Accounts are taken along: a server without the broker lets people in with the passwords that they have."""

from xml.etree import ElementTree

import pytest

from lab import start_prosody
from test_registration import PASSWORD, register, verified
from wire import Client, name

PORTABLE = "urn:xmpp:pie:0"


@pytest.mark.only("prosody")
@pytest.mark.parametrize("algorithm", ["SHA-1", "SHA-256"])
async def test_a_prosody_of_its_own_takes_the_exported_accounts_over(house, tmp_path, certificates, algorithm):
    broker = house()
    await broker.ready()
    await verified(broker, "alice")
    await register(broker.server, "bob", "bob@mail.example")
    file = tmp_path / "accounts.xml"
    report = broker.operate("export", "xep-0227", str(file))
    assert report == {"file": str(file), "domains": [
        {"domain": "chat.example", "exported": 1, "without_keys": 0, "pending": 1, "suspended": 0, "being_deleted": 0}]}

    # Prosody keeps the format as a store, one file for each account.
    data = tmp_path / "other" / "data"
    data.mkdir(parents=True)
    (host,) = ElementTree.parse(file).getroot().findall(f"{{{PORTABLE}}}host")
    for user in host.findall(f"{{{PORTABLE}}}user"):
        root = ElementTree.Element(f"{{{PORTABLE}}}server-data")
        ElementTree.SubElement(root, f"{{{PORTABLE}}}host", jid=host.get("jid")).append(user)
        (data / f"{user.get('name')}@{host.get('jid')}.xml").write_bytes(ElementTree.tostring(root))
    other = start_prosody(tmp_path / "other", certificates, modules=(), host_options={
        "authentication": "internal_hashed", "password_hash": algorithm, "storage": {"accounts": "xep0227"}})
    try:
        mechanism = f"SCRAM-{algorithm}"
        assert name(await proof(other, "alice", PASSWORD, mechanism)) == "success"
        assert name(await proof(other, "alice", "not the password", mechanism)) == "failure"
        assert name(await proof(other, "bob", PASSWORD, mechanism)) == "failure"
        async with await Client.logged_in(other, "alice", PASSWORD):
            pass
    finally:
        other.stop()


async def proof(server, user, password, mechanism):
    async with await Client.connected(server) as client:
        return await client.scram(user, password, mechanism)

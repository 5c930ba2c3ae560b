"""Ad-hoc commands and the conversation, by an independent client (slixmpp) and by messages, on a real server."""

import asyncio
import ssl

import pytest
from broker import code_in
from slixmpp import ClientXMPP
from wire import Client, describe

COMPONENT = "broker.example"
PASSWORD = "correct horse battery"
NEW = "a wholly new password"
LIMIT = 20


class Person(ClientXMPP):
    """Somebody with a client that knows commands."""

    def __init__(self, server, user, password):
        super().__init__(f"{user}@{server.domain}/desk", password)
        self.prosody = server
        self.enable_direct_tls, self.enable_starttls, self.enable_plaintext = False, True, True
        self.ssl_context.check_hostname, self.ssl_context.verify_mode = False, ssl.CERT_NONE
        for plugin in ("xep_0030", "xep_0004", "xep_0050"):
            self.register_plugin(plugin)

    async def __aenter__(self):
        started = asyncio.get_running_loop().create_future()
        self.add_event_handler("session_start", lambda _: started.done() or started.set_result(None))
        self.connect("127.0.0.1", self.prosody.c2s)
        await asyncio.wait_for(started, LIMIT)
        return self

    async def __aexit__(self, *_):
        self.abort()  # the server may have ended the stream already

    async def commands(self):
        """Node and name of every command offered."""
        items = await self.plugin["xep_0050"].get_commands(COMPONENT)
        return {node: title for _, node, title in items["disco_items"]["items"]}

    async def run(self, node, *stages):
        """Runs a command, filling in one form after another; returns the last answer. A stage is (action, values)."""
        answers = asyncio.Queue()
        session = {"next": lambda iq, session: answers.put_nowait(iq), "error": lambda iq, session: answers.put_nowait(iq)}
        self.plugin["xep_0050"].start_command(COMPONENT, node, session)
        answer = await asyncio.wait_for(answers.get(), LIMIT)
        for action, values in stages:
            values = await values() if callable(values) else values
            form = answer["command"]["form"]
            form["type"] = "submit"
            form.set_values(values)
            session["payload"] = [form]
            self.plugin["xep_0050"].continue_command(session, action)
            answer = await asyncio.wait_for(answers.get(), LIMIT)
        return answer


def notes(answer):
    return [text for _, text in answer["command"]["notes"]]


def add_account(broker, user):
    broker.operate("account", "add", f"{user}@chat.example", "--password-stdin", input=PASSWORD + "\n")


async def test_a_client_lists_the_commands_and_runs_each(house):
    broker = house()
    await broker.ready()
    add_account(broker, "alice")
    async with Person(broker.server, "alice", PASSWORD) as alice:
        offered = await alice.commands()
        assert set(offered) >= {"verify", "resend", "correct-email", "my-data", "change-password", "delete-account"}
        assert "jabber:iq:register" not in offered
        info = await alice.plugin["xep_0030"].get_info(COMPONENT, "my-data")
        assert ("automation", "command-node") in [identity[:2] for identity in info["disco_info"]["identities"]]

        data = (await alice.run("my-data"))["command"]
        assert data["status"] == "completed"
        assert data["form"].get_values()["account"] == "alice@chat.example"

        changed = await alice.run("change-password", ("complete", {"password": NEW, "password-again": NEW}))
        assert changed["command"]["status"] == "completed", changed
    async with Person(broker.server, "alice", NEW) as alice:
        wrong = await alice.run("verify", ("complete", {"username": "bob", "code": "123456"}))
        assert wrong["command"]["status"] == "executing" and "not the right code" in notes(wrong)[0]
        kept = await alice.run("delete-account", ("complete", {"confirm": "0"}))
        assert kept["command"]["status"] == "executing"
        gone = asyncio.create_task(alice.run("delete-account", ("complete", {"confirm": "1"})))
        assert (await asyncio.wait_for(gone, LIMIT))["command"]["status"] == "completed"
    assert broker.operate("account", "list") == []


@pytest.mark.only("prosody")  # the other program logs in at a host that is Prosody's own
async def test_a_stranger_registers_in_stages_and_the_account_can_log_in(house):
    # Another domain of the same server, whose users are nobody's here.
    more = 'VirtualHost "far.example"\n  authentication = "internal_plain"\n  modules_enabled = { }\n'
    broker = house(more=more)
    await broker.ready()
    store = broker.server.folder / "data" / "far%2eexample" / "accounts"
    store.mkdir(parents=True)
    (store / "romeo.dat").write_text('return { ["password"] = "secret" };\n')
    server = broker.server

    class Stranger(Person):
        def __init__(self):
            ClientXMPP.__init__(self, "romeo@far.example/orchard", "secret")
            self.prosody = server
            self.enable_direct_tls, self.enable_starttls, self.enable_plaintext = False, False, True
            self.plugin["feature_mechanisms"].unencrypted_plain = True
            for plugin in ("xep_0030", "xep_0004", "xep_0050"):
                self.register_plugin(plugin)

    async with Stranger() as romeo:
        assert set(await romeo.commands()) == {"jabber:iq:register", "verify", "resend", "correct-email"}

        async def code():
            return {"code": code_in(await broker.letter("romeo@mail.example"))}

        done = await romeo.run(
            "jabber:iq:register",
            ("next", {"username": "romeo", "password": PASSWORD, "email": "romeo@mail.example"}),
            ("complete", code))
        assert done["command"]["status"] == "completed" and "romeo@chat.example" in notes(done)[0]
    async with await Client.logged_in(server, "romeo", PASSWORD):
        pass


@pytest.mark.parametrize("lang, words, said", [
    ("en", "help", "delete"), ("de", "hilfe", "löschen"), ("en", "status", "alice@chat.example"), ("en", "gibberish", "help")])
async def test_a_message_is_answered(house, lang, words, said):
    broker = house()
    await broker.ready()
    add_account(broker, "alice")
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as alice:
        alice.send(f"<message to='{COMPONENT}' type='chat' xml:lang='{lang}'><body>{words}</body></message>")
        answer = await alice.receive()
        assert (answer.get("from"), answer.get("type")) == (COMPONENT, "chat"), describe(answer)
        assert said in answer.findtext("{jabber:client}body")


async def test_a_code_in_a_message_makes_a_pending_account_ready(house):
    broker = house()
    await broker.ready()
    add_account(broker, "alice")
    async with await Client.connected(broker.server) as client:
        fields = f"<username>bob</username><password>{PASSWORD}</password><email>bob@mail.example</email>"
        await client.iq("set", f"<query xmlns='jabber:iq:register'>{fields}</query>")
    code = code_in(await broker.letter("bob@mail.example"))
    async with await Client.logged_in(broker.server, "alice", PASSWORD) as alice:
        alice.send(f"<message to='{COMPONENT}' type='chat' xml:lang='en'><body>code bob {code}</body></message>")
        assert "bob@chat.example" in (await alice.receive()).findtext("{jabber:client}body")
    async with await Client.logged_in(broker.server, "bob", PASSWORD):
        pass


async def test_a_letter_is_asked_for_again_and_a_mistyped_address_corrected(house):
    broker = house({"domain_options": 'email = "required"\nresend_cooldown = "1s"'})
    await broker.ready()
    add_account(broker, "alice")
    async with await Client.connected(broker.server) as client:
        fields = f"<username>bob</username><password>{PASSWORD}</password><email>bbo@mail.example</email>"
        await client.iq("set", f"<query xmlns='jabber:iq:register'>{fields}</query>")
    await broker.letter("bbo@mail.example")
    await asyncio.sleep(1.1)
    async with Person(broker.server, "alice", PASSWORD) as alice:
        sent = await alice.run("resend", ("next", {"username": "bob"}))
        assert sent["command"]["status"] == "executing" and "code" in sent["command"]["form"].get_fields(), sent
        await broker.letter("bbo@mail.example", 2)

        wrong = await alice.run("correct-email", ("next", {"username": "bob", "password": NEW, "email": "bob@mail.example"}))
        assert wrong["command"]["status"] == "executing" and "wrong" in notes(wrong)[0], wrong

        async def code():
            return {"code": code_in(await broker.letter("bob@mail.example"))}

        right = ("next", {"username": "bob", "password": PASSWORD, "email": "bob@mail.example"})
        done = await alice.run("correct-email", right, ("complete", code))
        assert done["command"]["status"] == "completed" and "bob@chat.example" in notes(done)[0], done
    async with await Client.logged_in(broker.server, "bob", PASSWORD):
        pass

"""slixmpp, which knows nothing of Ostiary: registers with the data form, logs in, changes the password, removes the account."""

import asyncio
import ssl

import slixmpp
from broker import Browser, code_in
from slixmpp.exceptions import IqError

PASSWORD = "correct horse battery"
OTHER = "another horse entirely"
PATIENCE = 20


class Program(slixmpp.ClientXMPP):
    """One connection. `fields` are what it puts into the form; without them it only logs in."""

    def __init__(self, house, jid, password, fields=None):
        super().__init__(jid, password)
        self.house, self.fields, self.refusals = house, fields, []
        self.outcome = asyncio.get_running_loop().create_future()
        for plugin in ("xep_0004", "xep_0030", "xep_0066", "xep_0077"):
            self.register_plugin(plugin)
        self.plugin["xep_0077"].create_account = fields is not None
        self.enable_direct_tls = self.enable_plaintext = False
        self.ssl_context.check_hostname, self.ssl_context.verify_mode = False, ssl.CERT_NONE
        self.add_event_handler("register", self.on_register)
        self.add_event_handler("session_start", lambda _: self.settle("online"))
        self.add_event_handler("failed_auth", lambda failure: self.settle((failure["condition"], failure["text"])))
        self.add_event_handler("disconnected", lambda _: self.settle("disconnected"))

    def settle(self, outcome):
        if not self.outcome.done():
            self.outcome.set_result(outcome)

    async def on_register(self, offered):
        """Fills in the form that came; tries again with the next set of values when it is refused."""
        form = offered["register"]["form"]
        assert set(form.get_fields()) >= {"username", "password", "email"}, form
        for values in self.fields:
            form["type"] = "submit"
            form.set_values(values)
            iq = self.make_iq_set()
            iq["register"].append(form)
            try:
                await iq.send(timeout=PATIENCE)
                return
            except IqError as error:
                self.refusals.append((error.condition, error.text))
                form = error.iq["register"]["form"] if error.condition == "not-acceptable" else form

    async def connected(self):
        self.connect("127.0.0.1", self.house.server.c2s)
        return await asyncio.wait_for(self.outcome, PATIENCE)

    async def leave(self):
        self.disconnect()
        await asyncio.wait_for(self.disconnected, PATIENCE)


async def test_a_program_registers_corrects_its_mistakes_and_lives_with_its_account(house):
    domain = house.domains["required"]
    right = {"username": "sixt", "password": PASSWORD, "email": "sixt@mail.example"}
    attempts = [right | {"username": "taken"}, right | {"password": "short"}, right]
    program = Program(house, f"sixt@{domain}", PASSWORD, attempts)
    condition, text = await program.connected()
    assert condition == "account-disabled" and house.broker.web in text, (condition, text, program.refusals)
    assert [condition for condition, _ in program.refusals] == ["conflict", "not-acceptable"]
    assert program.refusals[1][1] == "The password is too weak"
    await program.leave()

    code = code_in(await house.broker.letter("sixt@mail.example"))
    browser = Browser(house.broker.web)
    await asyncio.to_thread(lambda: browser.submit(browser.get("/verify"), username="sixt", domain=domain, code=code))
    program = Program(house, f"sixt@{domain}", PASSWORD)
    assert await program.connected() == "online"
    assert (await program.plugin["xep_0077"].get_registration())["register"]["registered"]
    await program.plugin["xep_0077"].change_password(OTHER)
    await program.leave()

    program = Program(house, f"sixt@{domain}", OTHER)
    assert await program.connected() == "online"
    await program.plugin["xep_0077"].cancel_registration()
    await asyncio.wait_for(program.disconnected, PATIENCE)
    program = Program(house, f"sixt@{domain}", OTHER)
    assert (await program.connected())[0] == "not-authorized"

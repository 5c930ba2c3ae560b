"""What only ejabberd has: its own options and traps."""

import pytest
from ejabberd import start_ejabberd
from scripted_broker import Account, Broker
from wire import REGISTER, SASL, Client, describe, name, sasl_failure, stanza_error, to_base64

pytestmark = pytest.mark.only("ejabberd")

GET = f"<query xmlns='{REGISTER}'/>"


def new_account(user):
    return f"<query xmlns='{REGISTER}'><username>{user}</username><password>geheim-geheim</password></query>"


@pytest.fixture
def own(servers, kind, tmp_path):
    """Starts an ejabberd with options of its own."""
    running = []

    def started(**options):
        running.append(start_ejabberd(tmp_path / f"ejabberd-{len(running)}", servers.certificates, servers.beams, **options))
        return running[-1]

    yield started
    for server in running:
        server.stop()


async def test_nothing_leaves_for_other_servers_while_the_component_is_away(server):
    broker = Broker(server, accounts={"alice": Account("secret")})
    async with broker:
        await broker.ready()
        alice = await Client.logged_in(server, "alice", "secret")
    await server.logged("is no longer connected")
    async with alice, await Client.connected(server) as stranger:
        await stranger.iq("set", new_account("bob"))
        assert sasl_failure(await stranger.plain("alice", "secret"))[0] == "temporary-auth-failure"
        await alice.iq("set", new_account("alice"))
        await server.hand.set_password("alice", "geheim-geheim")
    assert await server.erlang("supervisor:count_children(ejabberd_s2s_out_sup)") == "[{specs,1},{active,0},{supervisors,0},{workers,0}]"
    assert "geheim" not in server.log()


async def test_a_route_of_that_name_which_is_not_the_component_gets_nothing(server):
    """Whoever registers the name inside of ejabberd: it is not a stream that has shown the secret."""
    await server.erlang("register(impostor, spawn(fun() -> ejabberd_router:register_route(<<\"broker.example\">>, "
                        "<<\"chat.example\">>), receive stop -> ok end end))")
    await server.hand.reload_module()
    async with await Client.connected(server) as client:
        assert not client.offers_registration()
        assert stanza_error(await client.iq("set", new_account("bob")))[:2] == ("wait", "service-unavailable")
    assert await server.erlang("process_info(whereis(impostor), message_queue_len)") == "{message_queue_len,0}"
    await server.erlang("impostor ! stop")


async def test_the_rule_of_the_access_option_holds_for_names_and_addresses(own):
    rules = {"acl": {"staff": [{"user_regexp": "^staff"}], "near": [{"ip": "127.0.0.0/8"}]},
             "access_rules": {"may_register": [{"deny": "staff"}, {"allow": "near"}]}}
    server = own(server_options=rules, host_options={"access": "may_register"})
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        assert stanza_error(await client.iq("set", new_account("Staff1"), id="i1"))[:2] == ("cancel", "not-allowed")
        assert (await client.iq("set", new_account("bob"), id="i2")).get("type") == "result"
        assert len(broker.requests("carry")) == 1


async def test_mod_register_is_named_in_the_log_and_stays_unused(own):
    server = own(modules={"mod_register": {"access": "all"}})
    await server.logged("mod_register is loaded on chat.example too")
    broker = Broker(server, accounts={"alice": Account("secret")})
    async with await Client.connected(server) as client:
        assert not client.offers_registration()
        assert stanza_error(await client.iq("set", new_account("mallory")))[:2] == ("wait", "service-unavailable")
    async with broker:
        await broker.ready()
        async with await Client.connected(server) as client:
            assert len([child for child in client.features if name(child) == "register"]) == 1
            await client.iq("set", new_account("mallory"))
        async with await Client.logged_in(server, "alice", "secret") as alice:
            await alice.iq("get", GET)
        assert len(broker.requests("carry")) == 2


@pytest.mark.parametrize("options, told", [
    ({"timeout": 0}, "timeout"), ({"timeout": 121}, "timeout"), ({"max_pending": 0}, "max_pending"),
    ({"credential_memory": 301}, "credential_memory"), ({"component": "not a domain"}, "component"), ({"komponent": "broker.example"}, "komponent")])
async def test_a_wrong_option_is_named_and_nothing_starts(own, tmp_path, options, told):
    with pytest.raises(RuntimeError):
        own(host_options=options)
    log = (tmp_path / "ejabberd-0" / "ejabberd.log").read_text()
    assert told in log and "Exception" not in log


async def test_the_process_of_the_link_can_be_lost_and_comes_back_without_a_password_in_the_log(server):
    broker = Broker(server, accounts={"alice": Account("secret")})
    async with broker:
        await broker.ready()
        broker.replace("carry", lambda iq, carry: None)
        async with await Client.connected(server) as client:
            client.send(f"<iq type='set' id='s'>{new_account('bob')}</iq>")
            await broker.request_arrived("carry")
            broker.status_asked.clear()
            await server.erlang("exit(whereis('mod_ostiary_link_chat.example'), kill)")
            assert stanza_error(await client.answer("s"))[:2] == ("wait", "service-unavailable")
            await broker.ready()
            assert name(await client.plain("alice", "secret")) == "success"
    assert "geheim" not in server.log()


async def test_a_handler_that_fails_tells_the_client_and_keeps_the_password_out_of_the_log(server):
    async with Broker(server) as broker, await Client.connected(server) as client:
        await broker.ready()
        await server.erlang("ejabberd_hooks:add(register_user, <<\"chat.example\">>, fun(_, _) -> error(broken) end, 1)")
        await server.erlang("persistent_term:erase({mod_ostiary_link, <<\"chat.example\">>})")
        broken = await client.iq("set", "<query xmlns='jabber:iq:register'><username>bob</username><password>geheim</password></query>")
        assert broken.get("type") in ("result", "error")
    assert "geheim" not in server.log()


async def test_a_token_does_not_log_in_an_account_that_may_not(own):
    """Tokens and certificates are checked by ejabberd itself; the state of the account is asked all the same."""
    server = own(server_options={"disable_sasl_mechanisms": []})
    broker = Broker(server, accounts={"alice": Account("secret")})
    async with broker:
        await broker.ready()
        await server.erlang("mnesia:dirty_write({oauth_token, <<\"token\">>, {<<\"alice\">>, <<\"chat.example\">>}, "
                            "[<<\"sasl_auth\">>], erlang:system_time(second) + 3600})")

        async def log_in():
            async with await Client.connected(server) as client:
                client.send(f"<auth xmlns='{SASL}' mechanism='X-OAUTH2'>{to_base64(f'{chr(0)}alice{chr(0)}token')}</auth>")
                return await client.receive()

        assert name(answer := await log_in()) == "success", describe(answer)
        broker.accounts["alice"] = Account("secret", "suspended", "Spam")
        assert sasl_failure(await log_in()) == ("account-disabled", "Spam")


async def test_by_a_token_only_those_whose_state_is_remembered_log_in_while_the_broker_is_away(own):
    """Nothing is to be proven there by keys, so keys that were made up must not do."""
    server = own(server_options={"disable_sasl_mechanisms": []}, host_options={"credential_memory": 300})
    users = {"alice": "active", "carol": "suspended", "bob": "active"}
    for user in users:
        await server.erlang(f"mnesia:dirty_write({{oauth_token, <<\"token-{user}\">>, {{<<\"{user}\">>, <<\"chat.example\">>}}, "
                            "[<<\"sasl_auth\">>], erlang:system_time(second) + 3600})")

    async def log_in(user):
        async with await Client.connected(server) as client:
            client.send(f"<auth xmlns='{SASL}' mechanism='X-OAUTH2'>{to_base64(f'{chr(0)}{user}{chr(0)}token-{user}')}</auth>")
            return await client.receive()

    async with Broker(server, accounts={user: Account("secret", state) for user, state in users.items()}) as broker:
        await broker.ready()
        assert name(await log_in("alice")) == "success"
        assert sasl_failure(await log_in("carol"))[0] == "account-disabled"
    await server.logged("is no longer connected")
    assert name(await log_in("alice")) == "success"
    assert sasl_failure(await log_in("carol"))[0] == "account-disabled"
    assert sasl_failure(await log_in("bob"))[0] == "temporary-auth-failure"


async def test_the_log_says_with_which_versions_the_module_was_run(own):
    await own().logged("it was run with ejabberd 23.01")

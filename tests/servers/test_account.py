"""After login: what a person changes from the client, and notices of what happened to the account."""

import asyncio
from contextlib import suppress

import pytest

from scripted_broker import LINK, Account, Broker, carried, carry_answer, client_of, notice
from wire import AT_ONCE, REGISTER, Client, Closed, name, stanza_error

GET = f"<query xmlns='{REGISTER}'/>"
REMOVE = f"<query xmlns='{REGISTER}'><remove/></query>"
CHANGE = f"<query xmlns='{REGISTER}'><username>alice</username><password>new</password></query>"


@pytest.fixture
def broker(server):
    return Broker(server, accounts={"alice": Account("secret"), "bob": Account("secret")})


def alice(server, resource="phone"):
    return Client.logged_in(server, "alice", "secret", resource)


async def purged(server, user):
    while await server.hand.has_roster(user):
        await asyncio.sleep(0.02)


async def stays(client):
    """The stream still answers."""
    assert (await client.iq("get", "<ping xmlns='urn:xmpp:ping'/>", id="stays")).get("type") == "result"


async def test_requests_to_the_server_and_to_oneself_are_carried_with_the_session_address(server, broker):
    async with broker:
        await broker.ready()
        async with await alice(server) as client:
            for number, to in enumerate((None, "chat.example", "alice@chat.example", "alice@chat.example/phone")):
                answer = await client.iq("get", GET, to=to, id=f"g{number}")
                assert answer.get("type") == "result" and answer[0].tag == f"{{{REGISTER}}}query"
        for _, carry in broker.requests("carry"):
            assert client_of(carry)["jid"] == "alice@chat.example/phone"
            assert carried(carry).get("from") is None and carried(carry).get("to") is None
        assert len(broker.requests("carry")) == 4


async def test_requests_to_others_are_not_carried(start):
    server = start(others=("other.example",))
    broker = Broker(server, accounts={"alice": Account("secret"), "bob": Account("secret")})
    async with broker:
        await broker.ready()
        async with await alice(server) as client, await alice(server, "tablet") as tablet:
            for number, to in enumerate(("bob@chat.example", "other.example", "bob@chat.example/phone")):
                assert (await client.iq("get", GET, to=to, id=f"g{number}")).get("type") == "error"
            client.send(f"<iq type='get' id='own' to='alice@chat.example/tablet'>{GET}</iq>")
            assert (await tablet.receive()).get("id") == "own", "another program of the same person"
            tablet.send(f"<iq type='result' id='own' to='alice@chat.example/phone'>{GET}</iq>")
            assert (await client.answer("own")).get("from") == "alice@chat.example/tablet"
        assert broker.requests("carry") == []


async def test_a_password_change_closes_the_other_sessions_after_the_answer(server, broker):
    def change(iq, carry):
        # The notice goes out before the answer; the module turns them round.
        broker.send(f"<iq type='set' id='n' from='broker.example' to='chat.example'>"
                    f"{notice('alice', 'password-changed', keep='alice@chat.example/phone')}</iq>")
        return carry_answer(carried(carry), "")

    async with broker:
        await broker.ready()
        broker.replace("carry", change)
        async with await alice(server) as phone, await alice(server, "tablet") as tablet, \
                await Client.logged_in(server, "bob", "secret") as bob:
            assert (await phone.iq("set", CHANGE)).get("type") == "result"
            assert (await tablet.ended())[0] == "reset"
            await stays(phone)
            await stays(bob)


@pytest.mark.parametrize("keep", [{}, {"keep": "bob@chat.example/phone"}, {"keep": "alice@other.example/phone"},
                                  {"keep": "alice@chat.example"}])
async def test_a_password_change_from_elsewhere_closes_every_session(server, broker, keep):
    async with broker:
        await broker.ready()
        async with await alice(server) as phone, await alice(server, "tablet") as tablet:
            assert (await broker.notify("alice", "password-changed", **keep)).get("type") == "result"
            assert (await phone.ended())[0] == (await tablet.ended())[0] == "reset"


async def test_removing_the_account_is_answered_before_the_stream_ends_and_purges_its_data(server, broker):
    def remove(iq, carry):
        broker.send(f"<iq type='set' id='n' from='broker.example' to='chat.example'>{notice('alice', 'deleted')}</iq>")
        return carry_answer(carried(carry), "")

    roster = "<query xmlns='jabber:iq:roster'><item jid='friend@example.org'/></query>"
    async with broker:
        await broker.ready()
        broker.replace("carry", remove)
        async with await alice(server) as phone, await alice(server, "tablet") as tablet:
            assert (await phone.iq("set", roster, id="r")).get("type") == "result"
            assert await server.hand.has_roster("alice") is True
            phone.send(f"<iq type='set' id='bye'>{REMOVE}</iq>")
            answer = await phone.answer("bye")
            assert answer.get("type") == "result" and len(answer) == 0
            assert await phone.ended() == ("not-authorized", "Account deleted")
            assert (await tablet.ended())[0] == "not-authorized"
            await asyncio.wait_for(purged(server, "alice"), AT_ONCE)
        # Told once more after a reconnect: no harm, and no account needed.
        assert (await broker.notify("alice", "deleted")).get("type") == "result"


async def test_a_suspended_account_is_told_why_and_loses_its_sessions(server, broker):
    async with broker:
        await broker.ready()
        async with await alice(server) as phone, await alice(server, "tablet") as tablet:
            for _ in range(2):
                assert (await broker.notify("alice", "suspended", "Spam, leider")).get("type") == "result"
            assert await phone.ended() == await tablet.ended() == ("not-authorized", "Spam, leider")
        assert (await broker.notify("alice", "resumed")).get("type") == "result"


@pytest.mark.parametrize("event", ["suspended", "password-changed", "deleted"])
async def test_a_stream_that_has_not_bound_a_resource_is_closed_too(server, broker, event):
    async with broker:
        await broker.ready()
        async with await Client.connected(server) as client, await alice(server) as phone, \
                await Client.connected(server) as other:
            assert name(await client.plain("alice", "secret")) == "success"
            assert name(await other.plain("bob", "secret")) == "success"
            await client.start()
            assert (await broker.notify("alice", event)).get("type") == "result"
            expected = "reset" if event == "password-changed" else "not-authorized"
            assert (await client.ended())[0] == (await phone.ended())[0] == expected
            await other.bind("phone")


async def test_a_client_cannot_put_off_its_suspension_by_asking_again_and_again(server, broker):
    held = []
    async with broker:
        await broker.ready()
        broker.replace("carry", lambda iq, carry: held.append((iq, carry)))
        async with await alice(server) as phone, await alice(server, "tablet") as tablet:
            phone.send(f"<iq type='get' id='first'>{GET}</iq>")
            await broker.request_arrived("carry", 1)
            told = asyncio.create_task(broker.notify("alice", "suspended", "Spam"))
            await asyncio.sleep(0.1)
            tablet.send(f"<iq type='get' id='later'>{GET}</iq>")
            await broker.request_arrived("carry", 2)
            assert not told.done()
            broker.reply(held[0][0], carry_answer(carried(held[0][1]), ""))
            assert (await asyncio.wait_for(told, AT_ONCE)).get("type") == "result"
            assert (await phone.answer("first")).get("type") == "result"
            assert (await phone.ended())[1] == (await tablet.ended())[1] == "Spam"
            broker.reply(held[1][0], carry_answer(carried(held[1][1]), ""))
        await asyncio.sleep(0.1)
    assert server.hand.crash not in server.log()


async def test_strangers_before_login_do_not_put_off_a_notice(server, broker):
    async with broker:
        await broker.ready()
        broker.replace("carry", lambda iq, carry: None)
        async with await alice(server) as phone, await Client.connected(server) as stranger:
            stranger.send(f"<iq type='set' id='s'>{CHANGE}</iq>")
            await broker.request_arrived("carry")
            assert (await broker.set(notice("alice", "suspended"), limit=AT_ONCE)).get("type") == "result"
            assert (await phone.ended())[0] == "not-authorized"


async def test_notices_of_one_user_keep_their_order(server, broker):
    held = []
    async with broker:
        await broker.ready()
        broker.replace("carry", lambda iq, carry: held.append((iq, carry)))
        async with await alice(server) as phone:
            phone.send(f"<iq type='get' id='first'>{GET}</iq>")
            await broker.request_arrived("carry")
            order = []
            told = [asyncio.create_task(broker.notify("alice", event))
                    for event in ("resumed", "password-changed", "activated")]
            for number, task in enumerate(told):
                task.add_done_callback(lambda _, number=number: order.append(number))
            assert (await broker.notify("bob", "resumed")).get("type") == "result"
            assert order == []
            broker.reply(held[0][0], carry_answer(carried(held[0][1]), ""))
            await asyncio.gather(*told)
            assert order == [0, 1, 2]


async def test_a_notice_that_makes_no_sense_is_refused(server, broker):
    async with broker:
        await broker.ready()
        assert stanza_error(await broker.notify("", "deleted"))[:2] == ("modify", "bad-request")
        assert stanza_error(await broker.notify("a@b", "deleted"))[:2] == ("modify", "bad-request")
        assert stanza_error(await broker.notify("alice", "transmuted"))[:2] == ("cancel", "feature-not-implemented")
        assert stanza_error(await broker.set(f"<brew xmlns='{LINK}'/>"))[:2] == ("cancel", "feature-not-implemented")


# ---- forgeries


async def test_control_stanzas_of_others_are_refused_and_logged_once(start):
    server = start(stranger="evil.example")
    broker = Broker(server, accounts={"alice": Account("secret"), "mallory": Account("secret")})
    async with broker:
        await broker.ready()
        evil = Broker(server, component="evil.example", port=server.stranger_port)
        async with await alice(server) as victim, evil, await Client.logged_in(server, "mallory", "secret") as mallory:
            for forged in (notice("alice", "deleted"), notice("alice", "suspended"), f"<status xmlns='{LINK}' registration='closed'/>"):
                answer = await mallory.iq("set", forged, to="chat.example")
                assert stanza_error(answer)[:2] == ("auth", "forbidden")
                answer = await mallory.iq("set", forged, id="self")
                assert stanza_error(answer)[1] == "service-unavailable"
                assert stanza_error(await evil.set(forged))[:2] == ("auth", "forbidden")
                evil.send(f"<iq type='set' id='e' from='broker.example' to='chat.example'>{forged}</iq>")
            async with await Client.connected(server) as stranger:
                assert stranger.offers_registration()
            await stays(victim)
    await server.logged("Refused a stanza that only")
    assert server.log().count("Refused a stanza that only") == 1


@pytest.mark.parametrize("as_the_component", [True, False])
async def test_nobody_speaks_as_the_component_before_or_after_login(server, broker, as_the_component):
    """A server may also end the stream of a client that writes somebody else's address."""
    sender = "from='broker.example'" if as_the_component else ""
    async with broker:
        await broker.ready()
        async with await alice(server) as victim, await Client.logged_in(server, "bob", "secret") as bob:
            for stream in (await Client.connected(server), bob):
                stream.send(f"<iq type='set' id='f' to='chat.example' {sender}>{notice('alice', 'deleted')}</iq>")
                with suppress(Closed):
                    assert stanza_error(await stream.answer("f"))
            await stays(victim)


async def test_answers_of_others_and_late_and_double_ones_are_ignored(hasty):
    async with Broker(hasty, accounts={"alice": Account("secret"), "bob": Account("secret")}) as broker:
        await broker.ready()
        broker.replace("carry", lambda iq, carry: None)
        async with await alice(hasty) as phone, await Client.logged_in(hasty, "bob", "secret") as bob:
            phone.send(f"<iq type='get' id='g1'>{GET}</iq>")
            iq, carry = await broker.request_arrived("carry")
            forged = carry_answer(carried(carry), "<forged xmlns='x'/>")
            bob.send(f"<iq type='result' id='{iq.get('id')}' to='chat.example'>{forged}</iq>")
            await stays(bob)
            broker.reply(iq, forged, sender=f"x@{hasty.component}")
            broker.reply(iq, carry_answer(carried(carry), "<right xmlns='x'/>"))
            broker.reply(iq, carry_answer(carried(carry), "<double xmlns='x'/>"))
            assert name((await phone.answer("g1"))[0]) == "right"
            phone.send(f"<iq type='get' id='g2'>{GET}</iq>")
            late, carry = await broker.request_arrived("carry", 2)
            error = stanza_error(await phone.answer("g2"))
            assert error[:2] == ("wait", "remote-server-timeout")
            broker.reply(late, carry_answer(carried(carry), "<late xmlns='x'/>"))
            await stays(phone)
    assert hasty.hand.crash not in hasty.log()


# ---- the component goes away


async def test_without_the_component_a_request_is_refused_at_once(server, broker):
    async with broker:
        await broker.ready()
        client = await alice(server)
    await server.logged("is no longer connected")
    async with client, await Client.connected(server) as stranger:
        for stream in (client, stranger):
            kind, condition, text = stanza_error(await asyncio.wait_for(stream.iq("get", GET), AT_ONCE))
            assert (kind, condition) == ("wait", "service-unavailable") and text


async def test_a_component_killed_while_a_request_is_pending_is_answered_for_at_once(server):
    async with await Client.connected(server) as client:
        async with Broker(server) as broker:
            await broker.ready()
            broker.replace("carry", lambda iq, carry: None)
            client.send(f"<iq type='get' id='g1'>{GET}</iq>")
            await broker.request_arrived("carry")
            broker.writer.transport.abort()
            error = stanza_error(await asyncio.wait_for(client.answer("g1"), AT_ONCE))
            assert error[:2] == ("wait", "service-unavailable")
        async with Broker(server) as broker:
            await broker.ready()
            assert (await client.iq("get", GET, id="g2")).get("type") == "result"


async def test_more_requests_than_allowed_are_refused_as_busy(start):
    server = start(max_pending=2, timeout=2)
    async with Broker(server) as broker:
        await broker.ready()
        broker.replace("carry", lambda iq, carry: None)
        clients = [await Client.connected(server) for _ in range(3)]
        for client in clients[:2]:
            client.send(f"<iq type='get' id='g'>{GET}</iq>")
        await broker.request_arrived("carry", 2)
        assert stanza_error(await clients[2].iq("get", GET))[:2] == ("wait", "resource-constraint")
        for client in clients[:2]:
            assert stanza_error(await client.answer("g"))[:2] == ("wait", "remote-server-timeout")
        del broker.on_carry
        assert (await clients[2].iq("get", GET, id="again")).get("type") == "result"
        for client in clients:
            await client.close()


async def test_a_reload_of_the_module_answers_what_is_pending(server, broker):
    async with broker:
        await broker.ready()
        broker.replace("carry", lambda iq, carry: None)
        async with await alice(server) as phone:
            phone.send(f"<iq type='get' id='g1'>{GET}</iq>")
            await broker.request_arrived("carry")
            broker.status_asked.clear()
            await server.hand.reload_module()
            assert stanza_error(await phone.answer("g1"))[:2] == ("wait", "service-unavailable")
            del broker.on_carry
            await broker.ready()
            assert (await phone.iq("get", GET, id="g2")).get("type") == "result"
            async with await alice(server, "tablet"):
                pass
    assert server.hand.crash not in server.log()


async def test_a_second_connection_of_the_component_is_not_mistaken_for_the_first(start):
    server = start(several=True)
    async with await Client.connected(server) as client, Broker(server) as old:
        await old.ready()
        async with Broker(server) as new:
            await new.ready()
            assert (await client.iq("get", GET)).get("type") == "result"
            assert len(new.requests("carry")) == 1 and old.requests("carry") == []

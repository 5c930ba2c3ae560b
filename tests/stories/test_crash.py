"""Kills the broker again and again while people register, and holds what was acknowledged against what is there."""

import asyncio
import os
import random

import pytest
from test_registration import PASSWORD, log_in, query
from wire import Client, Closed, name

LONG = os.environ.get("OSTIARY_LONG") == "1"
ROUNDS = 1000 if LONG else 20
PEOPLE = 8


@pytest.mark.limit(4 * 3600 if LONG else 300)
async def test_nothing_acknowledged_is_lost_and_nothing_is_half_made_when_the_broker_is_killed(house):
    broker = house(broker_options={"domain_options": 'resend_cooldown = "1s"'})
    await broker.ready()
    chance = random.Random(7)
    acknowledged, attempted = [], set()
    running = True

    async def registers(person):
        number = 0
        while running:
            number += 1
            user = f"p{person}n{number}"
            attempted.add(user)
            try:
                async with await Client.connected(broker.server) as client:
                    answer = await client.iq("set", query(username=user, password=PASSWORD, email=f"{user}@mail.example"))
                    if answer.get("type") == "result":
                        acknowledged.append(user)
                    else:
                        await asyncio.sleep(0.02)
            except (Closed, OSError, TimeoutError):
                await asyncio.sleep(0.02)

    people = [asyncio.create_task(registers(person)) for person in range(PEOPLE)]
    made = []
    for _ in range(ROUNDS):
        before = len(acknowledged)
        while len(acknowledged) < before + 20:
            await asyncio.sleep(0.01)
        await asyncio.sleep(chance.uniform(0, 0.2))
        broker.kill()
        made.append(len(acknowledged) - before)
        broker.start()
        await broker.ready()
    running = False
    await asyncio.gather(*people)

    accounts = {}
    after = []
    while True:
        page = broker.operate("account", "list", "--limit", "1000", *after)
        accounts |= {account["username"]: account for account in page}
        if len(page) < 1000:
            break
        after = ["--after", f"{page[-1]['username']}@chat.example"]
    assert set(acknowledged) <= set(accounts), "an acknowledged account is gone"
    assert set(accounts) <= attempted
    assert all(account["state"] == "pending" and account["email"] for account in accounts.values())

    for _ in range(600):
        lettered = {str(letter["To"]).split("@")[0] for letter in await asyncio.to_thread(broker.letters)}
        if set(accounts) <= lettered:
            break
        await asyncio.sleep(0.1)
    assert set(accounts) <= lettered, "an account got no letter"
    assert lettered <= set(accounts), "a letter went out for an account that does not exist"
    for letter in broker.letters():
        assert letter.get_body(("plain",)) and letter.get_body(("html",)), "a letter is cut off"

    # Whole means usable: each kind of credential proves, also for one that was made just before a kill.
    for user in (acknowledged[0], acknowledged[-1], sorted(accounts)[0]):
        broker.operate("account", "verify", f"{user}@chat.example")
        for mechanism in ("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256"):
            assert name(await log_in(broker.server, user, mechanism)) == "success"
    print(f"{ROUNDS} kills, {len(acknowledged)} acknowledged, {len(accounts)} accounts, {len(broker.letters())} letters")

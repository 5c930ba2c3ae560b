"""Every page in a real browser: on a telephone and on a desk, with scripts and without."""

import asyncio
from pathlib import Path

import chromium
import pytest
from broker import code_in, link_in

PASSWORD = "correct horse battery"
NEW = "a wholly new password"
SIZES = {"desktop": chromium.DESKTOP, "phone": chromium.PHONE}


class Walk:
    """Goes through the pages and looks at each."""

    def __init__(self, person, name, scripts, pictures):
        self.person, self.name, self.scripts, self.pictures = person, name, scripts, pictures

    def looks(self, page):
        person = self.person
        if self.pictures:
            person.driver.get_full_page_screenshot_as_file = None
            height = person.driver.execute_script("return document.documentElement.scrollHeight") if self.scripts else 900
            person.driver.set_window_size(SIZES[self.name][0], max(400, height + 140))
            folder = Path(self.pictures)
            folder.mkdir(parents=True, exist_ok=True)
            person.driver.save_screenshot(str(folder / f"{page}-{self.name}.png"))
            person.driver.set_window_size(*SIZES[self.name])
        assert person.complaints() == [], page
        if self.scripts:
            assert person.barriers() == [], page
            assert not person.is_wider_than_the_window(), page


def letter(broker, address, number=1):
    return asyncio.run(broker.letter(address, number))


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
@pytest.mark.parametrize("size", SIZES)
def test_a_person_goes_through_every_page(house, person, request, size, scripts):
    pictures = request.config.getoption("--pictures") if scripts else None
    broker = house(domain_options='email = "required"\nresend_cooldown = "1s"\ncaptcha = "always"\ncaptcha_questions = '
                                  '[{ lang = "en", ask = "What colour is snow?", answers = ["white"] }]')
    alice = person(broker, size=SIZES[size], scripts=scripts)
    walk = Walk(alice, size, scripts, pictures)
    answers = {} if scripts else {"qa": "white"}

    alice.goes_to("/")
    walk.looks("start")
    alice.goes_to("/register")
    walk.looks("register")
    alice.fills_in(username="alice", password="short", email="alcie@mail.example", **answers)
    alice.submits()
    alice.sees("too weak")
    walk.looks("register-problems")
    alice.fills_in(password=PASSWORD, **answers)
    alice.submits()
    alice.is_at("/verify")
    walk.looks("verify")

    alice.goes_to("/verify/address")
    walk.looks("address")
    alice.fills_in(password=PASSWORD, email="alice@mail.example")
    alice.submits()
    alice.is_at("/verify?sent")
    link = link_in(letter(broker, "alice@mail.example"))
    alice.driver.get(link)
    walk.looks("verify-link")
    alice.submits()
    alice.sees("alice@chat.example")
    walk.looks("welcome")

    alice.goes_to("/recover")
    walk.looks("recover")
    alice.fills_in(username="alice")
    alice.submits()
    alice.is_at("/recover/code")
    walk.looks("recover-code")
    alice.fills_in(code=code_in(letter(broker, "alice@mail.example", 2)), password=NEW)
    alice.submits()
    alice.is_at("/recover/done")
    walk.looks("recovered")

    alice.goes_to("/signin")
    walk.looks("signin")
    alice.fills_in(username="alice", password="not the password")
    alice.submits()
    alice.sees("wrong")
    walk.looks("signin-problems")
    alice.fills_in(username="alice", password=NEW)
    alice.submits()
    alice.is_at("/account")
    walk.looks("account")
    alice.goes_to("/account/password")
    walk.looks("account-password")
    alice.fills_in(**{"password": NEW, "new-password": PASSWORD})
    alice.submits()
    alice.sees("The new password works")
    alice.goes_to("/account/email")
    walk.looks("account-email")
    alice.fills_in(password=PASSWORD, email="new@mail.example")
    alice.submits()
    alice.is_at("/account/email/code")
    walk.looks("account-email-code")
    alice.fills_in(code=code_in(letter(broker, "new@mail.example")))
    alice.submits()
    alice.sees("new@mail.example")
    letter(broker, "alice@mail.example", 3)
    alice.goes_to("/account/delete")
    walk.looks("account-delete")
    alice.fills_in(password=PASSWORD)
    alice.submits()
    alice.sees("will be deleted")
    walk.looks("leaving")
    alice.goes_to("/account/keep")
    walk.looks("keep")
    alice.fills_in(username="alice", password=PASSWORD)
    alice.submits()
    alice.sees("The account stays")
    walk.looks("kept")
    assert [account["state"] for account in broker.operate("account", "list")] == ["active"]

    alice.goes_to("/invite")
    walk.looks("invite-ask")
    made = broker.operate("invite", "create", "--domain", "chat.example")
    alice.driver.get(made["landing_url"])
    walk.looks("invite")
    alice.goes_to("/Agent/Account/CreateWebForm")
    walk.looks("web-form")


def test_a_page_that_is_not_there_says_so(house, person):
    alice = person(house())
    alice.goes_to("/nowhere")
    alice.sees("not")
    assert alice.barriers() == []


@pytest.mark.parametrize("language, text", [("de", "Konto anlegen"), ("fr", "Créer un compte"), ("es", "Crear una cuenta"),
                                            ("sv", "Skapa ett konto")])
def test_a_page_is_read_in_the_language_that_was_chosen(house, person, language, text):
    alice = person(house())
    alice.goes_to(f"/register?lang={language}")
    alice.goes_to("/register")
    alice.sees(text)
    assert alice.driver.find_element("css selector", "html").get_attribute("lang") == language
    assert alice.barriers() == []

"""The CAPTCHA of the registration page in a browser, and the other script on it."""

PASSWORD = "correct horse battery"
ALWAYS = '''email = "off"
captcha = "always"
captcha_questions = [{ lang = "en", ask = "What colour is snow?", answers = ["white"] }]'''


def test_a_script_does_the_work_while_the_person_fills_in_the_form(house, person):
    broker = house(domain_options=ALWAYS)
    alice = person(broker)
    alice.goes_to("/register")
    assert not alice.field("ocr").is_displayed() and not alice.field("qa").is_displayed()
    alice.fills_in(username="alice", password=PASSWORD)
    alice.submits()
    alice.sees("alice@chat.example")
    assert [account["username"] for account in broker.operate("account", "list")] == ["alice"]
    assert alice.complaints() == []


def test_without_scripts_a_person_answers_the_question(house, person):
    broker = house(domain_options=ALWAYS)
    alice = person(broker, scripts=False)
    alice.goes_to("/register")
    assert alice.field("ocr").is_displayed()
    alice.fills_in(username="alice", password=PASSWORD, qa="white")
    alice.submits()
    alice.sees("alice@chat.example")


def test_where_the_calculation_cannot_run_the_picture_and_the_question_come_back(house, person):
    broker = house(domain_options=ALWAYS)
    alice = person(broker)
    broken = "window.Worker = class { postMessage() { setTimeout(() => this.onerror(), 100); } terminate() {} };"
    alice.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": broken})
    alice.goes_to("/register")
    alice.until(lambda: alice.field("qa").is_displayed(), "the question")
    alice.fills_in(username="alice", password=PASSWORD, qa="white")
    alice.submits()
    alice.sees("alice@chat.example")


def test_a_script_says_how_hard_the_password_is_to_guess(house, person):
    alice = person(house(domain_options='email = "off"'))
    alice.goes_to("/register")
    alice.fills_in(username="alice", password="password")
    alice.sees("Very easy to guess.")
    alice.fills_in(password="correct horse battery staple")
    alice.sees("Very hard to guess.")
    assert alice.complaints() == [] and alice.barriers() == []
    alice.submits()
    alice.sees("alice@chat.example")

"""The page of `CreateWebForm` in a browser."""

import http.server
import threading

import pytest

PASSWORD = "correct horse battery"
PAGE = "/Agent/Account/CreateWebForm"


@pytest.fixture
def elsewhere():
    """A page of a partner, on a host of its own."""
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>partner</title><p>Welcome to the partner</p>")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/signup"
    server.shutdown()
    server.server_close()


def test_a_person_fills_in_the_form_and_is_sent_on_and_the_partners_page_gets_the_token(house, person, elsewhere):
    broker = house(extra=f'[agent_api]\nweb_form_captcha = "own"\nredirection_urls = ["{elsewhere}"]\n')
    broker.operate("key", "create", "--owner", "Agent API", "--limit", "5")
    alice = person(broker)
    alice.goes_to(f"{PAGE}?RedirectionUrl={elsewhere}/done")
    alice.sees("Can be used now")
    alice.fills_in(UserName="alice", EMail="alice@mail.example", Password=PASSWORD)
    alice.submits()
    alice.sees("Welcome to the partner")
    assert alice.driver.current_url == f"{elsewhere}/done"
    assert alice.complaints() == []
    token = alice.driver.execute_async_script("""
        const [base, done] = arguments;
        fetch(base + "Agent/Account/GetSessionToken", {method: "POST", credentials: "include", body: "{}",
            headers: {"Content-Type": "application/json"}}).then((answer) => answer.json()).then(done, (error) => done(String(error)));
    """, broker.web)
    assert token["AccountCreated"]["enabled"] is False and token["AccountCreated"]["jwt"].count(".") == 2, token
    alice.goes_to(PAGE)
    assert [cell.text for cell in alice.driver.find_elements("css selector", ".facts td")][2:5] == ["1", "0", "4"]


def test_a_closed_form_says_why(house, person):
    broker = house()
    alice = person(broker)
    alice.goes_to(PAGE)
    alice.sees("API key configured")
    assert alice.driver.find_elements("css selector", "main form") == []

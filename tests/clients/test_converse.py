"""Converse.js in Chromium, over the WebSocket of the demo."""

import asyncio
import functools
import http.server
import json
import threading
from pathlib import Path

import pytest
from broker import Browser, code_in
from chromium import start
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

CONVERSE = Path(__file__).parent / "node_modules" / "converse.js" / "dist"
PASSWORD = "correct horse battery"
PATIENCE = 30

PAGE = """<!doctype html><meta charset="utf-8"><title>Converse.js</title>
<link rel="stylesheet" href="/converse.min.css"><link rel="icon" href="data:,">
<body class="converse-fullscreen"><div id="conversejs-bg"></div><script type="module">
import "/converse.min.js";
const converse = window.converse;
converse.plugins.add("window", { initialize() { window.api = this._converse.api; } });
converse.initialize(Object.assign({
  view_mode: "fullscreen", assets_path: "/", whitelisted_plugins: ["window"], auto_reconnect: false, discover_connection_methods: false,
  i18n: "en", xmpp_providers_url: "", loglevel: "debug",
}, %s));
</script>"""


class Pages(http.server.SimpleHTTPRequestHandler):
    """The files of the package, and one page that starts it."""

    def __init__(self, *arguments, page, **options):
        self.page = page
        super().__init__(*arguments, directory=CONVERSE, **options)

    def do_GET(self):
        if self.path.partition("?")[0] != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def converse(demo):
    settings = {"websocket_url": demo.whereabouts["websocket"], "registration_domain": demo.whereabouts["domain"]}
    page = PAGE % json.dumps(settings)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, page=page))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def chromium(tmp_path):
    driver = start(tmp_path / "chromium")
    yield driver
    driver.quit()


class Window:
    """What a person does in Converse.js."""

    def __init__(self, driver):
        self.driver = driver

    def until(self, what):
        try:
            return WebDriverWait(self.driver, PATIENCE, 0.1).until(lambda driver: what())
        except Exception as error:
            log = "\n".join(entry["message"] for entry in self.driver.get_log("browser")[-30:])
            raise AssertionError(f"{error}\non the page: {self.text()}\n{log}") from error

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def field(self, form, name):
        return next(iter(self.driver.find_elements(By.CSS_SELECTOR, f"{form} input[name={name}]")), None)

    def fill(self, form, **values):
        self.until(lambda: self.field(form, next(iter(values))))
        for name, value in values.items():
            self.field(form, name).send_keys(value)
        self.driver.find_element(By.CSS_SELECTOR, f"{form} [type=submit]").click()

    def connected_as(self):
        return self.driver.execute_script("return window.api && api.connection.connected() && api.connection.get().jid")


def test_a_person_registers_in_converse_proves_the_address_on_the_web_and_logs_in(demo, converse, chromium):
    window = Window(chromium)
    chromium.get(converse + "#converse/register")
    window.fill("#converse-register", username="Connie", password=PASSWORD, email="connie@mail.example")
    # It logs in at once, and is told why it cannot yet.
    window.until(lambda: window.field("#converse-login", "jid"))
    assert [(account["username"], account["state"]) for account in demo.operate("account", "list")] == [("connie", "pending")]

    browser = Browser(demo.web)
    code = code_in(asyncio.run(demo.letter("connie@mail.example")))
    assert "connie@localhost" in browser.submit(browser.get("/verify"), username="connie", code=code)
    chromium.get(converse)
    window.fill("#converse-login", jid="connie@localhost", password=PASSWORD)
    assert window.until(window.connected_as).startswith("connie@localhost/")


def test_converse_shows_what_is_wrong(demo, converse, chromium):
    window = Window(chromium)
    chromium.get(converse + "#converse/register")
    window.fill("#converse-register", username="connie2", password="short", email="connie2@mail.example")
    window.until(lambda: "The password is too weak" in window.text())

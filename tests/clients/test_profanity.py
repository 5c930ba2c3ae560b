"""Profanity, as somebody types into it: on a terminal that tmux keeps."""

import os
import subprocess
import time

import pytest

PASSWORD = "correct horse battery"
PATIENCE = 30


class Terminal:
    """A terminal of its own, with Profanity in it and a home folder of its own."""

    def __init__(self, folder):
        self.socket = folder / "tmux"
        home = folder / "home"
        (home / "config").mkdir(parents=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TERM": "screen-256color", "LANG": "C.UTF-8",
                            "XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data")}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "200", "-y", "50", "profanity")
        self.shows("Type '/help' to show complete help.")

    def tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self.socket, *arguments], env=self.environment, capture_output=True, text=True, check=True,
                              timeout=PATIENCE).stdout

    def types(self, text):
        self.tmux("send-keys", "-l", text)
        self.tmux("send-keys", "Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p", "-J")

    def shows(self, *texts):
        """Waits until one of the texts is on the screen; returns it."""
        end = time.monotonic() + PATIENCE
        while True:
            screen = " ".join(self.screen().split())
            for text in texts:
                if text in screen:
                    return text
            assert time.monotonic() < end, f"never shown: {texts}\n{self.screen()}"
            time.sleep(0.1)

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], env=self.environment, capture_output=True, check=False)


@pytest.fixture
def start(tmp_path):
    """Starts Profanity on a new terminal."""
    terminals = []

    def started():
        folder = tmp_path / str(len(terminals))
        folder.mkdir()
        terminals.append(Terminal(folder))
        return terminals[-1]

    yield started
    for terminal in terminals:
        terminal.close()


def register(profanity, user, port):
    profanity.types(f"/register {user} localhost port {port} tls trust")
    profanity.shows("Enter password:")
    profanity.types(PASSWORD)
    profanity.shows("Confirm password:")
    profanity.types(PASSWORD)


def test_a_person_registers_in_profanity_and_logs_in_and_changes_the_password(house, start):
    profanity = start()
    register(profanity, "polly", house.server.c2s)
    profanity.shows("Registration successful.")
    # Profanity 0.13 takes up neither TLS nor SASL on a connection after a registration, until it is started anew.
    profanity = start()
    profanity.types(f"/connect polly@localhost port {house.server.c2s} tls trust")
    profanity.shows("Enter password:")
    profanity.types(PASSWORD)
    profanity.shows("logged in successfully")
    profanity.types("/changepassword")
    profanity.shows("Enter password:")
    profanity.types("another horse entirely")
    profanity.shows("Confirm password:")
    profanity.types("another horse entirely")
    profanity.shows("Password successfully changed.")


def test_profanity_shows_the_web_address_where_an_e_mail_address_is_needed(demo, start):
    profanity = start()
    register(profanity, "paula", demo.whereabouts["c2s"].rpartition(":")[2])
    profanity.shows(f"{demo.web}register")

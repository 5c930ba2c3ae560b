"""What a person does with a browser, and sees."""

import re
from pathlib import Path

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


class Person:
    def __init__(self, driver, broker):
        self.driver, self.broker = driver, broker

    def goes_to(self, path):
        self.driver.get(self.broker.web + path.lstrip("/"))

    def fills_in(self, **values):
        for name, value in values.items():
            field = self.field(name)
            field.clear()
            field.send_keys(value)

    def submits(self):
        self.driver.find_element(By.CSS_SELECTOR, "main form button[type=submit]").click()

    def field(self, name):
        return self.driver.find_element(By.CSS_SELECTOR, f"main form [name='{name}']")

    def sees(self, text):
        """Waits for a text on the page."""
        self.until(lambda: text in self.text(), f"{text!r}")

    def is_at(self, path):
        self.until(lambda: self.driver.current_url.startswith(self.broker.web + path.lstrip("/")), path)

    def until(self, what, name):
        try:
            WebDriverWait(self.driver, PATIENCE, 0.1).until(lambda _: what())
        except Exception as error:
            raise AssertionError(f"not {name} but {self.driver.current_url}:\n{self.text()}\n{self.complaints()}") from error

    def text(self):
        try:
            return self.driver.find_element(By.TAG_NAME, "body").text
        except StaleElementReferenceException:  # the next page has just come
            return ""
        except WebDriverException as error:
            # Chromium's word for the same, when the page goes between finding and reading.
            if "does not belong to the document" not in str(error):
                raise
            return ""

    def complaints(self):
        """What the browser has to say against the page: violated policies, files not found, errors of scripts. That a form was refused
        with a status of its own is none."""
        entries = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        refused = re.compile(re.escape(self.broker.web) + r"\S* - .* a status of 4(0[39]|22)")
        return [entry for entry in entries if not refused.match(entry)]

    def barriers(self):
        """What keeps people with disabilities out of the page, as axe-core finds it (WCAG 2.2 A and AA, best practices)."""
        self.driver.execute_script(AXE.read_text())
        found = self.driver.execute_async_script("axe.run(document).then((result) => arguments[0](result.violations));")
        return [f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']]}" for each in found]

    def is_wider_than_the_window(self):
        return self.driver.execute_script("return document.documentElement.scrollWidth > document.documentElement.clientWidth;")

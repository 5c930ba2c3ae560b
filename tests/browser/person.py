"""What a person does with a browser, and sees."""

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 30


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
        return self.driver.find_element(By.TAG_NAME, "body").text

    def complaints(self):
        """What the browser has to say against the page: violated policies, files not found, errors of scripts."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

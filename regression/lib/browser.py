"""A headless Chromium for the tests of the dashboard, driven by Selenium. Nothing of it is left behind."""
import base64
import json
import os
import shutil
import tempfile

from lab import Skip

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"

# Everything that the Tab key has to reach.
FOCUSABLE = """return [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
  .filter((element) => !element.disabled && element.checkVisibility() && !element.closest('dialog:not([open])'))"""


def selenium():
    """The module; skips the test when there is no browser."""
    if not (os.path.exists(CHROMIUM) and os.path.exists(DRIVER)):
        raise Skip("chromium and chromium-driver are not installed")
    try:
        import selenium.webdriver
        import selenium.webdriver.chrome.service
        return selenium
    except ImportError as missing:
        raise Skip("python3-selenium is not installed") from missing


class Browser:
    """Use as a context manager. `password` is sent along with each request."""

    def __init__(self, password=None):
        self.module = selenium()
        self.password = password
        self.folder = tempfile.mkdtemp(prefix="rootwalk-browser.")

    def __enter__(self):
        webdriver = self.module.webdriver
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
                     f"--user-data-dir={self.folder}/profile"):
            options.add_argument(word)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        environment = {**os.environ, "HOME": self.folder, "TMPDIR": self.folder}
        service = webdriver.chrome.service.Service(DRIVER, env=environment, log_path=f"{self.folder}/driver.log")
        try:
            self.driver = webdriver.Chrome(service=service, options=options)
            self.driver.set_page_load_timeout(60)
            self.driver.set_script_timeout(60)
            self.command("Network.enable")
            if self.password is not None:
                word = base64.b64encode(f"user:{self.password}".encode()).decode()
                self.command("Network.setExtraHTTPHeaders", headers={"Authorization": f"Basic {word}"})
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_):
        self.driver.quit()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, name, **arguments):
        return self.driver.execute_cdp_cmd(name, arguments)

    def look(self, width, height, scheme="light", scale=1, mobile=False):
        """The size of the window, and whether it is dark."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme},
                                                             {"name": "prefers-reduced-motion", "value": "reduce"}])

    def open(self, address):
        self.driver.get(address)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def press(self, key):
        """A key as the keyboard sends it, to whatever has the focus."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        self.command("Input.dispatchKeyEvent", type="keyDown", key=key, code="Space" if key == " " else key,
                     windowsVirtualKeyCode=codes[key], text=text)
        self.command("Input.dispatchKeyEvent", type="keyUp", key=key, code="Space" if key == " " else key,
                     windowsVirtualKeyCode=codes[key])

    def write(self, text):
        self.command("Input.insertText", text=text)

    def errors(self):
        """What the console complained about."""
        return [row["message"] for row in self.driver.get_log("browser") if row["level"] in ("SEVERE", "WARNING")]

    def metrics(self):
        """(name, value, shown text) of each number that is a metric."""
        return self.run("""return [...document.querySelectorAll('[data-metric]')].map((element) =>
          [element.dataset.metric, Number(element.dataset.value), element.textContent])""")

    def save(self, path, height):
        """A picture of the page's upper part, `height` pixels of CSS at most."""
        width, whole = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        shot = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                            clip={"x": 0, "y": 0, "width": width, "height": min(height, whole), "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def __repr__(self):
        return json.dumps(self.errors())

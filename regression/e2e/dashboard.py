"""The dashboard in a browser: its numbers are the server's, it can be used by keyboard, fits a phone, asks nobody else.
With ROOTWALK_SCREENSHOTS=FOLDER it is loaded for a while first, and the pictures of docs/ are written there."""
import math
import os
import random
import re
import shutil
import socket
import tempfile
import threading
import time

import broken_signed
import signed
from browser import FOCUSABLE, Browser
from client import question
from lab import expect, expect_data, expect_equal
from process import wait_until

WORD = "the-word"
PICTURES = os.environ.get("ROOTWALK_SCREENSHOTS")
BLOCK_LIST = "ads.wide.com\ntracker.wide.com\n||telemetry.deep.example^\n"
FILES = {"ads.txt": BLOCK_LIST, "malware.txt": "bad.example\nworse.example\n"}
SETTINGS = {"webserver": "yes", "webserver_password": WORD, "files": FILES,
            "blocklist_files": "@FOLDER@/ads.txt, @FOLDER@/malware.txt", "webserver_max_connections": "64"}
PATIENCE = 60  # with a browser on a busy machine
NAMES = [("www.wide.com", "A"), ("www.wide.com", "AAAA"), ("absent.wide.com", "A"), ("ads.wide.com", "A"),
         ("www.all-refused.example", "A"), ("wide.com", "NS"), ("wide.com", "SOA"), ("version.bind", "TXT"), ("com", "DS"),
         ("tracker.wide.com", "AAAA"), (".", "DNSKEY"), ("localhost", "A"), ("www.wide.com", "MX")]
# What changes though nobody asks anything.
RESTLESS = re.compile(r"uptime|.*-msec.*|.*memory.*|malloc-bytes|fd-usage|coroutine-frames|webserver-.*|.*-entries|.*-bytes|udp-.*")


def ask_some(recursor, rounds=3):
    for number in range(rounds):
        for name, kind in NAMES:
            recursor.ask(name, kind)
        recursor.ask(f"random{number}.wide.com")


def page(browser, port=8082):
    browser.look(1440, 900)
    browser.open(f"http://127.0.0.1:{port}/")
    wait_until(lambda: browser.text("#state") == "live", PATIENCE, "the dashboard is live")
    return browser


def test_numbers(lab):
    """at least 30 numbers on the page are those of rec_control get-all"""
    ask_some(lab.recursor)
    with Browser(WORD) as browser:
        page(browser)
        problems = []

        def agrees():
            told = dict(line.split("\t") for line in lab.recursor.ordered("get-all").splitlines())
            calm = [row for row in browser.metrics() if not RESTLESS.fullmatch(row[0])]
            problems[:] = [(name, value, shown, told.get(name)) for name, value, shown in calm
                           if told.get(name) != str(value) or re.fullmatch(r"[\d,]+", shown) and shown.replace(",", "") != str(value)]
            return len({row[0] for row in calm}) >= 30 and not problems
        wait_until(agrees, PATIENCE, f"the numbers agree: {problems}")
        every = {row[0] for row in browser.metrics()}
        expect(len(every) >= 50 and "questions" in every and "real-memory-usage" in every, every)
        expect_equal(browser.errors(), [])


def test_sources(lab):
    """everything comes from this server, nothing is refused by its content security policy"""
    with Browser(WORD) as browser:
        page(browser)
        names = browser.run("return performance.getEntriesByType('resource').map((entry) => entry.name)")
        expect(len(names) >= 8 and all(name.startswith("http://127.0.0.1:8082/") for name in names), names)
        expect_equal(browser.errors(), [])


def test_labels(lab):
    """parts, fields, charts and tables have names for screen readers"""
    with Browser(WORD) as browser:
        page(browser)
        missing = browser.run("""
          const named = (element) => element.ariaLabel || element.labels?.length || element.closest('label') ||
            document.getElementById(element.getAttribute('aria-labelledby'))?.textContent || element.textContent.trim();
          return [...document.querySelectorAll('section, nav, form, input, button, a, dialog, [role=img], [role=group]')]
            .filter((element) => !named(element)).map((element) => element.outerHTML.slice(0, 200));""")
        expect_equal(missing, [])
        for landmark in ("header", "nav", "main", "footer"):
            expect(browser.run("return document.querySelectorAll(arguments[0]).length", landmark) >= 1, landmark)
        expect_equal(browser.run("return document.documentElement.lang"), "en")


def test_keyboard(lab):
    """the Tab key reaches every control, and where it is can be seen"""
    with Browser(WORD) as browser:
        page(browser)
        controls = browser.run(FOCUSABLE + ".length")
        expect(controls >= 15, controls)
        browser.run(FOCUSABLE + ".forEach((element, number) => element.dataset.control = number)")
        reached, unseen = set(), []
        for _ in range(2 * controls):
            browser.press("Tab")
            number, outline, html = browser.run("""const at = document.activeElement;
              return [at.dataset.control ?? null, getComputedStyle(at).outlineStyle, at.outerHTML.slice(0, 150)]""")
            if number is not None:
                reached.add(int(number))
                unseen += [html] if outline == "none" else []
        expect_equal(unseen, [])
        left = browser.run(FOCUSABLE + ".filter((element) => !arguments[0].includes(Number(element.dataset.control)))"
                           ".map((element) => element.outerHTML.slice(0, 150))", sorted(reached))
        expect_equal(left, [])


def test_explain(lab):
    """a name is explained and cleared from the caches, by keyboard alone"""
    expect_data(lab.ask("www.wide.com"), "A", "192.0.2.12")
    with Browser(WORD) as browser:
        page(browser)
        browser.run("document.querySelector('#explain [name=name]').focus()")
        browser.write("www.wide.com")
        browser.press("Enter")
        wait_until(lambda: "192.0.2.12" in browser.text("#explanation"), PATIENCE, "it is explained")
        browser.run("document.querySelector('#flush [name=domain]').focus()")
        browser.write("www.wide.com")
        browser.press("Tab")
        browser.press(" ")
        browser.press("Tab")
        browser.press("Enter")
        wait_until(lambda: "cleared" in browser.text("#flushed"), PATIENCE, "it is cleared")
        browser.run("document.querySelector('#explain [name=name]').value = 'not a name'.repeat(40)")
        browser.run("document.querySelector('#explain button').click()")
        wait_until(lambda: browser.text("#explanation .failed"), PATIENCE, "a failure is told")


def test_log(lab):
    """the query log is searched"""
    with lab.new_recursor(webserver="yes", webserver_port="8188", webserver_password=WORD, query_log="yes") as recursor:
        recursor.ask("www.wide.com")
        with Browser(WORD) as browser:
            page(browser, 8188)
            browser.run("document.querySelector('#search [name=q]').value = 'name=www.wide.com'")

            def found():
                browser.run("document.querySelector('#search').requestSubmit()")
                return "www.wide.com." in browser.text("#found tbody")
            wait_until(found, PATIENCE, "it is found")
            expect_equal(browser.errors(), [])


def test_key(lab):
    """without a password, what is guarded asks for the API key, once"""
    with lab.new_recursor(webserver="yes", webserver_port="8182", api_key="the-key") as recursor:
        recursor.ask("www.wide.com")
        with Browser() as browser:
            page(browser, 8182)
            browser.run("""const form = document.querySelector('#flush'); form.domain.value = 'www.wide.com';
              form.querySelector('button').click()""")
            wait_until(lambda: browser.run("return document.querySelector('dialog').open"), PATIENCE, "it asks for the key")
            browser.write("the-key")
            browser.press("Enter")
            wait_until(lambda: "cleared" in browser.text("#flushed"), PATIENCE, "it is cleared")
            browser.run("document.querySelector('#flush button').click()")
            wait_until(lambda: "0 entries" in browser.text("#flushed"), PATIENCE, "the key is remembered")


def test_restart(lab):
    """a server that goes away is told, and followed when it is back"""
    with lab.new_recursor(webserver="yes", webserver_port="8183") as recursor:
        with Browser() as browser:
            page(browser, 8183)
            recursor.child.stop(3)
            wait_until(lambda: browser.text("#state") == "no answer", PATIENCE, "it is told")
            recursor.start()
            wait_until(lambda: browser.text("#state") == "live", PATIENCE, "it is live again")


class Load(threading.Thread):
    """Questions of several clients at a rate that goes up and down, until left; answers are not looked at."""

    def __init__(self, port, names):
        super().__init__()
        self.port, self.names, self.ends = port, names, threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.join()

    def run(self):
        choice = random.Random(5)
        sockets = []
        for number in range(2, 10):
            sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sockets[-1].bind((f"127.0.0.{number}", 0))
            sockets[-1].setblocking(False)
        began, count = time.monotonic(), 0
        while not self.ends.is_set():
            count += 1
            name, kind = self.names[int(len(self.names) * choice.random() ** 3)]
            if choice.random() < 0.1:
                name, kind = choice.choice((f"host{count}.wide.com", f"f{count % 500}.watch.example")), "A"
            client = sockets[int(len(sockets) * choice.random() ** 2)]
            client.sendto(question(name, kind, dnssec=count % 3 == 0).to_wire(), ("127.0.0.1", self.port))
            for other in sockets:
                drain(other)
            wave = math.sin((time.monotonic() - began) / 13) + math.sin((time.monotonic() - began) / 5) / 3
            self.ends.wait(1 / (150 + 70 * wave))
        for client in sockets:
            client.close()


def drain(client):
    try:
        while client.recv(4096):
            pass
    except BlockingIOError:
        pass


def some_names():
    """What is asked for, the most frequent first."""
    rows = [(row.name, row.rdtype) for row in signed.good_rows()[::7] + broken_signed.broken_rows()[::9]]
    return NAMES + rows[:120]


def test_sizes(lab):
    """on a desktop and on a phone, light and dark, everything is there and nothing is wider than the window"""
    folder = PICTURES or tempfile.mkdtemp(prefix="rootwalk-pictures.")
    upstreams = f"watch.example=127.0.0.1:{lab.recursor.port};127.0.0.1:1"
    with lab.new_recursor(**{**SETTINGS, "webserver_port": "8184", "forward_zones_recurse": upstreams, "dont_query": ""}) as recursor:
        with Browser(WORD) as browser, Load(recursor.port, some_names()):
            page(browser, 8184)
            if PICTURES:
                time.sleep(200)
            for name, width, height, scale, mobile in (("desktop", 1440, 900, 1, False), ("phone", 390, 844, 2, True)):
                for scheme in ("light", "dark"):
                    browser.look(width, height, scheme, scale, mobile)
                    check_page(browser, width, scheme, name)
                    path = f"{folder}/dashboard-{name}-{scheme}.png"
                    browser.save(path, 2500 if mobile else 2000)
                    expect(os.path.getsize(path) > 20000, "an empty picture")
            expect_equal(browser.errors(), [])
    if not PICTURES:
        shutil.rmtree(folder)


def check_page(browser, width, scheme, name):
    wait_until(lambda: browser.run("return innerWidth") == width, PATIENCE, "the window has its size")
    wait_until(lambda: browser.run("""return [...document.querySelectorAll('canvas')].every((canvas) =>
      canvas.getBoundingClientRect().width <= innerWidth)"""), PATIENCE, "the charts fit")
    wide = browser.run("""return [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility() &&
      !element.closest('.scroll, nav, pre, .skip, .hidden') && element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 120))""")
    expect_equal(wide, [], (name, scheme))
    background = browser.run("return getComputedStyle(document.body).backgroundColor")
    bright = sum(int(part) for part in re.findall(r"\d+", background)[:3]) / 3 > 128
    expect_equal(bright, scheme == "light", background)
    drawn = browser.text("#uptime")
    wait_until(lambda: browser.text("#uptime") != drawn, PATIENCE, "it has been drawn again")

"""What an end-to-end test gets: the bundled internet, a recursor shared by the tests of its file, and recursors of
its own. Made by runner.py, one for each lane."""
from recursor import Recursor


class Skip(Exception):
    """Raised by a test that cannot run here; the text says why."""


class Lab:
    def __init__(self, internet):
        self.internet = internet
        self.shared = None
        self.settings = {}
        self.next_port = 5301

    def open_file(self, settings):
        self.settings = settings

    def close_file(self):
        if self.shared:
            self.shared.__exit__()
        self.shared = None

    @property
    def recursor(self):
        """The recursor of this test file, started when first used, with the file's SETTINGS."""
        if self.shared is None:
            self.shared = Recursor(**{"lua_config_file": self.internet.anchor, **self.settings}).__enter__()
        return self.shared

    def new_recursor(self, **settings):
        """A recursor for one test, with an empty cache; use as a context manager."""
        self.next_port += 1
        return Recursor(port=self.next_port, **{"lua_config_file": self.internet.anchor, **settings})

    def ask(self, name, rdtype="A", **options):
        return self.recursor.ask(name, rdtype, **options)

    def client(self, address=None, timeout=8.0):
        return self.recursor.client(address, timeout)


def expect(condition, detail):
    """Like assert, but the detail is always shown."""
    if not condition:
        raise AssertionError(str(detail))


def expect_equal(found, wanted, detail=""):
    if found != wanted:
        raise AssertionError(f"expected {wanted!r}, found {found!r} {detail}")


def expect_data(answer, rdtype, *wanted):
    """A NOERROR answer with exactly these records of the type."""
    expect_equal(answer.rcode, "NOERROR", answer)
    expect_equal(answer.data(rdtype), sorted(wanted), answer)


def expect_rcode(answer, rcode):
    expect_equal(answer.rcode, rcode, answer)

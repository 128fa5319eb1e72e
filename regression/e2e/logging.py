"""The log: its forms, its levels, the statistics in it; and metrics sent to Carbon."""
import json
import socket
import threading

from lab import expect, expect_equal
from process import wait_until


def lines_with(recursor, text):
    return [line for line in recursor.log().splitlines() if text in line]


def test_plain(lab):
    """lines are plain text with time and level; without log-timestamp without the time"""
    with lab.new_recursor(log_timestamp="no") as recursor:
        wait_until(lambda: any(line.startswith("[notice] Rootwalk ") for line in recursor.log().splitlines()), 15, "it is ready")
    with lab.new_recursor() as recursor:
        wait_until(lambda: lines_with(recursor, " [notice] Rootwalk "), 15, "it is ready")


def test_json(lab):
    """structured-logging-backend=json: each line is an object with message, priority and time; questions have fields"""
    with lab.new_recursor(structured_logging_backend="json", quiet="no") as recursor:
        recursor.ask("www.wide.com")
        wait_until(lambda: lines_with(recursor, '"www.wide.com."'), 15, "the answer is logged")
        for line in recursor.log().splitlines():
            entry = json.loads(line)
            expect({"msg", "prio", "tid", "ts"} <= set(entry), line)
        entry = json.loads(lines_with(recursor, '"www.wide.com."')[0])
        expect_equal((entry["qname"], entry["qtype"], entry["rcode"]), ("www.wide.com.", "A", "NOERROR"))


def test_pairs(lab):
    """structured-logging: lines are pairs of keys and values, as PowerDNS Recursor's"""
    with lab.new_recursor(structured_logging="yes") as recursor:
        wait_until(lambda: any(line.startswith('msg="Rootwalk ') and ' prio="Notice" ' in line
                               for line in recursor.log().splitlines()), 15, "it is ready")


def test_journal(lab):
    """structured-logging-backend=systemd-journal on a machine without one: lines go to stderr"""
    with lab.new_recursor(structured_logging_backend="systemd-journal") as recursor:
        recursor.ordered("ping")
        expect(recursor.child.running(), "it ended")


def test_statistics(lab):
    """statistics-interval logs the lines that PowerDNS Recursor logs, in words or in fields"""
    with lab.new_recursor(statistics_interval="1") as recursor:
        recursor.ask("www.wide.com")
        for words in ("cache entries", "cache contended/acquired", "packet cache hits", "throttle map: ",
                      "outpacket/query ratio", "queries running", " qps (average over "):
            wait_until(lambda words=words: [line for line in lines_with(recursor, "stats: ") if words in line], 15, words)
    with lab.new_recursor(statistics_interval="1", structured_logging_backend="json") as recursor:
        wait_until(lambda: lines_with(recursor, '"averagedOver"'), 15, "the rate is logged")
        entry = json.loads(lines_with(recursor, '"record-cache-hitratio-perc"')[0])
        expect_equal((entry["msg"], entry["subsystem"]), ("Periodic statistics report", "stats"))


class Sink:
    """A Carbon server: listens on a port of 127.0.0.1 or ::1 and keeps what comes."""

    def __init__(self, address="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.socket.bind((address, 0))
        self.socket.listen()
        port = self.socket.getsockname()[1]
        self.name = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        self.reports = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                text = b"".join(iter(lambda connection=connection: connection.recv(65536), b""))
            self.reports.append(text.decode())

    def report(self, number=1):
        wait_until(lambda: len(self.reports) >= number, 15, "metrics arrive")
        return dict(line.split(" ")[:2] for line in self.reports[-1].splitlines())


def test_carbon(lab):
    """all metrics go to each Carbon server, over IPv4 and IPv6, again and again; one that is not there is counted"""
    one, two = Sink(), Sink("::1")
    with lab.new_recursor(carbon_server=f"{one.name}, {two.name}, 127.0.0.1:9", carbon_ourname="here",
                          carbon_interval="1") as recursor:
        recursor.ask("www.wide.com")
        for sink in (one, two):
            wait_until(lambda sink=sink: int(sink.report().get("pdns.here.recursor.questions", 0)) > 0, 15, "questions")
        wait_until(lambda: recursor.metric("carbon-failures") > 0 and recursor.metric("carbon-deliveries") > 2, 15, "counted")
        names = set(one.report())
        expect(all(name.startswith("pdns.here.recursor.") for name in names), names)
        expect("pdns.here.recursor.cache-hits" in names, names)
        expect(not any("cumul-clientanswers" in name for name in names), "what is hidden is sent")
        expect(lines_with(recursor, "metrics could not be sent to Carbon"), "not logged")


def test_set_carbon_server(lab):
    """set-carbon-server begins to send, under another name, and ends it"""
    sink = Sink()
    with lab.new_recursor(carbon_interval="1", carbon_namespace="dns", carbon_instance="r1") as recursor:
        expect_equal(recursor.ordered("set-carbon-server", sink.name, "other"),
                     f"set carbon-server to '{sink.name}'\nset carbon-ourname to 'other'\n")
        expect("dns.other.r1.questions" in sink.report(), "another name")
        expect_equal(recursor.ordered("get-parameter", "carbon-server").strip(), f'carbon-server="{sink.name}"')
        expect(recursor.control("set-carbon-server", "nonsense").returncode == 1, "nonsense is taken")
        expect(recursor.control("set-carbon-server", sink.name, "two words").returncode == 1, "a name with a blank is taken")
        expect("carbon-server: " in recursor.ordered("reload-config"), "the file is not back")
        expect_equal(recursor.ordered("get-parameter", "carbon-server").strip(), 'carbon-server=""')


def test_metrics(lab):
    """the histograms of servers' answers and the calls of maintenance count"""
    files = {"script.lua": "function maintenance()\nend\n"}
    with lab.new_recursor(files=files, lua_dns_script="@FOLDER@/script.lua", lua_maintenance_interval="1") as recursor:
        recursor.ask("www.wide.com")
        expect(recursor.metric("cumul-authanswers-ipv4-count") > 0, "no answers of servers")
        wait_until(lambda: recursor.metric("maintenance-calls") > 0, 15, "maintenance is called")

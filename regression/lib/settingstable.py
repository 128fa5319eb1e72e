"""The table of settings as the program prints it, and a value for each that is valid and not the default: for tests
that go through all of them."""
import re
import subprocess

from recursor import RECURSOR

# Where another value does not follow from the type. @FOLDER@ is the configuration folder.
SPECIAL = {
    "allow-from-file": "@FOLDER@/acl", "allow-notify-for-file": "@FOLDER@/names", "allow-notify-from-file": "@FOLDER@/acl",
    "forward-zones-file": "@FOLDER@/forwards", "hint-file": "@FOLDER@/hints", "etc-hosts-file": "@FOLDER@/hosts",
    "include-dir": "@FOLDER@/include", "lua-config-file": "@FOLDER@/config.lua", "lua-dns-script": "@FOLDER@/script.lua",
    "lua-global-include-dir": "@FOLDER@/global", "blocklist-dir": "@FOLDER@/lists", "blocklist-files": "@FOLDER@/list",
    "auth-zones": "local.example=@FOLDER@/zone", "forward-zones": "fwd.example=192.0.2.1",
    "forward-zones-recurse": "fwd.example=192.0.2.1", "forward-strategy-zones": "fwd.example=parallel",
    "export-etc-hosts-search-suffix": "example.com", "dns64-prefix": "64:ff9b::/96", "keepwarm": "www.wide.com",
    "dnssec-disabled-algorithms": "ED448", "blocklist-action": "nodata", "allow-from": "127.0.0.0/8, ::1, 192.0.2.0/24",
    "edns-subnet-allow-list": "192.0.2.0/24", "outgoing-cookies-unsupported": "192.0.2.1", "ecs-scope-zero-address": "192.0.2.1",
    # Read at the start only.
    "cpu-map": "0=0", "config-name": "other", "socket-mode": "600", "socket-owner": "root", "socket-group": "root",
    "udp-source-port-avoid": "5353", "trust-anchor-state-file": "@FOLDER@/anchors", "cache-file": "@FOLDER@/cache",
    "query-log-path": "@FOLDER@/log", "query-log-max-size": "33554432", "query-local-address": "127.0.0.1",
    "public-suffix-list-file": "@FOLDER@/suffixes", "blocklist-additions-file": "@FOLDER@/additions",
    "lua-start-stop-script": "@FOLDER@/startstop.lua", "stats-api-disabled-list": "uptime",
    "cross-origin-request-header": "https://ui.example", "api-key": "key", "webserver-password": "word",
    "webserver-allow-from": "127.0.0.1", "webserver-address": "127.0.0.1", "threads": "1",
    "max-memory": "8000000000", "proxy-protocol-exceptions": "192.0.2.1:53",
    "query-log-only": "name=wide.com", "carbon-server": "127.0.0.1:9"}


def table():
    """The rows of the settings that mean something here, from the program itself: name, default, type, changed by."""
    text = subprocess.run([RECURSOR, "--config=settings-markdown"], capture_output=True, text=True, check=True).stdout
    rows = []
    for line in text.split("\n## ")[0].splitlines():
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) >= 5 and re.fullmatch(r"[a-z0-9-]+", cells[0]) and not cells[0].startswith("--"):
            rows.append(cells[:4])
    return [row for row in rows if row[0] != "name"]


def another(name, default, kind):
    """A valid value that is not the default."""
    if name in SPECIAL:
        return SPECIAL[name]
    words = [word for word in kind.split(", ") if word and word != default]
    if kind == "yes or no":
        return "no" if default == "yes" else "yes"
    if kind.startswith("number"):
        low = re.search(r"(\d+) to (\d+)", kind)
        value = int(float(default or 0)) + 1
        return str(value - 2 if low and value > int(low[2]) else value)
    if kind == "networks":
        return "192.0.2.0/24"
    if kind == "names":
        return "wide.com"
    if kind in ("text", "words"):
        return "something"
    return words[-1]

"""Settings that are read at the start only: each takes another value, which get-parameter shows, and questions are
answered. Those that need a host of their own, or say where the tests find the recursor, have tests elsewhere."""
import os
import stat

from lab import expect, expect_data, expect_equal
from recursor import DEFAULTS
from settingstable import another, table

ELSEWHERE = {"local-address", "local-port", "outgoing-netns", "config-dir", "socket-dir", "config-name", "daemon", "setuid",
             "setgid", "webserver", "webserver-certificate", "webserver-key", "api-config-dir"}
FILES = {"suffixes": "com\norg\n", "additions": "", "startstop.lua": "function on_recursor_start() end\n"}


def test_each(lab):
    """every setting that needs a restart takes another value"""
    names = [row for row in table() if not row[3] and row[0] not in ELSEWHERE]
    expect(len(names) > 40, names)
    for name, default, kind, _ in names:
        value = another(name, DEFAULTS.get(name, default), kind)
        with lab.new_recursor(files=FILES, **{name.replace("-", "_"): value}) as recursor:
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
            wanted = value.replace("@FOLDER@", recursor.folder)
            expect_equal(recursor.ordered("get-parameter", name).strip(), f'{name}="{wanted}"')


def test_strategies(lab):
    """cache-eviction-strategy: each keeps the caches within their limits, and what is asked for is answered"""
    for strategy in ("s3fifo", "lru", "lfu", "hit_rate"):
        with lab.new_recursor(cache_eviction_strategy=strategy, max_cache_entries=64, record_cache_shards=1,
                              max_packetcache_entries=64, threads=1) as recursor:
            for i in range(200):
                recursor.ask(f"n{i}.wide.com")
            expect(recursor.metric("cache-entries") <= 64, strategy)
            expect(recursor.metric("packetcache-entries") <= 64, strategy)
            expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")


def test_socket(lab):
    """socket-mode: who may use the control socket"""
    with lab.new_recursor(socket_mode="600") as recursor:
        modes = [os.stat(f"{recursor.folder}/{name}").st_mode for name in os.listdir(recursor.folder)]
        expect_equal([stat.S_IMODE(mode) for mode in modes if stat.S_ISSOCK(mode)], [0o600])

"""recursor.yml: PowerDNS Recursor 5's form of the configuration, and the way there from recursor.conf."""
import os
import subprocess

from lab import expect, expect_data, expect_equal
from recursor import REC_CONTROL


def yaml_of(recursor):
    """What rec_control show-yaml makes of the lab's recursor.conf."""
    return recursor.ordered("show-yaml")


def with_yaml(lab, extra="", files=None, other=None):
    """A recursor that has only a recursor.yml: the lab's settings and what is added. `other`: words that are replaced in
    the lab's lines; by nothing, then the line goes."""
    recursor = lab.new_recursor(files=files)
    text = yaml_of(recursor)
    for word, instead in (other or {}).items():
        text = "".join(line.replace(word, instead) for line in text.splitlines(True) if instead or word not in line)
    recursor.write("recursor.yml", merged(text, extra).replace("@FOLDER@", recursor.folder))
    os.unlink(f"{recursor.folder}/recursor.conf")
    return recursor


def merged(text, extra):
    """Adds the lines of `extra` to the sections of `text`; both as show-yaml writes them."""
    sections = {}
    for part in (text, extra):
        name = None
        for line in part.splitlines():
            if line and not line.startswith(" "):
                name = line
            else:
                sections.setdefault(name, []).append(line)
    return "".join(f"{name}\n" + "\n".join(lines) + "\n" for name, lines in sections.items())


def test_answers(lab):
    """a recursor with a recursor.yml and no recursor.conf answers"""
    with with_yaml(lab, "outgoing:\n  max_qperq: 40\n") as recursor:
        expect_data(recursor.ask("www.wide.com"), "A", "192.0.2.12")
        expect_equal(recursor.ordered("get-parameter", "max-qperq").strip(), 'max-qperq="40"')


def test_which_wins(lab):
    """recursor.yml is read instead of recursor.conf"""
    with lab.new_recursor() as recursor:
        recursor.child.stop()
        recursor.write("recursor.yml", merged(yaml_of(recursor), "recursor:\n  server_id: yaml\n"))
        recursor.write("recursor.conf", "nonsense=1\n")
        recursor.start()
        expect_equal(recursor.ordered("get-parameter", "server-id").strip(), 'server-id="yaml"')


def test_objects(lab):
    """forward zones, auth zones and trust anchors as objects are in force"""
    extra = ("dnssec:\n  negative_trustanchors:\n    - name: wide.com\n      reason: because\n"
             "recursor:\n  auth_zones:\n    - zone: local.example\n      file: '@FOLDER@/zone'\n"
             "  forward_zones:\n    - zone: fwd.example\n      forwarders:\n        - 192.0.2.250\n"
             "  blocklists:\n    - path: '@FOLDER@/list'\n      action: refused\n")
    files = {"zone": "@ 60 IN SOA a. b. 1 2 3 4 5\nwww 60 IN A 192.0.2.88\n", "list": "blocked.wide.com\n"}
    with with_yaml(lab, extra, files, {"  lua_config_file:": "", "'validate'": "'process-no-validate'"}) as recursor:
        expect_data(recursor.ask("www.local.example"), "A", "192.0.2.88")
        expect("wide.com" in recursor.ordered("get-ntas"), "no negative anchor")
        expect_equal(recursor.ask("blocked.wide.com").rcode, "REFUSED")
        with open(f"{recursor.folder}/recursor.yml", encoding="utf-8") as file:
            text = file.read()
        recursor.write("recursor.yml", text.replace("refused", "nodata").replace("because", "of that"))
        recursor.ordered("reload-config")
        expect("of that" in recursor.ordered("get-ntas"), "the anchors were not read again")
        expect_equal(recursor.ask("blocked.wide.com").rcode, "NOERROR")


def test_reload_yaml(lab):
    """reload-yaml takes over what can change while running"""
    with with_yaml(lab) as recursor:
        with open(f"{recursor.folder}/recursor.yml", encoding="utf-8") as file:
            text = file.read()
        recursor.write("recursor.yml", merged(text, "recordcache:\n  max_ttl: 77\n  shards: 4\n"))
        report = recursor.ordered("reload-yaml")
        expect("max-cache-ttl: '86400' -> '77'\n" in report and "1 setting left for a restart" in report, report)
        expect_equal(recursor.ordered("get-parameter", "max-cache-ttl").strip(), 'max-cache-ttl="77"')
        recursor.write("recursor.yml", text + "recordcache:\n  max_ttl: [1\n")
        done = recursor.control("reload-yaml")
        expect(done.returncode == 1 and "recursor.yml:" in done.stderr, done)


def test_mistakes(lab):
    """a mistake in recursor.yml ends the start with file and line"""
    recursor = lab.new_recursor()
    try:
        for text, word in (("incoming:\n  nonsense: 1\n", "recursor.yml:2: incoming.nonsense: unknown setting"),
                           ("incoming:\n  tcp_timeout: much\n", "recursor.yml:2: client-tcp-timeout: "),
                           ("incoming:\n\tport: 1\n", "recursor.yml:2: "),
                           ("recursor:\n  rpzs:\n    - {name: /does/not/exist, nonsense: 1}\n", "recursor.yml:3: rpzFile: ")):
            recursor.write("recursor.yml", text)
            recursor.launch(f"--socket-dir={recursor.folder}", "--local-port=5399")
            expect_equal(recursor.child.process.wait(timeout=15), 1, text)
            expect(word in recursor.log(), recursor.log())
    finally:
        recursor.__exit__()


def test_show_yaml(lab):
    """show-yaml converts a file without a running recursor, says what is wrong with one, and its result reads back"""
    recursor = lab.new_recursor()
    try:
        recursor.write("old.conf", "allow-from=127.0.0.0/8, ::1\nquiet=no\nforward-zones=a.example=192.0.2.1;192.0.2.2\n")
        text = recursor.ordered("show-yaml", f"{recursor.folder}/old.conf")
        expect("incoming:\n  allow_from:\n    - '127.0.0.0/8'\n    - '::1'\n" in text, text)
        expect("      forwarders:\n        - '192.0.2.1'\n        - '192.0.2.2'\n" in text, text)
        recursor.write("new.yml", text)
        expect_equal(recursor.ordered("show-yaml", f"{recursor.folder}/new.yml"), text)
        recursor.write("wrong.conf", "quiet=maybe\n")
        done = subprocess.run([REC_CONTROL, "show-yaml", f"{recursor.folder}/wrong.conf"], capture_output=True, text=True,
                              check=False)
        expect(done.returncode == 1 and "wrong.conf:1: quiet" in done.stderr, done)
    finally:
        recursor.__exit__()

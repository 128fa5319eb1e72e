"""What the end-to-end tests of Lua scripts share: a recursor with a script, and questions from a source address of one's
own."""
import socket
import time

from client import Answer, question


def with_script(lab, text, **settings):
    """A recursor with one worker and this script, unless `threads` says otherwise; use as a context manager."""
    files = {"script.lua": text, **settings.pop("files", {})}
    return lab.new_recursor(files=files, **{"lua_dns_script": "@FOLDER@/script.lua", "threads": 1, **settings})


def ask_from(recursor, source, name, rdtype="A", timeout=4.0, **options):
    """Over UDP from `source`, 127.0.0.2 for example."""
    start = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        sock.settimeout(timeout)
        sock.connect(("127.0.0.1", recursor.port))
        sock.send(question(name, rdtype, **options).to_wire())
        try:
            reply = sock.recv(65535)
        except OSError:
            reply = b""
    return Answer(reply, time.monotonic() - start)

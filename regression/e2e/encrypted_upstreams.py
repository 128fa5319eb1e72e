"""Forwarding over TLS and HTTPS to unbound, knot-resolver and dnsdist: answers, certificates that are refused, connections
that end."""
from contextlib import contextmanager

import dns.message
from client import question
from encrypted import NAME, Certificates, Dnsdist, KnotResolver, PlayedServer, Unbound
from lab import expect, expect_data, expect_equal, expect_rcode

SERVERS = Unbound, KnotResolver, Dnsdist


@contextmanager
def forwarder(lab, upstream, **settings):
    """Forwards everything to `upstream`, on one worker."""
    with lab.new_recursor(forward_zones_recurse=f".={upstream}", dnssec="off", dont_query="", threads=1,
                          failure_cache_ttl=1, **settings) as recursor:
        yield recursor


def expect_refused(lab, upstream, reason):
    """The question fails with the reason, and is asked in no other way."""
    with forwarder(lab, upstream) as recursor:
        answer = recursor.ask("www.peer.net")
        expect_rcode(answer, "SERVFAIL")
        expect(any(reason in text for _, text in answer.extended_errors()), f"{reason}: {answer}")
        expect_equal(recursor.metric("tcp-outqueries"), 0)
        expect_equal(recursor.metric("all-outqueries"),
                     recursor.metric("dot-outqueries") + recursor.metric("doh-outqueries"))


def answers_over(scheme, kind):
    def run(lab):
        with Certificates() as certificates, kind(certificates) as server:
            upstream = f"{scheme}://{server.address}?ca={certificates.ca}#{NAME}"
            with forwarder(lab, upstream) as recursor:
                expect_data(recursor.ask("www.peer.net"), "A", server.data)
                if kind is Unbound:
                    expect_rcode(recursor.ask("absent.peer.net"), "NXDOMAIN")
                counted = recursor.metric("dot-outqueries" if scheme == "tls" else "doh-outqueries")
                expect_equal(counted, recursor.metric("all-outqueries"))
                expect(counted > 0, counted)
    return run


def cases(_lab):
    for kind in SERVERS:
        for scheme in "tls", "https":
            yield f"{kind.program} answers over {scheme}", lambda k=kind, s=scheme: answers_over(s, k)(_lab)


def test_names_and_authorities(lab):
    """a certificate for another name, for no such address or from an unknown authority is an error that is explained"""
    with Certificates() as certificates, Certificates() as others, Unbound(certificates) as server:
        place, ca = server.address, certificates.ca
        for scheme, port in ("tls", 853), ("https", 443):
            about = f"certificate of {place}:{port} "
            expect_refused(lab, f"{scheme}://{place}?ca={ca}#other.example.net", about + "is not for other.example.net")
            expect_refused(lab, f"{scheme}://{place}?ca={others.ca}#{NAME}", about + "is from an unknown authority")
            expect_refused(lab, f"{scheme}://{place}#{NAME}", about + "is from an unknown authority")
        with forwarder(lab, f"tls://{place}?ca={ca}") as recursor:  # without a name it has to be for the address
            expect_data(recursor.ask("www.peer.net"), "A", server.data)


def test_expired(lab):
    """an expired certificate is an error that names the day"""
    with Certificates() as certificates, PlayedServer(certificates, last_day=-3) as server:
        expect_refused(lab, f"tls://{server.address}?ca={certificates.ca}#{NAME}",
                       f"certificate of {server.address}:853 expired on 20")


def test_pins(lab):
    """a pinned key is enough without a name, another key is refused"""
    with Certificates() as certificates, Unbound(certificates) as server:
        with forwarder(lab, f"tls://{server.address}?pin={server.pin}") as recursor:
            expect_data(recursor.ask("www.peer.net"), "A", server.data)
        other = certificates.issue("other", server.address)[2]
        for upstream in f"tls://{server.address}?pin={other}", f"tls://{server.address}?pin={other}&ca={certificates.ca}":
            expect_refused(lab, upstream, f"certificate of {server.address}:853 has no pinned key")


def test_http_errors(lab):
    """a path that is not there fails with the HTTP status"""
    with Certificates() as certificates, Dnsdist(certificates) as server:
        expect_refused(lab, f"https://{server.address}/nowhere?ca={certificates.ca}#{NAME}", "HTTP status 404")


def test_padding(lab):
    """questions over TLS are padded, keep their letter case and carry no cookie"""
    with Certificates() as certificates, PlayedServer(certificates) as server:
        with forwarder(lab, f"tls://{server.address}?ca={certificates.ca}#{NAME}", outgoing_cookies="yes",
                       use_0x20="yes") as recursor:
            expect_data(recursor.ask("www.a-name-with-many-letters.test"), "A", "192.0.2.14")
        wire = next(sent for sent in server.questions if b"letters" in sent)  # it was asked for loops before
        expect_equal(len(wire) % 128, 0)
        sent = dns.message.from_wire(wire)
        expect_equal(sent.question[0].name.to_text(), "www.a-name-with-many-letters.test.")
        expect_equal({int(option.otype) for option in sent.options}, {11, 12})  # edns-tcp-keepalive, padding


def test_one_connection(lab):
    """many questions at once share one connection, and so do those that follow"""
    with Certificates() as certificates, PlayedServer(certificates) as server:
        with forwarder(lab, f"tls://{server.address}?ca={certificates.ca}#{NAME}") as recursor:
            for turn in range(2):
                answers = recursor.client().ask_many([question(f"n{turn}-{i}.test") for i in range(50)])
                expect_equal({answer.rcode for answer in answers}, {"NOERROR"})
            expect_equal(len(server.resumed), 1)


def test_closed_while_waiting(lab):
    """a question whose connection is closed is asked again over another one, with the session resumed"""
    with Certificates() as certificates, PlayedServer(certificates, drop=1) as server:
        with forwarder(lab, f"tls://{server.address}?ca={certificates.ca}#{NAME}") as recursor:
            expect_data(recursor.ask("one.test"), "A", "192.0.2.14")
            expect_data(recursor.ask("two.test"), "A", "192.0.2.14")
            expect_data(recursor.ask("three.test"), "A", "192.0.2.14")
        expect_equal(server.resumed, [False, True])


def test_restart(lab):
    """a server that was restarted is asked again, over TLS and HTTPS, without a question lost"""
    for scheme in "tls", "https":
        for kind in Unbound, KnotResolver:
            with Certificates() as certificates, kind(certificates) as server:
                with forwarder(lab, f"{scheme}://{server.address}?ca={certificates.ca}#{NAME}",
                               packetcache_ttl=0, max_cache_ttl=15) as recursor:
                    expect_data(recursor.ask("www.peer.net"), "A", server.data)
                    server.child.stop(2)
                    server.start()
                    recursor.ordered("wipe-cache", "$")
                    expect_data(recursor.ask("www.peer.net"), "A", server.data)
                    server.child.kill()
                    recursor.ordered("wipe-cache", "$")
                    answer = recursor.ask("www.peer.net")
                    expect_rcode(answer, "SERVFAIL")
                    expect(any("connection refused" in text for _, text in answer.extended_errors()), answer)

// TLS streams against a server of OpenSSL's in a thread of this test, with certificates that it makes itself: which
// ones are believed, what is said of the others, resumption, data in both directions.
#include "lib/net/tlsstream.hh"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <thread>

#include "lib/coro/root.hh"
#include "lib/net/tlsserver.hh"

using namespace std::chrono_literals;
using Status = net::StreamResult::Status;

namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
};
template <typename T> using Own = std::unique_ptr<T, Free>;

// A key with its certificate. Times are days from now.
struct Identity {
  Own<EVP_PKEY> key;
  Own<X509> certificate;

  [[nodiscard]] net::TlsDemands::Pin pin() const {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key.get(), &der);
    net::TlsDemands::Pin digest;
    SHA256(der, static_cast<std::size_t>(size), reinterpret_cast<unsigned char*>(digest.data()));
    OPENSSL_free(der);
    return digest;
  }
};

struct Wanted {
  const char* name = "dns.example.net"; // also the subject's; nullptr: no subjectAltName
  const char* alternative = "DNS:dns.example.net,IP:127.0.0.1";
  int fromDay = -10, toDay = 10;
  bool authority = false;
};

void extend(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  REQUIRE(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by itself.
Identity makeIdentity(const Wanted& wanted, const Identity* issuer) {
  static long serial = 1;
  Identity made{Own<EVP_PKEY>(EVP_EC_gen("P-256")), Own<X509>(X509_new())};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.fromDay * 86400L);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.toDay * 86400L);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(wanted.name), -1, -1,
                             0);
  X509_set_issuer_name(certificate, issuer == nullptr ? subject : X509_get_subject_name(issuer->certificate.get()));
  X509_set_pubkey(certificate, made.key.get());
  if (wanted.authority) extend(certificate, NID_basic_constraints, "critical,CA:TRUE");
  if (wanted.alternative != nullptr) extend(certificate, NID_subject_alt_name, wanted.alternative);
  X509_sign(certificate, issuer == nullptr ? made.key.get() : issuer->key.get(), EVP_sha256());
  return made;
}

const Identity& authority() {
  static const Identity made =
      makeIdentity({.name = "Test Authority", .alternative = nullptr, .authority = true}, nullptr);
  return made;
}

void writePem(const std::string& path, X509* certificate) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  REQUIRE(file != nullptr);
  PEM_write_X509(file, certificate);
  std::fclose(file);
}

// A file with the authority's certificate, gone with the program.
const std::string& authorityFile() {
  struct File {
    File() {
      const base::Fd made(::mkstemp(path.data()));
      writePem(path, authority().certificate.get());
    }
    ~File() { std::remove(path.c_str()); }
    std::string path = "/tmp/rootwalk-tls-XXXXXX";
  };
  static const File file;
  return file.path;
}

int chooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                   unsigned length, void* known) {
  const auto& wanted = *static_cast<const std::string*>(known);
  const auto* list = reinterpret_cast<const unsigned char*>(wanted.data());
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), size, list,
                                          static_cast<unsigned>(wanted.size()), offered, length);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// Answers each connection in turn: shakes hands, sends back what it reads until the client says goodbye.
class Server {
 public:
  explicit Server(const Identity& identity, int version = TLS1_3_VERSION, std::string protocols = {})
      : d_context(SSL_CTX_new(TLS_server_method())), d_protocols(std::move(protocols)) {
    SSL_CTX_use_certificate(d_context.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(d_context.get(), identity.key.get());
    SSL_CTX_set_min_proto_version(d_context.get(), version);
    SSL_CTX_set_max_proto_version(d_context.get(), version);
    if (!d_protocols.empty()) SSL_CTX_set_alpn_select_cb(d_context.get(), chooseProtocol, &d_protocols);
  }
  ~Server() { end(); }
  // The client's end of a new connection.
  base::Fd accept() {
    end();
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    d_end.reset(ends[1]);
    d_thread = std::thread([this] { serve(); });
    return base::Fd(ends[0]);
  }

 private:
  void end() {
    if (!d_thread.joinable()) return;
    ::shutdown(d_end.get(), SHUT_RD);
    d_thread.join();
  }
  void serve() {
    const Own<SSL> connection(SSL_new(d_context.get()));
    SSL_set_fd(connection.get(), d_end.get());
    if (SSL_accept(connection.get()) != 1) return;
    std::vector<char> octets(4096);
    int got = 0;
    while ((got = SSL_read(connection.get(), octets.data(), static_cast<int>(octets.size()))) > 0) {
      SSL_write(connection.get(), octets.data(), got);
    }
  }
  Own<SSL_CTX> d_context;
  std::string d_protocols;
  base::Fd d_end;
  std::thread d_thread;
};

struct Bench {
  Bench() { std::signal(SIGPIPE, SIG_IGN); }

  void open(Server& server) {
    stream.reset();
    auto tcp = std::make_unique<net::TcpStream>(loop, server.accept());
    stream = std::make_unique<net::TlsStream>(loop, client, std::move(tcp), address, demands);
  }
  net::StreamResult run(coro::Task<net::StreamResult> task) {
    std::optional<net::StreamResult> result;
    roots.spawn(store(std::move(task), result));
    while (!result) loop.runOnce();
    return std::move(*result);
  }
  net::StreamResult connect(Server& server) {
    open(server);
    return run(stream->connect(deadline()));
  }
  // Sends `text` and reads as much.
  std::string echo(const std::string& text) {
    const auto sent = std::as_bytes(std::span(text));
    std::optional<net::StreamResult> written;
    roots.spawn(store(stream->writeAll(sent, deadline()), written));
    std::string back(text.size(), ' ');
    std::size_t have = 0;
    while (have < back.size()) {
      const auto into = std::as_writable_bytes(std::span(back)).subspan(have);
      const auto got = run(stream->readSome(into, deadline()));
      REQUIRE(got.status == Status::Done);
      have += got.count;
    }
    while (!written) loop.runOnce();
    CHECK(written->count == text.size());
    return back;
  }
  [[nodiscard]] base::MonoTime deadline() const { return clock.mono() + 20s; }
  static coro::Task<void> store(coro::Task<net::StreamResult> task, std::optional<net::StreamResult>& into) {
    auto result = co_await task;
    into.emplace(std::move(result));
  }

  base::SystemClock clock;
  coro::Loop loop{clock};
  net::TlsClient client;
  base::Address address = base::Address::parse("127.0.0.1", 853).value();
  net::TlsDemands demands{"dns.example.net", {}, authorityFile(), "dot", false, false};
  std::unique_ptr<net::TlsStream> stream;
  coro::Roots roots{[](const std::string& what) { FAIL(what); }};
};

std::string refusal(const net::StreamResult& result) {
  CHECK(result.status == Status::Failed);
  return result.detail;
}

std::string onDay(int days) {
  const std::time_t at = std::time(nullptr) + days * 86400L;
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&at))};
}

} // namespace

TEST_CASE("a certificate for the name and from the authority is believed, and octets go both ways") {
  Bench bench;
  Server server(makeIdentity({}, &authority()));
  REQUIRE(bench.connect(server).done());
  CHECK(bench.echo("hello") == "hello");
  const std::string much(300'000, 'x'); // more than the socket holds: writing has to wait
  CHECK(bench.echo(much) == much);
}

TEST_CASE("without a name the certificate has to be for the address") {
  Bench bench;
  bench.demands.authName.clear();
  Server server(makeIdentity({}, &authority()));
  CHECK(bench.connect(server).done());
  bench.address = base::Address::parse("192.0.2.1", 853).value();
  CHECK(refusal(bench.connect(server)) == "certificate of 192.0.2.1:853 is not for 192.0.2.1");
  bench.demands.authName = "127.0.0.1"; // an address for a name
  CHECK(bench.connect(server).done());
  bench.demands.authName = "127.0.0.2";
  CHECK(refusal(bench.connect(server)) == "certificate of 192.0.2.1:853 is not for 127.0.0.2");
}

TEST_CASE("a certificate for another name is refused, though its subject have the right one") {
  Bench bench;
  Server other(makeIdentity({.alternative = "DNS:other.example.net,DNS:d*.example.net"}, &authority()));
  CHECK(refusal(bench.connect(other)) == "certificate of 127.0.0.1:853 is not for dns.example.net");
  Server none(makeIdentity({.alternative = nullptr}, &authority()));
  CHECK(refusal(bench.connect(none)) == "certificate of 127.0.0.1:853 is not for dns.example.net");
}

TEST_CASE("a certificate is refused before its time and after it") {
  Bench bench;
  Server old(makeIdentity({.fromDay = -20, .toDay = -5}, &authority()));
  CHECK(refusal(bench.connect(old)) == "certificate of 127.0.0.1:853 expired on " + onDay(-5));
  Server early(makeIdentity({.fromDay = 5, .toDay = 20}, &authority()));
  CHECK(refusal(bench.connect(early)) == "certificate of 127.0.0.1:853 is not valid before " + onDay(5));
}

TEST_CASE("an authority that is not trusted does not count, nor does the server itself") {
  Bench bench;
  const Identity stranger = makeIdentity({.name = "Stranger", .alternative = nullptr, .authority = true}, nullptr);
  Server unknown(makeIdentity({}, &stranger));
  CHECK(refusal(bench.connect(unknown)) == "certificate of 127.0.0.1:853 is from an unknown authority");
  Server itself(makeIdentity({}, nullptr));
  CHECK(refusal(bench.connect(itself)) == "certificate of 127.0.0.1:853 is from an unknown authority");
  bench.demands.caFile.clear(); // the system's
  Server good(makeIdentity({}, &authority()));
  CHECK(refusal(bench.connect(good)) == "certificate of 127.0.0.1:853 is from an unknown authority");
}

TEST_CASE("pins beside a name are a demand more, for any key of the chain") {
  Bench bench;
  const Identity identity = makeIdentity({}, &authority());
  const Identity wrong = makeIdentity({.alternative = "DNS:other.example.net"}, &authority());
  Server server(identity);
  bench.demands.pins = {wrong.pin()};
  CHECK(refusal(bench.connect(server)) == "certificate of 127.0.0.1:853 has no pinned key");
  bench.demands.pins.push_back(identity.pin());
  CHECK(bench.connect(server).done());
  bench.demands.pins = {authority().pin()};
  CHECK(bench.connect(server).done());
  Server misnamed(wrong);
  bench.demands.pins = {wrong.pin()};
  CHECK(refusal(bench.connect(misnamed)) == "certificate of 127.0.0.1:853 is not for dns.example.net");
}

TEST_CASE("pins without a name and an authority are the whole demand") {
  Bench bench;
  const Identity itself = makeIdentity({.alternative = nullptr, .fromDay = -20, .toDay = -5}, nullptr);
  bench.demands = {"", {itself.pin()}, "", "dot", false, false};
  Server server(itself);
  CHECK(bench.connect(server).done());
  Server signedByIt(makeIdentity({}, &itself));
  CHECK(refusal(bench.connect(signedByIt)) == "certificate of 127.0.0.1:853 has no pinned key");
}

TEST_CASE("an opportunistic connection is encrypted and believes everything") {
  Bench bench;
  Server server(makeIdentity({.fromDay = -20, .toDay = -5}, nullptr));
  bench.demands.unchecked = true;
  REQUIRE(bench.connect(server).done());
  CHECK(bench.echo("hello") == "hello");
}

TEST_CASE("a session is resumed, over TLS 1.2 and 1.3, by those who demand the same only") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Bench bench;
    Server server(makeIdentity({}, &authority()), version);
    REQUIRE(bench.connect(server).done());
    CHECK_FALSE(bench.stream->resumed());
    CHECK(bench.echo("first") == "first");
    CHECK(bench.client.sessions() > 0);
    REQUIRE(bench.connect(server).done());
    CHECK(bench.stream->resumed());
    CHECK(bench.echo("second") == "second");
    REQUIRE(bench.connect(server).done());
    CHECK(bench.stream->resumed());
    CHECK(bench.echo("third") == "third");
    bench.demands.authName = "other.example.net";
    CHECK(refusal(bench.connect(server)) == "certificate of 127.0.0.1:853 is not for other.example.net");
  }
}

TEST_CASE("a refused certificate leaves no session that could be resumed") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    Bench bench;
    Server server(makeIdentity({.alternative = "DNS:other.example.net"}, &authority()), version);
    CHECK_FALSE(bench.connect(server).done());
    CHECK(bench.client.sessions() == 0);
  }
}

TEST_CASE("a protocol that must be spoken and is not is a failure") {
  Bench bench;
  bench.demands.alpn = "h2";
  bench.demands.alpnMust = true;
  Server plain(makeIdentity({}, &authority()));
  CHECK(refusal(bench.connect(plain)) == "server does not speak h2");
  Server able(makeIdentity({}, &authority()), TLS1_3_VERSION, "\2h2");
  CHECK(bench.connect(able).done());
}

TEST_CASE("versions before 1.2, strangers to TLS and silence fail in words") {
  Bench bench;
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
  const base::Fd far(ends[1]);
  bench.stream = std::make_unique<net::TlsStream>(bench.loop, bench.client,
                                                  std::make_unique<net::TcpStream>(bench.loop, base::Fd(ends[0])),
                                                  bench.address, bench.demands);
  CHECK(bench.run(bench.stream->connect(bench.clock.mono() + 1ms)).status == Status::TimedOut);
  REQUIRE(::send(far.get(), "HTTP/1.1 400 Bad Request\r\n", 26, 0) == 26);
  CHECK(bench.run(bench.stream->connect(bench.deadline())).detail == "TLS failed: wrong version number");
}

TEST_CASE("an authority file that was replaced counts from the next connection on, for known servers too") {
  Bench bench;
  const std::string path = authorityFile() + ".changing";
  std::filesystem::copy_file(authorityFile(), path);
  bench.demands.caFile = path;
  Server server(makeIdentity({}, &authority()));
  REQUIRE(bench.connect(server).done());
  CHECK(bench.echo("hello") == "hello");
  CHECK(bench.client.sessions() > 0);
  const Identity other = makeIdentity({.name = "Other", .alternative = nullptr, .authority = true}, nullptr);
  writePem(path, other.certificate.get());
  std::filesystem::last_write_time(path, std::filesystem::last_write_time(path) + 1s);
  CHECK(refusal(bench.connect(server)) == "certificate of 127.0.0.1:853 is from an unknown authority");
  std::filesystem::remove(path);
}

TEST_CASE("an authority file that cannot be read is named") {
  Bench bench;
  bench.demands.caFile = "/nonexistent/ca.pem";
  Server server(makeIdentity({}, &authority()));
  const std::string why = refusal(bench.connect(server));
  CHECK(why.starts_with("cannot read authorities from /nonexistent/ca.pem: "));
}

TEST_CASE(
    "our server's end shakes hands, sends and receives more than a socket holds, and hears the client's goodbye") {
  Bench bench;
  const Identity identity = makeIdentity({}, &authority());
  const std::string path = authorityFile() + ".server";
  writePem(path, identity.certificate.get());
  std::FILE* file = std::fopen(path.c_str(), "a");
  REQUIRE(file != nullptr);
  PEM_write_PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  auto made = net::TlsServer::make(path, path);
  std::filesystem::remove(path);
  REQUIRE(made);
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
  net::TlsServerStream server(bench.loop, **made, std::make_unique<net::TcpStream>(bench.loop, base::Fd(ends[1])));
  bench.stream = std::make_unique<net::TlsStream>(bench.loop, bench.client,
                                                  std::make_unique<net::TcpStream>(bench.loop, base::Fd(ends[0])),
                                                  bench.address, bench.demands);
  std::optional<net::StreamResult> greeted, written;
  bench.roots.spawn(Bench::store(server.connect(bench.deadline()), greeted));
  REQUIRE(bench.run(bench.stream->connect(bench.deadline())).done());
  while (!greeted) bench.loop.runOnce();
  CHECK(greeted->done());

  const std::string much(300'000, 'x');
  bench.roots.spawn(Bench::store(server.writeAll(std::as_bytes(std::span(much)), bench.deadline()), written));
  std::string back(much.size(), ' ');
  for (std::size_t have = 0; have < back.size();) {
    const auto into = std::as_writable_bytes(std::span(back)).subspan(have);
    const auto got = bench.run(bench.stream->readSome(into, bench.deadline()));
    REQUIRE(got.done());
    have += got.count;
  }
  CHECK(back == much);
  while (!written) bench.loop.runOnce();
  CHECK(written->count == much.size());
  bench.stream.reset();
  const auto into = std::as_writable_bytes(std::span(back));
  CHECK(bench.run(server.readSome(into, bench.deadline())).status == Status::Closed);
}

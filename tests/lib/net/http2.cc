// The HTTP/2 client against a server's side of nghttp2 that is played in memory, and against raw octets.
#include "lib/net/http2client.hh"

#include <nghttp2/nghttp2.h>

#include <catch2/catch.hpp>
#include <map>

namespace {

using Octets = std::vector<std::byte>;

Octets octets(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

struct Heard final : net::Http2Client::Listener {
  void answered(std::int32_t stream, std::span<std::byte> body, std::uint32_t age) override {
    ages[stream] = age;
    answers[stream].assign(body.begin(), body.end());
  }
  void failed(std::int32_t stream, std::string why, bool unprocessed) override {
    failures[stream] = (unprocessed ? "unprocessed: " : "") + why;
  }
  std::map<std::int32_t, Octets> answers;
  std::map<std::int32_t, std::uint32_t> ages;
  std::map<std::int32_t, std::string> failures;
};

using Fields = std::vector<std::pair<std::string, std::string>>;

// Notes requests; answers when the test says so.
class Peer {
 public:
  struct Request {
    std::map<std::string, std::string> fields;
    std::string body;
  };

  explicit Peer(std::uint32_t maxStreams = 100) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, onField);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, onData);
    nghttp2_session_server_new(&d_session, callbacks, this);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, maxStreams};
    nghttp2_submit_settings(d_session, NGHTTP2_FLAG_NONE, &settings, 1);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() { nghttp2_session_del(d_session); }

  void answer(std::int32_t stream, const std::string& status, const std::string& body, Fields fields) {
    fields.insert(fields.begin(), {":status", status});
    std::vector<nghttp2_nv> list;
    for (auto& [name, value] : fields) list.push_back(field(name, value));
    d_bodies[stream] = body;
    nghttp2_data_provider provider{};
    provider.read_callback = onBody;
    REQUIRE(nghttp2_submit_response(d_session, stream, list.data(), list.size(), &provider) == 0);
  }
  void answer(std::int32_t stream, const std::string& body) {
    answer(stream, "200", body, {{"content-type", "application/dns-message"}});
  }
  void interim(std::int32_t stream) {
    std::string name = ":status", value = "103";
    const nghttp2_nv list = field(name, value);
    REQUIRE(nghttp2_submit_headers(d_session, NGHTTP2_FLAG_NONE, stream, nullptr, &list, 1, nullptr) == 0);
  }
  void reset(std::int32_t stream, std::uint32_t code) {
    nghttp2_submit_rst_stream(d_session, NGHTTP2_FLAG_NONE, stream, code);
  }
  void goAway(std::int32_t last) {
    nghttp2_submit_goaway(d_session, NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0);
  }
  void ping() { nghttp2_submit_ping(d_session, NGHTTP2_FLAG_NONE, nullptr); }

  // Octets to and fro until nobody has any; what the client thinks of the connection.
  std::string talk(net::Http2Client& client, Heard& heard) {
    for (;;) {
      Octets sent;
      client.output(sent);
      const auto* data = reinterpret_cast<const std::uint8_t*>(sent.data());
      REQUIRE(nghttp2_session_mem_recv(d_session, data, sent.size()) == static_cast<ssize_t>(sent.size()));
      Octets back;
      const std::uint8_t* piece = nullptr;
      for (ssize_t size = 0; (size = nghttp2_session_mem_send(d_session, &piece)) > 0;) {
        const auto* from = reinterpret_cast<const std::byte*>(piece);
        back.insert(back.end(), from, from + size);
      }
      if (sent.empty() && back.empty()) return {};
      std::string trouble = client.receive(back, heard);
      if (!trouble.empty()) return trouble;
    }
  }
  std::map<std::int32_t, Request> requests;

 private:
  static nghttp2_nv field(std::string& name, std::string& value) {
    return {reinterpret_cast<std::uint8_t*>(name.data()), reinterpret_cast<std::uint8_t*>(value.data()), name.size(),
            value.size(), NGHTTP2_NV_FLAG_NONE};
  }
  static int onField(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t nameSize,
                     const std::uint8_t* value, std::size_t valueSize, std::uint8_t, void* self) {
    static_cast<Peer*>(self)->requests[frame->hd.stream_id].fields.emplace(
        std::string(reinterpret_cast<const char*>(name), nameSize),
        std::string(reinterpret_cast<const char*>(value), valueSize));
    return 0;
  }
  static int onData(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t size,
                    void* self) {
    static_cast<Peer*>(self)->requests[stream].body.append(reinterpret_cast<const char*>(data), size);
    return 0;
  }
  static ssize_t onBody(nghttp2_session*, std::int32_t stream, std::uint8_t* out, std::size_t size,
                        std::uint32_t* flags, nghttp2_data_source*, void* self) {
    std::string& body = static_cast<Peer*>(self)->d_bodies[stream];
    const std::size_t count = std::min(size, body.size());
    std::copy_n(body.begin(), count, out);
    body.erase(0, count);
    if (body.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  nghttp2_session* d_session = nullptr;
  std::map<std::int32_t, std::string> d_bodies;
};

struct Bench {
  std::int32_t post(std::string_view body) {
    const std::int32_t stream = client.nextStream();
    client.post(octets(body));
    return stream;
  }
  std::string talk() { return peer.talk(client, heard); }

  explicit Bench(std::uint32_t maxStreams = 100) : peer(maxStreams) {}
  net::Http2Client client{{"dns.example.net:8443", "/dns-query", "application/dns-message"}};
  Peer peer;
  Heard heard;
};

} // namespace

TEST_CASE("a POST carries its body and media type, and the answer comes back") {
  Bench bench;
  const auto stream = bench.post("question");
  CHECK(bench.talk().empty());
  const Peer::Request& request = bench.peer.requests.at(stream);
  CHECK(request.body == "question");
  CHECK(request.fields.at(":method") == "POST");
  CHECK(request.fields.at(":scheme") == "https");
  CHECK(request.fields.at(":authority") == "dns.example.net:8443");
  CHECK(request.fields.at(":path") == "/dns-query");
  CHECK(request.fields.at("content-type") == "application/dns-message");
  CHECK(request.fields.at("accept") == "application/dns-message");
  CHECK(request.fields.at("content-length") == "8");
  bench.peer.interim(stream); // an early hint is not the answer
  bench.peer.answer(stream, "answer");
  CHECK(bench.talk().empty());
  CHECK(bench.heard.answers.at(stream) == octets("answer"));
  CHECK(bench.heard.failures.empty());
}

TEST_CASE("the age of an answer that a cache on the way has kept is told") {
  Bench bench;
  const auto fresh = bench.post("1"), old = bench.post("2"), odd = bench.post("3"), ancient = bench.post("4");
  CHECK(bench.talk().empty());
  const auto aged = [](const char* age) { return Fields{{"content-type", "application/dns-message"}, {"age", age}}; };
  bench.peer.answer(fresh, "answer");
  bench.peer.answer(old, "200", "answer", aged("250"));
  bench.peer.answer(odd, "200", "answer", aged("soon"));
  bench.peer.answer(ancient, "200", "answer", aged("99999999999"));
  CHECK(bench.talk().empty());
  CHECK(bench.heard.ages ==
        std::map<std::int32_t, std::uint32_t>{{fresh, 0}, {old, 250}, {odd, 0}, {ancient, UINT32_MAX}});
}

TEST_CASE("streams are answered in any order, large answers too") {
  Bench bench;
  const auto first = bench.post("one"), second = bench.post("two");
  CHECK(bench.talk().empty());
  bench.peer.answer(second, std::string(65535, 'x'));
  CHECK(bench.talk().empty());
  CHECK(bench.heard.answers.at(second).size() == 65535);
  bench.peer.answer(first, "answer");
  CHECK(bench.talk().empty());
  CHECK(bench.heard.answers.at(first) == octets("answer"));
}

TEST_CASE("the connection's window is given back: many large answers in a row arrive") {
  Bench bench;
  for (int i = 0; i < 20; ++i) {
    const auto stream = bench.post("question");
    CHECK(bench.talk().empty());
    bench.peer.answer(stream, std::string(60000, 'x'));
    CHECK(bench.talk().empty());
    CHECK(bench.heard.answers.at(stream).size() == 60000);
  }
}

TEST_CASE("other statuses, redirects among them, and other media types are failures in words") {
  Bench bench;
  const auto missing = bench.post("1"), moved = bench.post("2"), page = bench.post("3"), named = bench.post("4");
  CHECK(bench.talk().empty());
  bench.peer.answer(missing, "404", "no such page", {{"content-type", "text/html"}});
  bench.peer.answer(moved, "302", "", {{"location", "https://other.example/"}});
  bench.peer.answer(page, "200", "<html>", {{"content-type", "text/html"}});
  bench.peer.answer(named, "200", "answer", {{"content-type", "Application/DNS-message; charset=x"}});
  CHECK(bench.talk().empty());
  CHECK(bench.heard.failures.at(missing) == "HTTP status 404");
  CHECK(bench.heard.failures.at(moved) == "HTTP status 302");
  CHECK(bench.heard.failures.at(page) == "HTTP answer of another type than application/dns-message");
  CHECK(bench.heard.answers.at(named) == octets("answer"));
  CHECK(bench.client.hasRoom());
}

TEST_CASE("an answer that is too large, or has too many fields, ends its stream alone") {
  Bench bench;
  const auto large = bench.post("1"), many = bench.post("2"), wide = bench.post("3"), good = bench.post("4");
  CHECK(bench.talk().empty());
  bench.peer.answer(large, std::string(65536, 'x'));
  Fields fields;
  for (int i = 0; i < 70; ++i) fields.emplace_back("x-" + std::to_string(i), "y");
  bench.peer.answer(many, "200", "answer", fields);
  bench.peer.answer(wide, "200", "answer", {{"x-wide", std::string(20000, 'y')}});
  bench.peer.answer(good, "answer");
  CHECK(bench.talk().empty());
  CHECK(bench.heard.failures.at(large) == "HTTP answer too large");
  CHECK(bench.heard.failures.at(many) == "too many HTTP header fields");
  CHECK(bench.heard.failures.at(wide) == "too many HTTP header fields");
  CHECK(bench.heard.answers.at(good) == octets("answer"));
}

TEST_CASE("a stream that is reset fails; one that was refused may be asked elsewhere") {
  Bench bench;
  const auto broken = bench.post("1"), refused = bench.post("2");
  CHECK(bench.talk().empty());
  bench.peer.reset(broken, NGHTTP2_INTERNAL_ERROR);
  bench.peer.reset(refused, NGHTTP2_REFUSED_STREAM);
  CHECK(bench.talk().empty());
  CHECK(bench.heard.failures.at(broken) == "HTTP/2 stream ended: INTERNAL_ERROR");
  CHECK(bench.heard.failures.at(refused) == "unprocessed: HTTP/2 stream ended: REFUSED_STREAM");
}

TEST_CASE("after GOAWAY the streams it names are answered, later ones are unprocessed, none is begun") {
  Bench bench;
  const auto first = bench.post("1"), second = bench.post("2");
  CHECK(bench.talk().empty());
  bench.peer.goAway(first);
  bench.talk();
  CHECK(bench.heard.failures.at(second) == "unprocessed: HTTP/2 stream ended: REFUSED_STREAM");
  CHECK_FALSE(bench.client.hasRoom());
  bench.peer.answer(first, "answer");
  CHECK(bench.talk() == "HTTP/2 connection ended");
  CHECK(bench.heard.answers.at(first) == octets("answer"));
}

TEST_CASE("what waits for the server's limit of streams goes when there is room, or is unprocessed after GOAWAY") {
  Bench bench(1);
  CHECK(bench.talk().empty()); // the limit is known
  const auto first = bench.post("1"), second = bench.post("2"), third = bench.post("3");
  CHECK(bench.talk().empty());
  CHECK(bench.peer.requests.size() == 1);
  CHECK_FALSE(bench.client.hasRoom());
  bench.peer.answer(first, "answer");
  CHECK(bench.talk().empty());
  CHECK(bench.peer.requests.contains(second));
  bench.peer.goAway(second);
  bench.talk();
  CHECK(bench.heard.failures.at(third).starts_with("unprocessed: "));
}

TEST_CASE("pings and unknown frames are no matter") {
  Bench bench;
  bench.peer.ping();
  CHECK(bench.talk().empty());
  const Octets unknown{std::byte{0}, std::byte{0}, std::byte{1}, std::byte{0xbb}, std::byte{0},
                       std::byte{0}, std::byte{0}, std::byte{0}, std::byte{0},    std::byte{7}};
  CHECK(bench.client.receive(unknown, bench.heard).empty());
}

TEST_CASE("what is no HTTP/2 ends the connection in words") {
  Bench bench;
  bench.post("question");
  CHECK_FALSE(
      bench.client.receive(octets("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), bench.heard).empty());
}

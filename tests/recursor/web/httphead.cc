// Heads of requests, escapes and queries.
#include "recursor/web/httphead.hh"

#include <catch2/catch.hpp>

using namespace rec;

namespace {

HttpRequest good(std::string_view head) {
  auto parsed = parseHead(head);
  REQUIRE(std::holds_alternative<HttpRequest>(parsed));
  return std::get<HttpRequest>(parsed);
}

int statusOf(std::string_view head) {
  const auto parsed = parseHead(head);
  return std::holds_alternative<HeadProblem>(parsed) ? std::get<HeadProblem>(parsed).status : 200;
}

} // namespace

TEST_CASE("a head ends with an empty line") {
  CHECK(headSize("GET / HTTP/1.1\r\nHost: x\r\n\r\nbody") == 27);
  CHECK(headSize("GET / HTTP/1.1\r\nHost: x\r\n") == 0);
  CHECK(headSize("") == 0);
}

TEST_CASE("method, path, query and headers are read") {
  const HttpRequest request = good("GET /a%20b/c?x=1&y=a+b%26&flag&x=2 HTTP/1.1\r\nHost: x\r\nX-API-Key:  secret "
                                   "\r\nAccept: a\r\naccept: b\r\n\r\n");
  CHECK(request.method == "GET");
  CHECK(request.path == "/a b/c");
  CHECK(request.value("x") == "2");
  CHECK(request.value("y") == "a b&");
  CHECK(request.query.contains("flag"));
  CHECK(request.header("x-api-key") == "secret");
  CHECK(request.header("accept") == "a, b");
  CHECK(request.keepsAlive);
}

TEST_CASE("HTTP/1.0 ends the connection unless it is asked not to") {
  CHECK_FALSE(good("GET / HTTP/1.0\r\n\r\n").keepsAlive);
  CHECK(good("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keepsAlive);
  CHECK_FALSE(good("GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n").keepsAlive);
}

TEST_CASE("a body's size is what Content-Length says") {
  CHECK(good("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 17\r\n\r\n").bodySize == 17);
  for (const char* bad : {"-1", "1x", "", " ", "0x10", "99999999999999999999999", "1, 1"}) {
    CHECK(statusOf("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::string(bad) + "\r\n\r\n") == 400);
  }
  CHECK(statusOf("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n") == 400);
  CHECK(statusOf("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n") == 501);
}

TEST_CASE("what cannot be understood, or could be understood in two ways, is refused") {
  for (const char* bad :
       {"GET /\r\n\r\n", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", "GET x HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / /y HTTP/1.1\r\nHost: x\r\n\r\n", "G T / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\ny: z\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?a=%4 HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n", "GET / JUNK\r\nHost: x\r\n\r\n"}) {
    CAPTURE(bad);
    CHECK(statusOf(bad) == 400);
  }
  CHECK(statusOf("GET / HTTP/2.0\r\nHost: x\r\n\r\n") == 505);
  std::string many = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= kMaxHeaders; ++i) many += "h" + std::to_string(i) + ": x\r\n";
  CHECK(statusOf(many + "\r\n") == 431);
}

TEST_CASE("escapes go there and back") {
  std::string out;
  const std::string text = "a b/ü%\"&";
  REQUIRE(percentDecoded(percentEncoded(text), false, out));
  CHECK(out == text);
  CHECK(percentEncoded("a-b.c_d~") == "a-b.c_d~");
}

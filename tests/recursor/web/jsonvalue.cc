// JSON that clients send.
#include "recursor/web/jsonvalue.hh"

#include <catch2/catch.hpp>

using namespace rec;

TEST_CASE("values of each kind are read") {
  const auto value = parseJson(R"( {"s": "a\"\\\/\n\u00e4\ud83d\ude00", "n": [-1, 0.5e+3, 2], "t": true, "f": false,
                                   "z": null, "o": {}, "a": [], "s2": "ä"} )");
  REQUIRE(value);
  CHECK(value->isObject());
  CHECK(value->member("s")->text == "a\"\\/\nä😀");
  CHECK(value->member("s2")->text == "ä");
  REQUIRE(value->member("n")->items.size() == 3);
  CHECK(value->member("n")->items[1].text == "0.5e+3");
  CHECK(value->member("t")->truth);
  CHECK_FALSE(value->member("f")->truth);
  CHECK(value->member("z")->kind == JsonValue::Kind::Null);
  CHECK(value->member("o")->isObject());
  CHECK(value->member("a")->items.empty());
  CHECK(value->member("x") == nullptr);
  CHECK(value->member("s")->member("x") == nullptr);
}

TEST_CASE("of a name that comes twice the last one counts") {
  CHECK(parseJson(R"({"a": 1, "a": 2})")->member("a")->text == "2");
}

TEST_CASE("what is not JSON is refused, with the octet") {
  for (const char* bad :
       {"",         " ",   "{",     "[",   "\"",  "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]",        "[1 2]",
        "01",       "-",   "1.",    "1e",  "tru", "nul",     "\"\\x\"",  "\"\\u12\"",  "\"\\ud800\"", "\"\\udc00\"",
        "\"a\nb\"", "1 2", "{1:2}", "'a'", "[1]]"}) {
    CAPTURE(bad);
    CHECK_FALSE(parseJson(bad));
  }
  CHECK(parseJson("[1,,2]").error().message.find("octet 3") != std::string::npos);
}

TEST_CASE("nesting has a limit") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(parseJson(nested(kMaxJsonDepth)));
  CHECK_FALSE(parseJson(nested(kMaxJsonDepth + 1)));
  CHECK_FALSE(parseJson(std::string(1000000, '[')));
}

// TSIG: signing, checking, answers of many messages, and what is refused.
#include "lib/dnssec/tsig.hh"

#include <catch2/catch.hpp>

#include "lib/base/random.hh"
#include "lib/dns/message.hh"

using dnssec::TsigKey;

namespace {

const base::WallTime kNow{std::chrono::seconds{1700000000}};

TsigKey key(const char* algorithm = "hmac-sha256") { return *TsigKey::make("Key.", algorithm, "c2VjcmV0IHNlY3JldA=="); }

std::vector<std::byte> question() {
  std::vector<std::byte> buffer(512);
  dns::Header header;
  header.id = 4711;
  buffer.resize(dns::writeQuery(buffer, header, {*dns::Name::parse("zone.test."), dns::RRType::SOA}, std::nullopt));
  return buffer;
}

std::vector<std::byte> octets(std::string_view hex) {
  std::vector<std::byte> all(hex.size() / 2);
  const auto digit = [&](std::size_t at) {
    return static_cast<unsigned>(hex[at] <= '9' ? hex[at] - '0' : hex[at] - 'a' + 10);
  };
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::byte>(digit(2 * i) << 4 | digit(2 * i + 1));
  return all;
}

} // namespace

TEST_CASE("a signed message is accepted with its key, by every algorithm") {
  for (const char* algorithm : {"hmac-md5", "HMAC-SHA1", "hmac-sha224.", "hmac-sha256", "hmac-sha384", "hmac-sha512"}) {
    auto message = question();
    const auto bare = message;
    CHECK_FALSE(dnssec::hasTsig(message));
    const auto mac = dnssec::signTsig(key(algorithm), message, kNow);
    CHECK(dnssec::hasTsig(message));
    CHECK(*dnssec::tsigKeyName(message) == *dns::Name::parse("key."));
    CHECK(dns::parseMessage(message));
    const auto verified = dnssec::verifyTsig(key(algorithm), message, kNow + std::chrono::seconds(299));
    REQUIRE(verified);
    CHECK(*verified == mac);
    CHECK_FALSE(dnssec::verifyTsig(key(algorithm), bare, kNow));
  }
}

// An AXFR as dnspython asks for it and knotd answers it, with the key "transfer." below.
TEST_CASE("what others signed is accepted, and what we sign is the same to the octet") {
  const auto key = *TsigKey::make("transfer.", "hmac-sha256", "c2VjcmV0IG9mIHRoZSBwcmltYXJ5IQ==");
  const base::WallTime then{std::chrono::seconds{0x6b02ee4c}};
  const auto asked =
      octets("1234000000010000000000010372707a04746573740000fc0001087472616e736665720000fa00ff00000000003d0b686d61"
             "632d7368613235360000006b02ee4c012c002076efd920458e46edebf2f505ac57fc07868e22835df312240f667b7f350746"
             "ca123400000000");
  const auto answered =
      octets("1234800000010004000000010372707a04746573740000fc0001c00c000600010000003c0023026e730372707a0004686f73"
             "74c0290000000100000e1000000258000151800000001ec00c000200010000003c0008026e730372707a0003626164c00c00"
             "05000100000e10000100c00c000600010000003c0023026e730372707a0004686f7374c07d0000000100000e100000025800"
             "0151800000001e087472616e736665720000fa00ff00000000003d0b686d61632d7368613235360000006b02ee4c012c0020"
             "8d3bb7c689c1ba239afa98f840a82a4c6e4160a9ddc69a43e5c600eba58d42e3123400000000");
  const auto mac = dnssec::verifyTsig(key, asked, then);
  REQUIRE(mac);
  CHECK(dnssec::TsigAnswer(key, *mac).take(answered, then));
  auto changed = answered;
  changed[60] ^= std::byte{1};
  CHECK_FALSE(dnssec::TsigAnswer(key, *mac).take(changed, then));
  CHECK_FALSE(dnssec::TsigAnswer(key, {}).take(answered, then));
  std::vector<std::byte> own(asked.begin(), asked.begin() + 26);
  own[11] = std::byte{0};
  CHECK(dnssec::signTsig(key, own, then) == *mac);
  CHECK(own == asked);
}

TEST_CASE("another octet, key, algorithm or time is refused") {
  auto message = question();
  dnssec::signTsig(key(), message, kNow);
  CHECK_FALSE(dnssec::verifyTsig(key(), message, kNow + std::chrono::seconds(301)));
  CHECK_FALSE(dnssec::verifyTsig(key(), message, kNow - std::chrono::seconds(301)));
  CHECK_FALSE(dnssec::verifyTsig(key("hmac-sha1"), message, kNow));
  CHECK_FALSE(dnssec::verifyTsig(*TsigKey::make("other.", "hmac-sha256", "c2VjcmV0IHNlY3JldA=="), message, kNow));
  CHECK_FALSE(dnssec::verifyTsig(*TsigKey::make("key.", "hmac-sha256", "c2VjcmV0"), message, kNow));
  auto changed = message;
  changed[14] ^= std::byte{1};
  CHECK_FALSE(dnssec::verifyTsig(key(), changed, kNow));
}

TEST_CASE("a message whose id was changed on the way is still signed") { // RFC 8945 5.3.2: by forwarders
  auto message = question();
  dnssec::signTsig(key(), message, kNow);
  message[0] ^= std::byte{0x55};
  CHECK(dnssec::verifyTsig(key(), message, kNow));
}

TEST_CASE("a MAC that was cut too short is refused") {
  auto message = question();
  const auto mac = dnssec::signTsig(key(), message, kNow);
  const std::size_t tail = 6 + mac.size(); // original id, error, other length behind the MAC
  const auto cut = [&](std::size_t to) {
    auto shorter = message;
    const std::size_t macAt = shorter.size() - tail;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(macAt + to),
                  shorter.begin() + static_cast<std::ptrdiff_t>(macAt + mac.size()));
    shorter[macAt - 1] = static_cast<std::byte>(to);
    const std::size_t sizeAt = macAt - 10 - dns::Name::parse("hmac-sha256.")->wireSize() - 1;
    shorter[sizeAt] = static_cast<std::byte>(std::to_integer<std::size_t>(shorter[sizeAt]) - (mac.size() - to));
    return shorter;
  };
  CHECK(dnssec::verifyTsig(key(), cut(32), kNow));
  CHECK(dnssec::verifyTsig(key(), cut(16), kNow)); // half of the hash: allowed
  CHECK_FALSE(dnssec::verifyTsig(key(), cut(15), kNow));
  CHECK_FALSE(dnssec::verifyTsig(key(), cut(0), kNow));
}

TEST_CASE("the answer's first message is signed with the question's MAC") {
  auto asked = question();
  const auto mac = dnssec::signTsig(key(), asked, kNow);
  auto message = question();
  dnssec::signTsig(key(), message, kNow, mac);
  dnssec::TsigAnswer answer(key(), mac);
  CHECK(answer.take(message, kNow));
  CHECK(answer.lastWasSigned());
  CHECK(answer.take(question(), kNow)); // one in between may be without
  CHECK_FALSE(answer.lastWasSigned());
  dnssec::TsigAnswer unsignedFirst(key(), mac);
  CHECK_FALSE(unsignedFirst.take(question(), kNow));
  dnssec::TsigAnswer otherQuestion(key(), std::vector<std::byte>(32));
  CHECK_FALSE(otherQuestion.take(message, kNow));
}

TEST_CASE("a hundred messages in a row without a signature are too many") {
  auto asked = question();
  const auto mac = dnssec::signTsig(key(), asked, kNow);
  auto message = question();
  dnssec::signTsig(key(), message, kNow, mac);
  dnssec::TsigAnswer answer(key(), mac);
  REQUIRE(answer.take(message, kNow));
  for (int i = 0; i < 99; ++i) REQUIRE(answer.take(question(), kNow));
  CHECK_FALSE(answer.take(question(), kNow));
}

TEST_CASE("keys that make no sense are refused") {
  CHECK_FALSE(TsigKey::make("key.", "hmac-sha256", "not base64!"));
  CHECK_FALSE(TsigKey::make("key.", "hmac-sha256", ""));
  CHECK_FALSE(TsigKey::make("key.", "hmac-sha3", "c2VjcmV0"));
  CHECK_FALSE(TsigKey::make("a..b", "hmac-sha256", "c2VjcmV0"));
}

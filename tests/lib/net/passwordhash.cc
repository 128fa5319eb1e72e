// Hashes of passwords, and base64.
#include "lib/net/passwordhash.hh"

#include <catch2/catch.hpp>

using namespace net;

TEST_CASE("a password matches its hash, another one does not") {
  const auto hash = hashPassword("secret");
  REQUIRE(hash);
  CHECK(hash->starts_with("$scrypt$ln=10,p=1,r=8$"));
  CHECK(looksHashed(*hash));
  const auto credential = Credential::make(*hash, false);
  REQUIRE(credential);
  CHECK(credential->matches("secret"));
  CHECK_FALSE(credential->matches("Secret"));
  CHECK_FALSE(credential->matches(""));
  CHECK_FALSE(credential->matches(*hash));
}

TEST_CASE("two hashes of a password differ") {
  CHECK(hashPassword("secret").value() != hashPassword("secret").value());
}

TEST_CASE("a plain password is compared as it is, or hashed at once") {
  for (const bool hashing : {false, true}) {
    const auto credential = Credential::make("secret", hashing);
    REQUIRE(credential);
    CHECK(credential->matches("secret"));
    CHECK_FALSE(credential->matches("secret "));
  }
}

TEST_CASE("a hash made elsewhere is understood: the vector of RFC 7914, of 32 octets") {
  // scrypt("password", "NaCl", N=1024, r=8, p=16, 32)
  const auto credential =
      Credential::make("$scrypt$ln=10,p=16,r=8$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI=", false);
  REQUIRE(credential);
  CHECK(credential->matches("password"));
}

TEST_CASE("broken hashes, and those that ask for too much work, are refused") {
  const std::string good = hashPassword("x", 2).value();
  CHECK(Credential::make(good, false));
  for (const char* bad :
       {"$scrypt$", "$scrypt$ln=10,p=1,r=8$", "$scrypt$ln=10,p=1,r=8$AAAA$AAAA", "$scrypt$ln=99,p=1,r=8$AAAA$AAAA",
        "$scrypt$ln=x,p=1,r=8$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI=",
        "$scrypt$ln=20,p=1,r=64$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI=",
        "$scrypt$ln=10,p=1,r=8$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI"}) {
    CHECK_FALSE(Credential::make(bad, false));
  }
  CHECK_FALSE(hashPassword("x", 1000));
  CHECK_FALSE(hashPassword("x", 2 * kMaxWorkFactor));
}

TEST_CASE("base64 goes there and back") {
  for (const std::string_view text : {"", "a", "ab", "abc", "abcd", "\xff\xfe\xfd\xfc\xfb"}) {
    CHECK(fromBase64(toBase64(text)).value() == text);
  }
  CHECK(toBase64("user:pass") == "dXNlcjpwYXNz");
  for (const char* bad : {"a", "abc", "ab=c", "====", "a b=", "abc\n"}) CHECK_FALSE(fromBase64(bad));
}

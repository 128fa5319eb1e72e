// Signing and checking: 1. find() takes the TSIG record off a message; 2. the octets that are signed are put together
// (RFC 8945 4.3); 3. their HMAC is made or compared; 4. then the time is looked at (5.2.3).
#include "lib/dnssec/tsig.hh"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>

#include "lib/dns/message.hh"
#include "lib/dns/wirereader.hh"

namespace dnssec {
namespace {

using base::Error;
using base::Result;
using Octets = std::span<const std::byte>;

constexpr std::uint16_t kFudge = 300;  // seconds; RFC 8945 10
constexpr unsigned kMostUnsigned = 99; // messages in a row; RFC 8945 5.3.1
constexpr std::size_t kLeastMac = 10;  // octets; RFC 8945 5.2.2.1
constexpr std::size_t kCounts = 10;    // where ARCOUNT is

struct Row {
  const char* name; // the algorithm's, as a domain name
  const char* digest;
  std::size_t size;
};
// In the order of TsigAlgorithm.
constexpr std::array<Row, 6> kRows{{{"hmac-md5.sig-alg.reg.int", "MD5", 16},
                                    {"hmac-sha1", "SHA1", 20},
                                    {"hmac-sha224", "SHA224", 28},
                                    {"hmac-sha256", "SHA256", 32},
                                    {"hmac-sha384", "SHA384", 48},
                                    {"hmac-sha512", "SHA512", 64}}};

const Row& rowOf(TsigAlgorithm algorithm) { return kRows[static_cast<std::size_t>(algorithm)]; }

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

// Empty when the crypto library does not do it.
TsigMac hmac(const TsigKey& key, std::initializer_list<Octets> pieces) {
  static EVP_MAC* const method = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  const std::unique_ptr<EVP_MAC_CTX, FreeContext> context(EVP_MAC_CTX_new(method));
  std::string digest = rowOf(key.algorithm).digest;
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                             OSSL_PARAM_construct_end()};
  const auto* secret = reinterpret_cast<const unsigned char*>(key.secret.data());
  bool good = context && EVP_MAC_init(context.get(), secret, key.secret.size(), parameters.data()) == 1;
  for (const Octets piece : pieces) {
    good =
        good && EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(piece.data()), piece.size()) == 1;
  }
  TsigMac mac(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  auto* const out = reinterpret_cast<unsigned char*>(mac.data());
  good = good && EVP_MAC_final(context.get(), out, &size, mac.size()) == 1;
  mac.resize(good ? size : 0);
  return mac;
}

void put16(std::vector<std::byte>& out, std::size_t value) {
  out.push_back(static_cast<std::byte>(value >> 8));
  out.push_back(static_cast<std::byte>(value));
}

void put48(std::vector<std::byte>& out, std::uint64_t value) {
  for (int shift = 40; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
}

void put(std::vector<std::byte>& out, Octets octets) { out.insert(out.end(), octets.begin(), octets.end()); }

// A TSIG record and what stands before it.
struct Found {
  std::size_t at = 0; // where the record begins
  dns::Name key, algorithm;
  std::uint64_t time = 0;
  std::uint16_t fudge = 0, originalId = 0, error = 0;
  Octets mac, other;
};

// Nothing: the last record is no TSIG. The message may be broken otherwise.
std::optional<Found> find(Octets message) {
  dns::WireReader reader(message, 4);
  const unsigned questions = reader.u16();
  unsigned records = reader.u16();
  records += reader.u16();
  records += reader.u16();
  std::array<std::byte, dns::kMaxNameSize> name;
  for (unsigned i = 0; i < questions; ++i) {
    static_cast<void>(reader.nameWire(name));
    reader.skip(4);
  }
  for (; records > 1 && !reader.failed(); --records) {
    static_cast<void>(reader.nameWire(name));
    reader.skip(8);
    reader.skip(reader.u16());
  }
  Found found;
  found.at = reader.offset();
  found.key = reader.name();
  const bool isTsig = records == 1 && reader.u16() == static_cast<std::uint16_t>(dns::RRType::TSIG);
  reader.skip(2 + 4); // class ANY, TTL 0
  const std::size_t size = reader.u16();
  if (!isTsig || reader.failed() || size != reader.remaining()) return std::nullopt;
  found.algorithm = reader.name();
  found.time = std::uint64_t{reader.u16()} << 32;
  found.time |= reader.u32();
  found.fudge = reader.u16();
  found.mac = reader.bytes(reader.u16());
  found.originalId = reader.u16();
  found.error = reader.u16();
  found.other = reader.bytes(reader.u16());
  return reader.failed() || !reader.atEnd() ? std::nullopt : std::optional(found);
}

// The message as it was before the record was added: with its own id, one record fewer.
std::vector<std::byte> withoutTsig(Octets message, const Found& found) {
  std::vector<std::byte> bare(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(found.at));
  bare[0] = static_cast<std::byte>(found.originalId >> 8);
  bare[1] = static_cast<std::byte>(found.originalId);
  const unsigned count =
      (std::to_integer<unsigned>(bare[kCounts]) << 8 | std::to_integer<unsigned>(bare[kCounts + 1])) - 1;
  bare[kCounts] = static_cast<std::byte>(count >> 8);
  bare[kCounts + 1] = static_cast<std::byte>(count);
  return bare;
}

std::vector<std::byte> lengthAndMac(Octets mac) {
  std::vector<std::byte> out;
  if (mac.empty()) return out;
  put16(out, mac.size());
  put(out, mac);
  return out;
}

// RFC 8945 4.3.3.
std::vector<std::byte> variables(const dns::Name& key, const dns::Name& algorithm, const Found& record) {
  std::vector<std::byte> out;
  const dns::Name lowerKey = key.lowercased();
  const dns::Name lowerAlgorithm = algorithm.lowercased();
  put(out, lowerKey.wire());
  put16(out, 255); // class ANY
  put16(out, 0);   // TTL
  put16(out, 0);
  put(out, lowerAlgorithm.wire());
  put48(out, record.time);
  put16(out, record.fudge);
  put16(out, record.error);
  put16(out, record.other.size());
  put(out, record.other);
  return out;
}

std::vector<std::byte> timers(const Found& record) { // RFC 8945 5.3.1
  std::vector<std::byte> out;
  put48(out, record.time);
  put16(out, record.fudge);
  return out;
}

dns::Name algorithmName(TsigAlgorithm algorithm) { return *dns::Name::parse(rowOf(algorithm).name); }

const char* errorText(unsigned error) {
  switch (error) {
  case 16: return "the peer says BADSIG";
  case 17: return "the peer says BADKEY";
  case 18: return "the peer says BADTIME: look at the clocks";
  default: return "the peer says that the signature is wrong";
  }
}

// Everything but the MAC's value and the time.
Result<void> checkRecord(const TsigKey& key, const Found& found) {
  if (!(found.key == key.name) || !(found.algorithm == algorithmName(key.algorithm))) {
    return Error{"TSIG: signed with another key or algorithm: " + found.key.text() + " " + found.algorithm.text()};
  }
  const std::size_t whole = rowOf(key.algorithm).size;
  if (found.mac.empty() && found.error != 0) return Error{std::string("TSIG: ") + errorText(found.error)};
  if (found.mac.size() > whole || found.mac.size() < std::max(kLeastMac, (whole + 1) / 2)) {
    return Error{"TSIG: a MAC of " + std::to_string(found.mac.size()) + " octets is not accepted"};
  }
  return {};
}

Result<void> checkMac(const TsigMac& wanted, const Found& found, base::WallTime now) {
  const bool same =
      wanted.size() >= found.mac.size() && CRYPTO_memcmp(wanted.data(), found.mac.data(), found.mac.size()) == 0;
  if (!same) return Error{"TSIG: the signature is wrong"};
  if (found.error != 0) return Error{std::string("TSIG: ") + errorText(found.error)};
  const std::int64_t apart = now.time_since_epoch().count() - static_cast<std::int64_t>(found.time);
  if (apart > found.fudge || -apart > found.fudge) {
    return Error{"TSIG: signed " + std::to_string(apart) + " s ago by our clock"};
  }
  return {};
}

std::string lowerText(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  if (lower.ends_with('.')) lower.pop_back();
  return lower;
}

Result<std::vector<std::byte>> decodeBase64(std::string_view text) {
  std::string packed;
  std::copy_if(text.begin(), text.end(), std::back_inserter(packed), [](char c) { return c != ' ' && c != '\t'; });
  std::vector<std::byte> out(packed.size() / 4 * 3);
  const bool whole = !packed.empty() && packed.size() % 4 == 0;
  const int size =
      !whole ? -1
             : EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                               reinterpret_cast<const unsigned char*>(packed.data()), static_cast<int>(packed.size()));
  if (size < 0) return Error{"the TSIG secret is not Base64"};
  const std::size_t padding = packed.ends_with("==") ? 2 : packed.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

} // namespace

std::optional<TsigAlgorithm> parseTsigAlgorithm(std::string_view text) {
  const std::string wanted = lowerText(text);
  if (wanted == "hmac-md5") return TsigAlgorithm::Md5;
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (wanted == kRows[i].name) return static_cast<TsigAlgorithm>(i);
  }
  return std::nullopt;
}

Result<TsigKey> TsigKey::make(std::string_view name, std::string_view algorithm, std::string_view secret) {
  TsigKey key;
  auto parsed = dns::Name::parse(name);
  if (!parsed) return parsed.error();
  key.name = std::move(*parsed);
  const auto known = parseTsigAlgorithm(algorithm);
  if (!known) return Error{"'" + std::string(algorithm) + "' is no TSIG algorithm"};
  key.algorithm = *known;
  auto decoded = decodeBase64(secret);
  if (!decoded) return decoded.error();
  key.secret = std::move(*decoded);
  return key;
}

TsigMac signTsig(const TsigKey& key, std::vector<std::byte>& message, base::WallTime now, Octets requestMac) {
  Found record;
  record.time = static_cast<std::uint64_t>(now.time_since_epoch().count());
  record.fudge = kFudge;
  const dns::Name algorithm = algorithmName(key.algorithm);
  const TsigMac mac = hmac(key, {lengthAndMac(requestMac), message, variables(key.name, algorithm, record)});
  if (mac.empty()) throw std::runtime_error(std::string("the crypto library cannot do ") + rowOf(key.algorithm).name);
  std::vector<std::byte> rdata;
  put(rdata, algorithm.wire());
  put(rdata, timers(record));
  put(rdata, lengthAndMac(mac));
  put(rdata, Octets(message).first(2)); // the original id
  put16(rdata, 0);
  put16(rdata, 0);
  put(message, key.name.wire());
  put16(message, static_cast<std::size_t>(dns::RRType::TSIG));
  put16(message, 255);
  put16(message, 0);
  put16(message, 0);
  put16(message, rdata.size());
  put(message, rdata);
  const unsigned count =
      (std::to_integer<unsigned>(message[kCounts]) << 8 | std::to_integer<unsigned>(message[kCounts + 1])) + 1;
  message[kCounts] = static_cast<std::byte>(count >> 8);
  message[kCounts + 1] = static_cast<std::byte>(count);
  return mac;
}

bool hasTsig(Octets message) { return message.size() >= dns::kHeaderSize && find(message).has_value(); }

std::optional<dns::Name> tsigKeyName(Octets message) {
  const auto found = message.size() >= dns::kHeaderSize ? find(message) : std::nullopt;
  return found ? std::optional(found->key) : std::nullopt;
}

Result<TsigMac> verifyTsig(const TsigKey& key, Octets message, base::WallTime now) {
  const auto found = message.size() >= dns::kHeaderSize ? find(message) : std::nullopt;
  if (!found) return Error{"TSIG: not signed"};
  if (const auto good = checkRecord(key, *found); !good) return good.error();
  const auto bare = withoutTsig(message, *found);
  const TsigMac mac = hmac(key, {bare, variables(found->key, found->algorithm, *found)});
  if (const auto good = checkMac(mac, *found, now); !good) return good.error();
  return TsigMac(found->mac.begin(), found->mac.end());
}

Result<void> TsigAnswer::take(Octets message, base::WallTime now) {
  const auto found = message.size() >= dns::kHeaderSize ? find(message) : std::nullopt;
  if (!found) {
    if (!d_started) return Error{"TSIG: the answer is not signed"};
    if (++d_unsigned > kMostUnsigned) return Error{"TSIG: too many messages without a signature"};
    put(d_pending, message);
    return {};
  }
  if (const auto good = checkRecord(d_key, *found); !good) return good;
  const auto bare = withoutTsig(message, *found);
  const auto rest = d_started ? timers(*found) : variables(found->key, found->algorithm, *found);
  const TsigMac mac = hmac(d_key, {lengthAndMac(d_prior), d_pending, bare, rest});
  if (const auto good = checkMac(mac, *found, now); !good) return good;
  d_prior.assign(found->mac.begin(), found->mac.end());
  d_pending.clear();
  d_unsigned = 0;
  d_started = true;
  return {};
}

} // namespace dnssec

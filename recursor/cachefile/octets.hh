// OctetWriter and OctetReader: plain values one behind the other, as the cache file has them inside of its blocks: of
// this machine's byte order, counts and sizes in seven bits an octet. Reading fails sticky: all is read, then failed()
// is asked once. Private to recursor/cachefile.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "lib/base/address.hh"
#include "lib/dns/name.hh"
#include "lib/dns/rrset.hh"

namespace rec {

class OctetWriter {
 public:
  explicit OctetWriter(std::vector<std::byte>& out) : d_out(out) {}

  template <typename T> void fixed(T value) {
    static_assert(std::is_integral_v<T>);
    append(std::as_bytes(std::span(&value, 1)));
  }
  void count(std::uint64_t value); // 1 to 10 octets
  void append(std::span<const std::byte> octets) { d_out.insert(d_out.end(), octets.begin(), octets.end()); }
  void name(const dns::Name& name) { append(name.wire()); }
  void address(const base::Address& address);
  void rrset(const dns::RRset& set); // not null
  void rrsets(const std::vector<dns::RRset>& sets);

 private:
  std::vector<std::byte>& d_out;
};

class OctetReader {
 public:
  explicit OctetReader(std::span<const std::byte> octets) : d_rest(octets) {}

  template <typename T> T fixed() {
    static_assert(std::is_integral_v<T>);
    T value{};
    const auto octets = take(sizeof value);
    if (!octets.empty()) {
      std::memcpy(&value, octets.data(), sizeof value);
    }
    return value;
  }
  std::uint64_t count();
  dns::Name name();
  base::Address address();
  dns::RRset rrset(); // well formed, of class IN, at least one record; else null and failed
  std::vector<dns::RRset> rrsets();
  template <typename Enum> Enum choice(Enum last) {
    const auto value = fixed<std::underlying_type_t<Enum>>();
    if (value > static_cast<std::underlying_type_t<Enum>>(last)) {
      fail();
    }
    return failed() ? Enum{} : static_cast<Enum>(value);
  }

  void fail() {
    d_failed = true;
    d_rest = {};
  }
  [[nodiscard]] bool failed() const { return d_failed; }
  [[nodiscard]] bool atEnd() const { return d_rest.empty(); }

 private:
  std::span<const std::byte> take(std::size_t size); // empty when there are not so many
  std::span<const std::byte> rdatas(dns::RRType type, std::size_t count);
  [[nodiscard]] bool isWellFormed(dns::RRType type, std::span<const std::byte> rdata);

  std::span<const std::byte> d_rest;
  std::vector<std::byte> d_scratch;
  bool d_failed = false;
};

} // namespace rec

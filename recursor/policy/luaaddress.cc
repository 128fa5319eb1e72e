// ComboAddress and ComboAddressSet in scripts: an address with a port (newCA, newCAFromRaw), and a set of addresses
// whose ports do not matter (newCAS).
#include <algorithm>
#include <array>

#include "recursor/policy/luaobjects.hh"

namespace rec {
namespace {

using base::Address;

constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}; // RFC 4291 2.5.5.2

bool isMapped(const Address& address) {
  const auto octets = address.octets();
  return address.isV6() && std::equal(kMapped.begin(), kMapped.end(), octets.begin(), [](unsigned char a, std::byte b) {
           return a == std::to_integer<unsigned char>(b);
         });
}

int newCa(LuaCall& call) {
  const Address address = luaAddress(call, 1);
  return call.failed() ? 0 : call.giveObject(address);
}

// Of octets that make no address: one that is none.
int newCaFromRaw(LuaCall& call) {
  const std::string raw = call.text(1);
  const auto port = static_cast<std::uint16_t>(call.has(2) ? call.number(2, 0, UINT16_MAX) : 0);
  if (call.failed()) return 0;
  const auto octets = std::as_bytes(std::span(raw));
  if (octets.size() == 4) return call.giveObject(Address::v4(octets.first<4>(), port));
  return call.giveObject(octets.size() == 16 ? Address::v6(octets.first<16>(), port) : Address());
}

int isV4(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  return address == nullptr ? 0 : call.give(address->isV4());
}

int isV6(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  return address == nullptr ? 0 : call.give(address->isV6());
}

int isMappedV4(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  return address == nullptr ? 0 : call.give(isMapped(*address));
}

int mapToV4(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  if (address == nullptr) return 0;
  if (!isMapped(*address)) return call.giveObject(*address);
  return call.giveObject(Address::v4(address->octets().subspan<12, 4>(), address->port()));
}

int getPort(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  return address == nullptr ? 0 : call.give(address->port());
}

int getRaw(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  if (address == nullptr) return 0;
  const auto octets = address->octets();
  return call.give(std::string(reinterpret_cast<const char*>(octets.data()), octets.size()));
}

int toString(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  return address == nullptr ? 0 : call.give(address->valid() ? address->text() : std::string());
}

int toStringWithPort(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  return address == nullptr ? 0 : call.give(address->textWithPort());
}

int toStringNoInterface(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  if (address == nullptr) return 0;
  const std::string text = address->text();
  return call.give(text.substr(0, text.find('%')));
}

// As reverse names have it: "4.3.2.1", and nibbles.
int toStringReversed(LuaCall& call) {
  const Address* address = call.object<Address>(1);
  if (address == nullptr) return 0;
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto octets = address->octets();
  std::string text;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    const auto value = std::to_integer<unsigned>(*octet);
    text += text.empty() ? "" : ".";
    text += address->isV4() ? std::to_string(value) : std::string{kDigits[value & 15U], '.', kDigits[value >> 4U]};
  }
  return call.give(text);
}

int truncate(LuaCall& call) {
  Address* address = call.object<Address>(1);
  const auto bits = static_cast<unsigned>(call.number(2, 0, 128));
  if (!call.failed()) *address = truncated(*address, bits);
  return 0;
}

int equal(LuaCall& call) { // without the ports
  const Address* one = call.object<Address>(1);
  const Address other = luaAddress(call, 2);
  return call.failed() ? 0 : call.give(one->withPort(0) == other.withPort(0));
}

int isEqual(LuaCall& call) {
  const Address* one = call.maybe<Address>(1);
  const Address* other = call.maybe<Address>(2);
  return call.give(one != nullptr && other != nullptr && *one == *other);
}

int newCas(LuaCall& call) { return call.giveObject(LuaAddressSet()); }

void add(LuaCall& call, LuaAddressSet& set, const Address& address) {
  if (set.addresses.contains(address.withPort(0))) return;
  luaCharge(call, set.charge, sizeof(Address));
  if (!call.failed()) set.addresses.insert(address.withPort(0));
}

int addToSet(LuaCall& call) {
  LuaAddressSet* set = call.object<LuaAddressSet>(1);
  if (set == nullptr) return 0;
  if (!call.isTable(2)) {
    const Address address = luaAddress(call, 2);
    if (!call.failed()) add(call, *set, address);
    return 0;
  }
  for (const std::string& text : call.texts(2)) {
    const auto address = Address::parse(text);
    if (!address) call.fail("'" + text + "': " + address.error().message);
    if (call.failed()) return 0;
    add(call, *set, *address);
  }
  return 0;
}

int checkSet(LuaCall& call) {
  const LuaAddressSet* set = call.object<LuaAddressSet>(1);
  const Address address = luaAddress(call, 2);
  return call.failed() ? 0 : call.give(set->addresses.contains(address.withPort(0)));
}

} // namespace

Address luaAddress(LuaCall& call, int index) {
  if (const Address* address = call.maybe<Address>(index)) {
    return *address;
  }
  const std::string text = call.text(index);
  if (call.failed()) return {};
  auto address = Address::parse(text);
  if (!address) {
    call.fail("'" + text + "': " + address.error().message);
    return {};
  }
  return *address;
}

void defineAddress(lua_State* lua) {
  luaDefine<Address>(
      lua, {.methods = {luaMethod<isV4>("isIPv4"), luaMethod<isV4>("isIpv4"), luaMethod<isV6>("isIPv6"),
                        luaMethod<isV6>("isIpv6"), luaMethod<isMappedV4>("isMappedIPv4"),
                        luaMethod<mapToV4>("mapToIPv4"), luaMethod<getPort>("getPort"), luaMethod<getRaw>("getRaw"),
                        luaMethod<toString>("toString"), luaMethod<toStringWithPort>("toStringWithPort"),
                        luaMethod<toStringNoInterface>("toStringNoInterface"),
                        luaMethod<toStringReversed>("toStringReversed"), luaMethod<truncate>("truncate"),
                        luaMethod<equal>("equal")},
            .meta = {luaMethod<isEqual>("__eq"), luaMethod<toString>("__tostring")}});
  luaDefine<LuaAddressSet>(lua, {.methods = {luaMethod<addToSet>("add"), luaMethod<checkSet>("check")}});
  lua_register(lua, "newCA", &luaInvoke<newCa>);
  lua_register(lua, "newCAFromRaw", &luaInvoke<newCaFromRaw>);
  lua_register(lua, "newCAS", &luaInvoke<newCas>);
}

} // namespace rec

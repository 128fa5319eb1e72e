// Mnemonics of RR types, classes, opcodes and response codes; the tables come from rrtypes.def.
#include "lib/dns/types.hh"

#include <array>
#include <charconv>

namespace dns {
namespace {

struct Row {
  std::string_view enumerator;
  std::uint16_t number;
  std::string_view layout;
};

constexpr Row kRows[] = {
#define RRTYPE(mnemonic, number, layout) {#mnemonic, number, layout},
#include "lib/dns/rrtypes.def"
#undef RRTYPE
};

// Types below 512 are looked up directly, the rest by a scan.
constexpr std::size_t kDirect = 512;

constexpr std::array<std::uint8_t, kDirect> makeIndex() {
  std::array<std::uint8_t, kDirect> index{};
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (kRows[i].number < kDirect) {
      index[kRows[i].number] = static_cast<std::uint8_t>(i + 1);
    }
  }
  return index;
}

constexpr auto kIndex = makeIndex();
static_assert(std::size(kRows) < 255);

const Row* findRow(RRType type) {
  const auto number = static_cast<std::uint16_t>(type);
  if (number < kDirect) {
    return kIndex[number] == 0 ? nullptr : &kRows[kIndex[number] - 1];
  }
  for (const Row& row : kRows) {
    if (row.number == number) {
      return &row;
    }
  }
  return nullptr;
}

// The mnemonic of an enumerator: "NSAP_PTR" is NSAP-PTR, "NULL_" is NULL.
std::string mnemonic(std::string_view enumerator) {
  std::string out(enumerator.ends_with('_') ? enumerator.substr(0, enumerator.size() - 1) : enumerator);
  for (char& c : out) {
    c = c == '_' ? '-' : c;
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::optional<std::uint16_t> number(std::string_view digits) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size();
  return whole ? std::optional(value) : std::nullopt;
}

} // namespace

std::string text(RRType type) {
  const Row* row = findRow(type);
  return row != nullptr ? mnemonic(row->enumerator) : "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::string text(RRClass rrclass) {
  switch (rrclass) {
  case RRClass::IN: return "IN";
  case RRClass::CH: return "CH";
  case RRClass::HS: return "HS";
  case RRClass::NONE: return "NONE";
  case RRClass::ANY: return "ANY";
  }
  return "CLASS" + std::to_string(static_cast<unsigned>(rrclass));
}

std::string text(RCode rcode) {
  switch (rcode) {
  case RCode::NoError: return "NOERROR";
  case RCode::FormErr: return "FORMERR";
  case RCode::ServFail: return "SERVFAIL";
  case RCode::NXDomain: return "NXDOMAIN";
  case RCode::NotImp: return "NOTIMP";
  case RCode::Refused: return "REFUSED";
  case RCode::YXDomain: return "YXDOMAIN";
  case RCode::YXRRSet: return "YXRRSET";
  case RCode::NXRRSet: return "NXRRSET";
  case RCode::NotAuth: return "NOTAUTH";
  case RCode::NotZone: return "NOTZONE";
  case RCode::BadVers: return "BADVERS";
  case RCode::BadCookie: return "BADCOOKIE";
  }
  return "RCODE" + std::to_string(static_cast<unsigned>(rcode));
}

std::string text(Opcode opcode) {
  switch (opcode) {
  case Opcode::Query: return "QUERY";
  case Opcode::IQuery: return "IQUERY";
  case Opcode::Status: return "STATUS";
  case Opcode::Notify: return "NOTIFY";
  case Opcode::Update: return "UPDATE";
  case Opcode::DSO: return "DSO";
  }
  return "OPCODE" + std::to_string(static_cast<unsigned>(opcode));
}

std::optional<RRType> parseRRType(std::string_view given) {
  const std::string wanted = upper(given);
  for (const Row& row : kRows) {
    if (wanted == mnemonic(row.enumerator)) {
      return static_cast<RRType>(row.number);
    }
  }
  if (!wanted.starts_with("TYPE")) {
    return std::nullopt;
  }
  const auto value = number(std::string_view(wanted).substr(4));
  return value ? std::optional(static_cast<RRType>(*value)) : std::nullopt;
}

bool isMetaType(RRType type) {
  const auto number = static_cast<std::uint16_t>(type);
  return type == RRType::OPT || (number >= 128 && number <= 255); // RFC 6895 3.1: 128-255 are Q and meta types
}

std::string_view rdataLayout(RRType type) {
  const Row* row = findRow(type);
  return row != nullptr ? row->layout : std::string_view("x");
}

} // namespace dns

// Answers as RFC 4035 3.1 has them.
#include "tests/recursor/resolve/signedzone.hh"

#include <algorithm>
#include <sstream>

#include "lib/dns/rdata.hh"
#include "recursor/resolve/alias.hh"

namespace rectest {

using dns::RRType;
using dnssectest::Octets;

namespace {

constexpr std::uint32_t kNsecTtl = 60; // that of the SOA's minimum

dns::Name apexOf(std::string_view text) {
  for (const std::string& line : lines(text)) {
    if (const dns::RRset one = rrset(line); one.type() == RRType::SOA) {
      return one.owner();
    }
  }
  FAIL("a zone needs a SOA");
  return dns::Name();
}

Octets bitmapOf(const std::vector<RRType>& types) {
  Octets bits(32);
  std::size_t used = 0;
  for (const RRType type : types) {
    const auto number = static_cast<unsigned>(type);
    bits[number / 8] |= std::byte{0x80} >> (number % 8);
    used = std::max<std::size_t>(used, number / 8 + 1);
  }
  Octets bitmap{std::byte{0}, static_cast<std::byte>(used)};
  bitmap.insert(bitmap.end(), bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(used));
  return bitmap;
}

} // namespace

SignedZone::SignedZone(std::string_view text, unsigned seed) : d_signer(apexOf(text).text(), seed) {
  d_keys.push_back(d_signer.dnskey());
  std::map<std::pair<dns::Name, RRType>, dns::RRsetBuilder> builders;
  for (const std::string& line : lines(text)) {
    const dns::RRset one = rrset(line);
    auto [it, isNew] =
        builders.try_emplace({one.owner(), one.type()}, one.owner(), one.type(), one.rrclass(), one.ttl());
    it->second.add(one.front());
  }
  for (const auto& [key, builder] : builders) {
    add(builder.build());
  }
}

SignedZone& SignedZone::add(const dns::RRset& set) {
  d_names[set.owner()][set.type()] = set;
  return *this;
}

SignedZone& SignedZone::withKey(const dnssectest::Signer& key) {
  d_keys.push_back(key.dnskey());
  return *this;
}

SignedZone& SignedZone::keyTtl(std::uint32_t ttl) {
  d_keyTtl = ttl;
  return *this;
}

const dns::RRset* SignedZone::find(const dns::Name& name, RRType type) const {
  const auto node = d_names.find(name);
  if (node == d_names.end()) {
    return nullptr;
  }
  const auto set = node->second.find(type);
  return set == node->second.end() ? nullptr : &set->second;
}

bool SignedZone::isBelowCut(const dns::Name& name) const {
  for (std::size_t labels = apex().labelCount() + 1; labels < name.labelCount(); ++labels) {
    if (isCut(name.suffix(labels))) {
      return true;
    }
  }
  return false;
}

bool SignedZone::exists(const dns::Name& name) const {
  return std::any_of(d_names.begin(), d_names.end(), [&](const auto& node) { return node.first.isWithin(name); });
}

dns::Name SignedZone::lastBefore(const dns::Name& name) const {
  dns::Name last = apex();
  for (const auto& [owner, sets] : d_names) {
    if (owner.isWithin(apex()) && !isBelowCut(owner) && owner <= name) {
      last = owner;
    }
  }
  return last;
}

dns::RRset SignedZone::nsec(const dns::Name& owner) const {
  auto next = std::find_if(d_names.upper_bound(owner), d_names.end(),
                           [&](const auto& node) { return node.first.isWithin(apex()) && !isBelowCut(node.first); });
  const dns::Name after = next == d_names.end() ? apex() : next->first;
  std::vector<RRType> types{RRType::RRSIG, RRType::NSEC};
  for (const auto& [type, set] : d_names.at(owner)) {
    if (!isCut(owner) || type == RRType::NS || type == RRType::DS) {
      types.push_back(type);
    }
  }
  if (owner == apex()) {
    types.push_back(RRType::DNSKEY);
  }
  Octets rdata(after.wire().begin(), after.wire().end());
  const Octets bitmap = bitmapOf(types);
  rdata.insert(rdata.end(), bitmap.begin(), bitmap.end());
  dns::RRsetBuilder builder(owner, RRType::NSEC, dns::RRClass::IN, kNsecTtl);
  builder.add(rdata);
  return sign(builder.build());
}

void SignedZone::addSoa(dns::Message& into) const { into.authority.push_back(sign(*find(apex(), RRType::SOA))); }

bool SignedZone::refer(const dns::Question& question, dns::Message& into) const {
  for (std::size_t labels = apex().labelCount() + 1; labels <= question.name.labelCount(); ++labels) {
    const dns::Name cut = question.name.suffix(labels);
    if (!isCut(cut) || (question.type == RRType::DS && cut == question.name)) {
      continue;
    }
    into.header.aa = false;
    const dns::RRset& ns = *find(cut, RRType::NS);
    into.authority.push_back(ns);
    const dns::RRset* ds = find(cut, RRType::DS);
    into.authority.push_back(ds != nullptr ? sign(*ds) : nsec(cut));
    for (const dns::Rdata rdata : ns.rdatas()) {
      if (const dns::RRset* glue = find(*dns::readNameRdata(rdata), RRType::A)) {
        into.additional.push_back(*glue);
      }
    }
    return true;
  }
  return false;
}

bool SignedZone::substitute(const dns::Question& question, dns::Message& into) const {
  for (std::size_t labels = apex().labelCount(); labels < question.name.labelCount(); ++labels) {
    if (const dns::RRset* dname = find(question.name.suffix(labels), RRType::DNAME)) {
      into.answer = rec::followDname(sign(*dname), question.name).records;
      return true;
    }
  }
  return false;
}

// `node` is the name itself, or the wildcard that stands for it.
bool SignedZone::fromNode(const dns::Name& node, const dns::Question& question, dns::Message& into) const {
  for (const RRType type : {question.type, RRType::CNAME}) {
    if (const dns::RRset* set = find(node, type)) {
      into.answer.push_back(sign(*set).withOwner(question.name));
      return true;
    }
  }
  return false;
}

void SignedZone::deny(const dns::Question& question, dns::Message& into) const {
  addSoa(into);
  into.authority.push_back(covering(question.name));
}

dns::Message SignedZone::answer(const dns::Question& question) const {
  dns::Message message;
  message.header.aa = true;
  const dns::Name& name = question.name;
  if (refer(question, message) || substitute(question, message)) {
    return message;
  }
  if (name == apex() && question.type == RRType::DNSKEY) {
    message.answer.push_back(sign(dnssectest::keySet(apex().text(), d_keys).withTtl(d_keyTtl)));
    return message;
  }
  if (exists(name)) {
    if (!fromNode(name, question, message)) {
      deny(question, message);
    }
    return message;
  }
  dns::Name encloser = name.parent();
  while (!exists(encloser)) {
    encloser = encloser.parent();
  }
  const dns::Name wildcard = *encloser.withLabel("*");
  if (exists(wildcard) && fromNode(wildcard, question, message)) {
    message.authority.push_back(covering(name));
    return message;
  }
  deny(question, message);
  if (const dns::RRset other = covering(wildcard); !other.ownerIs(lastBefore(name))) {
    message.authority.push_back(other);
  }
  message.header.rcode = exists(wildcard) ? dns::RCode::NoError : dns::RCode::NXDomain;
  return message;
}

dns::RRset forged(const dns::RRset& set) {
  dns::RRsetBuilder builder(set.owner(), set.type(), set.rrclass(), set.ttl());
  for (const dns::Rdata rdata : set.rdatas()) {
    builder.add(rdata);
  }
  for (const dns::Rdata rdata : set.signatures()) {
    Octets bent(rdata.begin(), rdata.end());
    bent.back() ^= std::byte{1};
    builder.addSignature(bent);
  }
  return builder.build();
}

void stripSignatures(dns::Message& message) {
  for (auto* section : {&message.answer, &message.authority}) {
    std::erase_if(*section, [](const dns::RRset& set) {
      return set.type() == RRType::NSEC || set.type() == RRType::NSEC3 || set.type() == RRType::DS;
    });
    for (dns::RRset& set : *section) {
      set = set.withoutSignatures();
    }
  }
}

SignedInternet::SignedInternet() { options->validates = options->synthesize = true; }

void SignedInternet::trust(const dns::RRset& ds) {
  const auto added = anchors.add(ds.owner(), dns::rdataText(RRType::DS, ds.front()));
  REQUIRE(added);
}

void SignedInternet::serve(std::string_view servers, const Zone& zone) {
  std::istringstream list{std::string(servers)};
  for (std::string server; list >> server;) {
    auto& zones = d_served[server];
    zones.push_back(zone);
    if (zones.size() > 1) {
      continue;
    }
    internet.rewrite(server, [&zones](const rec::ServerQuestion& asked, dns::Message& into) {
      const dns::Question& wanted = asked.question;
      const SignedZone* best = nullptr;
      for (const Zone& held : zones) {
        const bool isParents = wanted.type == RRType::DS && wanted.name == held->apex() && zones.size() > 1;
        const bool holds = wanted.name.isWithin(held->apex()) && !isParents;
        best = holds && (best == nullptr || held->apex().isBelow(best->apex())) ? held.get() : best;
      }
      if (best != nullptr) {
        into = best->answer(wanted);
        into.question = wanted;
        into.header.qr = true;
      }
    });
  }
}

coro::Task<void> SignedInternet::client(dns::Question question, rec::Checking checking, ResultPtr result) {
  rec::Request request;
  request.question = question;
  request.dnssecOk = true;
  request.checking = checking;
  request.allowStale = allowStale;
  request.deadline = loop.now() + options->maxTotal;
  request.trace = trace;
  request.renew = renew;
  request.subnet = subnet;
  if (auto known = router.fromCache(request)) {
    result->outcome = std::move(*known);
  } else {
    auto outcome = co_await router.resolve(std::move(request));
    result->outcome = std::move(outcome);
  }
  result->done = true;
}

ResultPtr SignedInternet::begin(const dns::Question& question, rec::Checking checking) {
  auto result = std::make_shared<Result>();
  roots.spawn(client(question, checking, result));
  return result;
}

Result SignedInternet::ask(const dns::Question& question, rec::Checking checking) {
  const ResultPtr result = begin(question, checking);
  drive();
  REQUIRE(result->done);
  return *result;
}

rec::Security SignedInternet::securityOf(std::string_view name, RRType type) {
  return ask(name, type).outcome.security;
}

} // namespace rectest

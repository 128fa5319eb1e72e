// FailureCache: failures in a ShardMap by name and type. An entry is remembered past its time for as long as its
// longest life, so that the next failure knows how long the last one was believed (RFC 9520 3.2).
#include "recursor/cache/failurecache.hh"

#include <string>

#include "lib/base/live.hh"
#include "lib/base/shardmap.hh"
#include "recursor/cache/key.hh"

namespace rec {
namespace {

struct Entry {
  dns::Name name;
  dns::RRType type{};
  FailureCache::Cause cause = FailureCache::Cause::Unresolved;
  std::uint32_t ttl = 0;
  std::uint32_t expires = 0;
  bool brief = false;
  std::vector<dns::ExtendedError> errors;

  [[nodiscard]] std::size_t heapBytes() const {
    std::size_t size = errors.size() * sizeof(dns::ExtendedError);
    for (const dns::ExtendedError& error : errors) {
      size += error.text.size();
    }
    return size;
  }
  [[nodiscard]] bool is(const dns::Name& wanted, dns::RRType wantedType) const {
    return type == wantedType && name == wanted;
  }
};

using Map = base::ShardMap<Entry>;

std::string errorsText(const std::vector<dns::ExtendedError>& errors) {
  std::string out;
  for (const dns::ExtendedError& error : errors) {
    out += " ede=" + std::to_string(static_cast<unsigned>(error.code)) + " \"";
    for (const char c : error.text) {
      out += static_cast<unsigned char>(c) < 0x20 || c == '"' ? '?' : c;
    }
    out += '"';
  }
  return out;
}

} // namespace

struct FailureCache::State {
  explicit State(const Options& given)
      : firstTtl(given.firstTtl), maxTtl(given.maxTtl), map({.shards = given.shards, .maxEntries = given.maxEntries}) {}

  // Doubled when the failure came back after it was forgotten; unchanged when two noticed the same failure.
  [[nodiscard]] std::uint32_t nextTtl(const Entry* old, std::uint32_t now) const {
    if (old == nullptr || forgotten(*old, now)) {
      return std::clamp<std::uint32_t>(firstTtl, 1, maxTtl);
    }
    return old->expires > now ? old->ttl : std::min<std::uint32_t>(old->ttl * 2, maxTtl);
  }
  [[nodiscard]] bool forgotten(const Entry& entry, std::uint32_t now) const {
    return std::uint64_t{entry.expires} + maxTtl <= now;
  }

  base::Live<std::uint32_t> firstTtl, maxTtl;
  Map map;
};

FailureCache::FailureCache(const Options& options) : d_state(std::make_unique<State>(options)) {}
FailureCache::~FailureCache() = default;

void FailureCache::adopt(const Options& options) {
  d_state->map.setMaxEntries(options.maxEntries);
  d_state->firstTtl = options.firstTtl;
  d_state->maxTtl = options.maxTtl;
}

std::optional<std::vector<dns::ExtendedError>> FailureCache::find(const dns::Name& name, dns::RRType type,
                                                                  base::WallTime now, std::optional<Cause> only) {
  const std::size_t hash = keyHash(name, type);
  auto shard = d_state->map.lock(hash);
  const Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(name, type); });
  if (entry == nullptr || entry->expires <= seconds(now) || (only && entry->cause != *only)) {
    return std::nullopt;
  }
  return entry->errors;
}

void FailureCache::store(const dns::Name& name, dns::RRType type, std::vector<dns::ExtendedError> errors,
                         base::WallTime now, Cause cause, std::uint32_t longest) {
  const std::size_t hash = keyHash(name, type);
  const std::uint32_t time = seconds(now);
  auto shard = d_state->map.lock(hash);
  Entry* old = shard.find(hash, [&](const Entry& e) { return e.is(name, type); });
  const std::uint32_t ttl = std::min(d_state->nextTtl(old, time), longest);
  const std::uint32_t expires = old != nullptr && old->expires > time ? old->expires : addSeconds(time, ttl);
  Entry fresh{.name = name,
              .type = type,
              .cause = cause,
              .ttl = ttl,
              .expires = expires,
              .brief = longest != UINT32_MAX,
              .errors = std::move(errors)};
  if (old != nullptr) {
    return shard.replace(old, std::move(fresh));
  }
  shard.insert(hash, std::move(fresh), [&](const Entry& e) { return d_state->forgotten(e, time); });
}

bool FailureCache::isBrief(const dns::Name& name, dns::RRType type) const {
  const std::size_t hash = keyHash(name, type);
  auto shard = d_state->map.lock(hash);
  const Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(name, type); });
  return entry != nullptr && entry->brief;
}

void FailureCache::forget(const dns::Name& name, dns::RRType type, std::optional<Cause> only) {
  const std::size_t hash = keyHash(name, type);
  auto shard = d_state->map.lock(hash);
  Entry* entry = shard.find(hash, [&](const Entry& e) { return e.is(name, type); });
  if (entry != nullptr && (!only || entry->cause == *only)) {
    shard.erase(entry);
  }
}

std::size_t FailureCache::wipe(const dns::Name& name, bool subtree) {
  if (!subtree) {
    auto shard = d_state->map.lock(keyHash(name, dns::RRType{0}));
    return shard.eraseIf([&](const Entry& e) { return e.name == name; });
  }
  return d_state->map.eraseIf([&](const Entry& e) { return e.name.isWithin(name); });
}

std::size_t FailureCache::dump(std::FILE* out, base::WallTime now) const {
  std::fputs("; failure cache dump follows\n;\n", out);
  std::size_t lines = 0;
  for (std::size_t i = 0; i < d_state->map.shardCount(); ++i) {
    const std::vector<Entry> entries = d_state->map.copyShard(i);
    for (const Entry& entry : entries) {
      std::fprintf(out, "%s %u IN %s SERVFAIL ; origttl=%u%s\n", entry.name.text().c_str(),
                   secondsLeft(entry.expires, seconds(now)), dns::text(entry.type).c_str(), entry.ttl,
                   errorsText(entry.errors).c_str());
      ++lines;
    }
  }
  return lines;
}

std::size_t FailureCache::entries() const { return d_state->map.entries(); }

} // namespace rec

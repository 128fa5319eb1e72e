// readZoneFile(): 1. ZoneEntries yields an entry; 2. directive() or record() handles it; 3. RRsetCollector groups the
// records; 4. finish() attaches the signatures and builds the sets. readZoneRecords(): 1 and 2, the records go to a
// sink.
#include "lib/dns/zonefile.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "lib/dns/masterline.hh"
#include "lib/dns/rdata.hh"
#include "lib/dns/zoneentries.hh"
#include "lib/dns/zonegenerate.hh"

namespace dns {
namespace {

constexpr int kMaxIncludeDepth = 10;

struct SetKey {
  Name owner;
  RRType type;
  RRClass rrclass;
  friend bool operator==(const SetKey&, const SetKey&) = default;
};

struct SetKeyHash {
  std::size_t operator()(const SetKey& key) const {
    return key.owner.hash() ^ (static_cast<std::size_t>(key.type) << 16 | static_cast<std::size_t>(key.rrclass));
  }
};

class RRsetCollector {
 public:
  void add(MasterRecord&& record) {
    if (record.type == RRType::RRSIG) {
      d_signatures.push_back(std::move(record));
    } else {
      builder(record, record.type).add(record.rdata);
    }
  }
  std::vector<RRset> finish() {
    for (const MasterRecord& signature : d_signatures) {
      const auto at = d_index.find({signature.owner, readRrsigCovered(signature.rdata), signature.rrclass});
      if (at != d_index.end()) {
        d_builders[at->second].addSignature(signature.rdata);
      } else {
        builder(signature, RRType::RRSIG).add(signature.rdata);
      }
    }
    std::vector<RRset> sets;
    sets.reserve(d_builders.size());
    for (const RRsetBuilder& each : d_builders) {
      sets.push_back(each.build());
    }
    return sets;
  }

 private:
  RRsetBuilder& builder(const MasterRecord& record, RRType type) {
    const auto [at, isNew] = d_index.try_emplace({record.owner, type, record.rrclass}, d_builders.size());
    if (isNew) {
      d_builders.emplace_back(record.owner, type, record.rrclass, record.ttl);
    }
    d_builders[at->second].lowerTtl(record.ttl);
    return d_builders[at->second];
  }

  std::unordered_map<SetKey, std::size_t, SetKeyHash> d_index;
  std::vector<RRsetBuilder> d_builders;
  std::vector<MasterRecord> d_signatures;
};

class ZoneReader {
 public:
  ZoneReader(const Name& origin, const ZoneFileOptions& options, const RecordSink& sink, LineTaker* taker)
      : d_options(options), d_sink(sink), d_taker(taker),
        d_context{.origin = origin, .lastOwner = origin, .ttl = options.defaultTtl} {}

  base::Result<void> file(const std::string& path, int depth);

 private:
  void takeLines(ZoneEntries& entries);
  base::Result<void> entry(const std::string& path, std::string_view text, int depth);
  base::Result<void> directive(const std::string& path, std::string_view text, int depth);
  base::Result<void> settleOwner();
  base::Result<void> record(std::string_view text);
  base::Result<void> origin(std::string_view text);
  base::Result<void> defaultTtl(std::string_view text);
  base::Result<void> include(const std::string& path, LineFields fields, int depth);
  base::Result<void> generate(LineFields fields);

  const ZoneFileOptions& d_options;
  const RecordSink& d_sink;
  LineTaker* d_taker;
  LineContext d_context;
  bool d_ttlDirective = false; // $TTL was there: TTLs of records are not taken over by later ones
  std::string d_takenLine;     // the last one, if no other record came since: it has the last owner
  std::size_t d_records = 0;
};

void ZoneReader::takeLines(ZoneEntries& entries) {
  for (;;) {
    const auto line = entries.peekLine();
    if (!line || d_records >= d_options.maxRecords) {
      return;
    }
    const LineTaker::Taken taken = d_taker->take(*line, d_context);
    if (!taken.taken) {
      return;
    }
    ++d_records;
    d_takenLine.assign(*line);
    if (taken.ttl && !d_ttlDirective) {
      d_context.ttl = *taken.ttl;
    }
    entries.takeLine();
  }
}

base::Result<void> ZoneReader::file(const std::string& path, int depth) {
  ZoneEntries entries(path);
  if (!entries.isOpen()) {
    return base::Error{"cannot read " + path + ": " + std::strerror(errno)};
  }
  const auto at = [&](const base::Error& error) {
    return base::Error{path + ":" + std::to_string(entries.line()) + ": " + error.message};
  };
  for (;;) {
    if (d_taker != nullptr) {
      takeLines(entries);
    }
    auto text = entries.next();
    if (!text) {
      return at(text.error());
    }
    if (!text->has_value()) {
      return {};
    }
    if (const auto done = entry(path, **text, depth); !done) {
      return at(done.error());
    }
  }
}

base::Result<void> ZoneReader::entry(const std::string& path, std::string_view text, int depth) {
  if (const auto settled = settleOwner(); !settled) {
    return settled;
  }
  return text.front() == '$' ? directive(path, text, depth) : record(text);
}

// The owner of the line that the taker took last, for an entry that begins with a blank.
base::Result<void> ZoneReader::settleOwner() {
  if (d_takenLine.empty()) {
    return {};
  }
  auto owner = parseRelativeName(LineFields(d_takenLine).next(), d_context.origin);
  if (!owner) {
    return owner.error();
  }
  d_context.lastOwner = std::move(*owner);
  d_takenLine.clear();
  return {};
}

base::Result<void> ZoneReader::directive(const std::string& path, std::string_view text, int depth) {
  LineFields fields(text);
  const std::string_view name = fields.next();
  if (name == "$ORIGIN") {
    return origin(fields.next());
  }
  if (name == "$TTL") {
    return defaultTtl(fields.next());
  }
  if (name == "$INCLUDE") {
    return include(path, fields, depth);
  }
  if (name == "$GENERATE") {
    return generate(fields);
  }
  return base::Error{"unknown directive " + std::string(name.substr(0, 40))};
}

base::Result<void> ZoneReader::record(std::string_view text) {
  auto parsed = parseMasterLine(text, d_context);
  if (!parsed) {
    return parsed.error();
  }
  if (d_records++ >= d_options.maxRecords) {
    return base::Error{"more than " + std::to_string(d_options.maxRecords) + " records"};
  }
  d_context.lastOwner = parsed->owner;
  d_context.rrclass = parsed->rrclass;
  if (parsed->ttlGiven && !d_ttlDirective) {
    d_context.ttl = parsed->ttl; // RFC 1035 5.1: omitted TTLs are the last one stated
  }
  return d_sink(std::move(*parsed));
}

base::Result<void> ZoneReader::origin(std::string_view text) {
  auto name = parseRelativeName(text, d_context.origin);
  if (!name || text.empty()) {
    return name ? base::Error{"$ORIGIN wants a name"} : name.error();
  }
  d_context.origin = std::move(*name);
  return {};
}

base::Result<void> ZoneReader::defaultTtl(std::string_view text) {
  const auto ttl = parseTtl(text);
  if (!ttl) {
    return base::Error{"$TTL wants a number of seconds"};
  }
  d_context.ttl = *ttl;
  d_ttlDirective = true;
  return {};
}

base::Result<void> ZoneReader::include(const std::string& path, LineFields fields, int depth) {
  const std::string_view file = fields.next();
  const std::string_view newOrigin = fields.next();
  if (file.empty() || depth >= kMaxIncludeDepth) {
    return base::Error{file.empty() ? "$INCLUDE wants a file" : "$INCLUDE nested too deep"};
  }
  const Name outerOrigin = d_context.origin; // RFC 1035 5.1: the including file's origin is not changed
  if (!newOrigin.empty()) {
    if (auto changed = origin(newOrigin); !changed) {
      return changed;
    }
  }
  const std::string folder = file.front() == '/' ? "" : path.substr(0, path.rfind('/') + 1);
  auto result = this->file(folder + std::string(file), depth + 1);
  d_context.origin = outerOrigin;
  return result;
}

base::Result<void> ZoneReader::generate(LineFields fields) {
  const auto range = parseGenerateRange(fields.next());
  if (!range) {
    return range.error();
  }
  if ((range->stop - range->start) / range->step >= d_options.maxGenerateSteps) {
    return base::Error{"$GENERATE makes more than " + std::to_string(d_options.maxGenerateSteps) + " records"};
  }
  const std::size_t front = fields.rest().find_first_not_of(" \t");
  const std::string_view line = fields.rest().substr(std::min(front, fields.rest().size()));
  for (std::uint64_t number = range->start; number <= range->stop; number += range->step) {
    auto text = expandGenerate(line, static_cast<std::uint32_t>(number));
    if (!text) {
      return text.error();
    }
    if (auto done = record(*text); !done) {
      return done;
    }
  }
  return {};
}

} // namespace

base::Result<std::vector<RRset>> readZoneFile(const std::string& path, const Name& origin,
                                              const ZoneFileOptions& options) {
  RRsetCollector sets;
  const auto sink = [&sets](MasterRecord&& record) {
    sets.add(std::move(record));
    return base::Result<void>();
  };
  if (const auto done = readZoneRecords(path, origin, options, sink); !done) {
    return done.error();
  }
  return sets.finish();
}

base::Result<void> readZoneRecords(const std::string& path, const Name& origin, const ZoneFileOptions& options,
                                   const RecordSink& sink, LineTaker* taker) {
  return ZoneReader(origin, options, sink, taker).file(path, 0);
}

} // namespace dns

// One call of section() for each kind of entries, in the order of the file.
#include "recursor/cachefile/cachesaver.hh"

#include <utility>

#include "recursor/cachefile/entries.hh"

namespace rec {
namespace {

template <typename T> base::Result<void> writeOne(BlockWriter& out, const T& entry) {
  OctetWriter octets(out.buffer());
  write(octets, entry);
  return out.endEntry();
}

// All networks of a name.
base::Result<void> writeOne(BlockWriter& out, const std::vector<SavedSubnet>& subnets) {
  base::Result<void> written;
  for (const SavedSubnet& subnet : subnets) {
    written = written ? writeOne<SavedSubnet>(out, subnet) : std::move(written);
  }
  return written;
}

} // namespace

// `pieceFrom(place)` gives a piece of a cache.
template <typename PieceFrom> base::Result<void> CacheSaver::section(Section section, const PieceFrom& pieceFrom) {
  d_out.enter(section);
  for (std::optional<base::ShardPlace> place = base::ShardPlace{}; place && !d_finishes && !d_out.isFull();) {
    const Pace pace = d_pace();
    if (pace == Pace::Abandon) {
      return base::Error{"it was given up"};
    }
    d_finishes = pace == Pace::Finish;
    const auto piece = pieceFrom(*place);
    for (const auto& entry : piece.entries) {
      if (auto written = writeOne(d_out, entry); !written) {
        return written;
      }
    }
    place = piece.next;
  }
  return d_out.flush();
}

base::Result<void> CacheSaver::saveServers() {
  using Place = base::ShardPlace;
  auto done = section(Section::Servers, [&](const Place& at) { return d_caches.speeds.servers(at, d_now.mono); });
  if (done) {
    done = section(Section::LameServers, [&](const Place& at) { return d_caches.speeds.lameServers(at, d_now.mono); });
  }
  if (done) {
    done = section(Section::DotServers, [&](const Place& at) { return d_caches.dotServers.piece(at, d_now.mono); });
  }
  return done;
}

base::Result<void> CacheSaver::saveZones() {
  using Place = base::ShardPlace;
  auto done =
      section(Section::Delegations, [&](const Place& at) { return d_caches.delegations.piece(at, d_now.wall); });
  if (done) {
    done = section(Section::Insecurities, [&](const Place& at) { return d_caches.trusts.piece(at, d_now.wall); });
  }
  if (done) {
    done = section(Section::WildcardProofs, [&](const Place& at) { return d_caches.wildcards.piece(at, d_now.wall); });
  }
  return done;
}

base::Result<void> CacheSaver::saveAnswers() {
  using Place = base::ShardPlace;
  base::Result<void> done;
  for (const Warmth warmth : {Warmth::Hot, Warmth::Cold}) {
    const bool hot = warmth == Warmth::Hot;
    if (done) {
      done = section(hot ? Section::HotRecords : Section::ColdRecords,
                     [&](const Place& at) { return d_caches.records.piece(at, warmth, d_now.wall); });
    }
    if (done) {
      done = section(hot ? Section::HotNegatives : Section::ColdNegatives,
                     [&](const Place& at) { return d_caches.negatives.piece(at, warmth, d_now.wall); });
    }
    if (done && hot) {
      done = section(Section::Subnets, [&](const Place& at) { return d_caches.subnets.piece(at, d_now.wall); });
    }
  }
  return done;
}

base::Result<void> CacheSaver::save(const FilePrints& prints) {
  auto done = d_out.begin({d_now.wall, prints});
  done = done ? saveServers() : std::move(done);
  done = done ? saveZones() : std::move(done);
  done = done ? saveAnswers() : std::move(done);
  return done ? d_out.end() : std::move(done);
}

} // namespace rec

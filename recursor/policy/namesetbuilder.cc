// How a NameSet is made. finish(): chunks that are gone give their numbers to fresh ones (assignIds), the text of all
// is put together in the order of the numbers (copyText), and the old index is changed where chunks went and came
// (updateIndex), or made anew (makeIndex) when it would be too full.
#include <algorithm>

#include "recursor/policy/nameset.hh"

namespace rec {
namespace {

// Of the words of an index, in hundredths.
constexpr std::size_t kFirstLoad = 80, kMostLoad = 90, kCrowded = 95;

// A list that repeats itself without end must not take time without end: of chunks that are all alike so many are
// looked for, and names that find so many buckets full are looked up first.
constexpr std::size_t kMostAlike = 16, kLongestRun = 8;

} // namespace

NameSetBuilder::NameSetBuilder(std::shared_ptr<const NameSet> old) : d_old(std::move(old)) {
  if (d_old) {
    d_alive.resize(d_old->chunks());
    indexOldChunks();
  }
}

void NameSetBuilder::indexOldChunks() {
  std::size_t size = 16;
  while (size < 2 * d_old->chunks()) {
    size *= 2;
  }
  d_byDigest.assign(size, 0);
  for (std::size_t id = 0; id < d_old->chunks(); ++id) {
    const std::uint64_t digest = d_old->d_digests[id];
    if (digest == 0) {
      continue;
    }
    std::size_t at = digest & (size - 1), alike = 0;
    for (; d_byDigest[at] != 0 && alike < kMostAlike; at = (at + 1) & (size - 1)) {
      alike += d_old->d_digests[d_byDigest[at] - 1] == digest ? 1 : 0;
    }
    if (alike < kMostAlike) {
      d_byDigest[at] = static_cast<std::uint32_t>(id + 1);
    }
  }
}

bool NameSetBuilder::takeOver(std::size_t id) {
  if (id >= d_alive.size() || d_alive[id] || d_old->d_digests[id] != d_digest) {
    return false;
  }
  d_alive[id] = true;
  d_order.push_back(static_cast<std::uint32_t>(id));
  d_expected = id + 1;
  ++d_reused;
  return true;
}

// A chunk that is not where it was may have moved, or be behind others that were put in.
bool NameSetBuilder::beginChunk(std::uint64_t digest) {
  d_digest = digest;
  d_kinds.clear();
  d_names.clear();
  d_last = 0;
  d_malformed = d_skipped = 0;
  if (digest == 0 || d_byDigest.empty()) {
    return false;
  }
  if (takeOver(d_expected) || takeOver(d_expected + 1)) {
    return true;
  }
  const std::size_t mask = d_byDigest.size() - 1;
  for (std::size_t at = digest & mask; d_byDigest[at] != 0; at = (at + 1) & mask) {
    if (takeOver(d_byDigest[at] - 1)) {
      return true;
    }
  }
  return false;
}

bool NameSetBuilder::add(std::string_view name, RuleKind kind) {
  const auto packed = PackedName::pack(name);
  if (!packed || d_kinds.size() >= NameSet::kMixed) {
    return false;
  }
  const std::span<const std::uint16_t> last = std::span(d_names).subspan(d_last);
  const bool repeats = !d_kinds.empty() && d_kinds.back() == kind &&
                       std::equal(last.begin(), last.end(), packed->words().begin(), packed->words().end());
  if (repeats) {
    return true;
  }
  d_kinds.push_back(kind);
  d_last = d_names.size();
  d_names.insert(d_names.end(), packed->words().begin(), packed->words().end());
  return true;
}

void NameSetBuilder::endChunk(bool reusable) {
  const auto begin = static_cast<std::uint32_t>(d_text.size());
  const auto different = [this](RuleKind kind) { return kind != d_kinds.front(); };
  const bool mixed = std::any_of(d_kinds.begin(), d_kinds.end(), different);
  const auto kind = d_kinds.empty() ? RuleKind::Tree : d_kinds.front();
  const auto most = [](std::size_t count) { return static_cast<std::uint16_t>(std::min<std::size_t>(count, 0xFFFF)); };
  d_text.push(mixed ? NameSet::kMixed : static_cast<std::uint16_t>(kind));
  d_text.push(most(d_kinds.size()));
  d_text.push(most(d_malformed));
  d_text.push(most(d_skipped));
  for (std::size_t i = 0; mixed && i < d_kinds.size(); ++i) {
    d_text.push(static_cast<std::uint16_t>(d_kinds[i]));
  }
  d_text.append(d_names);
  d_fresh.push_back({reusable ? d_digest : 0, begin, static_cast<std::uint32_t>(d_text.size())});
  d_order.push_back(kNone);
}

void NameSetBuilder::assignIds() {
  d_sources.assign(d_alive.size(), kNone);
  for (std::size_t id = 0; id < d_alive.size(); ++id) {
    d_sources[id] = d_alive[id] ? kOld : kNone;
  }
  std::vector<std::uint32_t> homeless;
  std::uint32_t fresh = 0;
  std::size_t next = 0; // the number that follows that of the chunk before
  for (const std::uint32_t chunk : d_order) {
    if (chunk != kNone) {
      next = chunk + 1;
    } else if (next < d_sources.size() && d_sources[next] == kNone) {
      d_sources[next++] = fresh++;
    } else {
      homeless.push_back(fresh++);
    }
  }
  std::size_t free = 0;
  for (const std::uint32_t chunk : homeless) {
    while (free < d_sources.size() && d_sources[free] != kNone) {
      ++free;
    }
    if (free < d_sources.size()) {
      d_sources[free] = chunk;
    } else {
      d_sources.push_back(chunk);
    }
  }
}

void NameSetBuilder::copyText(NameSet& set) const {
  std::size_t words = d_text.size();
  for (std::size_t id = 0; id < d_alive.size(); ++id) {
    words += d_alive[id] ? d_old->d_offsets[id + 1] - d_old->d_offsets[id] : 0;
  }
  set.d_text.renewLarge(words);
  set.d_offsets.resize(d_sources.size() + 1);
  set.d_digests.resize(d_sources.size());
  std::uint32_t at = 0;
  for (std::size_t id = 0; id < d_sources.size(); ++id) {
    set.d_offsets[id] = at;
    std::span<const std::uint16_t> text;
    if (d_sources[id] == kOld) {
      text = d_old->d_text.span().subspan(d_old->d_offsets[id], d_old->d_offsets[id + 1] - d_old->d_offsets[id]);
      set.d_digests[id] = d_old->d_digests[id];
    } else if (d_sources[id] != kNone) {
      const Fresh& fresh = d_fresh[d_sources[id]];
      text = d_text.span().subspan(fresh.begin, fresh.end - fresh.begin);
      set.d_digests[id] = fresh.digest;
    }
    std::copy(text.begin(), text.end(), set.d_text.data() + at);
    at += static_cast<std::uint32_t>(text.size());
  }
  set.d_offsets[d_sources.size()] = at;
}

// Most names of chunks that went come back in fresh ones and find their old places.
bool NameSetBuilder::canTakeIndex(const NameSet& set) const {
  if (!d_old || d_old->d_hasPassed || d_reused * 2 < d_old->chunks() + 1) {
    return false;
  }
  const std::size_t places = d_old->d_buckets * NameSet::kBucket;
  const std::size_t grown = set.d_names > d_old->d_names ? set.d_names - d_old->d_names : 0;
  return (d_old->d_words + grown) * 100 < places * kMostLoad && set.d_names * 400 > places * kFirstLoad;
}

void NameSetBuilder::updateIndex(NameSet& set) const {
  const auto old = d_old->d_index.span();
  set.d_index.renewLarge(old.size());
  std::copy(old.begin(), old.end(), set.d_index.data());
  set.d_buckets = d_old->d_buckets;
  set.d_words = d_old->d_words;
  for (std::size_t id = 0; id < d_sources.size(); ++id) {
    if (d_sources[id] != kOld) {
      replaceChunk(set, id);
    }
  }
}

// Names that were in the old chunk of this number and still are need nothing. They are in the same order, mostly.
void NameSetBuilder::replaceChunk(NameSet& set, std::size_t id) const {
  using Words = std::span<const std::uint16_t>;
  const auto namesOf = [id](const NameSet& from) {
    std::vector<Words> names;
    if (id < from.chunks() && !from.isEmptyChunk(id)) {
      NameSet::eachName(from.chunk(id),
                        [&](const std::uint16_t* at, RuleKind) { names.push_back({at, wordsOfName(at)}); });
    }
    return names;
  };
  const auto same = [](Words a, Words b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); };
  std::vector<Words> gone = namesOf(*d_old);
  std::size_t at = 0; // where the next one is expected
  for (const Words name : namesOf(set)) {
    if (at >= gone.size() || !same(gone[at], name)) {
      const auto found = std::find_if(gone.begin(), gone.end(), [&](Words other) { return same(other, name); });
      if (found == gone.end()) {
        set.insert(NameSet::hashOf(name.data()), id);
        at += 1; // it has taken the place of another one, mostly
        continue;
      }
      at = static_cast<std::size_t>(found - gone.begin());
    }
    gone[at++] = {}; // empty: equal to no name
  }
  for (const Words name : gone) {
    if (!name.empty()) {
      set.remove(NameSet::hashOf(name.data()), id);
    }
  }
}

void NameSet::makeIndex(std::size_t load) {
  d_buckets = d_names * 100 / (kBucket * load) + 2;
  d_index.renewLarge(d_buckets * kBucket);
  for (std::size_t id = 0; id < chunks(); ++id) {
    if (!isEmptyChunk(id)) {
      eachName(chunk(id), [&](const std::uint16_t* name, RuleKind kind) { insertOrPass(name, kind, id); });
    }
  }
}

// Where a name stands a hundred times the rest of them say nothing new.
void NameSet::insertOrPass(const std::uint16_t* name, RuleKind kind, std::size_t id) {
  const std::uint64_t hash = hashOf(name);
  if (insert(hash, id, kLongestRun)) {
    return;
  }
  if ((find(unpackedName(name), hash) & bitOf(kind)) != 0) {
    d_hasPassed = true;
  } else {
    insert(hash, id);
  }
}

std::uint64_t NameSet::hashOf(const std::uint16_t* name) {
  std::array<char, PackedName::kLongest> text;
  return hashOfText({text.data(), unpackName(name, text)});
}

// False: the buckets are full for longer than that.
bool NameSet::insert(std::uint64_t hash, std::size_t id, std::size_t longestRun) {
  const auto isFree = [](std::uint32_t word) { return word == 0 || (word & kChunkMask) == kGone; };
  std::size_t run = 0;
  for (std::size_t bucket = bucketOf(hash); run < longestRun;
       ++run, bucket = bucket + 1 == d_buckets ? 0 : bucket + 1) {
    std::uint32_t* words = d_index.data() + bucket * kBucket;
    std::uint32_t* place = std::find_if(words, words + kBucket, isFree);
    if (place != words + kBucket) {
      d_words += *place == 0 ? 1 : 0;
      *place = wordFor(hash, id);
      return true;
    }
  }
  return false;
}

// It is there.
void NameSet::remove(std::uint64_t hash, std::size_t id) {
  for (std::size_t bucket = bucketOf(hash);; bucket = bucket + 1 == d_buckets ? 0 : bucket + 1) {
    std::uint32_t* words = d_index.data() + bucket * kBucket;
    std::uint32_t* place = std::find(words, words + kBucket, wordFor(hash, id));
    if (place != words + kBucket) {
      *place |= kGone;
      return;
    }
  }
}

void NameSet::sumUp() {
  for (std::size_t id = 0; id < chunks(); ++id) {
    if (isEmptyChunk(id)) {
      continue;
    }
    const std::uint16_t* head = chunk(id);
    d_names += head[Count];
    d_malformed += head[Malformed];
    d_skipped += head[Skipped];
    if (head[Kind] < static_cast<std::uint16_t>(RuleKind::AllowTree)) {
      continue;
    }
    eachName(head, [this](const std::uint16_t*, RuleKind kind) { d_allowing += kind >= RuleKind::AllowTree ? 1 : 0; });
  }
}

std::shared_ptr<const NameSet> NameSetBuilder::finish() {
  assignIds();
  auto set = std::make_shared<NameSet>();
  copyText(*set);
  set->sumUp();
  if (canTakeIndex(*set)) {
    updateIndex(*set);
  }
  if (set->d_buckets == 0 || set->load() >= kCrowded) { // what came did not find the places of what went
    set->d_index = {};
    set->d_words = 0;
    set->makeIndex(kFirstLoad);
  }
  d_text.resize(0);
  return set;
}

} // namespace rec

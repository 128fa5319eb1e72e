// Compiling. Flow: room() and took(), or feed(), collect pieces -> takeChunks() finds lines and where chunks end ->
// takeChunk() asks the builder whether the old set has it, else reads its lines -> finish() judges the whole.
#include "recursor/policy/listcompiler.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "lib/base/fd.hh"
#include "lib/base/hash.hh"

namespace rec {
namespace {

constexpr std::size_t kOctetsOfLine = 16;                   // few
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF"; // editors put it in front of UTF-8
constexpr std::size_t kPiece = std::size_t{1} << 18;

std::size_t linesToChunkFor(std::size_t size, std::size_t fewest) {
  return std::max(fewest, size / kOctetsOfLine / (NameSetBuilder::kMostChunks / 2));
}

} // namespace

std::size_t CompiledList::rules() const {
  return names->names() + (patterns ? patterns->size() : 0) + (allowPatterns ? allowPatterns->size() : 0);
}

// Other chunks than the old ones would all be fresh: their size stays while the list is about as long.
ListCompiler::ListCompiler(std::string name, ListFormat format, CompiledListPtr old, std::size_t size)
    : d_name(std::move(name)), d_format(format), d_old(std::move(old)),
      d_linesToChunk(std::max(linesToChunkFor(size, kFewestToChunk), d_old ? d_old->linesToChunk : 0)),
      d_builder(d_old ? d_old->names : nullptr) {}

std::span<char> ListCompiler::room(std::size_t size) {
  d_buffer.resize(d_filled + size + kPadding);
  return std::span(d_buffer).subspan(d_filled, size);
}

void ListCompiler::took(std::size_t size) {
  d_filled += size;
  const std::size_t taken = takeChunks(false);
  d_filled -= taken;
  std::memmove(d_buffer.data(), d_buffer.data() + taken, d_filled);
}

void ListCompiler::feed(std::string_view piece) {
  const auto at = room(piece.size());
  std::copy(piece.begin(), piece.end(), at.begin());
  took(piece.size());
}

// Looks for the end of the line and hashes it in one go. `left` octets may be read, and kPadding more.
ListCompiler::Line ListCompiler::scan(const char* at, std::size_t left) {
  const base::HashSeeds& seeds = base::hashSeeds();
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  std::uint64_t state = seeds.a;
  for (std::size_t size = 0;; size += 8) {
    const std::uint64_t word = base::load64(reinterpret_cast<const std::byte*>(at + size));
    const std::uint64_t differs = word ^ kOnes * '\n';
    const std::uint64_t newlines = (differs - kOnes) & ~differs & kOnes * 0x80; // the first one is told right
    const std::size_t here = newlines == 0 ? 8 : static_cast<std::size_t>(std::countr_zero(newlines)) / 8;
    const std::size_t rest = left - size;
    if (here == 8 && rest > 8) {
      state = base::mix(word ^ seeds.b, state ^ seeds.c);
      continue;
    }
    const std::size_t last = std::min(here, rest);
    const std::uint64_t kept = last == 8 ? word : word & ((std::uint64_t{1} << 8 * last) - 1);
    state = base::mix(kept ^ seeds.b, state ^ seeds.c ^ last);
    return {size + last, base::mix(state, seeds.a), here < 8 && here < rest};
  }
}

// Returns how much of the text was taken: up to the end of the last chunk that is whole.
std::size_t ListCompiler::takeChunks(bool isEnd) {
  const std::string_view text(d_buffer.data(), d_filled);
  const std::uint64_t ending = ~std::uint64_t{0} / d_linesToChunk;
  const std::size_t most = d_linesToChunk * kMostToAverage;
  std::size_t begin = 0, lines = 0;
  std::uint64_t digest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Line line = scan(text.data() + at, text.size() - at);
    if (!line.hasEnd && !isEnd && text.size() - at < kEndlessLine) {
      break;
    }
    const std::size_t end = at + line.size;
    digest = base::mix(digest ^ line.hash, base::hashSeeds().c);
    at = std::min(end + 1, text.size());
    if (++lines == most || (line.hash < ending && line.size > 0) || (isEnd && at == text.size())) {
      takeChunk(text.substr(begin, end - begin), lines, digest | 1);
      begin = at;
      lines = 0;
      digest = 0;
    }
  }
  return begin;
}

void ListCompiler::takeChunk(std::string_view chunk, std::size_t lines, std::uint64_t digest) {
  const std::size_t first = d_lines + 1;
  d_lines += lines;
  if (first == 1 && chunk.starts_with(kByteOrderMark)) {
    chunk.remove_prefix(kByteOrderMark.size());
  }
  if (d_builder.full() || d_builder.beginChunk(digest)) {
    return;
  }
  d_hasPatterns = false;
  for (std::size_t number = first; number <= d_lines; ++number) {
    const std::size_t end = std::min(chunk.find('\n'), chunk.size());
    readLine(chunk.substr(0, end), number);
    chunk.remove_prefix(std::min(end + 1, chunk.size()));
  }
  d_builder.endChunk(!d_hasPatterns);
}

void ListCompiler::readLine(std::string_view line, std::size_t number) {
  const bool fits = line.size() <= kLongestLine;
  const LineMeaning meaning = fits ? readListLine(line, d_format, *this) : LineMeaning::Malformed;
  if (meaning == LineMeaning::Skipped) {
    d_builder.countSkipped();
  } else if (meaning == LineMeaning::Malformed) {
    d_builder.countMalformed();
    d_firstMalformed = d_firstMalformed == 0 ? number : d_firstMalformed;
  }
}

bool ListCompiler::name(std::string_view name, RuleKind kind) { return d_builder.add(name, kind); }

bool ListCompiler::pattern(std::string_view regex, bool allowing) {
  d_hasPatterns = true;
  auto& all = allowing ? d_allowPatterns : d_patterns;
  const auto usable = all.size() < Patterns::kMost
                          ? Patterns::check(regex)
                          : base::Error{"a list has at most " + std::to_string(Patterns::kMost) + " patterns"};
  if (!usable) {
    d_malformedReason = d_malformedReason.empty() ? usable.error().message : d_malformedReason;
    return false;
  }
  all.emplace_back(regex);
  return true;
}

std::string ListCompiler::where() const {
  return d_firstMalformed == 0 ? d_name + ": " : d_name + ":" + std::to_string(d_firstMalformed) + ": ";
}

base::Result<void> ListCompiler::check(const CompileLimits& limits, const CompiledList& fresh) const {
  const std::size_t malformed = fresh.names->malformed();
  const std::size_t before = d_old ? d_old->rules() : 0;
  if (d_builder.full()) {
    return base::Error{d_name + ": the list is too long"};
  }
  if (malformed * 100 > d_lines * limits.malformedPercent) {
    return base::Error{where() + "not a rule" + (d_malformedReason.empty() ? "" : " (" + d_malformedReason + ")") +
                       "; " + std::to_string(malformed) + " of " + std::to_string(d_lines) +
                       " lines are malformed, more than blocklist-max-malformed allows"};
  }
  if (before > 0 && fresh.rules() * 100 < before * (100 - limits.shrinkPercent)) {
    return base::Error{d_name + ": only " + std::to_string(fresh.rules()) + " rules, where there were " +
                       std::to_string(before) + ": more is lost than blocklist-max-shrink allows"};
  }
  return {};
}

base::Result<CompiledListPtr> ListCompiler::finish(const CompileLimits& limits) {
  static_cast<void>(room(0));
  static_cast<void>(takeChunks(true));
  d_buffer = {};
  auto list = std::make_shared<CompiledList>();
  list->lines = d_lines;
  list->linesToChunk = d_linesToChunk;
  list->names = d_builder.finish();
  for (auto [texts, compiled] :
       {std::pair{&d_patterns, &list->patterns}, std::pair{&d_allowPatterns, &list->allowPatterns}}) {
    if (texts->empty()) {
      continue;
    }
    auto patterns = Patterns::compile(std::move(*texts));
    if (!patterns) {
      return base::Error{d_name + ": " + patterns.error().message};
    }
    *compiled = *patterns;
  }
  if (const auto good = check(limits, *list); !good) {
    return good.error();
  }
  return CompiledListPtr(std::move(list));
}

base::Result<CompiledListPtr> compileListFile(const std::string& path, ListFormat format, const CompiledListPtr& old,
                                              const CompileLimits& limits) {
  const auto problem = [&path] { return base::Error{path + ": " + std::strerror(errno)}; };
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat state{};
  if (file.get() < 0 || ::fstat(file.get(), &state) != 0) {
    return problem();
  }
  if (!S_ISREG(state.st_mode)) {
    return base::Error{path + ": not a file"};
  }
  ListCompiler compiler(path, format, old, static_cast<std::size_t>(state.st_size));
  for (;;) {
    const auto room = compiler.room(kPiece);
    const ssize_t got = ::read(file.get(), room.data(), room.size());
    if (got < 0) {
      return problem();
    }
    if (got == 0) {
      return compiler.finish(limits);
    }
    compiler.took(static_cast<std::size_t>(got));
  }
}

} // namespace rec

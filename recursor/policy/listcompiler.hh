// ListCompiler: the text of a block list, read piece by piece, to what the policy looks into. Of the compiled form
// before it takes over the chunks whose lines are the same. Used on the list loader's thread; opens no file but
// compileListFile.
//
// The text is cut into chunks at lines whose hash is small, so that where a chunk ends depends on its last line only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.hh"
#include "recursor/policy/listline.hh"
#include "recursor/policy/nameset.hh"
#include "recursor/policy/patterns.hh"

namespace rec {

struct CompiledList {
  std::shared_ptr<const NameSet> names;
  std::shared_ptr<const Patterns> patterns, allowPatterns; // null: none
  std::size_t lines = 0;
  std::size_t linesToChunk = 0; // on average

  [[nodiscard]] std::size_t rules() const;
};
using CompiledListPtr = std::shared_ptr<const CompiledList>;

struct CompileLimits {
  unsigned malformedPercent = 10; // of the lines; more, and it is no list
  unsigned shrinkPercent = 90;    // a list that loses more of its rules than this is taken for broken
};

class ListCompiler final : private RuleSink {
 public:
  // `name` stands in messages; `old` may be null; `size`: of the text, about.
  ListCompiler(std::string name, ListFormat format, CompiledListPtr old, std::size_t size);

  // The next piece of the text, ending anywhere: where to write it, and how much was written; or all at once.
  [[nodiscard]] std::span<char> room(std::size_t size);
  void took(std::size_t size);
  void feed(std::string_view piece);
  // The error names the list, the first line that was malformed, and why the whole is not taken.
  base::Result<CompiledListPtr> finish(const CompileLimits& limits);

 private:
  static constexpr std::size_t kLongestLine = 4096;
  static constexpr std::size_t kEndlessLine = std::size_t{1} << 16; // cut there
  static constexpr std::size_t kFewestToChunk = 12;
  static constexpr std::size_t kMostToAverage = 5; // lines in the longest chunk

  struct Line {
    std::size_t size; // without its newline
    std::uint64_t hash;
    bool hasEnd; // there is a newline
  };
  static constexpr std::size_t kPadding = 8;

  [[nodiscard]] static Line scan(const char* at, std::size_t left);
  std::size_t takeChunks(bool isEnd);
  void takeChunk(std::string_view chunk, std::size_t lines, std::uint64_t digest);
  void readLine(std::string_view line, std::size_t number);
  bool name(std::string_view name, RuleKind kind) override;
  bool pattern(std::string_view regex, bool allowing) override;
  base::Result<void> check(const CompileLimits& limits, const CompiledList& fresh) const;
  [[nodiscard]] std::string where() const;

  std::string d_name;
  ListFormat d_format;
  CompiledListPtr d_old;
  std::size_t d_linesToChunk;
  NameSetBuilder d_builder;
  std::vector<char> d_buffer; // the text that is not in a chunk yet, and some octets more than are read at once
  std::size_t d_filled = 0;   // octets of text in it
  std::size_t d_lines = 0;
  std::vector<std::string> d_patterns, d_allowPatterns;
  bool d_hasPatterns = false; // the chunk that is being read
  std::size_t d_firstMalformed = 0;
  std::string d_malformedReason;
};

// Reads the file and compiles it, without ever having all of it in memory.
base::Result<CompiledListPtr> compileListFile(const std::string& path, ListFormat format, const CompiledListPtr& old,
                                              const CompileLimits& limits);

} // namespace rec

// Fuzz target: block lists of all formats, in pieces, and compiled anew from the form before: the result must be the
// same as when it is compiled from nothing. The first octet chooses the format, the second where the text is cut in
// two.
#include "recursor/policy/blocklists.hh"
#include "recursor/policy/listcompiler.hh"
#include "tests/fuzz/fuzz.hh"

namespace {

rec::CompiledListPtr compiled(std::string_view text, rec::ListFormat format, rec::CompiledListPtr old,
                              std::size_t step) {
  rec::ListCompiler compiler("list", format, std::move(old), text.size());
  for (std::size_t at = 0; at < text.size(); at += step) compiler.feed(text.substr(at, step));
  auto list = compiler.finish({.malformedPercent = 100, .shrinkPercent = 100});
  return list ? *list : nullptr; // patterns may take too much memory together
}

void requireSame(const rec::CompiledList& a, const rec::CompiledList& b, std::string_view text) {
  fuzz::require(a.lines == b.lines && a.rules() == b.rules());
  fuzz::require(a.names->names() == b.names->names() && a.names->allowing() == b.names->allowing());
  fuzz::require(a.names->malformed() == b.names->malformed() && a.names->skipped() == b.names->skipped());
  for (std::size_t at = 0; at < text.size(); at += 1 + text.size() / 200) {
    const auto word = text.substr(at, text.find_first_of("\n ^", at) - at);
    const auto hash = word.empty() ? 0 : rec::hashOfText(word);
    fuzz::require(word.empty() || a.names->find(word, hash) == b.names->find(word, hash));
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto format = static_cast<rec::ListFormat>(data[0] % 6);
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t cut = text.size() * data[1] / 256;
  const auto first = compiled(text.substr(0, cut), format, nullptr, 4096);
  const auto whole = compiled(text, format, nullptr, 1 + data[1]);
  const auto updated = compiled(text, format, first, 100000);
  const auto moved = compiled(text.substr(cut), format, whole, 4096);
  const auto anew = compiled(text.substr(cut), format, nullptr, 4096);
  if (whole && updated) requireSame(*whole, *updated, text);
  if (moved && anew) requireSame(*moved, *anew, text);
  return 0;
}

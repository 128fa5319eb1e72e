// $GENERATE of zone files (as BIND has it): "start-stop[/step] line", where "$" and "${offset,width,base}" in the line
// become the number. Bases d, o, x and X. Used by zonefile.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.hh"

namespace dns {

struct GenerateRange {
  std::uint32_t start = 0, stop = 0, step = 1;
};

base::Result<GenerateRange> parseGenerateRange(std::string_view text);
// `line` with every "$" replaced for `number`; "$$" and "\$" stand for a dollar sign.
base::Result<std::string> expandGenerate(std::string_view line, std::uint32_t number);

} // namespace dns

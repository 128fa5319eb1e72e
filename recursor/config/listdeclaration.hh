// A block list as the configuration names it: the file, and options that only the policy layer understands
// (policy/blocklistoptions). Made by luaconfig.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace rec {

struct ListDeclaration {
  std::string path;
  std::map<std::string, std::vector<std::string>> options; // a single value is a list of one
  std::string where;                                       // "file:line", for messages
};

} // namespace rec

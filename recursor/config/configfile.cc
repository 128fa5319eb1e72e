// recursor.conf: see configfile.hh.
#include "recursor/config/configfile.hh"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "recursor/config/values.hh"

namespace rec {

using base::Error;
using base::Result;

Result<std::string> readFile(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed)) return Error{path + ": is a directory"};
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{path + ": cannot be read: " + std::strerror(errno)};
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) return Error{path + ": cannot be read"};
  return content;
}

Result<Assignment> parseAssignment(std::string_view text) {
  Assignment assignment;
  const auto equals = text.find('=');
  auto key = trim(text.substr(0, equals));
  if (equals == std::string_view::npos) {
    assignment.value = "yes";
  } else {
    assignment.append = equals > 0 && text[equals - 1] == '+';
    if (assignment.append) key = trim(text.substr(0, equals - 1));
    assignment.value = trim(text.substr(equals + 1));
  }
  if (key.empty()) return Error{"no setting before the ="};
  if (key.find_first_of(" \t") != std::string_view::npos)
    return Error{std::string(key) + ": not the name of a setting"};
  assignment.key = key;
  return assignment;
}

namespace {

// The next line, joined with those that follow while it ends in a backslash. Counts them.
std::string logicalLine(std::string_view& content, std::size_t& number) {
  std::string line;
  bool more = true;
  while (more && !content.empty()) {
    const auto part = trim(withoutComment(takeLine(content)));
    ++number;
    more = part.ends_with('\\');
    line += more ? part.substr(0, part.size() - 1) : part;
  }
  return line;
}

} // namespace

Result<std::vector<Assignment>> parseConfigText(std::string_view content, const std::string& fileName) {
  std::vector<Assignment> assignments;
  std::size_t number = 0;
  while (!content.empty()) {
    const auto where = fileName + ":" + std::to_string(number + 1);
    const auto line = logicalLine(content, number);
    if (line.empty()) continue;
    auto assignment = parseAssignment(line);
    if (!assignment) return Error{where + ": " + assignment.error().message};
    assignment->where = where;
    assignments.push_back(std::move(*assignment));
  }
  return assignments;
}

Result<std::vector<std::string>> configFilesIn(const std::string& directory, std::string_view extension) {
  std::vector<std::string> files;
  std::error_code failed;
  for (auto at = std::filesystem::directory_iterator(directory, failed);
       !failed && at != std::filesystem::directory_iterator(); at.increment(failed)) {
    const auto& path = at->path();
    if (path.extension() == extension && path.filename().string().front() != '.') files.push_back(path.string());
  }
  if (failed) return Error{directory + ": cannot be read: " + failed.message()};
  std::ranges::sort(files);
  return files;
}

} // namespace rec

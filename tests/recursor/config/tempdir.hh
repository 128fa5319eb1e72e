// A directory for one test case, removed at its end.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rootwalk-test-XXXXXX").string();
    d_path = ::mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(d_path, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  [[nodiscard]] const std::string& path() const { return d_path; }
  // Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& content) const {
    const auto file = d_path + "/" + name;
    std::ofstream(file) << content;
    return file;
  }

 private:
  std::string d_path;
};

// The files in api-config-dir: what was changed through the web server, as lines of recursor.conf, which include-dir
// reads. Called by the routes that change something. Files are replaced whole, or not at all.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/result.hh"
#include "recursor/config/settings.hh"

namespace rec {

class Fragments {
 public:
  // The error says why nothing can be kept: api-config-dir is not set, or is not include-dir.
  static base::Result<Fragments> of(const Settings& settings);

  // `file` is a name without a slash. What was there before, to take the change back.
  [[nodiscard]] std::string pathOf(std::string_view file) const { return d_folder + "/" + std::string(file); }
  [[nodiscard]] bool has(std::string_view file) const;
  [[nodiscard]] std::string read(std::string_view file) const; // empty when there is none
  [[nodiscard]] base::Result<void> write(std::string_view file, const std::string& content) const;
  void remove(std::string_view file) const;

 private:
  explicit Fragments(std::string folder) : d_folder(std::move(folder)) {}
  std::string d_folder;
};

// One file as it was, put back unless keep() is called.
class Restoring {
 public:
  Restoring(const Fragments& fragments, std::string file);
  Restoring(const Restoring&) = delete;
  Restoring& operator=(const Restoring&) = delete;
  ~Restoring();
  void keep() { d_kept = true; }

 private:
  const Fragments& d_fragments;
  std::string d_file, d_before;
  bool d_wasThere, d_kept = false;
};

} // namespace rec

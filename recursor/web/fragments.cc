// Files of api-config-dir: see fragments.hh.
#include "recursor/web/fragments.hh"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "recursor/config/configfile.hh"
#include "recursor/trust/statefile.hh"

namespace rec {

base::Result<Fragments> Fragments::of(const Settings& settings) {
  if (settings.apiConfigDir.empty()) return base::Error{"Config Option \"api-config-dir\" must be set"};
  if (settings.apiConfigDir != settings.includeDir) {
    return base::Error{"Config Option \"include-dir\" must be the same as \"api-config-dir\""};
  }
  return Fragments(settings.apiConfigDir);
}

bool Fragments::has(std::string_view file) const {
  std::error_code failed;
  return std::filesystem::exists(pathOf(file), failed);
}

std::string Fragments::read(std::string_view file) const {
  const auto content = readFile(pathOf(file));
  return content ? *content : std::string();
}

base::Result<void> Fragments::write(std::string_view file, const std::string& content) const {
  return writeWhole(pathOf(file), content);
}

void Fragments::remove(std::string_view file) const { ::unlink(pathOf(file).c_str()); }

Restoring::Restoring(const Fragments& fragments, std::string file)
    : d_fragments(fragments), d_file(std::move(file)), d_before(fragments.read(d_file)),
      d_wasThere(fragments.has(d_file)) {}

Restoring::~Restoring() {
  if (d_kept) return;
  if (d_wasThere) {
    static_cast<void>(d_fragments.write(d_file, d_before));
  } else {
    d_fragments.remove(d_file);
  }
}

} // namespace rec

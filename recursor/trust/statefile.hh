// A small file that is replaced whole or not at all, whenever the power goes: a temporary file in the same folder,
// fsync, rename, fsync of the folder. Used for the state of trust anchors. Blocks: never called on a worker's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.hh"

namespace rec {

base::Result<void> writeWhole(const std::string& path, std::string_view content);
// Nothing when there is no such file.
base::Result<std::optional<std::string>> readWhole(const std::string& path);
// Renames it to "path.damaged", in place of an older one of that name.
base::Result<void> setAside(const std::string& path);
[[nodiscard]] bool folderExists(const std::string& path); // the folder in which `path` lies

} // namespace rec

// The files of the dashboard, as the build has put them into the program (assets/, embed.py).
#pragma once

#include <span>
#include <string_view>

#include "recursor/web/routes.hh"

namespace rec {

struct Asset {
  std::string_view name; // "index.html"
  std::string_view type; // of the content
  std::string_view tag;  // for ETag: another one for another content
  std::string_view content;
};
[[nodiscard]] std::span<const Asset> allAssets(); // made by embed.py

HttpResponse showAsset(const WebCall& call); // /, /assets/NAME, /favicon.ico

} // namespace rec

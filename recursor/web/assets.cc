// The dashboard's files as answers: see assets.hh.
#include "recursor/web/assets.hh"

#include <algorithm>

namespace rec {

HttpResponse showAsset(const WebCall& call) {
  const std::string_view wanted = call.request.path == "/"              ? "index.html"
                                  : call.request.path == "/favicon.ico" ? "icon.svg"
                                                                        : std::string_view(call.id);
  const auto assets = allAssets();
  const auto found = std::ranges::find(assets, wanted, &Asset::name);
  if (found == assets.end()) return errorResponse(404, "Not Found");
  const std::string tag = "\"" + std::string(found->tag) + "\"";
  HttpResponse response;
  response.headers = {{"ETag", tag}, {"Cache-Control", "no-cache"}};
  if (call.request.header("if-none-match") == tag) {
    response.status = 304;
    return response;
  }
  response.type = found->type;
  response.body = found->content;
  return response;
}

} // namespace rec

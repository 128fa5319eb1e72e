// Rows of the rings as JSON: see toproutes.hh.
#include "recursor/web/toproutes.hh"

#include <algorithm>

#include "recursor/control/json.hh"

namespace rec {

namespace {

constexpr std::size_t kRingRows = 100, kTopRows = 10;

// PowerDNS's name of the ring of addresses here and there differs from the command's.
std::string_view kindName(std::string_view ring) {
  return ring == "large-answer-remotes" ? std::string_view("largeanswer-remotes") : ring;
}

const TopKindInfo* findKind(std::string_view name) {
  const auto kinds = topKinds();
  const auto found = std::ranges::find(kinds, name, &TopKindInfo::name);
  return found == kinds.end() ? nullptr : &*found;
}

// [count, name, type] or [count, address]; what is not in the rows comes last.
std::string entryJson(const TopRow& row, bool ofNames) {
  const std::size_t bar = ofNames ? row.text.rfind('|') : std::string::npos;
  std::vector<std::string> parts{std::to_string(row.count), jsonString(row.text.substr(0, bar))};
  if (ofNames) parts.push_back(jsonString(bar == std::string::npos ? "" : row.text.substr(bar + 1)));
  return jsonArray(parts);
}

std::string rowsJson(const TopList& list) {
  std::vector<std::string> rows;
  for (const TopRow& row : list.rows) rows.push_back(jsonArray({jsonString(row.text), std::to_string(row.count)}));
  return jsonObject({{"total", std::to_string(list.total)}, {"rows", jsonArray(rows)}});
}

} // namespace

HttpResponse showRing(const WebCall& call) {
  const std::string_view command = call.request.value("command");
  const bool ofNames = command == "get-query-ring";
  if (!ofNames && command != "get-remote-ring") {
    return errorResponse(404, "Command '" + std::string(command) + "' not found");
  }
  const bool registered = ofNames && !call.request.value("public-filtered").empty();
  const std::string name = (registered ? "pub-" : "") + std::string(kindName(call.request.value("name")));
  const TopKindInfo* kind = findKind(name);
  std::vector<std::string> entries;
  if (kind != nullptr && kind->ofNames == ofNames) {
    const TopList list = call.parts.target.top(kind->kind, kRingRows);
    std::uint64_t rest = list.total;
    for (const TopRow& row : list.rows) {
      entries.push_back(entryJson(row, ofNames));
      rest -= std::min(rest, row.count);
    }
    if (rest > 0) entries.push_back(entryJson({"", rest}, ofNames));
  }
  return jsonResponse(jsonObject({{"entries", jsonArray(entries)}}));
}

HttpResponse showTop(const WebCall& call) {
  JsonMembers members;
  for (const TopKind kind : {TopKind::Queries, TopKind::Remotes, TopKind::ServfailQueries, TopKind::Timeouts}) {
    members.emplace_back(infoOf(kind).name, rowsJson(call.parts.target.top(kind, kTopRows)));
  }
  return jsonResponse(jsonObject(members));
}

} // namespace rec

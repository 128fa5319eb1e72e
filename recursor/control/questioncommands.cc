// Questions under way, and tracing: see questioncommands.hh.
#include "recursor/control/questioncommands.hh"

namespace rec {
namespace {

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text + " ";
}

} // namespace

Reply currentQueries(CommandCall& call) {
  const auto queries = call.target.currentQueries();
  auto text = std::to_string(queries.size()) + " currently outstanding questions\n" + padded("qname", 39) +
              padded("qtype", 6) + padded("remote", 45) + padded("tcp", 3) + padded("chained", 9) + "spent(ms)\n";
  for (const auto& query : queries) {
    text += padded(query.name.text(), 39) + padded(dns::text(query.type), 6) + padded(query.client.textWithPort(), 45) +
            padded(query.tcp ? "y" : "", 3) + padded(std::to_string(query.waiting), 9) +
            std::to_string(query.age.count()) + "\n";
  }
  return success(text + " - done\n");
}

Reply traceRegex(CommandCall& call) {
  if (call.arguments.empty()) {
    call.target.trace(nullptr);
    return success("unset\n");
  }
  auto filter = TraceFilter::make(call.arguments.front(), std::move(call.file));
  if (!filter) return failure(filter.error().message);
  call.target.trace(*filter);
  return success("ok\n");
}

} // namespace rec

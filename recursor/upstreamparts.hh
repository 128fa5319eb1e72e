// What a worker asks servers with, made from the settings. Called by Resolving at the start and by reload-config.
#pragma once

#include <memory>

#include "recursor/config/settings.hh"
#include "recursor/upstream/dotexchange.hh"
#include "recursor/upstream/selector.hh"
#include "recursor/upstream/wireexchange.hh"

namespace rec {

class Worker;

[[nodiscard]] std::unique_ptr<WireExchange> makeExchange(Worker& worker, NsSpeeds& speeds, const Settings& settings);
[[nodiscard]] WireExchange::Options exchangeOptions(const Settings& settings);
[[nodiscard]] DotExchange::Options dotOptions(const Settings& settings);
[[nodiscard]] Selector::Options selectorOptions(const Settings& settings);

} // namespace rec

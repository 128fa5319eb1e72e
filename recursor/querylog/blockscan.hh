// BlockScan: which records of a block a filter matches, found out column by column: names, clients and shapes are
// looked at once each, not once a record. Used by searches and summaries.
#pragma once

#include <cstdint>
#include <vector>

#include "recursor/querylog/block.hh"
#include "recursor/querylog/filter.hh"

namespace rec {

// The columns of a block that the filter needs.
[[nodiscard]] unsigned columnsOf(const LogFilter& filter);

// Rows, ascending. Decodes columnsOf(filter) and `columns`; an error when the block is damaged.
base::Result<std::vector<std::uint32_t>> matchingRows(Block& block, const LogFilter& filter, unsigned columns);

} // namespace rec

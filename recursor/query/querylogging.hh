// What goes into the query log of an answer: put together from a hit's octets, or from what the pipeline knows of a
// question. Called after the answer has left, while the log is on.
#pragma once

#include <chrono>

#include "recursor/policy/policy.hh"
#include "recursor/query/query.hh"
#include "recursor/query/rawquestion.hh"
#include "recursor/querylog/tap.hh"

namespace rec {

// A hit of the packet cache: `answer` as it was sent, `now` of LogTap::now(). publish() is the caller's, after a batch.
void logHit(LogTap& log, const RawQuestion& question, std::span<const std::byte> answer, const base::Address& client,
            bool tcp, std::chrono::nanoseconds took, std::int64_t now);

// What the pipeline has answered; `message` is empty when there is no answer because somebody decided so.
void logAnswer(LogTap& log, const Query& query, std::span<const std::byte> message, std::chrono::nanoseconds took);

// What Pipeline::denyAtOnce has answered.
void logDenial(LogTap& log, const RawQuestion& question, std::span<const std::byte> answer, const Client& client,
               const NameGlance& glance, std::chrono::nanoseconds took);

// An answer to a packet that could not be read.
void logUnread(LogTap& log, const dns::Header& header, dns::RCode rcode, const Client& client);

} // namespace rec

// SPDX-License-Identifier: MIT
//
// What to say of local addresses that could not be used: one line a reason, not one an address.
//
// Threads: any; pure functions.
#pragma once

#include <string>
#include <vector>

#include <timecast/wire/endpoint.hpp>

#include "announcer/core/stream.hpp"
#include "common/host/error.hpp"
#include "common/host/log.hpp"

namespace timecast {

struct Failure {
  StreamKind kind = StreamKind::precise;
  Endpoint local;
  Error error;
};

// In the order in which each reason came first.
[[nodiscard]] std::vector<LogLine> describe(const std::vector<Failure>& failures);

// The reason alone, and what to do: the same for all addresses that have it.
[[nodiscard]] std::string reason_text(const Failure& failure);

// Whether to try again while the address is there. A right that is missing does not come by itself.
// Nor is a server's port 123 taken when that server starts anew: it would find it taken.
[[nodiscard]] bool is_worth_another_try(StreamKind kind, const Error& error) noexcept;

// "192.0.2.1:123 and 2 more"
[[nodiscard]] std::string and_more(const Endpoint& first, std::size_t more);

}  // namespace timecast

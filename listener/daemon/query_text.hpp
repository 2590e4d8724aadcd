// SPDX-License-Identifier: MIT
//
// What passed between this host and a server, for people and as lines of JSON.
//
// Threads: any; pure functions.
#pragma once

#include <optional>
#include <string>

#include "listener/daemon/server_question.hpp"

namespace timecast {

// A question for the time, and perhaps another for a signature.
struct QueryAnswers {
  ServerExchange time;
  std::optional<Result<ServerExchange>> proof;
};

// The packets field by field, and what they say as of `here`; with their octets once more, sixteen
// a line, if wished.
[[nodiscard]] std::string answers_text(const QueryAnswers& answers, Timestamp<Realtime> here,
                                       bool with_dump);

// A line of type "packet" for each packet, and one of type "summary" if there was an answer.
[[nodiscard]] std::string answers_lines(const QueryAnswers& answers, Timestamp<Realtime> here);

// What the server's clock shows while ours shows `here`.
[[nodiscard]] Duration server_time(const QueryResult& result, Timestamp<Realtime> here);

// Why the question for the time has no answer that tells it. Nothing if it has.
[[nodiscard]] std::optional<std::string> complaint_about(const ServerExchange& time);

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// Asks one NTP server one question.
//
//     const auto servers = find_servers("ntp.example", 123);
//     const auto exchange = ask_any(*servers);
//     if (exchange && exchange->result) use(exchange->result->offset);
//
// Each question goes from a socket of its own, with a random port, that hears this server alone.
//
// Errors:  why there is no answer, and what to do.
// Threads: the main one: it waits.
// Source:  RFC 9109 (random source ports).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <timecast/wire/endpoint.hpp>

#include "common/host/error.hpp"
#include "listener/daemon/query_result.hpp"

namespace timecast {

// One packet, and when it left or came.
struct PassedPacket {
  std::vector<std::uint8_t> octets;
  Timestamp<Realtime> at;
  bool kernel_stamp = false;  // false: read by this program, before it left or after it came
};

struct ServerExchange {
  Endpoint server;
  PassedPacket request;
  PassedPacket reply;                    // what came, whether it answers or not
  Expected<QueryResult, Reject> result;  // or why it does not
};

// All addresses of a host, by name or by itself; of one that has very many, the first.
[[nodiscard]] Result<std::vector<Endpoint>> find_servers(const std::string& host,
                                                         std::uint16_t port);

// The time, of each in turn until one answers: up to three times, a second each. If none does, what
// came instead of an answer.
[[nodiscard]] Result<ServerExchange> ask_any(const std::vector<Endpoint>& servers);

// A signed time, of one, once.
[[nodiscard]] Result<ServerExchange> challenge(const Endpoint& server);

}  // namespace timecast

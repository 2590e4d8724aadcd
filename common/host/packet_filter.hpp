// SPDX-License-Identifier: MIT
//
// What in this host keeps packets from its programs: the rules of its firewall, and the
// reverse-path filter. Nothing is changed.
//
// Errors:  none; what may not be seen is empty.
// Threads: any.
// Source:  nft(8); ip-sysctl (rp_filter); /proc/net/netstat (TcpExt, IPReversePathFilter).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace timecast {

enum class Traffic : std::uint8_t { in, out };

// Rules that drop or reject, and chains that do so with what no rule is for, from what
// `nft list ruleset` says: "table inet filter, chain input: udp dport 11123 drop".
[[nodiscard]] std::vector<std::string> dropping_rules(std::string_view ruleset, Traffic traffic);
// Of this host; empty also without the right to see them, or without nft.
[[nodiscard]] std::vector<std::string> list_dropping_rules(Traffic traffic);

// Packets that were dropped because this host would not send to their source by that way.
[[nodiscard]] std::uint64_t reverse_path_drops(std::string_view netstat);
[[nodiscard]] std::uint64_t count_reverse_path_drops();
// In force on an interface: 1 is strict.
[[nodiscard]] unsigned reverse_path_filter(const std::string& interface);

}  // namespace timecast

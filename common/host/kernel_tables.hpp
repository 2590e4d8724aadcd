// SPDX-License-Identifier: MIT
//
// What the kernel's tables say of multicast memberships and UDP sockets on this host, and which
// program holds a socket. Reading them needs no privilege; another user's sockets cannot be traced
// to their program.
//
// Errors:  none; a table or a row that cannot be read is left out.
// Threads: any.
// Source:  proc(5): /proc/net/igmp, igmp6, udp, udp6, /proc/PID/fd, comm, status;
//          capabilities(7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/wire/endpoint.hpp>

namespace timecast {

// What the kernel says in a file; nothing if it cannot be read. A process may end while its file is
// read: the iterators of a stream throw then.
[[nodiscard]] std::string kernel_text(const std::string& path);

struct JoinedGroup {
  std::string interface_name;
  Address group;
  friend bool operator==(const JoinedGroup&, const JoinedGroup&) noexcept = default;
};

// From the content of /proc/net/igmp, and of /proc/net/igmp6.
[[nodiscard]] std::vector<JoinedGroup> joined_ipv4_groups(std::string_view table);
[[nodiscard]] std::vector<JoinedGroup> joined_ipv6_groups(std::string_view table);
[[nodiscard]] std::vector<JoinedGroup> list_joined_groups();

struct BoundSocket {
  Address address;  // all zero: bound to every address
  std::uint16_t port = 0;
  std::uint32_t uid = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const BoundSocket&, const BoundSocket&) noexcept = default;
};

// From the content of /proc/net/udp or /proc/net/udp6.
[[nodiscard]] std::vector<BoundSocket> bound_sockets(std::string_view table);

struct Process {
  std::uint32_t pid = 0;
  std::string name;  // as the kernel keeps it: the first 15 octets
};

struct PortHolder {
  BoundSocket socket;
  std::optional<Process> process;  // nothing if this user may not see it
};

// Who has a UDP port of this host, at whatever address.
[[nodiscard]] std::vector<PortHolder> holders_of_udp_port(std::uint16_t port);

// Those that live: a child that nobody has waited for yet holds and does nothing. `proc` is /proc.
[[nodiscard]] std::vector<Process> list_processes(const std::string& proc = "/proc");

// Whether it has the right to set this host's clock (CAP_SYS_TIME), as far as can be seen: a right
// in another user namespace than ours, which anybody may make for himself, is none.
[[nodiscard]] bool may_set_clock(const Process& process, const std::string& proc = "/proc");
// The same from the content of its /proc/PID/status.
[[nodiscard]] bool has_clock_right(std::string_view status);

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// What a daemon gives up once it runs: capabilities that it does not need, for good, and the way to
// new ones by a program that it might start.
//
// Under systemd the units say the same; this is for all who start it otherwise.
//
// Errors:  why they cannot be given up; nothing depends on it.
// Threads: those of the process that exist: call it while there is one.
// Source:  capabilities(7), PR_SET_NO_NEW_PRIVS in prctl(2).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/host/error.hpp"

namespace timecast {

enum class Privilege : std::uint8_t {
  any_owner = 0,     // CAP_CHOWN: what is written for another user is his (file_owner.hpp)
  any_file = 1,      // CAP_DAC_OVERRIDE: a state directory that is another user's, chronyd's socket
  low_ports = 10,    // CAP_NET_BIND_SERVICE
  card_stamps = 12,  // CAP_NET_ADMIN: SIOCSHWTSTAMP; and receive buffers beyond the system's limit
  set_time = 25,     // CAP_SYS_TIME
};

// All but these, of what there is.
[[nodiscard]] Result<void> keep_only(const std::vector<Privilege>& kept);

// What a daemon needs that reads and writes in these files and directories: low ports; others'
// files, if one of them is there and another user's; stamps, if this host has a card that stamps.
[[nodiscard]] std::vector<Privilege> needed_privileges(const std::vector<std::string>& places);
[[nodiscard]] bool is_another_users(const std::string& path) noexcept;

}  // namespace timecast

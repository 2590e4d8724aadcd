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
#include <initializer_list>

#include "common/host/error.hpp"

namespace timecast {

enum class Privilege : std::uint8_t {
  any_file = 1,      // CAP_DAC_OVERRIDE: a state directory that is another user's, chronyd's socket
  low_ports = 10,    // CAP_NET_BIND_SERVICE
  card_stamps = 12,  // CAP_NET_ADMIN: SIOCSHWTSTAMP
  set_time = 25,     // CAP_SYS_TIME
};

// All but these, of what there is.
[[nodiscard]] Result<void> keep_only(std::initializer_list<Privilege> kept);

}  // namespace timecast

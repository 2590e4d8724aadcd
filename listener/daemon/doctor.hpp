// SPDX-License-Identifier: MIT
//
// The command `doctor`: why this host has not the time, or that all is well.
//
// Threads: the main one.
#pragma once

#include <string>

#include "listener/daemon/doctor_rules.hpp"

namespace timecast {

// For people: what is there, then each finding with what shows it and what to do.
[[nodiscard]] std::string doctor_text(const DoctorFacts& facts,
                                      const std::vector<Finding>& findings);
// For programs: the same as lines of JSON.
[[nodiscard]] std::string doctor_lines(const DoctorFacts& facts,
                                       const std::vector<Finding>& findings,
                                       Timestamp<Realtime> now);

// Returns the exit status: 0 if nothing was found, else 1.
[[nodiscard]] int show_doctor(const ListenerOptions& options);

}  // namespace timecast

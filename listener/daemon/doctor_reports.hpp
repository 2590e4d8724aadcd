// SPDX-License-Identifier: MIT
//
// Findings of doctor: memberships that this host has and no switch hears of.
//
// Threads: any; a pure function.
#pragma once

#include <vector>

#include "listener/daemon/doctor_facts.hpp"

namespace timecast {

// For each interface and family; what drops the reports is among the evidence, where it is seen.
void unreported_memberships(const DoctorFacts& facts, std::vector<Finding>& findings);

}  // namespace timecast

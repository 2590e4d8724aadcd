// SPDX-License-Identifier: MIT
//
// From facts to findings: what keeps this host from having the time, each with what shows it and
// the way out.
//
// Threads: any; a pure function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/host/finding.hpp"
#include "listener/daemon/doctor_facts.hpp"

namespace timecast {

// Causes before their effects; none on a healthy host.
[[nodiscard]] std::vector<Finding> diagnose(const DoctorFacts& facts);

// How far apart announcements can be here, where that is longer than was listened to silence: then
// it means nothing.
[[nodiscard]] std::optional<Duration> too_long_to_tell(const DoctorFacts& facts);

}  // namespace timecast

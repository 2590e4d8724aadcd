// SPDX-License-Identifier: MIT
//
// The command `doctor`: what keeps this announcer from being heard, or believed.
//
// Threads: the main one.
#pragma once

#include "announcer/daemon/doctor_facts.hpp"

namespace timecast {

[[nodiscard]] Diagnosis diagnosis_of(const AnnouncerDoctorFacts& facts);

// Returns the exit status: 1 if something was found.
[[nodiscard]] int show_doctor(const AnnouncerOptions& options);

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// Instants as dates for people.
//
// Threads: any.
#pragma once

#include <string>

#include <timecast/time/duration.hpp>

#include "common/host/error.hpp"

namespace timecast {

// ISO 8601 in UTC with microseconds: 2026-11-25T16:00:00.123456Z.
[[nodiscard]] std::string iso_text(Duration since_unix_epoch);
// With nanoseconds.
[[nodiscard]] std::string long_iso_text(Duration since_unix_epoch);

// By strftime(3), in local time. The error: strftime makes nothing of the format, or too much.
[[nodiscard]] Result<std::string> strftime_text(Duration since_unix_epoch,
                                                const std::string& format);

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// Why the host could not do something, in words for the person who can change it.
//
//     return because(system_error("cannot bind 192.0.2.1:123", errno, "choose another --port"));
//
// A text reads "where: what; what to do": lower case, no full stop, values and limits included.
// The program's name is put in front of it by whoever prints it.
#pragma once

#include <string>
#include <string_view>

#include <timecast/wire/expected.hpp>

namespace timecast {

inline constexpr int kExitFailed = 1;
inline constexpr int kExitBadCommandLine = 2;
inline constexpr int kExitBadSettings = 3;

struct Error {
  std::string text;
  int exit_code = kExitFailed;
  int errno_value = 0;  // the system's reason, if it was one, for who can do something about it
};

template <class Value>
using Result = Expected<Value, Error>;

// "what: reason; way out", where the reason is the system's text for an errno value.
[[nodiscard]] Error system_error(std::string what, int errno_value, std::string_view way_out = "");

// The system's text for an errno value, in lower case: "permission denied".
[[nodiscard]] std::string reason_of(int errno_value);

}  // namespace timecast

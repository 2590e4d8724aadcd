// SPDX-License-Identifier: MIT
//
// What a listener's refusals mean to an operator, and what to do about each.
//
// Threads: any; pure functions.
#pragma once

#include <string_view>

#include <timecast/wire/reject.hpp>

namespace timecast {

struct RefusalAdvice {
  const char* meaning;
  const char* way_out;
};

[[nodiscard]] RefusalAdvice advice_for(Reject reason) noexcept;

// By the name that `status` shows; a general one for a name that this program does not know.
[[nodiscard]] RefusalAdvice advice_for(std::string_view name) noexcept;

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// A value or the reason why there is none. std::expected needs C++23; this is the one file to
// change when the project moves there.
//
// Builds:  freestanding; needs <tl/expected.hpp> (Debian: libexpected-dev).
#pragma once

#include <tl/expected.hpp>

namespace timecast {

template <class Value, class Reason>
using Expected = tl::expected<Value, Reason>;

template <class Reason>
constexpr tl::unexpected<Reason> because(Reason reason) noexcept {
  return tl::unexpected<Reason>{reason};
}

}  // namespace timecast

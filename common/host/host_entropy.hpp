// SPDX-License-Identifier: MIT
//
// The kernel's cryptographic generator.
//
// Errors:  none. It waits for the kernel's pool once after boot; a kernel without getrandom(2)
//          aborts the program, because guessable nonces would be worse.
// Threads: any.
#pragma once

#include <timecast/wire/entropy.hpp>

namespace timecast {

[[nodiscard]] Entropy host_entropy() noexcept;

}  // namespace timecast

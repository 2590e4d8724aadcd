// SPDX-License-Identifier: MIT
//
// Ports below 1024, which need a privilege.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <string>

#include "common/host/error.hpp"

namespace timecast {

// Whether a socket was refused for want of that privilege.
[[nodiscard]] bool lacks_privilege(const Error& error, std::uint16_t port) noexcept;

// "port 123 needs a privilege", with what gives it to this program.
[[nodiscard]] std::string privilege_text(std::uint16_t port);

}  // namespace timecast

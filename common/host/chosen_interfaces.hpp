// SPDX-License-Identifier: MIT
//
// Which interfaces a program works on, and with which of their addresses: those the operator
// names, else all usual ones.
//
// Errors:  a name or address that this host does not have.
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/host/error.hpp"
#include "common/host/interfaces.hpp"

namespace timecast {

struct ChosenInterface {
  Interface interface;
  bool whole = false;  // false: chosen by address alone
  // In the interface's order. Of loopback IPv4 alone: IPv6 multicast needs a route there.
  std::vector<Prefix> addresses;

  [[nodiscard]] const Prefix* first(Family family) const noexcept;
};

// `wanted`: names or addresses; an address chooses that address alone. Those that are not there
// now are left out: an interface may come later.
[[nodiscard]] std::vector<ChosenInterface> choose_interfaces(const std::vector<std::string>& wanted,
                                                             const std::vector<Interface>& present);

// For a log, while none is there: of who waits for one, and of who does not.
[[nodiscard]] std::string waiting_text(const std::vector<std::string>& wanted);
[[nodiscard]] std::string nowhere_text(const std::vector<std::string>& wanted);

// Whether every wanted interface is there now; the error names the first that is not.
[[nodiscard]] Result<void> check_interfaces(const std::vector<std::string>& wanted);

}  // namespace timecast

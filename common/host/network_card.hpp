// SPDX-License-Identifier: MIT
//
// What a network card says of its stamps and its clock, and switching the stamps on where nobody
// else uses them. It never changes what another program has set, nor any clock.
//
// Errors:  where, what, the way out; nothing to tell where there is no such card at all.
// Threads: any.
// Source:  ethtool.h (ETHTOOL_GET_TS_INFO), net_tstamp.h (SIOCGHWTSTAMP, SIOCSHWTSTAMP),
//          ptp_clock.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/host/error.hpp"
#include "common/host/hardware_calls.hpp"
#include "common/host/hardware_clock.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

// Whether its card could stamp what we send and hear. Nothing is set.
[[nodiscard]] bool can_stamp(const std::string& interface,
                             const HardwareCalls& calls = kKernelHardwareCalls);

// Has all packets of the interface stamped. Returns the index of its clock (N of /dev/ptpN);
// nothing if it has none, or cannot stamp what we send and hear.
[[nodiscard]] Result<std::optional<int>> prepare_card(
    const std::string& interface, const HardwareCalls& calls = kKernelHardwareCalls);

class CardClock {
 public:
  [[nodiscard]] static Result<CardClock> open(int index,
                                              const HardwareCalls& calls = kKernelHardwareCalls);
  [[nodiscard]] Result<std::vector<ClockSandwich>> read();

 private:
  CardClock(int index, const HardwareCalls& calls);
  [[nodiscard]] Error failure(int reason) const;

  std::string path_;
  HardwareCalls calls_;
  UniqueFd fd_;
  bool has_precise_ = true;  // until it says that it has not
};

}  // namespace timecast

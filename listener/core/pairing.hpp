// SPDX-License-Identifier: MIT
//
// Makes samples of announcements: interleaved, when a packet carries the true transmit time of its
// predecessor; basic, from the time written before transmission, otherwise.
//
// There is no mode that could be left switched on: each pair of admitted packets decides for
// itself (CVE-2016-4956). As long as interleaved pairs come, a packet's basic sample is held back,
// because the next packet will tell better.
//
// Errors:  none.
// Builds:  freestanding.
// Source:  RFC 9769 section 4.
#pragma once

#include <optional>

#include <timecast/time/ntp_time.hpp>
#include <timecast/time/timestamp.hpp>

#include "listener/core/estimator.hpp"

namespace timecast {

struct HeardStamps {
  Timestamp<Announced> transmit;  // as written, unfolded
  NtpTimestamp wire_transmit;
  NtpTimestamp origin;  // true transmit time of the predecessor; unknown in basic packets
  Timestamp<Raw> arrival;
  Duration uncertainty;  // of the arrival
};

class Pairing {
 public:
  // REQUIRES: stamps of packets that were admitted, in the order of their sequence.
  // `consecutive`: no packet of the chain was lost in between.
  [[nodiscard]] std::optional<Sample> on_announcement(const HeardStamps& stamps,
                                                      bool consecutive) noexcept;
  [[nodiscard]] bool interleaved() const noexcept { return interleaved_; }
  // Whether the last sample began another series: interleaved after basic ones or the reverse.
  // The two have different delays and must not be mixed in one window.
  [[nodiscard]] bool series_changed() const noexcept { return series_changed_; }
  void restart() noexcept { *this = Pairing{}; }

 private:
  HeardStamps previous_;
  bool has_previous_ = false;
  bool interleaved_ = false;
  bool series_changed_ = false;
  std::uint8_t unpaired_ = 0;  // packets in a row that could have been paired and were not
};

}  // namespace timecast

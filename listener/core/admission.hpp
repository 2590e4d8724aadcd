// SPDX-License-Identifier: MIT
//
// Decides whether a datagram that came to the group is an announcement to be believed.
//
// Reads state and changes none: cheap checks first, then the signature, then what its sender says
// of itself. The first check that fails names the verdict. The caller commits only what passed all
// (CVE-2015-7979, CVE-2016-7427, CVE-2016-7428).
//
// Errors:  a Reject each, kNotRejected if there is none.
// Builds:  freestanding.
#pragma once

#include <timecast/listener/config.hpp>
#include <timecast/listener/events.hpp>
#include <timecast/wire/announcement.hpp>

#include "listener/core/keyring.hpp"
#include "listener/core/source.hpp"

namespace timecast {

// An announcement that has passed every check but may still lie on another timeline than the
// packets before it.
struct Heard {
  Announcement announcement;  // of a plain one: what its field would say
  SourceId id;
  Timestamp<Announced> transmit;
};

// Header checks that announcements and replies share: what the sender says of its own clock at
// `sent`.
[[nodiscard]] Reject unfit_clock(const Header& header, NtpTimestamp sent) noexcept;

class Admission {
 public:
  Admission(const ListenerConfig& config, const Keyring& keyring, const Sources& sources) noexcept
      : config_{config}, keyring_{keyring}, sources_{sources} {}

  // What was heard is told if it is not rejected.
  [[nodiscard]] Reject examine(const Packet& packet, const Arrival& arrival,
                               Heard& heard) const noexcept;

 private:
  [[nodiscard]] Reject untrusted(const Packet& packet, const Heard& heard,
                                 Timestamp<Boot> now) const noexcept;
  [[nodiscard]] Reject implausible(const Header& header, const Heard& heard) const noexcept;

  const ListenerConfig& config_;
  const Keyring& keyring_;
  const Sources& sources_;
};

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// What `watch` makes of one datagram: an announcement, or the reason why it is none.
//
// Errors:  total: anything may come.
// Threads: any; pure functions, but for the verifier's.
#pragma once

#include <optional>
#include <string>

#include <timecast/time/timestamp.hpp>
#include <timecast/wire/announcement.hpp>
#include <timecast/wire/endpoint.hpp>

namespace timecast {

struct HeardPacket {
  Octets octets;
  bool truncated = false;  // it was longer
  Endpoint from;
  Endpoint group;         // that it was sent to
  std::string interface;  // by name; "-" if that is not known
  std::optional<std::uint8_t> hop_limit;
  Moment at;  // of its arrival
  std::optional<bool>
      host_synchronised;  // what this host's kernel says, if it does; nothing of a recording
};

enum class SignatureVerdict : std::uint8_t { none, good, bad };

const char* to_string(SignatureVerdict verdict) noexcept;

// Of a packet's MAC, which nobody verifies who has not the key.
struct HeardMac {
  std::uint32_t key_id = 0;  // 0: a crypto-NAK
  std::size_t octets = 0;    // of all of it
};

struct HeardAnnouncement {
  Header header;
  std::optional<HeardMac> mac;
  std::optional<Announcement> field;  // the precise stream's; none: the plain one
  SignatureVerdict signature = SignatureVerdict::none;
  Timestamp<Announced> transmit;  // in the era nearest to this host's time
  Duration offset;                // transmit minus arrival

  [[nodiscard]] Duration interval() const noexcept;  // promised to the next one
  [[nodiscard]] bool is_synchronised() const noexcept;
};

// The error: what it is instead, in words.
[[nodiscard]] Expected<HeardAnnouncement, std::string> read_announcement(const HeardPacket& packet,
                                                                         const Verifier& verifier);

}  // namespace timecast

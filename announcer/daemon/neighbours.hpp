// SPDX-License-Identifier: MIT
//
// Who else announces on this network, as an announcer hears it, and what that means for those who
// listen: nothing in its own work changes by it.
//
// Only what is signed well, new and of this link counts: at most twenty signatures a second, eight
// neighbours, and lines of the log as few as an operator may want to read. Two announcers of one
// key are told from each other by their addresses.
//
// Errors:  none.
// Threads: one; pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <timecast/time/token_bucket.hpp>
#include <timecast/wire/announcement.hpp>
#include <timecast/wire/endpoint.hpp>

#include "common/host/log.hpp"

namespace timecast {

// What an announcer says of itself.
struct Voice {
  PublicKey key{};
  bool synchronised = false;
  bool island = false;
  Duration root_distance;
};

struct Neighbour {
  // What the log says of it.
  struct Told {
    Timestamp<Boot> at;
    bool synchronised = false;
    bool island = false;
    Duration ahead;
  };
  Voice voice;
  Endpoint address;
  std::uint8_t stratum = 0;
  Duration ahead;  // its clock minus ours, without what the packet took
  Duration interval;
  std::uint64_t sequence = 0;
  Timestamp<Boot> heard;
  Told told;
};

// Which of the two those follow who hear both, as far as it does not depend on whom they heard
// first.
enum class Precedence : std::uint8_t { ours, theirs, whoever_came_first };
[[nodiscard]] Precedence precedence_of(const Voice& ours, const Voice& theirs) noexcept;

class Neighbours {
 public:
  static constexpr std::size_t kMost = 8;

  explicit Neighbours(const Verifier& verifier) noexcept : verifier_{verifier} {}

  // A packet that came to the group, from none of this host's addresses.
  struct Heard {
    Octets octets;
    Endpoint from;
    std::optional<std::uint8_t> hop_limit;
    Timestamp<Announced> ours;  // of the announced clock at its arrival
    Timestamp<Boot> at;
  };
  struct Seen {
    std::optional<LogLine> news;
    std::optional<Duration> interval;  // of an announcement that was believed
  };
  [[nodiscard]] Seen hear(const Heard& heard, const Voice& own);
  // Those who are not heard any more.
  [[nodiscard]] std::vector<LogLine> forget_silent(Timestamp<Boot> now);
  [[nodiscard]] const std::vector<Neighbour>& all() const noexcept { return neighbours_; }

 private:
  [[nodiscard]] std::optional<LogLine> note_copy(const Endpoint& from, Timestamp<Boot> now);
  [[nodiscard]] std::optional<LogLine> note(Neighbour heard, const Voice& own);
  [[nodiscard]] std::optional<LogLine> tell(LogLine line, Timestamp<Boot> now);
  [[nodiscard]] Neighbour* find(const PublicKey& key) noexcept;

  Verifier verifier_;
  std::vector<Neighbour> neighbours_;
  TokenBucket checks_;
  TokenBucket lines_;
  std::optional<Timestamp<Boot>> told_of_copy_;
};

// "192.0.2.3:11123, stratum 3, 2 s ahead of this host; listeners follow whoever they heard first"
[[nodiscard]] std::string describe(const Neighbour& neighbour, const Voice& own);

}  // namespace timecast

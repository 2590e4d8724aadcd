// SPDX-License-Identifier: MIT
//
// The latest time that each key has announced, kept over restarts: a chain that was not heard since
// this start and announces an earlier time is a record that is played.
//
// Within a run the core knows each chain by its sequence; chains it has heard are left to it. A
// floor rises by no more than what has passed since it rose, and ten minutes, so that one mistaken
// announcement shuts out no true ones for long. Only the key's own fresh word lowers it: an answer
// to a challenge (FloorChallenge).
//
// Units:   times are the announcers'; Unix time in the file, a line each: KEY NANOSECONDS.
// Errors:  what is no floor in the file, with its line.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <timecast/wire/announcement.hpp>

#include "common/host/places.hpp"

namespace timecast {

class ReplayFloors {
 public:
  static constexpr Duration kMostAtOnce = Duration::seconds(600);
  // An answer lowers a floor to so long before it was written: what is on its way then counts.
  static constexpr Duration kOnTheirWay = Duration::seconds(10);

  struct Floor {
    PublicKey key{};
    Timestamp<Announced> at;
    Timestamp<Boot> risen;
  };
  // What was announced, and by which chain on which interface.
  struct Word {
    PublicKey key{};
    std::uint32_t chain = 0;
    std::uint32_t interface = 0;
    Timestamp<Announced> at;
  };

  ReplayFloors() = default;
  explicit ReplayFloors(std::vector<Floor> floors) : floors_{std::move(floors)} {}

  [[nodiscard]] bool is_below(const Word& word) const;
  // The core has taken it.
  void admit(const Word& word, Timestamp<Boot> now);
  // The key itself says so, now.
  void lower(const PublicKey& key, Timestamp<Announced> to, Timestamp<Boot> now);
  void forget(const PublicKey& key);
  // What stands in a file, where `before` stood when it was last looked at or written. What did not
  // change there is older than what is here; what is gone an operator has taken away; of what is
  // new there the later time holds.
  void merge(const ReplayFloors& file, const ReplayFloors& before);
  // The core begins anew, and knows no chain.
  void forget_heard() noexcept { heard_.clear(); }

  [[nodiscard]] const std::vector<Floor>& all() const noexcept { return floors_; }

 private:
  [[nodiscard]] const Floor* find(const PublicKey& key) const;
  [[nodiscard]] bool is_heard(const Word& word) const;

  std::vector<Floor> floors_;
  std::vector<Word> heard_;  // chains, the last one last
};

[[nodiscard]] std::string floors_text(const ReplayFloors& floors);
[[nodiscard]] Result<ReplayFloors> parse_floors(const std::string& text, const std::string& path,
                                                Timestamp<Boot> now);

// In the given state directory, or the usual one; none if there is no file.
[[nodiscard]] Result<ReplayFloors> read_floors(const GivenPlace& directory, Timestamp<Boot> now);
[[nodiscard]] Result<void> write_floors(const GivenPlace& directory, const ReplayFloors& floors);

}  // namespace timecast

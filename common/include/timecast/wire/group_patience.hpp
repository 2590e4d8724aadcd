// SPDX-License-Identifier: MIT
//
// How long one group may be silent on one interface until its membership is made anew, and what
// the rhythm of its silences says.
//
// A switch that snoops memberships forgets a host whom no querier asks; a report of the host would
// remind it. But the kernel reports only when the last member on the host leaves a group and when
// the first one joins it. So all members on a host, whatever program they are in, must be out at
// the same time. They know nothing of each other, but they hear the same silence and read the same
// clock: they leave at multiples of kTick of CLOCK_BOOTTIME, and join kGap later. The longer the
// silence, the fewer of these instants count, and those of a longer silence are among those of a
// shorter one.
//
// Sans-I/O: the host leaves and joins when it is told to.
//
// Units:   strong types.
// Errors:  none.
// Threads: one thread per instance.
// Builds:  freestanding; a plain value.
// Source:  RFC 3376 section 5.1 and RFC 3810 section 6.1 (reports), RFC 4541 (snooping).
#pragma once

#include <cstdint>

#include <timecast/time/duration.hpp>
#include <timecast/time/timestamp.hpp>

namespace timecast {

class GroupPatience {
 public:
  static constexpr Duration kTick = Duration::seconds(5);
  static constexpr Duration kGap = Duration::milliseconds(500);
  static constexpr Duration kLeastSilence = Duration::seconds(10);  // else three intervals

  // The group was joined, by a new socket.
  explicit GroupPatience(Timestamp<Boot> joined) noexcept
      : joined_{joined}, begun_{joined}, heard_{joined} {}

  // Something came that counts. `interval`: when its sender will send the next one. Returns whether
  // a silence ended in which the membership was made anew; next_deadline() is another then.
  bool heard(Timestamp<Boot> now, Duration interval) noexcept;

  enum class Step : std::uint8_t { none, leave, join };
  // When next_deadline() has come: what is to be done.
  [[nodiscard]] Step on_deadline(Timestamp<Boot> now) noexcept;
  [[nodiscard]] Timestamp<Boot> next_deadline() const noexcept;

  // Since when nothing has come. Counts from the first join if nothing ever did.
  [[nodiscard]] Timestamp<Boot> silent_since() const noexcept { return heard_; }
  [[nodiscard]] bool ever_heard() const noexcept { return ever_heard_; }
  // How often it was left and joined again in the present silence, and in all.
  [[nodiscard]] std::uint32_t attempts() const noexcept { return attempts_; }
  [[nodiscard]] std::uint32_t rejoins() const noexcept { return rejoins_; }
  // For how long announcements came after a join until they stopped, when that was so twice and a
  // new join brought them back: somebody forgets this host. It is reminded before, from then on.
  // Zero while there is no such rhythm.
  [[nodiscard]] Duration rhythm() const noexcept { return rhythm_; }

 private:
  [[nodiscard]] Duration patience() const noexcept;
  [[nodiscard]] Timestamp<Boot> next_attempt() const noexcept;
  [[nodiscard]] Timestamp<Boot> next_reminder() const noexcept;
  void note_cure(Timestamp<Boot> now) noexcept;

  Timestamp<Boot> joined_;  // last
  Timestamp<Boot> begun_;   // the join that ended the last silence, or the first one
  Timestamp<Boot> heard_;
  Timestamp<Boot> left_;  // last
  Duration interval_;
  Duration period_;  // from then to the last announcement before the present silence
  Duration before_;  // the same of the silence before, if a new join ended that; else zero
  Duration rhythm_;
  std::uint32_t attempts_ = 0;
  std::uint32_t rejoins_ = 0;
  bool is_out_ = false;
  bool ever_heard_ = false;
};

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// What a host tells a listener, and what the listener asks of its host.
//
// Builds:  freestanding; plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <timecast/time/frequency.hpp>
#include <timecast/time/timestamp.hpp>
#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/octets.hpp>
#include <timecast/wire/reject.hpp>

namespace timecast {

struct Arrival {
  Moment at;                              // when the datagram reached this host
  Duration uncertainty;                   // of that stamp: how much earlier it may truly have been
  Endpoint from;                          // sender and the interface it came in by
  Address to;                             // the group, or one of this host's addresses
  std::optional<std::uint8_t> hop_limit;  // nothing if the host cannot tell
  // It came to where the operator wants foreign senders to be heard: what carries no announcement
  // field may count as well.
  bool may_be_plain = false;
  bool follows_us = false;  // its time is this host's: by its reference id, or it is on this host
  // What its host has found of its MAC, where a key is wanted: of plain ones, and of what answers
  // them, it stands in the place of a signature.
  Reject mac = kNotRejected;
};

using QueryToken = std::uint32_t;

enum class EffectKind : std::uint8_t {
  send_query,  // `octets` to `to`, from a socket with a fresh random port; report on_query_sent()
  // Of CLOCK_REALTIME, and only if ListenerConfig::steer is set. Positive is faster and forward.
  set_frequency,  // its rate against CLOCK_MONOTONIC_RAW from now on, slews apart: `frequency`
  slew,  // moves by `amount`, spread evenly over `over`, and ends by itself; replaces what is left
         // of the slew before
  step,  // jumps by `amount` at once; nothing is left of the slew before
};

struct Effect {
  EffectKind kind = EffectKind::send_query;
  Endpoint to;
  Octets octets;  // in the listener's one packet buffer: send before the next call
  QueryToken token = 0;
  Duration amount;
  Duration over;
  FrequencyPpb frequency;
};

// At most four; carry them out in order before the next call.
class Effects {
 public:
  static constexpr std::size_t kCapacity = 4;
  [[nodiscard]] constexpr bool full() const noexcept { return count_ == kCapacity; }
  // REQUIRES: not full().
  constexpr void add(const Effect& effect) noexcept { effects_[count_++] = effect; }
  // The same, to be filled in.
  constexpr Effect& add(EffectKind kind) noexcept {
    effects_[count_].kind = kind;
    return effects_[count_++];
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return count_; }
  [[nodiscard]] constexpr const Effect* begin() const noexcept { return effects_.data(); }
  [[nodiscard]] constexpr const Effect* end() const noexcept { return effects_.data() + count_; }

 private:
  std::array<Effect, kCapacity> effects_{};
  std::size_t count_ = 0;
};

}  // namespace timecast

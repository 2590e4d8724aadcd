// SPDX-License-Identifier: MIT
//
// What `watch` tells an operator beyond the announcements themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <timecast/time/timestamp.hpp>
#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/signature.hpp>

namespace timecast {

enum class AlarmKind : std::uint8_t {
  second_announcer,  // another address on the stream
  step,
  backwards,
  stratum,
  leap,
  key,      // another key at the same address
  silence,  // three intervals without an announcement
  heard_again,
  unsynchronised,
  synchronised,
  bad_signature,
};

inline constexpr std::size_t kAlarmKinds = static_cast<std::size_t>(AlarmKind::bad_signature) + 1;

const char* to_string(AlarmKind kind) noexcept;  // "second-announcer"

struct Alarm {
  AlarmKind kind = AlarmKind::step;
  Moment at;
  std::string text;  // a sentence without its full stop
  std::string interface;
  Address from;
  std::optional<PublicKey> key;
};

struct AlarmList {
  std::vector<Alarm> alarms;
  std::uint64_t untold = 0;  // held back, because their like came too often
};

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// What a listener knows at one instant.
//
//     |true offset - offset| <= error   in 99.9 % of all seconds
//     |true offset - offset| <= bound   always, unless the announcer or its clock is at fault
//
// Units:   offset is the announcer's clock minus this host's CLOCK_REALTIME.
// Builds:  freestanding; a plain value.
#pragma once

#include <cstdint>

#include <timecast/time/duration.hpp>
#include <timecast/time/frequency.hpp>
#include <timecast/time/timestamp.hpp>
#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/header.hpp>
#include <timecast/wire/reject.hpp>
#include <timecast/wire/signature.hpp>

namespace timecast {

enum class State : std::uint8_t {
  searching,     // nothing heard that could be believed
  tentative,     // following an announcer whose delay is only assumed
  synchronised,  // the delay was measured, and three announcements agree
  holdover,      // the announcer is silent; the bound grows
  lost,          // the bound has passed its limit
};

enum class Reason : std::uint8_t {
  nothing_heard,
  everything_refused,
  announcer_unsynchronised,
  few_announcements,
  delay_unverified,
  listen_only,
  not_signed,
  agreeing,
  silence,
  bound_too_large,
  announcers_disagree,  // synchronised with one of them, and no majority says which is right
  unicast_alone,        // synchronised: announcements do not arrive, but the announcer answers
};

// The enumerator's name. Sentences for reasons are the host's: they take more space than the
// estimator.
const char* to_string(State state) noexcept;

struct ListenerStatus {
  State state = State::searching;
  Reason reason = Reason::nothing_heard;

  // Valid unless `state` is searching.
  Duration offset;
  Duration error;
  Duration bound;
  FrequencyPpb frequency;      // correction that this host's clock needs
  FrequencyPpb raw_frequency;  // that of CLOCK_MONOTONIC_RAW: see ListenerConfig::frequency
  FrequencyPpb raw_frequency_error;
  Duration delay;                 // one way, of announcements
  Duration round_trip;            // the least seen; zero before the first exchange
  bool lateness_bounded = false;  // false: announcements may have been held back without limit
  Timestamp<Boot> valid_until;    // when the bound will pass its limit if nothing more is heard

  // The announcer that is followed.
  Endpoint announcer;
  bool island = false;  // by its word: nobody vouches for its clock
  bool plain = false;   // it signs nothing and has no key: it is heard because the host asks for it
  PublicKey key{};
  Leap leap = Leap::unsynchronised;
  std::uint8_t stratum = 0;
  Duration root_distance;
  Duration interval;
  bool interleaved = false;  // its packets carry the true transmit time of their predecessors

  std::uint32_t announcements = 0;  // admitted, all announcers
  std::uint32_t exchanges = 0;      // completed
  std::uint32_t queries = 0;        // sent
  std::uint32_t sources = 0;        // streams followed at present: key, chain, interface
  // By key: whose word counts as much as that of the followed one, it included. Of a lone
  // announcer: 1 and 0.
  std::uint32_t announcers = 0;
  std::uint32_t disagreeing = 0;  // with the one that is followed: offset +- bound do not meet
  Endpoint dissenter;             // the one that is furthest off, if any disagrees
  Duration dissent;               // its clock minus that of the followed
  RejectCounters rejected;
};

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// Which of several announcers is followed, and which are listened to at all.
//
// Those who are heard are of different kinds: measured before assumed, signed before plain, a clock
// that somebody vouches for before an island's. Only the best kind that there is counts.
//
//   Of three or more announcers those are right whose intervals, offset +- bound, share a point
//   with most others: a minority is outvoted, the incumbent too. Keys are counted, not streams: one
//   announcer has several, and one vote.
//   Of two that contradict each other none is outvoted. The incumbent stays.
//   Of islands all listeners follow the same one: see timecast/wire/island.hpp.
//
// Apart from that the incumbent stays as long as it is heard: good announcers must not make the
// clock flap between them. When it falls silent the one with the smallest bound takes over, of
// those that are right; it stays, held over, if the others are of a lesser kind. Where nobody is
// heard and the incumbent does not answer, those count that do.
//
// Builds:  freestanding.
// Source:  RFC 5905 section 11.2.1 (intersection), with majorities of what is there.
#pragma once

#include <timecast/listener/config.hpp>

#include "listener/core/keyring.hpp"
#include "listener/core/source.hpp"

namespace timecast {

// Who else announces whose word counts as much, and whether it tells another time than the one that
// is followed.
struct Company {
  std::uint8_t announcers = 0;   // by key; the followed one included
  std::uint8_t disagreeing = 0;  // of these, whose interval does not meet that of the followed
  std::size_t furthest = kMaxSources;  // source of the one that is furthest off
  Duration apart;                      // its clock minus that of the followed

  // Whether those who agree with the followed one are more than those who do not.
  [[nodiscard]] bool has_majority() const noexcept { return 2 * disagreeing < announcers; }
};

struct Selection {
  std::size_t followed = kMaxSources;  // index of the source; kMaxSources: none has an estimate
  Company company;
};
[[nodiscard]] Selection select(const Sources& sources, std::size_t incumbent,
                               const ListenerConfig& config, const Moment& now) noexcept;

// Where a new source may go: a free place, else that of one that is silent, that counts less, or
// that has not answered for long and counts no more: a pinned key, another key, none. Else one of
// an announcer that has two more than the newcomer's. kMaxSources if none.
[[nodiscard]] std::size_t place_for_new(const Sources& sources, std::size_t incumbent,
                                        const Keyring& keyring, const SourceId& newcomer,
                                        Timestamp<Boot> now) noexcept;

}  // namespace timecast

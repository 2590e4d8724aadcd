// SPDX-License-Identifier: MIT
//
// Which of several announcers is followed, and which are listened to at all.
//
// The incumbent stays as long as it is heard: two good announcers must not make the clock flap
// between them. It yields only to measured time if its own is assumed, because anybody who comes
// first can announce. When it falls silent the best takes over that is still heard: measured before
// assumed, then the smaller bound. It stays, held over, if the others are of a lesser kind.
//
// Builds:  freestanding.
#pragma once

#include <timecast/listener/config.hpp>

#include "listener/core/keyring.hpp"
#include "listener/core/source.hpp"

namespace timecast {

// Index of the source to follow; kMaxSources if there is none with an estimate.
[[nodiscard]] std::size_t select(const Sources& sources, std::size_t incumbent,
                                 const ListenerConfig& config, const Moment& now) noexcept;

// Where a new source may go: a free place, else that of one that is silent, that counts less, or
// that has not answered for long and counts no more: a pinned key, another key, none. kMaxSources
// if none.
[[nodiscard]] std::size_t place_for_new(const Sources& sources, std::size_t incumbent,
                                        const Keyring& keyring, const SourceId& newcomer,
                                        Timestamp<Boot> now) noexcept;

}  // namespace timecast

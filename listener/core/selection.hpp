// SPDX-License-Identifier: MIT
//
// Which of several announcers is followed. The incumbent stays as long as it is heard: two good
// announcers must not make the clock flap between them. When it falls silent the best of the
// others takes over: measured before assumed, then the smaller bound.
//
// Builds:  freestanding.
#pragma once

#include <timecast/listener/config.hpp>

#include "listener/core/source.hpp"

namespace timecast {

// Index of the source to follow; kMaxSources if there is none with an estimate.
[[nodiscard]] std::size_t select(const Sources& sources, std::size_t incumbent,
                                 const ListenerConfig& config, const Moment& now) noexcept;

// Where a new source may go: a free place, else that of one silent for long. kMaxSources if none.
[[nodiscard]] std::size_t place_for_new(const Sources& sources, std::size_t incumbent,
                                        Timestamp<Boot> now) noexcept;

}  // namespace timecast

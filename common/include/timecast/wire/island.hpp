// SPDX-License-Identifier: MIT
//
// Which of several islands a network follows. Nobody vouches for any of their clocks, so there is
// nothing to vote on: what matters is that all choose the same one, whoever they heard first.
//
// Builds:  freestanding.
#pragma once

#include <timecast/wire/header.hpp>
#include <timecast/wire/signature.hpp>

namespace timecast {

// By its own word and name, which everybody hears alike.
struct Island {
  Duration root_distance;
  PublicKey key{};

  // Whether the network follows this one of the two: the lesser root distance, then the lower key.
  [[nodiscard]] bool precedes(const Island& other) const noexcept {
    if (root_distance != other.root_distance) return root_distance < other.root_distance;
    return key < other.key;
  }
};

}  // namespace timecast

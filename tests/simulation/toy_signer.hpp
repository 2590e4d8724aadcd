// SPDX-License-Identifier: MIT
//
// Signatures that cost nothing: a hash that both sides can make. Nobody attacks a simulation.
#pragma once

#include <timecast/wire/signature.hpp>

namespace timecast::sim {

// The public key is `key` in every octet.
Signer toy_signer(std::uint8_t key);
Verifier toy_verifier();

}  // namespace timecast::sim

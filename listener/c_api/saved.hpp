// SPDX-License-Identifier: MIT
//
// What a listener keeps over a restart, as octets (big endian):
//
//     0 "TCLS" | 4 version 1 | 6 number of keys | 8 frequency (ppt) | 16 its error (ppt)
//    24 floor (ns since 1970) | 32 keys, 32 octets each | CRC-32 of all before it
//
// Errors:  those of the C interface.
// Builds:  freestanding.
#pragma once

#include <cstdint>

#include <timecast/listener/config.hpp>
#include <timecast/wire/octets.hpp>

namespace timecast::c_api {

struct Saved {
  std::int64_t frequency_ppt = 0;
  std::int64_t frequency_error_ppt = 0;
  std::int64_t floor_ns = 0;
  std::array<PublicKey, kMaxKeys> keys{};
  std::size_t key_count = 0;
};

// Of frequencies; saturates.
[[nodiscard]] std::int64_t to_ppt(FrequencyPpb frequency) noexcept;

// How many octets were written, or an error.
[[nodiscard]] int write_saved(const Saved& saved, MutableOctets out) noexcept;
// 0, or an error; then `saved` is worth nothing.
[[nodiscard]] int read_saved(Octets octets, Saved& saved) noexcept;

}  // namespace timecast::c_api

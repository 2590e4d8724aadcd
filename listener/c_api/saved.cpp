// SPDX-License-Identifier: MIT
#include "listener/c_api/saved.hpp"

#include <timecast/listener.h>

namespace timecast::c_api {
namespace {

constexpr std::uint32_t kMagic = 0x5443'4c53;
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kVersionOffset = 4;
constexpr std::size_t kCountOffset = 6;
constexpr std::size_t kFrequencyOffset = 8;
constexpr std::size_t kErrorOffset = 16;
constexpr std::size_t kFloorOffset = 24;
constexpr std::size_t kKeysOffset = 32;
constexpr std::size_t kCheckOctets = 4;
static_assert(kKeysOffset + kMaxKeys * kPublicKeyOctets + kCheckOctets <=
              TIMECAST_LISTENER_SAVED_OCTETS);
// What a frequency may be, as the estimator takes it.
constexpr std::int64_t kMostPpt = 1'000'000'000;

// IEEE 802.3, bit by bit: a table would be a kilobyte, and this is done once a start.
std::uint32_t crc32(Octets octets) noexcept {
  std::uint32_t crc = ~std::uint32_t{0};
  for (const std::uint8_t octet : octets) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xEDB8'8320U : 0U);
  }
  return ~crc;
}

bool is_plausible(const Saved& saved) noexcept {
  return saved.frequency_ppt >= -kMostPpt && saved.frequency_ppt <= kMostPpt &&
         saved.frequency_error_ppt >= 0 && saved.frequency_error_ppt <= kMostPpt &&
         saved.floor_ns >= 0;
}

}  // namespace

std::int64_t to_ppt(FrequencyPpb frequency) noexcept {
  return Duration::from_seconds(frequency.count_ppb() * 1e-6).count_ns();
}

int write_saved(const Saved& saved, MutableOctets out) noexcept {
  const std::size_t checked = kKeysOffset + saved.key_count * kPublicKeyOctets;
  if (out.size() < checked + kCheckOctets) return TIMECAST_LISTENER_E_SPACE;
  write_big_endian(out, 0, kMagic);
  write_big_endian(out, kVersionOffset, kVersion);
  write_big_endian(out, kCountOffset, static_cast<std::uint16_t>(saved.key_count));
  write_big_endian(out, kFrequencyOffset, saved.frequency_ppt);
  write_big_endian(out, kErrorOffset, saved.frequency_error_ppt);
  write_big_endian(out, kFloorOffset, saved.floor_ns);
  for (std::size_t i = 0; i < saved.key_count; ++i) {
    copy_octets(saved.keys[i], out.subspan(kKeysOffset + i * kPublicKeyOctets));
  }
  write_big_endian(out, checked, crc32(out.first(checked)));
  return static_cast<int>(checked + kCheckOctets);
}

int read_saved(Octets octets, Saved& saved) noexcept {
  if (octets.size() < kKeysOffset + kCheckOctets ||
      read_big_endian<std::uint32_t>(octets, 0) != kMagic) {
    return TIMECAST_LISTENER_E_DAMAGED;
  }
  if (read_big_endian<std::uint16_t>(octets, kVersionOffset) != kVersion) {
    return TIMECAST_LISTENER_E_VERSION;
  }
  const std::size_t count = read_big_endian<std::uint16_t>(octets, kCountOffset);
  const std::size_t checked = kKeysOffset + count * kPublicKeyOctets;
  if (count > kMaxKeys || octets.size() != checked + kCheckOctets ||
      read_big_endian<std::uint32_t>(octets, checked) != crc32(octets.first(checked))) {
    return TIMECAST_LISTENER_E_DAMAGED;
  }
  saved.frequency_ppt = read_big_endian<std::int64_t>(octets, kFrequencyOffset);
  saved.frequency_error_ppt = read_big_endian<std::int64_t>(octets, kErrorOffset);
  saved.floor_ns = read_big_endian<std::int64_t>(octets, kFloorOffset);
  saved.key_count = count;
  for (std::size_t i = 0; i < count; ++i) {
    copy_octets(octets.subspan(kKeysOffset + i * kPublicKeyOctets, kPublicKeyOctets),
                saved.keys[i]);
  }
  return is_plausible(saved) ? 0 : TIMECAST_LISTENER_E_DAMAGED;
}

}  // namespace timecast::c_api

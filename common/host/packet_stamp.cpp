// SPDX-License-Identifier: MIT
#include "common/host/packet_stamp.hpp"

namespace timecast {

std::string_view to_string(StampSource source) noexcept {
  switch (source) {
    case StampSource::user: return "user";
    case StampSource::kernel: return "kernel";
    case StampSource::hardware: return "hardware";
  }
  return "unnamed";
}

std::optional<HardwareClock::Instant> believed(const HardwareClock& clock, Timestamp<Hardware> raw,
                                               Timestamp<Realtime> kernel, Direction direction,
                                               Duration gap) noexcept {
  const auto instant = clock.convert(raw, gap);
  if (!instant) return std::nullopt;
  const Duration kernel_later = kernel - instant->at;
  const Duration apart = direction == Direction::received ? kernel_later : -kernel_later;
  if (apart < -instant->uncertainty || apart > kFarthestFromKernel) return std::nullopt;
  return instant;
}

void SentStamps::add(const Sent& sent) noexcept {
  sent_[next_] = sent;
  next_ = (next_ + 1) % kCapacity;
  waits_ = true;
}

std::optional<SentStamps::Sent> SentStamps::take(std::uint32_t number) noexcept {
  for (auto& each : sent_) {
    if (!each || each->number != number) continue;
    const Sent sent = *each;
    each.reset();
    waits_ = false;
    return sent;
  }
  return std::nullopt;
}

}  // namespace timecast

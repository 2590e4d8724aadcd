// SPDX-License-Identifier: MIT
#include "common/host/stamp_ledger.hpp"

namespace timecast {

bool StampLedger::may_ask(Timestamp<Realtime> now) noexcept {
  Entry& latest = entries_[latest_];
  const bool doubtful = latest.under_way && latest.doubt != 0;
  if (!doubtful) return true;
  // A clock that was set meanwhile proves nothing, but its stamps are worthless too.
  if (magnitude(now - latest.before) < kOverdue) return false;
  latest.under_way = false;
  return true;
}

void StampLedger::sent(std::uint32_t token, Timestamp<Realtime> before) noexcept {
  latest_ = (latest_ + 1) % kCapacity;
  entries_[latest_] = {true, next_number_, doubt_, token, before};
  ++next_number_;
}

std::optional<std::uint32_t> StampLedger::take(std::uint32_t number,
                                               Timestamp<Realtime> stamp) noexcept {
  for (Entry& entry : entries_) {
    const bool fits = entry.under_way && number - entry.number <= entry.doubt;
    if (!fits) continue;
    // Older than the datagram: of one that was given up as overdue, with a number in its range.
    if (stamp < entry.before) return std::nullopt;
    entry.under_way = false;
    settle(entry, number);
    return entry.token;
  }
  catch_up(number);
  return std::nullopt;
}

// Nothing asked after a doubtful datagram, so its number says what the next one gets.
void StampLedger::settle(const Entry& entry, std::uint32_t number) noexcept {
  if (entry.doubt == 0) return;
  next_number_ = number + 1;
  doubt_ = 0;
}

// A number that no datagram of ours can have had yet: this kernel counts something we do not.
void StampLedger::catch_up(std::uint32_t number) noexcept {
  const std::uint32_t ahead = number - next_number_;
  if (ahead >= 0x80000000U) return;  // of the past: dropped, or given twice
  for (Entry& entry : entries_) entry.under_way = false;
  next_number_ = number + 1;
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include "listener/clocks/feed.hpp"

#include <utility>

#include "common/host/seconds_text.hpp"

namespace timecast {

Feed::Feed(std::string to, bool trust_tentative, LogSink log)
    : to_{std::move(to)}, trust_tentative_{trust_tentative}, log_{std::move(log)} {}

std::optional<TimeSample> Feed::sample_of(const ListenerStatus& status, const Moment& now) {
  const bool trusted =
      status.state == State::synchronised || (status.state == State::tentative && trust_tentative_);
  if (!trusted || status.announcements == announcements_) return std::nullopt;
  announcements_ = status.announcements;
  return TimeSample{now.realtime, status.offset, status.leap, Log2Seconds::not_below(status.error)};
}

void Feed::vouch(const ListenerStatus& status, const Moment& now) {
  const auto sample = sample_of(status, now);
  if (!sample) return;
  if (const auto taken = put(*sample); !taken) {
    if (attempts_.failed(taken.error(), now.boot)) log_(Level::warning, taken.error().text);
    return;
  }
  ++samples_;
  const bool is_again = attempts_.succeeded();
  if (is_again || samples_ == 1) log_(Level::info, to_ + (is_again ? " is fed again" : " is fed"));
}

std::string Feed::describe() const {
  const std::string& failure = attempts_.error().text;
  return to_ + ": " + (failure.empty() ? counted(samples_, "sample") + " given" : failure);
}

}  // namespace timecast

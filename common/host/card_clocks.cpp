// SPDX-License-Identifier: MIT
#include "common/host/card_clocks.hpp"

#include <iterator>

#include "common/host/host_clock.hpp"

namespace timecast {

std::shared_ptr<const HardwareClock> CardClocks::of(const std::string& interface) {
  // Asked anew each time a socket is opened: another program may have set the card since.
  const auto index = prepare_card(interface, calls_);
  if (!index) tell_once(Level::info, index.error().text);
  if (!index || !*index) return nullptr;
  if (const auto known = cards_.find(interface); known != cards_.end()) return known->second.clock;
  auto source = CardClock::open(**index, calls_);
  if (!source) {
    tell_once(Level::info, interface + ": " + source.error().text);
    return nullptr;
  }
  Card card{std::move(*source), std::make_shared<HardwareClock>()};
  if (!read(interface, card) || !start_reading()) return nullptr;
  loop_.log(Level::info, interface + ": hardware stamps, by /dev/ptp" + std::to_string(**index));
  return cards_.emplace(interface, std::move(card)).first->second.clock;
}

std::shared_ptr<const HardwareClock> CardClocks::known(const std::string& interface) const {
  const auto known = cards_.find(interface);
  return known == cards_.end() ? nullptr : known->second.clock;
}

void CardClocks::read_all() {
  for (auto each = cards_.begin(); each != cards_.end();) {
    each = read(each->first, each->second) ? std::next(each) : cards_.erase(each);
  }
  if (!cards_.empty()) timer_->arm(boot_now() + HardwareClock::kReadEvery);
}

bool CardClocks::read(const std::string& interface, Card& card) {
  const auto sandwiches = card.source.read();
  if (!sandwiches) {
    card.clock->forget();
    tell_once(Level::warning, interface + ": " + sandwiches.error().text);
    return false;
  }
  const auto reading = card.clock->read(*sandwiches, realtime_gap(read_moment()));
  if (reading == HardwareClock::Reading::set) {
    tell_once(
        Level::warning,
        interface + ": its clock or this host's was set: kernel stamps until both agree again");
  }
  return true;
}

bool CardClocks::start_reading() {
  if (!timer_) {
    auto timer = DeadlineTimer::create(loop_, [this] { read_all(); });
    if (!timer) {
      tell_once(Level::warning, "no hardware stamps: " + timer.error().text);
      return false;
    }
    timer_ = std::move(*timer);
  }
  timer_->arm(boot_now() + HardwareClock::kReadEvery);
  return true;
}

void CardClocks::tell_once(Level level, const std::string& text) {
  if (told_.insert(text).second) loop_.log(level, text);
}

}  // namespace timecast

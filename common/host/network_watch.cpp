// SPDX-License-Identifier: MIT
#include "common/host/network_watch.hpp"

#include <algorithm>

#include "common/host/host_clock.hpp"

namespace timecast {

namespace {

constexpr Duration kSoon = Duration::seconds(2);
constexpr Duration kWithoutWatch = Duration::seconds(1);

}  // namespace

Result<void> NetworkWatch::start(std::function<void()> on_network) {
  auto timer = DeadlineTimer::create(loop_, on_network);
  if (!timer) return because(timer.error());
  look_again_ = std::move(*timer);
  auto watch = InterfaceWatch::start(
      loop_, [this, on_network = std::move(on_network)](const InterfaceChange& change) {
        note(change);
        on_network();
      });
  if (watch) {
    watch_ = std::move(*watch);
  } else {
    loop_.log(Level::warning, watch.error().text + "; looking at the interfaces every second");
  }
  return {};
}

void NetworkWatch::note(const InterfaceChange& change) {
  for (const std::uint32_t index : change.gone) ++destroyed_[index];
  if (!change.is_complete) ++overruns_;
}

std::optional<std::vector<Interface>> NetworkWatch::interfaces() {
  std::vector<Interface> present = list_interfaces();
  const bool has_listed = !present.empty();  // every host has a loopback interface
  if (!has_listed) {
    if (has_listed_) {
      loop_.log(Level::warning, "cannot list this host's interfaces; trying again");
    }
    look_again(true);
  }
  has_listed_ = has_listed;
  if (!has_listed) return std::nullopt;
  // Of one that is not there nobody listens any more: should it come back, it is joined anew
  // anyway.
  std::erase_if(destroyed_, [&](const auto& each) {
    return std::none_of(present.begin(), present.end(),
                        [&](const Interface& interface) { return interface.index == each.first; });
  });
  for (Interface& interface : present) {
    const auto times = destroyed_.find(interface.index);
    interface.generation = overruns_ + (times == destroyed_.end() ? 0 : times->second);
  }
  return present;
}

std::vector<ChosenInterface> NetworkWatch::choose(const std::vector<std::string>& wanted,
                                                  const std::vector<Interface>& present) {
  for (const Interface& each : present) {
    const bool is_left_out = wanted.empty() && each.up && each.leads_to_containers;
    if (!is_left_out) continue;
    if (std::find(left_out_.begin(), left_out_.end(), each.name) != left_out_.end()) continue;
    left_out_.push_back(each.name);
    loop_.log(Level::info, each.name +
                               " is left out: a bridge that leads to containers alone; name "
                               "it by --interface if it is meant");
  }
  return choose_interfaces(wanted, present);
}

void NetworkWatch::look_again(bool soon) {
  if (!watch_) {
    look_again_->arm(boot_now() + kWithoutWatch);
  } else if (soon) {
    look_again_->arm(boot_now() + kSoon);
  } else {
    look_again_->disarm();
  }
}

}  // namespace timecast

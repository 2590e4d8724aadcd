// SPDX-License-Identifier: MIT
#include "common/host/network_watch.hpp"

#include "common/host/host_clock.hpp"

namespace timecast {

namespace {

constexpr Duration kSoon = Duration::seconds(10);
constexpr Duration kWithoutWatch = Duration::seconds(60);

}  // namespace

Result<void> NetworkWatch::start(std::function<void()> on_network) {
  auto timer = DeadlineTimer::create(loop_, on_network);
  if (!timer) return because(timer.error());
  look_again_ = std::move(*timer);
  auto watch = InterfaceWatch::start(loop_, std::move(on_network));
  if (watch) {
    watch_ = std::move(*watch);
  } else {
    loop_.log(Level::warning, watch.error().text + "; looking at the interfaces every minute");
  }
  return {};
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
  return has_listed ? std::optional{std::move(present)} : std::nullopt;
}

void NetworkWatch::look_again(bool soon) {
  if (soon) {
    look_again_->arm(boot_now() + kSoon);
  } else if (!watch_) {
    look_again_->arm(boot_now() + kWithoutWatch);
  } else {
    look_again_->disarm();
  }
}

}  // namespace timecast

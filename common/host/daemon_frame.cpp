// SPDX-License-Identifier: MIT
#include "common/host/daemon_frame.hpp"

#include <sys/resource.h>

#include <csignal>

#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"
#include "common/host/standard_output.hpp"

namespace timecast {

namespace {

constexpr Duration kSoon = Duration::seconds(10);
constexpr Duration kWithoutWatch = Duration::seconds(60);

// An announcer has two sockets for each local address; the usual soft limit is 1024 descriptors.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Result<void> DaemonFrame::start(std::function<void()> on_network) {
  started_at_ = boot_now();
  ignore_broken_pipes();
  allow_many_descriptors();
  set_timer_slack();
  auto timer = DeadlineTimer::create(loop_, on_network);
  if (!timer) return because(timer.error());
  look_again_ = std::move(*timer);
  auto watch = InterfaceWatch::start(loop_, std::move(on_network));
  if (watch) {
    watch_ = std::move(*watch);
  } else {
    log(Level::warning, watch.error().text + "; looking at the interfaces every minute");
  }
  if (auto quiet = keep_watchdog_quiet(); !quiet) return quiet;
  return end_on_signals();
}

// From the loop, so that a loop that hangs is noticed.
Result<void> DaemonFrame::keep_watchdog_quiet() {
  if (!service_.pace()) return {};
  auto timer = DeadlineTimer::create(loop_, [this, pace = *service_.pace()] {
    service_.alive();
    alive_->arm(boot_now() + pace);
  });
  if (!timer) return because(timer.error());
  alive_ = std::move(*timer);
  alive_->arm(boot_now() + *service_.pace());
  return {};
}

void DaemonFrame::end() {
  service_.stopping();
  loop_.stop();
}

Result<void> DaemonFrame::end_on_signals() {
  for (const int number : {SIGTERM, SIGINT}) {
    auto signal = SignalHandle::start(loop_, number, [this] { end(); });
    if (!signal) return because(signal.error());
    signals_.push_back(std::move(*signal));
  }
  return {};
}

void DaemonFrame::serve_control(std::string_view program, const GivenPlace& socket,
                                std::function<std::string(std::string_view)> answer) {
  const auto place = control_socket_place(program, socket);
  auto control =
      place ? ControlServer::listen(loop_, *place,
                                    [answer = std::move(answer)](const ControlRequest& request) {
                                      return answer(request.line);
                                    })
            : Result<ControlServer>{because(place.error())};
  if (control) {
    control_ = std::move(*control);
  } else {
    log(Level::warning, "nobody can ask this process for its status: " + control.error().text);
  }
}

std::optional<std::vector<Interface>> DaemonFrame::interfaces() {
  std::vector<Interface> present = list_interfaces();
  const bool has_listed = !present.empty();  // every host has a loopback interface
  if (!has_listed) {
    if (has_listed_) log(Level::warning, "cannot list this host's interfaces; trying again");
    look_again(true);
  }
  has_listed_ = has_listed;
  return has_listed ? std::optional{std::move(present)} : std::nullopt;
}

void DaemonFrame::look_again(bool soon) {
  if (soon) {
    look_again_->arm(boot_now() + kSoon);
  } else if (!watch_) {
    look_again_->arm(boot_now() + kWithoutWatch);
  } else {
    look_again_->disarm();
  }
}

void DaemonFrame::print(std::string_view line) {
  const Printed printed = offer_line(line);
  if (printed == Printed::reader_is_gone) {
    log(Level::info, "nobody reads standard output any more: ending");
    end();
  } else if (printed != Printed::yes && !has_lost_lines_) {
    has_lost_lines_ = true;
    log(Level::warning, printed == Printed::failed
                            ? "standard output cannot be written: lines are lost"
                            : "the reader of standard output is slow: lines are lost");
  }
}

}  // namespace timecast

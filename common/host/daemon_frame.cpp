// SPDX-License-Identifier: MIT
#include "common/host/daemon_frame.hpp"

#include <csignal>

#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"
#include "common/host/standard_output.hpp"

namespace timecast {

namespace {

constexpr Duration kSoon = Duration::seconds(10);
constexpr Duration kWithoutWatch = Duration::seconds(60);

}  // namespace

Result<void> DaemonFrame::start(std::function<void()> on_network) {
  started_at_ = boot_now();
  ignore_broken_pipes();
  set_timer_slack();
  auto timer = DeadlineTimer::create(loop_, on_network);
  if (!timer) return because(timer.error());
  look_again_ = std::move(*timer);
  auto interfaces = InterfaceWatch::start(loop_, std::move(on_network));
  if (interfaces) {
    interfaces_ = std::move(*interfaces);
  } else {
    log(Level::warning, interfaces.error().text + "; looking at the interfaces every minute");
  }
  return end_on_signals();
}

Result<void> DaemonFrame::end_on_signals() {
  for (const int number : {SIGTERM, SIGINT}) {
    auto signal = SignalHandle::start(loop_, number, [this] { loop_.stop(); });
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

void DaemonFrame::look_again(bool soon) {
  if (soon) {
    look_again_->arm(boot_now() + kSoon);
  } else if (!interfaces_) {
    look_again_->arm(boot_now() + kWithoutWatch);
  } else {
    look_again_->disarm();
  }
}

void DaemonFrame::print(std::string_view line) {
  if (!print_line(line)) loop_.stop();
}

}  // namespace timecast

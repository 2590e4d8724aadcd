// SPDX-License-Identifier: MIT
#include "common/host/daemon_frame.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <csignal>

#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"
#include "common/host/standard_output.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

namespace {

// An announcer has two sockets for each local address; the usual soft limit is 1024 descriptors.
void allow_many_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

bool has_terminal() {
  return UniqueFd{::open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC)}.get() >= 0;
}

// By nohup, for example.
bool is_hangup_ignored() {
  struct sigaction action {};
  return ::sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

using Answer = std::function<std::string(std::string_view)>;

std::string answer_as(const std::string& program, const std::string& place, std::string_view line,
                      const Answer& answer) {
  constexpr std::string_view kColon = ": ";
  const std::size_t colon = line.find(kColon);
  if (colon == std::string_view::npos) return answer(line);
  const std::string meant{line.substr(0, colon)};
  if (meant == program) return answer(line.substr(colon + kColon.size()));
  return "error: " + program + " answers at " + place + ", not " + meant + "; name the socket of " +
         meant + " with --socket\n";
}

}  // namespace

Result<void> DaemonFrame::start() {
  started_at_ = boot_now();
  ignore_broken_pipes();
  allow_many_descriptors();
  set_timer_slack();
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

Result<void> DaemonFrame::reload_on_hangup(Reload reload) {
  reload_ = std::move(reload);
  lives_by_terminal_ = has_terminal() && !is_hangup_ignored();
  auto signal = SignalHandle::start(loop_, SIGHUP, [this] { on_hangup(); });
  if (!signal) return because(signal.error());
  signals_.push_back(std::move(*signal));
  return {};
}

void DaemonFrame::on_hangup() {
  if (lives_by_terminal_ && !has_terminal()) {
    log(Level::info, "the terminal is closed: ending");
    return end();
  }
  service_.reloading();
  const auto changes = reload_();
  service_.reloaded();
  if (changes) {
    log(Level::info, "settings read again: " + *changes);
  } else {
    log(Level::error, "settings stay as they were: " + changes.error().text);
  }
}

void DaemonFrame::serve_control(std::string_view program, const GivenPlace& socket,
                                std::function<std::string(std::string_view)> answer) {
  const auto place = control_socket_place(program, socket);
  auto control =
      place ? ControlServer::listen(loop_, *place,
                                    [answer = std::move(answer), program = std::string{program},
                                     place = *place](const ControlRequest& request) {
                                      return answer_as(program, place, request.line, answer);
                                    })
            : Result<ControlServer>{because(place.error())};
  if (control) {
    control_ = std::move(*control);
  } else {
    log(Level::warning, "nobody can ask this process for its status: " + control.error().text);
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

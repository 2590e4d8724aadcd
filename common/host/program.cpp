// SPDX-License-Identifier: MIT
#include "common/host/program.hpp"

#include <unistd.h>

#include <cstdio>

#include "common/host/control_socket.hpp"
#include "common/host/log.hpp"
#include "common/host/standard_output.hpp"

namespace timecast {

namespace {

constexpr Duration kAnswerWithin = Duration::seconds(5);
constexpr std::string_view kComplaint = "error: ";

}  // namespace

int say(const Farewell& farewell) {
  if (farewell.exit_code == 0) return print(farewell.text);
  static_cast<void>(std::fputs(farewell.text.c_str(), stderr));
  return farewell.exit_code;
}

int fail(const Error& error) {
  log(Level::error, error.text);
  return error.exit_code;
}

void say_meanwhile(const std::string& what) {
  if (::isatty(STDERR_FILENO) == 0) return;
  static_cast<void>(std::fputs((what + " ...\n").c_str(), stderr));
}

Result<std::string> ask_daemon(std::string_view program, const GivenPlace& socket,
                               std::string_view request, Duration timeout) {
  const std::string line = std::string{program} + ": " + std::string{request};
  auto answer = control_request(control_socket_places(program, socket), line, timeout);
  if (!answer || !answer->starts_with(kComplaint)) return answer;
  return because(Error{answer->substr(kComplaint.size(), answer->find('\n') - kComplaint.size())});
}

int show_control_answer(std::string_view program, const GivenPlace& socket,
                        std::string_view request) {
  const auto answer = ask_daemon(program, socket, request, kAnswerWithin);
  return answer ? print(*answer) : fail(answer.error());
}

int print(std::string_view text) {
  const int failed = print_text(text);
  return failed == 0 ? 0 : fail(system_error("cannot write to standard output", failed));
}

}  // namespace timecast

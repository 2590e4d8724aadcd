// SPDX-License-Identifier: MIT
#include "common/host/program.hpp"

#include <cstdio>

#include "common/host/control_socket.hpp"
#include "common/host/log.hpp"

namespace timecast {

namespace {

constexpr Duration kAnswerWithin = Duration::seconds(5);
constexpr std::string_view kComplaint = "error: ";

}  // namespace

int say(const Farewell& farewell) {
  std::fputs(farewell.text.c_str(), farewell.exit_code == 0 ? stdout : stderr);
  return farewell.exit_code;
}

int fail(const Error& error) {
  log(Level::error, error.text);
  return error.exit_code;
}

int show_control_answer(std::string_view program, const GivenPlace& socket,
                        std::string_view request) {
  const auto answer =
      control_request(control_socket_places(program, socket), request, kAnswerWithin);
  if (!answer) return fail(answer.error());
  if (answer->starts_with(kComplaint)) return fail(Error{answer->substr(kComplaint.size())});
  std::fputs(answer->c_str(), stdout);
  return 0;
}

}  // namespace timecast

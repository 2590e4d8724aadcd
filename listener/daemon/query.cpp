// SPDX-License-Identifier: MIT
#include "listener/daemon/query.hpp"

#include <timecast/wire/groups.hpp>

#include "common/host/calendar_text.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/program.hpp"
#include "listener/daemon/query_text.hpp"

namespace timecast {

namespace {

Result<QueryAnswers> ask(const ListenerOptions& options) {
  const auto servers = find_servers(options.host.value_or(""), options.query_port);
  if (!servers) return because(servers.error());
  auto time = ask_any(*servers);
  if (!time) return because(time.error());
  QueryAnswers answers{std::move(*time), std::nullopt};
  // Nobody but announcers of timecast is asked on this port.
  const bool may_sign = answers.time.result && options.query_port == kPrecisePort;
  if (may_sign && !options.format) answers.proof = challenge(answers.time.server);
  return answers;
}

int print_formatted(const QueryAnswers& answers, const std::string& format) {
  const auto text = strftime_text(server_time(*answers.time.result, realtime_now()), format);
  return text ? print(*text + '\n') : fail(Error{"--format: " + text.error().text});
}

}  // namespace

int query_server(const ListenerOptions& options) {
  const auto answers = ask(options);
  if (!answers) return fail(answers.error());
  const auto complaint = complaint_about(answers->time);
  if (!complaint && options.format) return print_formatted(*answers, *options.format);
  int status = 0;
  if (!options.format) {
    const Timestamp<Realtime> here = realtime_now();
    status = print(options.json ? answers_lines(*answers, here)
                                : answers_text(*answers, here, options.hex));
  }
  return complaint ? fail(Error{*complaint}) : status;
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include "announcer/daemon/failures.hpp"

#include <algorithm>
#include <cerrno>

#include "common/host/low_port.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

bool lacks_right(const Error& error) noexcept {
  return error.errno_value == EACCES || error.errno_value == EPERM;
}

bool is_plain(const Failure& failure) { return failure.kind == StreamKind::plain; }

bool is_another_servers(const Failure& failure) {
  return is_plain(failure) && failure.error.errno_value == EADDRINUSE;
}

// The system's reason, or the whole error where it has none.
bool have_one_reason(const Failure& a, const Failure& b) {
  if (a.kind != b.kind || a.error.errno_value != b.error.errno_value) return false;
  return a.error.errno_value != 0 || a.error.text == b.error.text;
}

std::string way_out(const Failure& failure) {
  const int reason = failure.error.errno_value;
  if (reason == EMFILE || reason == ENFILE) return "raise the limit of open files (ulimit -n)";
  if (reason != EADDRINUSE) return {};
  const std::string port = std::to_string(failure.local.port);
  return is_plain(failure) ? "another server answers there and keeps its clients"
                           : "another timecast-announcer, perhaps: ss -lunp sport = :" + port;
}

}  // namespace

std::string reason_text(const Failure& failure) {
  if (lacks_privilege(failure.error, failure.local.port)) {
    return privilege_text(failure.local.port) + (is_plain(failure)
                                                     ? ", or do without by --no-plain"
                                                     : ", or choose a --port above 1023");
  }
  const int reason = failure.error.errno_value;
  const std::string way = way_out(failure);
  return (reason == 0 ? failure.error.text : reason_of(reason)) + (way.empty() ? "" : "; " + way);
}

std::vector<LogLine> describe(const std::vector<Failure>& failures) {
  std::vector<LogLine> lines;
  for (auto first = failures.begin(); first != failures.end(); ++first) {
    const auto same = [&](const Failure& other) { return have_one_reason(*first, other); };
    if (std::any_of(failures.begin(), first, same)) continue;
    const auto more = static_cast<std::size_t>(std::count_if(first + 1, failures.end(), same));
    lines.push_back({is_another_servers(*first) ? Level::info : Level::warning,
                     std::string{is_plain(*first) ? "no plain" : "no precise"} + " stream at " +
                         and_more(first->local, more) + ": " + reason_text(*first)});
  }
  return lines;
}

bool is_worth_another_try(StreamKind kind, const Error& error) noexcept {
  return !lacks_right(error) && (kind == StreamKind::precise || error.errno_value != EADDRINUSE);
}

std::string and_more(const Endpoint& first, std::size_t more) {
  return to_string(first) + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

}  // namespace timecast

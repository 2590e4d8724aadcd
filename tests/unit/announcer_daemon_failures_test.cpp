// SPDX-License-Identifier: MIT
#include "announcer/daemon/failures.hpp"

#include <doctest/doctest.h>

#include <cerrno>

#include "common/host/low_port.hpp"
#include "common/host/socket_address.hpp"

using namespace timecast;

namespace {

Failure failure(StreamKind kind, const char* local, int reason) {
  return {kind, parse_endpoint(local, 0).value(),
          system_error(std::string{"cannot bind "} + local, reason)};
}

std::string lines_of(const std::vector<Failure>& failures) {
  std::string text;
  for (const LogLine& line : describe(failures)) {
    text += (line.level == Level::warning ? "warning: " : "info: ") + line.text + '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("announcer's failures: one line a reason, however many addresses have it") {
  std::vector<Failure> failures;
  for (int i = 1; i <= 250; ++i) {
    failures.push_back(
        failure(StreamKind::plain, ("10.0.0." + std::to_string(i) + ":123").c_str(), EACCES));
  }
  failures.push_back(failure(StreamKind::precise, "10.0.0.1:11123", EADDRINUSE));
  failures.push_back(failure(StreamKind::plain, "10.0.0.251:123", EACCES));
  CHECK(lines_of(failures) ==
        "warning: no plain stream at 10.0.0.1:123 and 250 more: " + privilege_text(123) +
            ", or do without by --no-plain\n"
            "warning: no precise stream at 10.0.0.1:11123: address already in use; another "
            "timecast-announcer, perhaps: ss -lunp sport = :11123\n");
}

TEST_CASE("announcer's failures: what is to be done depends on the stream and the reason") {
  struct Row {
    StreamKind kind;
    int reason;
    std::string line;
  };
  for (const Row& row : {
           Row{StreamKind::precise, EACCES,
               "warning: no precise stream at 10.0.0.1:99: " + privilege_text(99) +
                   ", or choose a --port above 1023\n"},
           Row{StreamKind::plain, EPERM,
               "warning: no plain stream at 10.0.0.1:99: " + privilege_text(99) +
                   ", or do without by --no-plain\n"},
           Row{StreamKind::plain, EADDRINUSE,
               "info: no plain stream at 10.0.0.1:99: address already in use; another server "
               "answers there and keeps its clients\n"},
           Row{StreamKind::precise, EMFILE,
               "warning: no precise stream at 10.0.0.1:99: too many open files; raise the limit of "
               "open files (ulimit -n)\n"},
           Row{StreamKind::precise, EADDRNOTAVAIL,
               "warning: no precise stream at 10.0.0.1:99: cannot assign requested address\n"},
       }) {
    CAPTURE(row.line);
    CHECK(lines_of({failure(row.kind, "10.0.0.1:99", row.reason)}) == row.line);
  }
}

TEST_CASE("announcer's failures: a port that needs no privilege is refused for another reason") {
  CHECK(lines_of({failure(StreamKind::plain, "10.0.0.1:1123", EACCES)}) ==
        "warning: no plain stream at 10.0.0.1:1123: permission denied\n");
}

TEST_CASE("announcer's failures: errors that are not the system's are told each by its text") {
  const Failure one{StreamKind::precise, parse_endpoint("10.0.0.1:99", 0).value(), Error{"one"}};
  const Failure two{StreamKind::precise, parse_endpoint("10.0.0.2:99", 0).value(), Error{"two"}};
  CHECK(lines_of({one, two, one}) ==
        "warning: no precise stream at 10.0.0.1:99 and 1 more: one\n"
        "warning: no precise stream at 10.0.0.2:99: two\n");
  CHECK(lines_of({}) == "");
}

TEST_CASE(
    "announcer's failures: what may be cured is tried again, a right and a taken port 123 not") {
  const auto again = [](StreamKind kind, int reason) {
    return is_worth_another_try(kind, system_error("", reason));
  };
  CHECK(again(StreamKind::precise, EADDRINUSE));
  CHECK(again(StreamKind::precise, EADDRNOTAVAIL));
  CHECK(again(StreamKind::plain, EADDRNOTAVAIL));
  CHECK(again(StreamKind::plain, EMFILE));
  CHECK_FALSE(again(StreamKind::plain, EADDRINUSE));
  CHECK_FALSE(again(StreamKind::plain, EACCES));
  CHECK_FALSE(again(StreamKind::precise, EPERM));
}

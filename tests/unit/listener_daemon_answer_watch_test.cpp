// SPDX-License-Identifier: MIT
#include "listener/daemon/answer_watch.hpp"

#include <doctest/doctest.h>

using namespace timecast;

namespace {

Endpoint server(std::uint8_t last) { return {Address::ipv4(192, 0, 2, last), 11123, 2}; }

}  // namespace

TEST_CASE("answer watch: queries in a row count until one is answered, for each announcer alone") {
  AnswerWatch watch;
  CHECK(watch.unanswered_by(server(1)) == 0);
  for (int i = 0; i < 5; ++i) watch.asked(server(1));
  watch.asked(server(2));
  CHECK(watch.unanswered_by(server(1)) == 5);
  CHECK(watch.unanswered_by(server(2)) == 1);
  watch.answered(server(2));
  CHECK(watch.unanswered_by(server(1)) == 5);
  CHECK(watch.unanswered_by(server(2)) == 0);
  watch.answered(server(1));
  watch.asked(server(1));
  CHECK(watch.unanswered_by(server(1)) == 1);
  watch.restart();
  CHECK(watch.unanswered_by(server(1)) == 0);
}

TEST_CASE("answer watch: an answer counts by whichever interface it came, and from that port") {
  AnswerWatch watch;
  watch.asked(server(1));
  Endpoint other = server(1);
  other.port = 123;
  watch.answered(other);
  CHECK(watch.unanswered_by(server(1)) == 1);
  other = server(1);
  other.interface = 0;
  watch.answered(other);
  CHECK(watch.unanswered_by(server(1)) == 0);
}

TEST_CASE("answer watch: of more announcers than anybody has the first are forgotten") {
  AnswerWatch watch;
  for (unsigned i = 0; i < 200; ++i) watch.asked(server(static_cast<std::uint8_t>(i)));
  CHECK(watch.unanswered_by(server(0)) == 0);
  CHECK(watch.unanswered_by(server(199)) == 1);
}

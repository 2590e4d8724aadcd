// SPDX-License-Identifier: MIT
#include "listener/daemon/company_watch.hpp"

#include <doctest/doctest.h>

#include "common/host/socket_address.hpp"

using namespace timecast;

namespace {

Endpoint host(int number) {
  return parse_endpoint("192.0.2." + std::to_string(number), 11'123).value();
}

ListenerStatus following(int number) {
  ListenerStatus s;
  s.state = State::synchronised;
  s.announcer = host(number);
  s.key.fill(static_cast<std::uint8_t>(number));
  s.announcers = 1;
  return s;
}

ListenerStatus beside(int number, std::uint32_t announcers, std::uint32_t disagreeing) {
  ListenerStatus s = following(number);
  s.announcers = announcers;
  s.disagreeing = disagreeing;
  s.dissenter = host(9);
  s.dissent = disagreeing > 0 ? Duration::seconds(2) : Duration{};
  return s;
}

struct Story {
  CompanyWatch watch;
  std::int64_t second = 0;
  // All remarks of so many seconds of this, a line each.
  std::string tell(const ListenerStatus& status, int seconds = 1) {
    std::string text;
    for (int i = 0; i < seconds; ++i) {
      for (const LogLine& each : watch.look(status, at(second++))) {
        text += (each.level == Level::warning ? "! " : "") + each.text + "\n";
      }
    }
    return text;
  }
  static Timestamp<Boot> at(std::int64_t s) { return Timestamp<Boot>{Duration::seconds(s)}; }
};

}  // namespace

TEST_CASE("company watch: says who is followed instead of whom, by key and not by address") {
  Story story;
  CHECK(story.tell(ListenerStatus{}).empty());
  CHECK(story.tell(following(1)).empty());
  ListenerStatus other_family = following(1);
  other_family.announcer = host(77);
  CHECK(story.tell(other_family).empty());
  CHECK(story.tell(following(2)) ==
        "192.0.2.2:11123 is followed now, no longer 192.0.2.77:11123\n");
  ListenerStatus plain = following(3);
  plain.plain = true;
  CHECK(story.tell(plain) == "192.0.2.3:11123 is followed now, no longer 192.0.2.2:11123\n");
  CHECK(story.tell(plain).empty());
  plain.announcer = host(4);
  CHECK(story.tell(plain) == "192.0.2.4:11123 is followed now, no longer 192.0.2.3:11123\n");
}

TEST_CASE("company watch: a contradiction is told once it has lasted, and so is its end") {
  Story story;
  CHECK(story.tell(beside(1, 2, 1), 3).empty());
  CHECK(story.tell(beside(1, 2, 0)).empty());
  CHECK(story.tell(beside(1, 2, 1), 60) ==
        "! announcers contradict each other: 192.0.2.9:11123 is 2 s ahead of 192.0.2.1:11123, "
        "which is followed: it was followed before, and no majority says which is right\n");
  CHECK(story.tell(beside(1, 2, 0), 30).empty());
  CHECK(story.tell(beside(1, 2, 1), 30).empty());
  CHECK(story.tell(beside(1, 2, 0), 60) == "the announcers that are heard agree again\n");
}

TEST_CASE("company watch: while nobody is heard nothing lasts") {
  Story story;
  CHECK(story.tell(beside(1, 2, 1), 2).empty());
  CHECK(story.tell(ListenerStatus{}, 600).empty());
  CHECK(story.tell(beside(1, 2, 1), 2).empty());
}

TEST_CASE("company watch: says why the followed one is") {
  Story outvoted;
  const std::string majority = outvoted.tell(beside(1, 3, 1), 9);
  CHECK(majority.ends_with("which is followed: 2 of 3 agree with it\n"));
  ListenerStatus island = beside(1, 3, 2);
  island.island = true;
  island.dissent = -island.dissent;
  Story islands;
  const std::string order = islands.tell(island, 9);
  CHECK(order.find("192.0.2.9:11123 is 2 s behind 192.0.2.1:11123") != std::string::npos);
  CHECK(order.find("the one with the least root distance comes first") != std::string::npos);
}

TEST_CASE("company watch: a line for status") {
  CHECK(company_text(following(1)) == "alone");
  CHECK(company_text(beside(1, 3, 0)) == "3 announcers agree");
  CHECK(company_text(beside(1, 3, 1)) ==
        "3 announcers, 1 disagreeing: 192.0.2.9:11123 is 2 s ahead of 192.0.2.1:11123");
}

// SPDX-License-Identifier: MIT
//
// Which announcer is followed where they contradict each other, and islands.
#include <string_view>
#include <vector>

#include "tests/unit/listener_selection_scene.hpp"

namespace timecast::selection_test {
namespace {

static_assert(kMaxSources >= 5, "configure anew: -DTIMECAST_MAX_ANNOUNCERS=12");

// Announcers with a key and a stream each, from place 0 on: how far ahead each is, +- 1 ms and
// little.
void announce(Scene& scene, const std::vector<Duration>& ahead) {
  for (std::size_t i = 0; i < ahead.size(); ++i) {
    Source& source = scene.follow(i, static_cast<std::uint8_t>(i + 1), s(0));
    source.estimator.restart(us(100), ms(10));
    scene.say(source, ahead[i]);
  }
}

}  // namespace

TEST_CASE("selection: a minority of three is outvoted, whether it was followed or not") {
  struct Row {
    const char* what;
    std::vector<Duration> ahead;
    std::size_t incumbent;
    std::size_t followed;
  };
  for (const Row& row : {
           Row{"all agree", {us(0), us(300), -us(300)}, 2, 2},
           Row{"a liar is followed", {s(2), us(0), us(1)}, 0, 1},
           Row{"a liar is there", {us(0), s(2), us(1)}, 0, 0},
           Row{"a liar is the only one so far", {us(0), us(0), s(2)}, kNone, 0},
           Row{"the liar is the last", {us(0), us(1), -s(2)}, 2, 0},
           Row{"three times", {us(0), s(1), s(2)}, 1, 1},
           Row{"two and two", {us(0), us(1), s(2), s(2)}, 2, 2},
           Row{"three and two", {us(0), us(1), us(2), s(2), s(2)}, 3, 0},
           Row{"a chain: its ends do not meet", {us(0), us(1'900), us(3'800)}, 0, 0},
           Row{"the other end of it", {us(0), us(1'900), us(3'800)}, 2, 2},
       }) {
    CAPTURE(row.what);
    Scene scene;
    announce(scene, row.ahead);
    CHECK(scene.selected(row.incumbent, s(1)) == row.followed);
  }
}

TEST_CASE("selection: of two that contradict each other the incumbent stays, in either order") {
  Scene scene;
  announce(scene, {us(0), s(2)});
  CHECK(scene.selected(0, s(1)) == 0);
  CHECK(scene.selected(1, s(1)) == 1);
}

TEST_CASE("selection: an announcer has one vote, however many streams it has") {
  Scene scene;
  announce(scene, {us(0), us(0), s(2), s(2), s(2)});
  for (std::size_t i : {3U, 4U}) scene.sources[i].id.key = scene.sources[2].id.key;
  CHECK(scene.selected(3, s(1)) == 0);  // two to one
  CHECK(scene.selected(0, s(1)) == 0);
  scene.sources[1] = {};
  CHECK(scene.selected(3, s(1)) == 3);  // one to one
  CHECK(scene.selected(0, s(1)) == 0);
}

TEST_CASE("selection: who is silent, lost or only assumed has no vote") {
  for (const char* const what : {"silent", "lost", "assumed"}) {
    CAPTURE(what);
    const std::string_view kind{what};
    Scene scene;
    announce(scene, {s(2), us(0), us(0)});
    CHECK(scene.selected(0, s(1)) == 1);
    Source& source = scene.sources[2];
    if (kind == "silent") source.arrived(at(-s(5)));
    if (kind == "lost") source.header.root_dispersion = NtpShort::at_least(s(3));
    if (kind == "assumed") source = Source{scene.follow(2, 3, s(0))};
    CHECK(scene.selected(0, s(1)) == 0);
  }
}

TEST_CASE("selection: a clock that somebody vouches for goes before an island's") {
  Scene scene;
  announce(scene, {us(0), s(2)});
  scene.sources[0].is_island = true;
  CHECK(scene.selected(0, s(1)) == 1);
  CHECK(scene.selected(kNone, s(1)) == 1);
  scene.sources[1].arrived(at(-s(5)));
  CHECK(scene.selected(1, s(1)) == 1);  // held over: the island is of a lesser kind
}

TEST_CASE("selection: of islands all follow the same, whoever they heard first") {
  Scene scene;
  announce(scene, {us(0), s(2), s(2), s(4)});
  for (Source& source : scene.sources) source.is_island = true;
  const auto is_lower = [&](std::size_t a, std::size_t b) {
    return scene.sources[a].id.key < scene.sources[b].id.key;
  };
  std::size_t lowest = 0;
  for (std::size_t i = 1; i < 4; ++i) lowest = is_lower(i, lowest) ? i : lowest;
  for (std::size_t incumbent : {std::size_t{0}, std::size_t{1}, std::size_t{3}, kNone}) {
    CHECK(scene.selected(incumbent, s(1)) == lowest);
  }
  const std::size_t nearer = (lowest + 1) % 4;
  scene.sources[nearer].header.root_dispersion = NtpShort::at_least(us(900));
  for (std::size_t incumbent : {std::size_t{0}, std::size_t{1}, std::size_t{3}, kNone}) {
    CHECK(scene.selected(incumbent, s(1)) == nearer);
  }
}

TEST_CASE("selection: a plain sender has one vote, wherever it is heard") {
  Scene scene;
  announce(scene, {s(2), s(2), us(0)});
  for (std::size_t i = 0; i < 3; ++i) {
    PublicKey name{};
    name[3] = i < 2 ? 7 : 8;  // its address
    name[20] = static_cast<std::uint8_t>(i);
    scene.sources[i].id = {name, kPlainChain, 2};
  }
  CHECK(scene.selected(2, s(1)) == 2);
  CHECK(select(scene.sources, 2, scene.config, at(s(1))).company.announcers == 2);
}

TEST_CASE("selection: who counts less contradicts nobody") {
  Scene scene;
  announce(scene, {us(0), s(10)});
  scene.sources[1].id = {PublicKey{}, kPlainChain, 2};
  const Company company = select(scene.sources, 0, scene.config, at(s(1))).company;
  CHECK(company.announcers == 1);
  CHECK(company.disagreeing == 0);
}

TEST_CASE("selection: who disagrees with the followed one is counted by key, the furthest named") {
  Scene scene;
  announce(scene, {us(0), s(2), -s(3), us(1), s(2)});
  scene.sources[4].id.key = scene.sources[1].id.key;
  const Company company = select(scene.sources, 0, scene.config, at(s(1))).company;
  CHECK(company.announcers == 4);
  CHECK(company.disagreeing == 2);
  CHECK(company.furthest == 2);
  CHECK(magnitude(company.apart + s(3)) < ms(1));
  CHECK_FALSE(company.has_majority());
  scene.sources[2].arrived(at(-s(5)));
  const Company fewer = select(scene.sources, 0, scene.config, at(s(1))).company;
  CHECK(fewer.announcers == 3);
  CHECK(fewer.disagreeing == 1);
  CHECK(fewer.furthest == 1);
  CHECK(fewer.has_majority());
}

}  // namespace timecast::selection_test

// SPDX-License-Identifier: MIT
//
// When an inquiry asks.
#include "tests/unit/listener_inquiry_scene.hpp"

namespace timecast::test {
namespace {

using Scene = InquiryScene;

// Forty queries, all answered: the next comes within one and two spacings.
void check_spacing(Duration spread, Eagerness eagerness, Duration spacing) {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, spread, scene.entropy);
  for (int asked = 0; asked < 40; ++asked) {
    static_cast<void>(scene.ask());
    const Duration wait = scene.answered(eagerness);
    CHECK(wait >= spacing);
    CHECK(wait <= spacing * 2);
  }
}

// How long it waits for the next query when this one is not answered.
Duration wait_unanswered(Scene& scene) {
  static_cast<void>(scene.ask());
  scene.now = shifted(scene.now, s(1));
  scene.inquiry.expire(scene.now.boot, scene.entropy);
  return scene.inquiry.next_deadline().value() - scene.now.boot;
}

}  // namespace

TEST_CASE("inquiry: first queries are spread over what the announcer asks for") {
  for (const Duration spread : {Duration{}, ms(100), s(1), s(6'553)}) {
    CAPTURE(spread.count_ns());
    Duration least = Duration::max();
    Duration most;
    for (int i = 0; i < 2'000; ++i) {
      Scene scene;
      scene.random = sim::Random{static_cast<std::uint64_t>(i)};
      scene.inquiry.begin(scene.now.boot, spread, scene.entropy);
      const Duration wait = scene.inquiry.next_deadline().value() - scene.now.boot;
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    const Duration width = std::max(spread, ms(1));
    CHECK(most <= width);
    CHECK(most >= width * 99 / 100);
    CHECK(least <= width / 100);
  }
}

TEST_CASE("inquiry: to begin again changes nothing until there was an answer") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(5), scene.entropy);
  const auto due = scene.inquiry.next_deadline();
  for (int i = 0; i < 50; ++i) scene.inquiry.begin(scene.now.boot, s(5), scene.entropy);
  CHECK(scene.inquiry.next_deadline() == due);

  static_cast<void>(scene.ask());
  for (int i = 0; i < 30; ++i) static_cast<void>(scene.answered(Eagerness::rare));
  CHECK(scene.inquiry.next_deadline().value() - scene.now.boot >= s(32));
  scene.inquiry.begin(scene.now.boot, s(5), scene.entropy);
  CHECK(scene.inquiry.next_deadline().value() - scene.now.boot <= s(5));
}

TEST_CASE("inquiry: who waits to ask does so as much sooner or later as the spread changes") {
  struct Row {
    Duration before;
    Duration after;
  };
  for (const Row& row : {Row{s(20), s(1)}, {s(20), s(80)}, {s(1), s(80)}, {ms(100), s(6'553)}}) {
    CAPTURE(row.before.count_ns());
    Scene scene;
    scene.inquiry.begin(scene.now.boot, row.before, scene.entropy);
    const double waits = (scene.inquiry.next_deadline().value() - scene.now.boot).to_seconds();
    scene.inquiry.begin(scene.now.boot, row.after, scene.entropy);
    const double waits_now = (scene.inquiry.next_deadline().value() - scene.now.boot).to_seconds();
    const double stretched = waits * row.after.to_seconds() / row.before.to_seconds();
    CHECK(waits_now == doctest::Approx(stretched).epsilon(0.001));
  }
}

TEST_CASE("inquiry: where the spread is wide what is hurried is slower, up to the usual pace") {
  struct Row {
    Duration spread;
    Eagerness eagerness;
    Duration spacing;
  };
  for (const Row& row : {Row{s(1), Eagerness::quick, ms(150)},
                         {s(5), Eagerness::quick, ms(2'150)},
                         {s(61), Eagerness::quick, ms(30'150)},
                         {s(61), Eagerness::brisk, ms(31'500)},
                         {s(61), Eagerness::rare, s(32)},
                         {s(6'553), Eagerness::quick, s(32)}}) {
    CAPTURE(row.spread.count_ns());
    check_spacing(row.spread, row.eagerness, row.spacing);
  }
}

TEST_CASE("inquiry: who is not answered among many tries again as slowly") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(61), scene.entropy);
  const Duration wait = wait_unanswered(scene);
  CHECK(wait >= ms(30'750));
  CHECK(wait <= ms(61'500));
}

TEST_CASE("inquiry: what must be confirmed is asked at once, unless very many would") {
  for (const Duration spread : {s(1), s(61)}) {
    CAPTURE(spread.count_ns());
    Scene scene;
    scene.inquiry.begin(scene.now.boot, spread, scene.entropy);
    static_cast<void>(scene.ask());
    static_cast<void>(scene.answered(Eagerness::rare));
    scene.inquiry.begin_soon(scene.now.boot, scene.entropy);
    const Duration wait = scene.inquiry.next_deadline().value() - scene.now.boot;
    CHECK(wait <= (spread == s(1) ? ms(1) : ms(30'001)));
  }
}

TEST_CASE("inquiry: unanswered queries become rare, and an answer makes them frequent again") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  for (int i = 0; i < 20; ++i) {
    const Duration wait = wait_unanswered(scene);
    const Duration spacing = ms(750) * (std::int64_t{1} << std::clamp(i - 2, 0, 6));
    CHECK(wait >= spacing);
    CHECK(wait <= spacing * 2);
  }
  static_cast<void>(scene.ask());
  CHECK(scene.answered(Eagerness::quick) <= ms(300));
  CHECK(wait_unanswered(scene) <= ms(1'500));
}

TEST_CASE("inquiry: the next query comes within one and two spacings of how eager one is") {
  struct Row {
    Eagerness eagerness;
    Duration spacing;
  };
  for (const Row& row :
       {Row{Eagerness::quick, ms(150)}, {Eagerness::brisk, ms(1'500)}, {Eagerness::rare, s(32)}}) {
    CAPTURE(row.spacing.count_ns());
    check_spacing(s(1), row.eagerness, row.spacing);
  }
}

TEST_CASE("inquiry: however wide the spread, who is not answered tries again within 160 s") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(80), scene.entropy);
  for (int asked = 0; asked < 20; ++asked) {
    CHECK(wait_unanswered(scene) <= s(160));
  }
}

TEST_CASE("inquiry: in pairs every second query comes on the heels of an answer") {
  Scene scene;
  scene.in_pairs = true;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  for (int pair = 0; pair < 20; ++pair) {
    static_cast<void>(scene.ask());
    CHECK(scene.answered(Eagerness::rare) == Duration{});
    static_cast<void>(scene.ask());
    CHECK(scene.answered(Eagerness::rare) >= s(32));
  }
}

TEST_CASE("inquiry: a pair whose first or second query is lost is over") {
  for (const int answered : {0, 1}) {
    CAPTURE(answered);
    Scene scene;
    scene.in_pairs = true;
    scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
    for (int i = 0; i < answered; ++i) {
      static_cast<void>(scene.ask());
      static_cast<void>(scene.answered(Eagerness::rare));
    }
    static_cast<void>(scene.ask());
    scene.now = shifted(scene.now, s(1));
    scene.inquiry.expire(scene.now.boot, scene.entropy);
    CHECK(scene.inquiry.next_deadline().value() - scene.now.boot >= ms(750));
    static_cast<void>(scene.ask());
    CHECK(scene.answered(Eagerness::rare) == Duration{});
  }
}

TEST_CASE(
    "inquiry: a missed announcement is asked about within the spread, and leaves it as it is") {
  for (const Duration spread : {s(1), s(80)}) {
    CAPTURE(spread.count_ns());
    Scene scene;
    scene.inquiry.begin(scene.now.boot, spread, scene.entropy);
    static_cast<void>(scene.ask());
    static_cast<void>(scene.answered(Eagerness::rare));
    scene.inquiry.begin_missed(scene.now.boot, scene.entropy);
    CHECK(*scene.inquiry.next_deadline() - scene.now.boot <= std::max(spread, s(4)));
    static_cast<void>(scene.ask());
    const Duration wait = scene.answered(Eagerness::quick);
    CHECK(wait >= (spread > s(32) ? s(32) : ms(150)));
    CHECK(wait <= (spread > s(32) ? s(64) : ms(300)));
  }
}

}  // namespace timecast::test

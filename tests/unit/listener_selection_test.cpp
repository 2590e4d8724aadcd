// SPDX-License-Identifier: MIT
//
// Which announcer is followed, and who finds a place. Where they contradict each other:
// listener_selection_vote_test.cpp.
#include "tests/unit/listener_selection_scene.hpp"

namespace timecast::selection_test {

TEST_CASE("selection: nobody is followed without an estimate") {
  Scene scene;
  CHECK(scene.selected(kNone, s(0)) == kNone);
  scene.sources[1].in_use = true;
  scene.sources[1].interval = s(1);
  scene.sources[1].arrival = at(s(0));
  CHECK(scene.selected(kNone, s(0)) == kNone);
  CHECK(scene.selected(1, s(0)) == kNone);
}

TEST_CASE("selection: the first who is heard is followed, measured or not") {
  Scene scene;
  scene.follow(2, 1, s(0));
  CHECK(scene.selected(kNone, s(1)) == 2);
}

TEST_CASE("selection: the incumbent stays while it is heard, however good another is") {
  Scene scene;
  Scene::measure(scene.follow(0, 1, s(0), ms(500)));
  Scene::measure(scene.follow(1, 2, s(0), us(20)));
  CHECK(scene.selected(0, s(0)) == 0);
  CHECK(scene.selected(0, s(3)) == 0);
  CHECK(scene.selected(1, s(3)) == 1);
}

TEST_CASE("selection: of two that only announce the incumbent stays") {
  Scene scene;
  scene.follow(0, 1, s(0), ms(500));
  scene.follow(1, 2, s(0), us(20));
  CHECK(scene.selected(0, s(1)) == 0);
}

TEST_CASE("selection: of two streams of one announcer the quicker one is followed for good") {
  // The announcements' delay in us: of the incumbent, of the other; and how far apart their times
  // are: further than the delays, and one takes its delay for time.
  struct Row {
    std::uint8_t key;
    int delay;
    int other;
    int apart;
    std::size_t followed;
  };
  for (const Row& row : {Row{1, 100, 70, 0, 1},
                         {1, 100, 80, 0, 0},
                         {1, 70, 100, 0, 0},
                         {2, 100, 70, 0, 0},
                         {1, 100, 70, 10, 1},
                         {1, 100, 70, -10, 1},
                         {1, 100, 70, 20, 0},
                         {1, 100, 70, -20, 0}}) {
    CAPTURE(row.key);
    CAPTURE(row.delay);
    CAPTURE(row.other);
    CAPTURE(row.apart);
    Scene scene;
    for (const bool other : {false, true}) {
      Source& source = scene.follow(other ? 1 : 0, other ? row.key : 1, s(0));
      source.agreeing = 16;
      const Duration delay = us(other ? row.other : row.delay);
      const Duration ahead = s(77) + us(other ? row.apart : 0);
      source.estimator.restart(delay, Duration{});
      source.estimator.add_announcement({source.arrival.raw, ahead - delay, Duration{}});
    }
    CHECK(scene.selected(0, s(1)) == row.followed);
  }
}

TEST_CASE("selection: a stream must have been heard for a while to be the quicker one") {
  Scene scene;
  const Source& first = scene.follow(0, 1, s(0));
  Source& newcomer = scene.follow(1, 1, s(0));
  const Timestamp<Raw> when = newcomer.arrival.raw;
  newcomer.estimator.restart(us(10), Duration{});
  newcomer.estimator.add_announcement({when, first.estimator.ahead_at(when) - us(10), Duration{}});
  newcomer.agreeing = 15;
  CHECK(scene.selected(0, s(1)) == 0);
  newcomer.agreeing = 16;
  CHECK(scene.selected(0, s(1)) == 1);
}

TEST_CASE("selection: an incumbent that never answered yields to one that did") {
  Scene scene;
  scene.follow(0, 1, s(0), us(20));
  Scene::measure(scene.follow(1, 2, s(0), ms(500)));
  CHECK(scene.selected(0, s(1)) == 1);
  CHECK(scene.selected(1, s(1)) == 1);
}

TEST_CASE("selection: an incumbent whose bound has passed the limit yields") {
  Scene scene;
  Scene::measure(scene.follow(0, 1, s(0), s(2)));
  scene.follow(1, 2, s(0));
  CHECK(scene.selected(0, s(1)) == 1);
}

TEST_CASE("selection: when the incumbent is silent the best of those who are heard takes over") {
  Scene scene;
  Scene::measure(scene.follow(0, 1, s(0), ms(1)));
  Scene::measure(scene.follow(1, 2, s(10), ms(9)));
  Scene::measure(scene.follow(2, 3, s(10), us(20)));
  Scene::measure(scene.follow(3, 4, s(0), us(10)));  // silent too
  CHECK(scene.selected(0, s(10)) == 2);
  CHECK(scene.selected(kNone, s(10)) == 2);
}

TEST_CASE("selection: measured time is held over rather than exchanged for assumed time") {
  Scene scene;
  Scene::measure(scene.follow(0, 1, s(0), us(20)));
  scene.follow(1, 2, s(600), us(10));
  CHECK(scene.selected(0, s(600)) == 0);
  scene.measure(scene.sources[1]);
  CHECK(scene.selected(0, s(600)) == 1);
}

TEST_CASE("selection: time that is lost is exchanged for any other") {
  Scene scene;
  Scene::measure(scene.follow(0, 1, s(0), us(20)));
  scene.follow(1, 2, s(200'000), us(10));
  CHECK(scene.selected(0, s(200'000)) == 1);
}

TEST_CASE("selection: for want of another the last one is held over") {
  Scene scene;
  scene.follow(0, 1, s(0));
  CHECK(scene.selected(0, s(100)) == 0);
  CHECK(scene.selected(0, s(1'000'000)) == 0);
  CHECK(scene.selected(kNone, s(100)) == kNone);
}

TEST_CASE("selection: of two alike the signed one is followed, unless signatures do not count") {
  struct Row {
    SignatureMode mode;
    bool plain_is_measured;
    bool signed_is_measured;
    bool signed_wins;
  };
  for (const Row& row :
       {Row{SignatureMode::first_use, false, false, true},
        Row{SignatureMode::first_use, true, true, true},
        Row{SignatureMode::first_use, true, false, false},
        Row{SignatureMode::first_use, false, true, true},
        Row{SignatureMode::off, true, true, false}, Row{SignatureMode::off, false, false, false},
        Row{SignatureMode::off, false, true, true}}) {
    Scene scene;
    scene.config.signatures = row.mode;
    Source& plain = scene.follow(0, 1, s(0), us(20));
    plain.id.chain = kPlainChain;
    Source& precise = scene.follow(1, 2, s(0), ms(500));
    if (row.plain_is_measured) Scene::measure(plain);
    if (row.signed_is_measured) Scene::measure(precise);
    CHECK(scene.selected(0, s(1)) == (row.signed_wins ? 1 : 0));
    CHECK(scene.selected(kNone, s(1)) == (row.signed_wins ? 1 : 0));
  }
}

TEST_CASE("selection: what is unsigned bounds nothing as soon as a key counts") {
  Scene scene;
  scene.config.signatures = SignatureMode::first_use;
  Source& plain = scene.follow(0, 1, s(0), us(20));
  plain.id.chain = kPlainChain;
  Scene::measure(plain);
  scene.follow(1, 2, s(0), ms(500));
  CHECK(scene.selected(0, s(1)) == 0);
  scene.config.key_count = 1;
  CHECK(scene.selected(0, s(1)) == 1);
}

TEST_CASE("selection: one announcer takes not all places") {
  Scene scene;
  ListenerConfig config;
  config.key_count = 2;
  config.keys = {sim::toy_signer(1).key, sim::toy_signer(2).key};
  const Keyring keyring{config};
  for (std::size_t i = 0; i < kMaxSources; ++i) Scene::measure(scene.follow(i, 1, s(0)));
  const SourceId newcomer{config.keys[1], 7, 2};
  // Half of them in the end, and never the incumbent's.
  std::size_t got = 0;
  for (; got < kMaxSources; ++got) {
    const std::size_t place = place_for_new(scene.sources, 0, keyring, newcomer, at(s(0)).boot);
    if (place == kNone) break;
    CHECK(place != 0);
    Scene::measure(scene.follow(place, 2, s(0)));
  }
  CHECK(got == kMaxSources / 2);
}

TEST_CASE("selection: a new source gets a free place, else one that counts less") {
  Scene scene;
  ListenerConfig config;
  config.key_count = 1;
  config.keys[0] = sim::toy_signer(9).key;
  const Keyring keyring{config};
  const auto place = [&](std::size_t incumbent, bool pinned, Duration now) {
    const SourceId newcomer{sim::toy_signer(pinned ? 9 : 8).key, 7, 2};
    return place_for_new(scene.sources, incumbent, keyring, newcomer, at(now).boot);
  };
  CHECK(place(kNone, false, s(0)) == 0);
  for (std::size_t i = 0; i < kMaxSources; ++i) {
    CHECK(place(kNone, false, s(0)) == i);
    Scene::measure(scene.follow(i, static_cast<std::uint8_t>(i + 1), s(0)));
  }
  SUBCASE("none while all are heard and have answered") { CHECK(place(0, false, s(3)) == kNone); }
  SUBCASE("that of whoever is silent for longest, but never the incumbent's") {
    scene.sources[0].arrival = at(-s(9));
    scene.sources[1].arrival = at(-s(5));
    scene.sources[2].arrival = at(-s(6));
    CHECK(place(kNone, false, s(0)) == 0);
    CHECK(place(0, false, s(0)) == 2);
  }
  SUBCASE("that of one which has not answered for ten seconds") {
    scene.follow(1, 2, s(0));
    scene.sources[1].opened = at(s(0)).boot;
    scene.sources[1].arrival = at(s(10));
    CHECK(place(0, false, s(3)) == kNone);
    for (std::size_t i = 0; i < kMaxSources; ++i) scene.sources[i].arrival = at(s(11));
    CHECK(place(0, false, s(10)) == kNone);
    CHECK(place(0, false, s(11)) == 1);
    CHECK(place(1, false, s(11)) == kNone);
  }
  SUBCASE("for a pinned key any place of a key that is not") { CHECK(place(0, true, s(0)) == 1); }
}

TEST_CASE("selection: who has not answered for long yields to nobody that counts less") {
  const std::uint8_t pinned = 9;
  Scene scene;
  ListenerConfig config;
  config.key_count = 1;
  config.keys[0] = sim::toy_signer(pinned).key;
  const Keyring keyring{config};
  struct Row {
    SourceId there;
    SourceId newcomer;
    bool yields;
  };
  const SourceId plain{{}, kPlainChain, 2};
  const SourceId another{sim::toy_signer(1).key, 7, 2};
  const SourceId trusted{config.keys[0], 8, 2};
  for (const Row& row :
       {Row{plain, plain, true}, Row{plain, another, true}, Row{plain, trusted, true},
        Row{another, plain, false}, Row{another, another, true}, Row{another, trusted, true},
        Row{trusted, plain, false}, Row{trusted, another, false}, Row{trusted, trusted, true}}) {
    for (std::size_t i = 0; i < kMaxSources; ++i) {
      Source& source = scene.follow(i, 1, s(0));
      source.id = row.there;
      source.opened = at(-s(11)).boot;
    }
    const bool yields =
        place_for_new(scene.sources, 0, keyring, row.newcomer, at(s(0)).boot) != kNone;
    CHECK(yields == row.yields);
  }
}

TEST_CASE("selection: who is heard and has answered yields to those alone that count more") {
  Scene scene;
  ListenerConfig config;
  const Keyring keyring{config};
  const SourceId another{sim::toy_signer(2).key, 7, 2};
  for (const bool plain : {true, false}) {
    for (std::size_t i = 0; i < kMaxSources; ++i) {
      Source& source = scene.follow(i, static_cast<std::uint8_t>(i + 3), s(0));
      Scene::measure(source);
      if (plain) source.id.chain = kPlainChain;
    }
    CHECK((place_for_new(scene.sources, 0, keyring, another, at(s(0)).boot) != kNone) == plain);
  }
}

TEST_CASE("selection: pinned keys do not displace each other") {
  Scene scene;
  ListenerConfig config;
  config.key_count = 1;
  config.keys[0] = sim::toy_signer(1).key;
  const Keyring keyring{config};
  for (std::size_t i = 0; i < kMaxSources; ++i) scene.follow(i, 1, s(0));
  const SourceId newcomer{config.keys[0], 7, 2};
  CHECK(place_for_new(scene.sources, 0, keyring, newcomer, at(s(0)).boot) == kNone);
}

}  // namespace timecast::selection_test

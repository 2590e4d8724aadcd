// SPDX-License-Identifier: MIT
//
// A switch that snoops memberships and that no querier helps, and the members of one host. The
// kernel tells it of the first that joins and the last that leaves, as captured on Linux 6.18.
#include <timecast/wire/group_patience.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "tests/simulation/random.hpp"

namespace timecast::sim {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

struct Member {
  GroupPatience patience;
  bool is_in = true;
  Timestamp<Boot> wakes{};  // its loop is late at times
};

// What a host hears of an announcement each second.
class SnoopedHost {
 public:
  SnoopedHost(Duration forgets_after, std::uint64_t seed)
      : forgets_after_{forgets_after}, random_{seed} {}

  void add_member() {
    members_.push_back({GroupPatience{now_}});
    report();
    plan(members_.back());
  }
  void run_for(Duration span) {
    for (const Timestamp<Boot> end = now_ + span; now_ < end; now_ = now_ + ms(10)) {
      for (Member& member : members_) {
        if (now_ >= member.wakes) wake(member);
      }
      if (now_ - announced_ >= s(1)) announce();
    }
  }
  [[nodiscard]] Duration longest_silence() const { return longest_silence_; }
  void forget_silences() { longest_silence_ = Duration{}; }
  [[nodiscard]] const Member& member(std::size_t index) const { return members_[index]; }
  [[nodiscard]] int reports() const { return reports_; }

 private:
  void wake(Member& member) {
    const GroupPatience::Step step = member.patience.on_deadline(now_);
    if (step == GroupPatience::Step::leave) member.is_in = false;
    if (step == GroupPatience::Step::join) {
      member.is_in = true;
      report();
    }
    plan(member);
  }
  void plan(Member& member) {
    const auto late_ms = static_cast<std::int64_t>(200 * random_.uniform());
    member.wakes = member.patience.next_deadline() + ms(late_ms);
  }
  // The first member has joined.
  void report() {
    const auto in = std::count_if(members_.begin(), members_.end(),
                                  [](const Member& member) { return member.is_in; });
    if (in != 1) return;
    reported_ = now_;
    ++reports_;
  }
  void announce() {
    announced_ = now_;
    if (now_ - reported_ > forgets_after_) {
      longest_silence_ = longer(longest_silence_, now_ - heard_);
      return;
    }
    heard_ = now_;
    for (Member& member : members_) {
      if (member.is_in && member.patience.heard(now_, s(1))) plan(member);
    }
  }

  Duration forgets_after_;
  Random random_;
  Timestamp<Boot> now_{s(1'000)};
  Timestamp<Boot> announced_{now_};
  Timestamp<Boot> heard_{now_};
  Timestamp<Boot> reported_{now_};
  Duration longest_silence_;
  int reports_ = 0;
  std::vector<Member> members_;
};

}  // namespace

TEST_CASE("sim: a switch that forgets is reminded, however many members a host has") {
  for (const int members : {1, 2, 5}) {
    CAPTURE(members);
    SnoopedHost host{s(260), 7};
    for (int i = 0; i < members; ++i) host.add_member();
    host.run_for(s(900));
    CHECK(host.longest_silence() <= s(17));
    CHECK(magnitude(host.member(0).patience.rhythm() - s(260)) < s(5));
    // From then on it is reminded before it forgets.
    host.forget_silences();
    host.run_for(s(7'200));
    CHECK(host.longest_silence() == Duration{});
    CHECK(host.reports() < 7'200 / 40);
  }
}

TEST_CASE("sim: a member that comes later learns the rhythm too") {
  SnoopedHost host{s(260), 8};
  host.add_member();
  host.run_for(s(1'200));
  host.add_member();
  host.run_for(s(1'200));
  host.forget_silences();
  host.run_for(s(7'200));
  CHECK(host.longest_silence() == Duration{});
  CHECK(host.member(0).patience.rhythm() > s(240));
  CHECK(host.member(1).patience.rhythm() > s(240));
}

}  // namespace timecast::sim

// SPDX-License-Identifier: MIT
//
// The listener's work in a loop, whoever runs that: hands over to the core what arrives and when,
// sends what it asks for, re-arms the one timer. It decides nothing about time; it keeps one socket
// for each interface and family as they come and go.
//
// Errors:  at start, why it cannot listen at all. Later none: what fails is told the loop's log
//          when it begins and when it ends, and tried again.
// Threads: the loop's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <timecast/listener.hpp>
#include <timecast/uv_listener.hpp>

#include "common/host/attempts.hpp"
#include "common/host/card_clocks.hpp"
#include "common/host/group_socket.hpp"
#include "common/host/network_watch.hpp"
#include "common/host/own_host.hpp"
#include "listener/clocks/clock_choice.hpp"
#include "listener/clocks/frequency_memory.hpp"
#include "listener/daemon/answer_watch.hpp"
#include "listener/daemon/arrival_clock.hpp"
#include "listener/daemon/asker.hpp"
#include "listener/daemon/floor_watch.hpp"
#include "listener/daemon/key_watch.hpp"
#include "listener/daemon/mac_watch.hpp"
#include "listener/daemon/report.hpp"
#include "listener/daemon/signature_guard.hpp"

namespace timecast {

// A group that was planned to be joined, and what became of it.
struct Membership {
  GroupWish wish;
  std::optional<GroupSocket> socket;  // none if it failed
  Attempts attempts;
};

class ListenerEngine {
 public:
  // Called from the loop and not from within other work, so that they may destroy the engine. Each
  // may be left out.
  struct Callbacks {
    std::function<void(const ListenerStatus&, const Moment&)> on_state;   // or reason
    std::function<void(const ListenerStatus&, const Moment&)> on_second;  // every one
    // A packet counted. From within other work: it must not destroy the engine.
    std::function<void(const Moment&)> on_measured{};
    // A key is trusted from now on. From within other work as well.
    std::function<void(const BookedKey&)> on_trusted{};
  };

  // The clock that is kept by what is measured. Without one nothing is steered.
  struct Kept {
    std::unique_ptr<Discipline> discipline;
    ClockPolicy policy;
    std::optional<KnownFrequency> frequency;  // that it has run by before
  };

  [[nodiscard]] static Result<std::unique_ptr<ListenerEngine>> start(
      Loop& loop, const UvListenerSettings& settings, Callbacks callbacks, Kept kept = {});
  ListenerEngine(const ListenerEngine&) = delete;
  ListenerEngine& operator=(const ListenerEngine&) = delete;
  ~ListenerEngine();

  // Other settings, all of them or none. What was learnt is kept while groups and trust are.
  struct Change {
    bool keys = false;
    bool begins_anew = false;
  };
  [[nodiscard]] Result<Change> change(const UvListenerSettings& settings);

  // Where signatures do not count, whoever holds announcements back can answer as well: then
  // nothing bounds how late they are.
  [[nodiscard]] ListenerStatus status(const Moment& now) const noexcept {
    ListenerStatus status = core_.status(now);
    status.lateness_bounded &= config_.signatures != SignatureMode::off;
    return status;
  }
  [[nodiscard]] std::vector<GroupReport> groups() const;
  // Signatures that were not looked at, since a flood would have them looked at.
  [[nodiscard]] std::uint64_t unchecked() const noexcept { return guard_.unchecked(); }
  // What each key has announced so far, to be kept for the next listener; and what was kept
  // (ReplayFloors::merge).
  [[nodiscard]] const ReplayFloors& floors() const noexcept { return floors_.floors(); }
  void merge_floors(const ReplayFloors& file, const ReplayFloors& before) {
    floors_.floors().merge(file, before);
  }
  [[nodiscard]] std::uint64_t kept_out() const noexcept { return floors_.kept_out(); }
  // Queries in a row that whoever is followed left unanswered.
  [[nodiscard]] std::uint32_t unanswered(const ListenerStatus& status) const noexcept {
    return answers_.unanswered_by(status.announcer);
  }
  // The symmetric key by which whoever is followed was heard; 0 if by none.
  [[nodiscard]] std::uint32_t mac_key(const ListenerStatus& status) const noexcept {
    return status.plain ? macs_.key_of(status.announcer) : 0;
  }
  // What becomes of the time.
  [[nodiscard]] std::string clock() const;
  // As Discipline::owns_word().
  [[nodiscard]] std::optional<bool> owns_word() const noexcept;
  // Of this host's clock, by us.
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

 private:
  // What a callback needs when it has destroyed the engine.
  struct Listeners {
    Callbacks callbacks;
    bool engine_is_gone = false;
  };

  ListenerEngine(Loop& loop, const UvListenerSettings& settings, const ListenerConfig& config,
                 Callbacks callbacks, Kept kept);
  Result<void> start_timers();
  [[nodiscard]] Result<void> require_a_group() const;
  [[nodiscard]] ListenerConfig guarded(ListenerConfig config) noexcept;

  [[nodiscard]] static Result<SymmetricKeys> load_symmetric(const UvListenerSettings& settings,
                                                            const Loop& loop);
  void restart_watches();

  void refresh_sockets();
  void note_unheard(const std::vector<GroupWish>& wishes) const;
  void join(Membership& membership);

  [[nodiscard]] std::shared_ptr<const HardwareClock> clock_on(std::uint32_t interface) const;
  void look_at_clocks();
  void note_own_announcer(const Endpoint& from);
  // Where it came to: a group or broadcast address, or the socket of a query.
  struct Ear {
    bool foreign = false;
    std::uint32_t key = 0;  // that is wanted there
    std::optional<AskedBy> asked = {};
  };
  void on_group(const Endpoint& group, const Datagram& datagram);
  void on_datagram(const Datagram& datagram, const Ear& ear);
  void note_taken(const Datagram& datagram, const Arrival& arrival, const Ear& ear,
                  const ListenerStatus& status);
  void on_query_stamp(QueryToken token, Timestamp<Realtime> stamp);
  void on_deadline();
  void on_second();
  void carry_out(const Effects& effects);
  void ask(const Effect& query);
  void steer(const Effect& effect);
  void keep_frequency();
  [[nodiscard]] Duration postponed(Timestamp<Boot> due) const;
  void rearm();
  [[nodiscard]] bool is_kept_out(const Datagram& datagram, const Arrival& arrival);
  void on_key(const KeyNews& news, const Endpoint& from);
  void trust(const KeyNews& news);
  void tell_measured(const ListenerStatus& status, const Moment& now);
  [[nodiscard]] bool has_news(const ListenerStatus& status) const noexcept;
  void tell(const Moment& now, bool is_second);

  Loop& loop_;
  UvListenerSettings settings_;
  std::shared_ptr<Listeners> listeners_;
  Kept kept_;
  SignatureGuard guard_;
  KeyWatch keys_{guard_};
  FloorWatch floors_{guard_};
  MacWatch macs_{floors_.floors()};
  AnswerWatch answers_;
  ListenerConfig config_;
  Listener core_;
  NetworkWatch network_{loop_};
  CardClocks cards_{loop_};
  ArrivalClock arrivals_;
  Asker asker_;
  std::vector<ChosenInterface> chosen_;
  OwnHost own_host_;
  bool told_own_announcer_ = false;
  std::vector<Membership> memberships_;
  std::optional<DeadlineTimer> timer_;
  std::optional<DeadlineTimer> second_;
  Timestamp<Boot> next_second_;
  State told_state_ = State::searching;
  Reason told_reason_ = Reason::nothing_heard;
  std::uint64_t steps_ = 0;
  std::uint32_t measured_ = 0;       // announcements and exchanges that on_measured was told of
  std::uint32_t announcements_ = 0;  // that the core had taken
  std::uint64_t heard_ = 0;          // these, and those of an announcer that has no time at present
  std::uint32_t exchanges_ = 0;
  bool first_look_ = true;
};

}  // namespace timecast

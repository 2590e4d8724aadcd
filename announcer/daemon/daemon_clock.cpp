// SPDX-License-Identifier: MIT
//
// What this host's clock is worth, before every packet: daemon.hpp.
#include <algorithm>
#include <utility>

#include "announcer/daemon/daemon.hpp"
#include "announcer/daemon/status.hpp"
#include "common/host/clock_keeper.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"

namespace timecast {

namespace {

std::string unsynchronised_warning(ClockSource source, const std::string& reason, int failure) {
  const std::string hence = ", so no listener takes time from here; ";
  const std::string island = "say --island on a network without other time";
  if (source == ClockSource::itself) {
    return reason + hence + "let it follow another announcer, or chrony set this clock";
  }
  const std::string_view way_out =
      failure == kKeeperSilent ? kKeeperWayOut : "let it call adjtimex";
  if (failure != 0) {
    return untold_text(failure) + hence + std::string{way_out} + ", or " + island;
  }
  return "this host's clock is not synchronised" + hence +
         "let chrony (with rtcsync or allow 127.0.0.1) or timesyncd set it, or " + island;
}

}  // namespace

ClockFacts AnnouncerDaemon::clock_facts(KernelLook look) {
  ClockFacts facts;
  facts.island = options_.island;
  facts.stratum = options_.stratum;
  facts.own_key = identity_.key.public_key();
  facts.followed = listener_.followed();
  if (options_.island && !facts.followed) return facts;  // it needs nobody's word
  facts.kernel = (kernel_.*look)(read_moment());
  // Somebody has set the clock, if the kernel has lost what it was told of it. One that does not
  // tell has lost nothing.
  if (facts.kernel.failure == 0) {
    const bool had_time = std::exchange(kernel_had_time_, facts.kernel.synchronised);
    if (had_time && !facts.kernel.synchronised) server_.on_clock_set();
  }
  facts.server = server_.word(boot_now());
  facts.server_endpoint = server_.server();
  facts.disbelief = server_.disbelief();
  return facts;
}

ClockState AnnouncerDaemon::clock_state(KernelLook look) {
  const ClockFacts facts = clock_facts(look);
  ClockWord word = clock_word(facts);
  if (word.source == ClockSource::server) word.state.reference = clock_.at(facts.server->reference);
  return word.state;
}

// Not where this very program answers. And an island needs nobody's word.
bool AnnouncerDaemon::may_ask_server_at(const Address& address) const {
  return !options_.island && std::none_of(places_.begin(), places_.end(), [&](const Place& place) {
    const Endpoint& local = place.wish.local;
    return local.address == address && local.port == kPlainPort && !place.outlets.empty() &&
           !place.is_beside;
  });
}

// A word that is only about to come is waited for.
void AnnouncerDaemon::note_clock_state() {
  const ClockFacts facts = clock_facts();
  const ClockWord word = clock_word(facts);
  if (!word.synchronised && !told_word_ && !server_.has_looked()) return;
  const bool is_change = !told_word_ || told_word_->synchronised != word.synchronised ||
                         told_word_->source != word.source ||
                         (options_.island && told_word_->follows != word.follows);
  std::string reason = clock_reason(facts, word);
  if (!is_change && reason == told_reason_) return;
  // That an island is one was said at the start.
  const bool is_news = is_change && (!options_.island || told_word_ || word.follows);
  told_word_ = word;
  told_reason_ = std::move(reason);
  tell_readiness();
  if (options_.json) frame_.print(state_line(report()));
  if (is_news) log_clock(facts.kernel.failure);
}

void AnnouncerDaemon::log_clock(int kernel_failure) const {
  if (!told_word_->synchronised) {
    log(Level::warning, unsynchronised_warning(told_word_->source, told_reason_, kernel_failure));
  } else if (told_word_->source == ClockSource::kernel && !told_word_->follows) {
    log(Level::info, "this host's clock is synchronised: announcing its time");
  } else {
    log(Level::info, told_reason_ + ": announcing its time");
  }
}

}  // namespace timecast

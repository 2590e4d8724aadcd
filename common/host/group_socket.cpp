// SPDX-License-Identifier: MIT
#include "common/host/group_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include <timecast/wire/announcement.hpp>
#include <timecast/wire/packet.hpp>

#include "common/host/host_clock.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

// Switches forget neither who is on this very host nor what is broadcast.
bool can_be_forgotten(const HeardGroup& heard) {
  return !heard.loopback && heard.group.address.is_multicast();
}

// Whole seconds: a rhythm is no better known.
std::string rounded(Duration span) {
  return seconds_text(Duration::seconds((span + Duration::milliseconds(500)).count_ns() /
                                        Duration::seconds(1).count_ns()));
}

}  // namespace

std::optional<Duration> announced_interval(Octets octets) noexcept {
  const auto packet = decode(octets);
  if (!packet || packet->header.mode != Mode::broadcast) return std::nullopt;
  if (const auto announcement = find_announcement(*packet)) return announcement->interval();
  return packet->header.poll.to_duration();  // a plain one: roughly
}

Result<GroupSocket> GroupSocket::open(Loop& loop, HeardGroup heard, const UdpOptions& options,
                                      PolledSocket::Callbacks callbacks) {
  auto socket = PolledSocket::open(loop, options, std::move(callbacks));
  if (!socket) return because(socket.error());
  auto state = std::make_unique<State>(
      State{loop, std::move(heard), std::move(*socket), GroupPatience{boot_now()}, std::nullopt});
  if (!can_be_forgotten(state->heard)) return GroupSocket{std::move(state)};
  auto timer = DeadlineTimer::create(loop, [self = state.get()] { self->on_deadline(); });
  if (!timer) return because(timer.error());
  state->timer = std::move(*timer);
  state->timer->arm(state->patience.next_deadline());
  return GroupSocket{std::move(state)};
}

// A deadline that only becomes a later one stays as it is: it is looked at when it comes.
void GroupSocket::heard(Timestamp<Boot> now, Duration interval) {
  GroupPatience& patience = state_->patience;
  const bool was_known = patience.ever_heard();
  const Duration rhythm = patience.rhythm();
  const bool ends_silence = patience.heard(now, interval);
  if (!ends_silence || !state_->timer) return;
  state_->timer->arm(patience.next_deadline());
  if (was_known) state_->say(Level::info, "is heard again");
  if (rhythm == Duration{} && patience.rhythm() != Duration{}) state_->tell_rhythm();
}

void GroupSocket::State::tell_rhythm() const {
  say(Level::warning, "is heard for about " + rounded(patience.rhythm()) +
                          " after each join: a switch snoops memberships (IGMP, MLD) and nobody "
                          "queries them; it is reminded from now on, but a querier is the cure");
}

void GroupSocket::State::on_deadline() {
  switch (patience.on_deadline(boot_now())) {
    case GroupPatience::Step::none: break;
    case GroupPatience::Step::leave:
      if (patience.attempts() == 1 && patience.ever_heard()) {
        say(Level::info, "is silent for " + rounded(boot_now() - patience.silent_since()) +
                             ": joining it anew, in case a switch has forgotten this host");
      }
      socket->leave();
      break;
    case GroupPatience::Step::join: join(); break;
  }
  timer->arm(patience.next_deadline());
}

// That the interface has gone is told by whoever looks at the interfaces.
void GroupSocket::State::join() {
  const int failed = socket->join();
  if (failed == 0 || failed == ENODEV || failed == EADDRINUSE) return;
  say(Level::warning, system_error("cannot be joined again", failed).text);
}

void GroupSocket::State::say(Level level, const std::string& text) const {
  loop.log(level, to_string(heard.group.address) + " on " + heard.interface_name + ' ' + text);
}

}  // namespace timecast

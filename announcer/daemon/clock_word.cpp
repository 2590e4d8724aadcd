// SPDX-License-Identifier: MIT
#include "announcer/daemon/clock_word.hpp"

#include <algorithm>

#include "announcer/daemon/options.hpp"
#include "common/host/reference_id.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr Duration kUnknownError = Duration::seconds(16);  // RFC 5905, MAXDISP

bool has_time(const std::optional<ServerWord>& server) noexcept {
  return server && server->synchronised;
}

ClockWord by_server(const ServerWord& server) noexcept {
  ClockWord word{ClockSource::server, true, false, {}};
  word.state = {true,           server.leap,         server.root_dispersion,
                server.stratum, server.reference_id, server.root_delay,
                std::nullopt};
  return word;
}

ClockWord by_kernel(const KernelClock& kernel) noexcept {
  ClockWord word{ClockSource::kernel, kernel.synchronised, false, {}};
  word.state.synchronised = kernel.synchronised;
  word.state.leap = kernel.leap;
  word.state.max_error = kernel.max_error;
  return word;
}

// A daemon that is fed may have better sources: then its reference is an address. That of a
// reference clock is a name.
bool follows_a_listener(const ClockFacts& facts) noexcept {
  if (!facts.followed) return false;
  return !facts.followed->feeds || !has_time(facts.server) || is_name(facts.server->reference_id);
}

// Each of a chain of announcers is one further from the reference clock. Of a circle nobody would
// notice otherwise that there is none.
void follow(const FollowedAnnouncer& followed, ClockState& state) noexcept {
  const auto next = static_cast<std::uint8_t>(std::min<int>(followed.stratum, kMaxStratum) + 1);
  state.stratum = std::max(state.stratum, next);
  state.reference_id = followed.reference_id;
}

// Its own clock is right by definition, unless a listener has it follow another announcer: then
// that one is the reference here as well, or two islands could follow each other.
ClockWord by_operator(const ClockFacts& facts) noexcept {
  ClockWord word{ClockSource::island, true, false, {}};
  word.follows = facts.followed && facts.followed->is_heard && facts.followed->key != facts.own_key;
  if (!word.follows) return word;
  const bool is_told = facts.kernel.failure == 0 && facts.kernel.synchronised;
  word.state = {true, Leap::none, is_told ? facts.kernel.max_error : kUnknownError};
  word.state.stratum = facts.stratum.value_or(kIslandStratum);
  follow(*facts.followed, word.state);
  word.synchronised = word.state.stratum <= kMaxStratum;
  return word;
}

std::string server_text(const ClockFacts& facts) {
  Header said;
  said.stratum = facts.server->stratum;
  said.reference_id = facts.server->reference_id;
  return "the NTP server at " + to_string(facts.server_endpoint) +
         " says that this host's clock is synchronised: stratum " + std::to_string(said.stratum) +
         ", reference " + reference_id_text(said);
}

// A server that answers and has no time leaves the word to the kernel: another program may keep
// the clock.
std::string kernel_text(const ClockFacts& facts) {
  if (facts.kernel.failure != 0) return untold_text(facts.kernel.failure);
  std::string text = "the kernel says that this host's clock is ";
  text += facts.kernel.synchronised ? "synchronised" : "not synchronised";
  const std::string server = ", the NTP server at " + to_string(facts.server_endpoint);
  if (facts.disbelief) return text + server + " does not count: " + in_words(*facts.disbelief);
  return facts.server ? text + server + " that it is not" : text;
}

}  // namespace

const char* to_string(ClockSource source) noexcept {
  switch (source) {
    case ClockSource::island: return "island";
    case ClockSource::server: return "server";
    case ClockSource::kernel: return "kernel";
    case ClockSource::itself: return "itself";
  }
  return "unnamed";
}

ClockWord clock_word(const ClockFacts& facts) noexcept {
  if (facts.island) return by_operator(facts);
  ClockWord word = has_time(facts.server) ? by_server(*facts.server) : by_kernel(facts.kernel);
  word.follows = follows_a_listener(facts);
  if (word.follows && facts.followed->key == facts.own_key) {
    return {ClockSource::itself, false, true, {}};
  }
  if (word.follows) follow(*facts.followed, word.state);
  if (word.state.stratum != 0 && facts.stratum) {
    word.state.stratum = std::max(word.state.stratum, *facts.stratum);
  }
  word.synchronised = word.synchronised && word.state.stratum <= kMaxStratum;
  return word;
}

std::string clock_reason(const ClockFacts& facts, const ClockWord& word) {
  if (word.source == ClockSource::island && !word.follows) {
    return "island: this host's clock is the reference";
  }
  std::string how;
  if (word.follows) {
    how = std::string{"a timecast-listener on this host "} +
          (facts.followed->feeds ? "feeds the daemon that keeps it" : "keeps it");
  }
  if (word.source == ClockSource::itself) {
    return "this host's clock follows this very announcer: " + how;
  }
  std::string text = "island";
  if (word.source == ClockSource::server) text = server_text(facts);
  if (word.source == ClockSource::kernel) text = kernel_text(facts);
  if (word.follows) {
    text += word.source == ClockSource::island ? ": this host's clock" : "; it";
    text += " follows the announcer " + to_string(facts.followed->address) + ": " + how;
  }
  if (word.state.stratum > kMaxStratum) text += "; no time is passed on beyond stratum 15";
  return text;
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// Hears announcers and says what time it is, how well that is known, and why.
//
//     Listener listener{config};
//     for (const Effect& e : listener.on_datagram(octets, arrival)) carry_out(e);
//     const ListenerStatus now = listener.status(moment);
//
// Sans-I/O: owns no socket, timer, clock, heap or log. The host passes in what happened, carries
// out the returned effects in order before it calls again, and calls on_deadline() when
// next_deadline() has come. Time enters only as an argument.
//
// Units:   strong types; no raw number crosses this interface.
// Errors:  none. A datagram that fails a check is counted in status().rejected and changes
//          nothing else.
// Threads: one thread per instance.
// Builds:  freestanding: no heap, no exceptions.
// Source:  RFC 5905 sections 3 and 8 (broadcast client); RFC 9769 section 4 (interleaving).
#pragma once

#include <cstddef>
#include <optional>

#include <timecast/listener/config.hpp>
#include <timecast/listener/events.hpp>
#include <timecast/listener/status.hpp>

namespace timecast {

// How many streams of announcers are followed at once: as the library was built.
#ifndef TIMECAST_MAX_ANNOUNCERS
#define TIMECAST_MAX_ANNOUNCERS 12
#endif
inline constexpr std::size_t kListenerOctets = 1'024 + 1'408 * TIMECAST_MAX_ANNOUNCERS;

class Listener {
 public:
  explicit Listener(const ListenerConfig& config) noexcept;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() = default;  // what is inside needs no destruction

  // Forgets all it knows and begins anew, by another configuration. Replies to queries of before
  // are refused.
  void restart(const ListenerConfig& config) noexcept;
  // Another limit from now on; nothing is forgotten.
  void set_max_bound(Duration max_bound) noexcept;

  // Anything that came from the network: an announcement or a reply.
  [[nodiscard]] Effects on_datagram(Octets octets, const Arrival& arrival) noexcept;

  // When the query left. May come twice: first the host's own reading, from right before it sent,
  // then the kernel's stamp; the later call counts. Too early only widens the bound, too late would
  // deny what packets take. Unknown and answered tokens are ignored.
  void on_query_sent(QueryToken token, const Moment& at) noexcept;

  // A set_frequency, slew or step of the last effects could not be carried out. The first three
  // updates of a clock may step it, and one that did nothing is none of them.
  void on_steer_failed() noexcept;

  [[nodiscard]] Effects on_deadline(const Moment& now) noexcept;
  // When on_deadline() is next due; nothing if no timer is wanted.
  [[nodiscard]] std::optional<Timestamp<Boot>> next_deadline() const noexcept;

  [[nodiscard]] ListenerStatus status(const Moment& now) const noexcept;

 private:
  alignas(8) std::byte core_[kListenerOctets];  // the core, built in place
};

}  // namespace timecast

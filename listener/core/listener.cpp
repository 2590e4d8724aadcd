// SPDX-License-Identifier: MIT
#include <new>
#include <type_traits>

#include <timecast/listener.hpp>

#include "listener/core/core.hpp"

namespace timecast {
namespace {

static_assert(sizeof(ListenerCore) <= kListenerOctets && alignof(ListenerCore) <= 8);
static_assert(sizeof(Source) <= kMaxSourceOctets);
static_assert(std::is_trivially_destructible_v<ListenerCore>);

ListenerCore& in(std::byte* place) noexcept {
  return *std::launder(reinterpret_cast<ListenerCore*>(place));
}
const ListenerCore& in(const std::byte* place) noexcept {
  return *std::launder(reinterpret_cast<const ListenerCore*>(place));
}

}  // namespace

Listener::Listener(const ListenerConfig& config) noexcept { new (core_) ListenerCore{config}; }

void Listener::restart(const ListenerConfig& config) noexcept { new (core_) ListenerCore{config}; }

void Listener::set_max_bound(Duration max_bound) noexcept { in(core_).set_max_bound(max_bound); }

Effects Listener::on_datagram(Octets octets, const Arrival& arrival) noexcept {
  return in(core_).on_datagram(octets, arrival);
}

void Listener::on_query_sent(QueryToken token, const Moment& at) noexcept {
  in(core_).on_query_sent(token, at);
}

void Listener::on_steer_failed() noexcept { in(core_).on_steer_failed(); }

Effects Listener::on_deadline(const Moment& now) noexcept { return in(core_).on_deadline(now); }

std::optional<Timestamp<Boot>> Listener::next_deadline() const noexcept {
  return in(core_).next_deadline();
}

ListenerStatus Listener::status(const Moment& now) const noexcept { return in(core_).status(now); }

}  // namespace timecast

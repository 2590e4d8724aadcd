// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <new>
#include <type_traits>

#include "listener/c_api/instance.hpp"

namespace {

using namespace timecast;
using c_api::has_size;
using c_api::in;
using c_api::Instance;
using c_api::write_address;

static_assert(sizeof(Instance) <= sizeof(timecast_listener));
static_assert(alignof(Instance) <= 8);
static_assert(std::is_trivially_destructible_v<Instance>);
static_assert(static_cast<int>(State::lost) == TIMECAST_LISTENER_LOST);
static_assert(static_cast<int>(Reason::unicast_alone) == TIMECAST_LISTENER_UNICAST_ALONE);
static_assert(static_cast<int>(SignatureMode::off) == TIMECAST_LISTENER_UNSIGNED);

bool read_address(const timecast_listener_address& from, Address& to) noexcept {
  if (from.family != 4 && from.family != 6) return false;
  to.family = static_cast<Family>(from.family);
  const std::size_t octets = from.family == 4 ? 4 : 16;
  std::copy_n(from.octets, octets, to.octets.begin());
  return true;
}

// The core's arrival; nullptr if anything of it is unfit.
Instance* read_arrival(timecast_listener* self, const void* octets,
                       const timecast_listener_arrival* arrival, Arrival& core) noexcept {
  Instance* const listener = in(self);
  if (listener == nullptr || octets == nullptr || !has_size(arrival)) return nullptr;
  if (!read_address(arrival->from, core.from.address) || !read_address(arrival->to, core.to) ||
      arrival->hop_limit > 255 || arrival->reserved != 0) {
    return nullptr;
  }
  core.at = c_api::moment_of(arrival->at_ns);
  core.uncertainty = Duration::nanoseconds(listener->config.stamp_error_ns);
  core.from.port = arrival->from_port;
  core.from.interface = arrival->interface;
  if (arrival->hop_limit >= 0) core.hop_limit = static_cast<std::uint8_t>(arrival->hop_limit);
  core.may_be_plain = listener->config.hear_plain != 0;
  return listener;
}

int note(Instance& listener, const Arrival& core, Reject reason) noexcept {
  if (reason != kNotRejected) return 1;
  if (!listener.first_heard) listener.first_heard = core.at.boot;
  if (core.to.is_multicast()) listener.last_heard = core.at.boot;
  return 0;
}

}  // namespace

int timecast_listener_defaults(timecast_listener_config* config) {
  if (!has_size(config)) return TIMECAST_LISTENER_E_ARGUMENT;
  const ListenerConfig usual;
  *config = {};
  config->size = sizeof *config;
  config->delay_ns = usual.delay.count_ns();
  config->delay_uncertainty_ns = usual.delay_uncertainty.count_ns();
  config->stamp_error_ns = Duration::microseconds(100).count_ns();
  config->not_before_ns = usual.pivot.since_epoch().count_ns();
  config->max_bound_ns = usual.max_bound.count_ns();
  config->learn_ns = Duration::seconds(300).count_ns();
  config->listen_ns = Duration::milliseconds(1'200).count_ns();
  return 0;
}

int timecast_listener_init(timecast_listener* self, size_t octets,
                           const timecast_listener_config* config) {
  if (self == nullptr || !has_size(config)) return TIMECAST_LISTENER_E_ARGUMENT;
  if (octets < sizeof(Instance) ||
      reinterpret_cast<std::uintptr_t>(self) % alignof(Instance) != 0) {
    return TIMECAST_LISTENER_E_MEMORY;
  }
  const int error = c_api::error_in(*config);
  if (error == 0) new (self) Instance{*config};
  return error;
}

int timecast_listener_on_datagram(timecast_listener* self, const void* octets, size_t length,
                                  const timecast_listener_arrival* arrival) {
  Arrival core;
  Instance* const listener = read_arrival(self, octets, arrival, core);
  if (listener == nullptr) return TIMECAST_LISTENER_E_ARGUMENT;
  const Octets datagram{static_cast<const std::uint8_t*>(octets), length};
  return note(*listener, core, listener->core.receive(datagram, core));
}

int timecast_listener_on_announcement(timecast_listener* self, const void* octets, size_t length,
                                      const timecast_listener_arrival* arrival) {
  Arrival core;
  Instance* const listener = read_arrival(self, octets, arrival, core);
  if (listener == nullptr || listener->config.listen_only == 0) {
    return TIMECAST_LISTENER_E_ARGUMENT;
  }
  const Octets datagram{static_cast<const std::uint8_t*>(octets), length};
  return note(*listener, core, listener->core.hear(datagram, core));
}

int timecast_listener_on_deadline(timecast_listener* self, int64_t now_ns,
                                  timecast_listener_query* query) {
  Instance* const listener = in(self);
  if (listener == nullptr || !has_size(query)) return TIMECAST_LISTENER_E_ARGUMENT;
  const Effects effects = listener->core.on_deadline(c_api::moment_of(now_ns));
  if (effects.empty()) return 0;
  const Effect& effect = *effects.begin();  // nothing is steered: it can only be a query
  query->token = effect.token;
  query->octets = effect.octets.data();
  query->length = effect.octets.size();
  write_address(effect.to.address, query->to);
  query->to_port = effect.to.port;
  query->interface = effect.to.interface;
  return 1;
}

int timecast_listener_next_deadline(const timecast_listener* self, int64_t* at_ns) {
  const Instance* const listener = in(self);
  if (listener == nullptr || at_ns == nullptr) return TIMECAST_LISTENER_E_ARGUMENT;
  const auto due = listener->core.next_deadline();
  *at_ns = due ? due->since_epoch().count_ns() : INT64_MAX;
  return 0;
}

int timecast_listener_on_query_sent(timecast_listener* self, uint32_t token, int64_t at_ns) {
  Instance* const listener = in(self);
  if (listener == nullptr) return TIMECAST_LISTENER_E_ARGUMENT;
  listener->core.on_query_sent(token, c_api::moment_of(at_ns));
  return 0;
}

int timecast_listener_next_wake(timecast_listener* self, int64_t now_ns,
                                timecast_listener_wake* out) {
  Instance* const listener = in(self);
  if (listener == nullptr || !has_size(out)) return TIMECAST_LISTENER_E_ARGUMENT;
  *out = c_api::next_wake(*listener, c_api::moment_of(now_ns).boot);
  return 0;
}

uint32_t timecast_listener_version(void) {
  return TIMECAST_LISTENER_VERSION_MAJOR * 65'536U + TIMECAST_LISTENER_VERSION_MINOR;
}

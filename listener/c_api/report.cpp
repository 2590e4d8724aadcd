// SPDX-License-Identifier: MIT
//
// What a listener knows, and what of that is kept.
#include <algorithm>
#include <limits>
#include <new>

#include "listener/c_api/instance.hpp"
#include "listener/c_api/saved.hpp"

namespace {

using namespace timecast;
using c_api::has_size;
using c_api::in;
using c_api::Instance;

// A board that starts is colder than one that has run, and a crystal does not forget that.
constexpr std::int64_t kLeastErrorPpt = 20'000'000;

std::uint32_t most_often(const RejectCounters& rejected) noexcept {
  std::size_t most = 0;
  for (std::size_t i = 1; i < kRejectCount; ++i) {
    if (rejected[static_cast<Reject>(i)] > rejected[static_cast<Reject>(most)]) most = i;
  }
  return static_cast<std::uint32_t>(most);
}

FrequencyPpb from_ppt(std::int64_t ppt) noexcept {
  return FrequencyPpb{static_cast<double>(ppt) * 1e-3};
}

c_api::Saved to_save(const Instance& listener) noexcept {
  const ListenerConfig& config = listener.core.config();
  c_api::Saved saved;
  saved.frequency_ppt = c_api::to_ppt(config.frequency);
  saved.frequency_error_ppt = c_api::to_ppt(config.frequency_error);
  saved.floor_ns = config.pivot.since_epoch().count_ns();
  saved.keys = config.keys;
  saved.key_count = config.key_count;
  if (const Source* const source = listener.core.followed()) {
    saved.frequency_ppt = c_api::to_ppt(source->estimator.frequency());
    saved.frequency_error_ppt = c_api::to_ppt(source->estimator.frequency_error());
    saved.floor_ns = std::max(saved.floor_ns, source->transmit.since_epoch().count_ns());
  }
  return saved;
}

// First use ends with the keys that were found in it; whoever names keys has named all.
void take_keys(const c_api::Saved& saved, ListenerConfig& config) noexcept {
  if (config.signatures != SignatureMode::first_use || config.key_count > 0) return;
  config.keys = saved.keys;
  config.key_count = saved.key_count;
}

}  // namespace

int timecast_listener_now(const timecast_listener* self, int64_t at_ns,
                          timecast_listener_time* out) {
  const Instance* const listener = in(self);
  if (listener == nullptr || !has_size(out)) return TIMECAST_LISTENER_E_ARGUMENT;
  const Moment at = c_api::moment_of(at_ns);
  const ListenerStatus status = listener->core.status(at);
  *out = {};
  out->size = sizeof *out;
  out->state = static_cast<std::uint32_t>(status.state);
  out->reason = static_cast<std::uint32_t>(status.reason);
  if (status.state == State::searching || status.state == State::lost) {
    return TIMECAST_LISTENER_E_NO_TIME;
  }
  const Duration time = at.realtime.since_epoch() + status.offset;
  out->lateness_bounded = status.lateness_bounded ? 1 : 0;
  out->time_ns = time.count_ns();
  out->earliest_ns = (time - status.bound).count_ns();
  out->latest_ns = (time + status.bound).count_ns();
  out->error_ns = status.error.count_ns();
  out->bound_ns = status.bound.count_ns();
  return 0;
}

int timecast_listener_get_status(const timecast_listener* self, int64_t at_ns,
                                 timecast_listener_status* out) {
  const Instance* const listener = in(self);
  if (listener == nullptr || !has_size(out)) return TIMECAST_LISTENER_E_ARGUMENT;
  const ListenerStatus s = listener->core.status(c_api::moment_of(at_ns));
  *out = {};
  out->size = sizeof *out;
  out->state = static_cast<std::uint32_t>(s.state);
  out->reason = static_cast<std::uint32_t>(s.reason);
  out->lateness_bounded = s.lateness_bounded ? 1 : 0;
  out->frequency_ppt = c_api::to_ppt(s.raw_frequency);
  out->frequency_error_ppt = c_api::to_ppt(s.raw_frequency_error);
  out->delay_ns = s.delay.count_ns();
  out->round_trip_ns = s.round_trip.count_ns();
  out->interval_ns = s.interval.count_ns();
  out->root_distance_ns = s.root_distance.count_ns();
  out->valid_until_ns = s.valid_until.since_epoch().count_ns();
  out->announcements = s.announcements;
  out->exchanges = s.exchanges;
  out->queries = s.queries;
  out->announcers = s.sources;
  out->refused = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(s.rejected.total(), std::numeric_limits<std::uint32_t>::max()));
  out->most_often = most_often(s.rejected);
  out->stratum = s.stratum;
  out->plain = s.plain ? 1 : 0;
  c_api::write_address(s.announcer.address, out->announcer);
  std::copy(s.key.begin(), s.key.end(), out->key);
  return 0;
}

int timecast_listener_save(const timecast_listener* self, void* out, size_t room) {
  const Instance* const listener = in(self);
  if (listener == nullptr || out == nullptr) return TIMECAST_LISTENER_E_ARGUMENT;
  return c_api::write_saved(to_save(*listener), {static_cast<std::uint8_t*>(out), room});
}

int timecast_listener_restore(timecast_listener* self, const void* saved, size_t length) {
  Instance* const listener = in(self);
  if (listener == nullptr || saved == nullptr) return TIMECAST_LISTENER_E_ARGUMENT;
  if (listener->first_heard) return TIMECAST_LISTENER_E_LATE;
  c_api::Saved known;
  const int error = c_api::read_saved({static_cast<const std::uint8_t*>(saved), length}, known);
  if (error != 0) return error;
  ListenerConfig config = c_api::core_config(listener->config);
  config.frequency = from_ppt(known.frequency_ppt);
  config.frequency_error = from_ppt(std::max(known.frequency_error_ppt, kLeastErrorPpt));
  const Timestamp<Announced> floor{Duration::nanoseconds(known.floor_ns)};
  config.pivot = std::max(config.pivot, floor);
  take_keys(known, config);
  new (&listener->core) ListenerCore{config};
  return 0;
}

// SPDX-License-Identifier: MIT
#include "announcer/daemon/query_server.hpp"

#include <utility>

#include "common/host/host_clock.hpp"

namespace timecast {

namespace {

constexpr int kWholeBatch = static_cast<int>(QueryServer::kReadAtOnce);

}  // namespace

QueryServer::QueryServer(Announcer& core, const AnnouncedClock& clock, Host host)
    : core_{core}, clock_{clock}, host_{std::move(host)}, sink_{[this](const Datagram& datagram) {
        on_datagram(datagram);
      }} {}

bool QueryServer::serve(const Door& door) {
  door_ = &door;
  if (std::exchange(last_, &door.socket) != &door.socket) alone_ = 0;
  // Where requests come alone, a look for a second one costs more than another turn now and then.
  const bool one = alone_ >= kAlone && alone_ % kAlone != 0;
  const int count = read_batch(one ? 1 : kWholeBatch);
  if (count > 1) alone_ = 0;
  if (count == 1) ++alone_;  // none: a departure's stamp has woken us
  if (count < kWholeBatch) return count != 0;
  // Many wait.
  if (door.poll != nullptr) door.poll->pause();
  for (int batch = 1; batch < kBatchesATurn; ++batch) {
    if (door.socket.awaits_stamps()) door.socket.drain_transmit_stamps(host_.on_stamp);
    if (read_batch(kWholeBatch) < kWholeBatch) break;
  }
  if (door.poll != nullptr) door.poll->resume();
  return true;
}

int QueryServer::read_batch(int most) {
  begin_batch();
  const int count = door_->socket.receive(sink_, most);
  flush();
  return count;
}

void QueryServer::begin_batch() {
  now_.host.boot = boot_now();
  if (announcement_ && *announcement_ <= now_.host.boot) {
    host_.announce();
    now_.host.boot = boot_now();
  }
  observe();
  send_waiting(now_.host.boot);
}

// A step that was not noticed would let a reply of before it go.
void QueryServer::observe() noexcept {
  now_.host.realtime = realtime_now();
  now_.announced = clock_.at(now_.host.realtime);
  if (core_.observation_is_due(now_)) core_.observe(host_.clock_state(), now_);
}

void QueryServer::on_datagram(const Datagram& datagram) noexcept {
  const Query query{datagram.octets,
                    clock_.at(datagram.stamp),
                    datagram.from,
                    {datagram.to, door_->local.port, door_->local.interface},
                    door_->stream};
  Reply& reply = replies_[count_];
  if (!core_.answer(query, now_, reply)) return;
  if (!reply.is_signed) {
    outgoing_[count_].to = datagram.from;
    if (++count_ == kRepliesAtOnce) flush();
    return;
  }
  if (reply.not_before > now_.host.boot) return wait(reply, datagram.from);
  send_signed(door_->socket, datagram.from, reply);
}

void QueryServer::flush() noexcept {
  const Timestamp<Announced> now = clock_.at(realtime_now());
  std::size_t stamped = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    // Refused after a step, which nothing can be between in this turn but an announcement.
    if (!core_.stamp(replies_[i], now)) continue;
    outgoing_[stamped] = {replies_[i].packet(), outgoing_[i].to, replies_[i].token};
    ++stamped;
  }
  count_ = 0;
  if (stamped == 0) return;
  const std::span<Outgoing> all = std::span{outgoing_}.first(stamped);
  door_->socket.send_many(all);
  for (const Outgoing& each : all) {
    if (each.failed != 0 && each.token != 0) core_.on_send_failed(each.token);
  }
}

void QueryServer::send_signed(UdpSocket& by, const Endpoint& to, Reply& reply) noexcept {
  if (!core_.stamp(reply, clock_.at(realtime_now()))) return;
  if (by.send(reply.packet(), to, reply.token) != 0) core_.on_send_failed(reply.token);
}

// ---- Challenges that wait ----

void QueryServer::wait(const Reply& reply, const Endpoint& to) noexcept {
  if (waits_ == waiting_.size()) return;  // the core admits no more than there is room for, in time
  waiting_[(first_ + waits_++) % waiting_.size()] = {&door_->socket, to, reply};
  if (waits_ == 1) host_.on_wait();
}

std::optional<Timestamp<Boot>> QueryServer::next_deadline() const noexcept {
  if (waits_ == 0) return std::nullopt;
  return waiting_[first_].reply.not_before;
}

void QueryServer::on_deadline(Timestamp<Boot> now) noexcept {
  if (waits_ == 0) return;
  now_.host.boot = boot_now();
  observe();
  send_waiting(now);
}

void QueryServer::send_waiting(Timestamp<Boot> now) noexcept {
  for (std::uint32_t i = 0; i < RateLimiter::kSignatures.burst; ++i) {
    if (waits_ == 0 || waiting_[first_].reply.not_before > now) return;
    Waiting& next = waiting_[first_];
    first_ = (first_ + 1) % waiting_.size();
    --waits_;
    if (next.by != nullptr) send_signed(*next.by, next.to, next.reply);
  }
}

void QueryServer::forget(const UdpSocket& socket) noexcept {
  if (last_ == &socket) last_ = nullptr;
  for (Waiting& each : waiting_) {
    if (each.by == &socket) each.by = nullptr;
  }
}

}  // namespace timecast

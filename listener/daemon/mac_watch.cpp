// SPDX-License-Identifier: MIT
#include "listener/daemon/mac_watch.hpp"

#include <algorithm>

#include <timecast/wire/announcement.hpp>

namespace timecast {

namespace {

// Under which a key's floor is kept. It tells nothing of the key but its number.
PublicKey name_of(std::uint32_t key) {
  constexpr std::string_view kWord = "symmetric key";
  PublicKey name{};
  std::copy(kWord.begin(), kWord.end(), name.begin());
  write_big_endian(name, name.size() - kKeyIdOctets, key);
  return name;
}

bool is_plain(const Packet& packet) {
  const auto announcement = find_announcement(packet);
  return !announcement && announcement.error() == Reject::no_announcement;
}

Octets message_of(const Packet& packet) { return packet.octets.first(packet.fields_end); }

}  // namespace

MacWatch::Change MacWatch::set_keys(SymmetricKeys keys) {
  Change change{!keys_.same_as(keys), keys.changed_from(keys_)};
  keys_ = std::move(keys);
  for (const std::uint32_t id : change.secrets) {
    std::erase_if(senders_, [id](const Sender& each) { return each.key == id; });
    floors_.forget(name_of(id));
  }
  return change;
}

void MacWatch::restart(const ListenerConfig& config) {
  pivot_ = config.pivot;
  senders_.clear();
}

const MacWatch::Sender* MacWatch::find(const Arrival& arrival, std::uint32_t key) const noexcept {
  const auto found = std::find_if(senders_.begin(), senders_.end(), [&](const Sender& each) {
    return each.from == arrival.from && each.to == arrival.to && each.key == key;
  });
  return found == senders_.end() ? nullptr : &*found;
}

std::uint32_t MacWatch::key_of(const Endpoint& sender) const noexcept {
  const auto found = std::find_if(senders_.begin(), senders_.end(),
                                  [&](const Sender& each) { return each.from == sender; });
  return found == senders_.end() ? 0 : found->key;
}

Reject MacWatch::not_new(Timestamp<Announced> at, const Arrival& arrival, std::uint32_t key) const {
  if (const Sender* const known = find(arrival, key)) {
    return at <= known->last ? Reject::replayed : kNotRejected;
  }
  if (senders_.size() == kMostSenders) return Reject::table_full;
  const PublicKey name = name_of(key);
  const auto& floors = floors_.all();
  const bool is_old = std::any_of(floors.begin(), floors.end(), [&](const auto& floor) {
    return floor.key == name && at <= floor.at;
  });
  return is_old ? Reject::replayed : kNotRejected;
}

Reject MacWatch::look(Octets octets, const Arrival& arrival, std::uint32_t key) const {
  const auto packet = decode(octets);
  const bool is_meant = key != 0 && packet && packet->header.mode == Mode::broadcast;
  if (!is_meant || !is_plain(*packet)) return kNotRejected;
  const Reject reason = keys_.check(key, message_of(*packet), packet->mac, arrival.from.address);
  if (reason != kNotRejected) return reason;
  return not_new(unfold(packet->header.transmit, pivot_), arrival, key);
}

// A reply belongs to the query whose socket it came to. Else whoever sees both could answer the one
// that needs no MAC in the name of the one that does.
Reject MacWatch::look_at_reply(Octets octets, const Arrival& arrival, const AskedBy& asked) const {
  if (asked.key == 0 && key_of(arrival.from) == 0) return kNotRejected;
  const auto packet = decode(octets);
  if (!packet || packet->header.mode != Mode::server) return kNotRejected;
  const NtpTimestamp origin = packet->header.origin;
  if (origin != asked.transmit && (asked.receive.is_unknown() || origin != asked.receive)) {
    return Reject::origin_mismatch;
  }
  if (asked.key == 0) return asked.is_challenge ? kNotRejected : Reject::missing_mac;
  return keys_.check(asked.key, message_of(*packet), packet->mac, arrival.from.address);
}

void MacWatch::admitted(Octets octets, const Arrival& arrival, std::uint32_t key) {
  const auto packet = decode(octets);
  if (key == 0 || !packet || !is_plain(*packet)) return;
  const Timestamp<Announced> at = unfold(packet->header.transmit, pivot_);
  if (const Sender* const known = find(arrival, key)) {
    senders_[static_cast<std::size_t>(known - senders_.data())].last = at;
  } else {
    senders_.push_back({arrival.from, arrival.to, key, at});
  }
  floors_.admit({name_of(key), 0, arrival.from.interface, at}, arrival.at.boot);
}

void MacWatch::answered(Octets octets, const Arrival& arrival, const AskedBy& asked) {
  const auto packet = decode(octets);
  if (asked.key == 0 || !packet) return;
  const Timestamp<Announced> at = unfold(packet->header.receive, pivot_);
  for (Sender& each : senders_) {
    if (each.from != arrival.from || each.key != asked.key ||
        each.last <= at + ReplayFloors::kOnTheirWay) {
      continue;
    }
    each.last = at - ReplayFloors::kOnTheirWay;
    floors_.lower(name_of(asked.key), each.last, arrival.at.boot);
  }
}

}  // namespace timecast

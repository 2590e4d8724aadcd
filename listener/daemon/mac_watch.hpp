// SPDX-License-Identifier: MIT
//
// What a listener asks of MACs where the operator named a key: that each packet has one by that key
// and no other, and that it is new. A MAC says nothing of when it was made nor from where it came,
// so the latest time of each sender is kept here, and of each key (ReplayFloors) for senders that
// were not heard in this run: a record is refused, from whatever address it is played.
//
// Whoever was heard so is asked with a MAC by the same key, and its answers must have one. An
// answer is fresh: if it says that the sender's clock was set back, the sender is heard again.
//
// Looking changes nothing; what the core has taken is told afterwards.
//
// Errors:  a Reject for the core to count.
// Threads: one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <timecast/listener/config.hpp>
#include <timecast/listener/events.hpp>
#include <timecast/wire/header.hpp>

#include "common/host/symmetric_keys.hpp"
#include "listener/daemon/replay_floors.hpp"

namespace timecast {

// A query that was sent, for whoever looks at its answer.
struct AskedBy {
  std::uint32_t key = 0;  // of its MAC
  NtpTimestamp transmit;
  NtpTimestamp receive;
  bool is_challenge = false;
};

class MacWatch {
 public:
  static constexpr std::size_t kMostSenders = 256;

  explicit MacWatch(ReplayFloors& floors) noexcept : floors_{floors} {}

  struct Change {
    bool differ = false;                 // they are others than before
    std::vector<std::uint32_t> secrets;  // numbers whose secret is another
  };
  // What was heard by a secret that is another now is forgotten, all else stays.
  Change set_keys(SymmetricKeys keys);
  // The core begins anew: so does this.
  void restart(const ListenerConfig& config);

  // An announcement that came to where this key is wanted.
  [[nodiscard]] Reject look(Octets octets, const Arrival& arrival, std::uint32_t key) const;
  // What came to the socket of a query.
  [[nodiscard]] Reject look_at_reply(Octets octets, const Arrival& arrival,
                                     const AskedBy& asked) const;
  // The core has taken that announcement.
  void admitted(Octets octets, const Arrival& arrival, std::uint32_t key);
  // The core has taken that reply.
  void answered(Octets octets, const Arrival& arrival, const AskedBy& asked);

  // By which key this sender was heard; 0 if by none.
  [[nodiscard]] std::uint32_t key_of(const Endpoint& sender) const noexcept;
  // Appends a MAC; returns its octets, none if the key is gone.
  [[nodiscard]] std::size_t write(std::uint32_t key, Octets message, MutableOctets mac) const {
    return keys_.write(key, message, mac);
  }

 private:
  struct Sender {
    Endpoint from;
    Address to;
    std::uint32_t key = 0;
    Timestamp<Announced> last;  // that it announced
  };
  [[nodiscard]] const Sender* find(const Arrival& arrival, std::uint32_t key) const noexcept;
  [[nodiscard]] Reject not_new(Timestamp<Announced> at, const Arrival& arrival,
                               std::uint32_t key) const;

  ReplayFloors& floors_;
  SymmetricKeys keys_;
  Timestamp<Announced> pivot_;
  std::vector<Sender> senders_;
};

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// A listener's core, and events of every kind for it, good and bad, as an input asks for them.
// After each of them its invariants must hold.
#pragma once

#include <string>
#include <vector>

#include <timecast/listener.hpp>
#include <timecast/wire/announcement.hpp>

#include "tests/fuzz/fuzz.hpp"
#include "tests/simulation/random.hpp"

namespace timecast::fuzz {

class ListenerWorld {
 public:
  explicit ListenerWorld(Source& source);
  void run();

 private:
  using Datagram = std::vector<std::uint8_t>;
  struct Sender {
    std::uint8_t key = 1;
    std::uint64_t sequence = 1'000;
    Duration ahead;
    NtpTimestamp last;
  };

  void event();
  void announce(Sender& sender, bool spoils);
  void reply(bool spoils);
  void raw();
  void pass(Duration span);
  void sleep(Duration span);
  void set_clock();
  void deadlines();
  [[nodiscard]] Duration span();
  [[nodiscard]] Header header_of(const Sender& sender, Mode mode) const;
  [[nodiscard]] Datagram signed_by(const Sender& sender, const Header& header, Octets nonce);
  void spoil(Datagram& octets);
  void hear(const Datagram& octets, const Address& from, const Address& to);
  void check(const Effects& effects) const;
  void check_status(const ListenerStatus& status) const;

  Source& source_;
  sim::Random random_{1};
  Moment now_;
  ListenerConfig config_;
  Listener core_;
  Sender senders_[3];
  Datagram last_;
  Datagram query_;
  Endpoint asked_;
};

}  // namespace timecast::fuzz

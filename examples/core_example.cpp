// SPDX-License-Identifier: MIT
//
// The listener without an operating system: a recorded announcement in, time and its bound out.
//
//     core_example < announcement.hex
#include <array>
#include <cstdio>
#include <random>

#include <timecast/listener.hpp>
#include <timecast/wire/groups.hpp>

using namespace timecast;

void fill(void* /*context*/, MutableOctets out) noexcept {
  for (std::uint8_t& octet : out) octet = static_cast<std::uint8_t>(std::random_device{}());
}

int main() {
  std::array<std::uint8_t, 172> octets{};
  for (auto& octet : octets) {
    if (std::scanf("%2hhx", &octet) != 1) return 2;
  }
  ListenerConfig config;
  config.entropy = {fill};
  config.signatures = SignatureMode::off;  // else config.verifier, which is your Ed25519
  const Duration clock = Duration::seconds(1'710'699'600);  // this host's, when it arrived
  config.pivot = Timestamp<Announced>{clock};               // nothing older is believed
  Listener listener{config};
  const Moment now{Timestamp<Realtime>{clock}, Timestamp<Raw>{clock}, Timestamp<Boot>{clock}};
  const Endpoint from{Address::ipv4(192, 0, 2, 1), kPrecisePort, 2};
  const Effects effects = listener.on_datagram(octets, {now, {}, from, kPreciseGroup4, 255});
  for (const Effect& query : effects) std::printf("send %zu octets\n", query.octets.size());
  // The same with listener.on_deadline(), which is due at listener.next_deadline().

  const ListenerStatus status = listener.status(now);
  std::printf("%s: this host is behind by %.6f s, +-%.6f s\n", to_string(status.state),
              status.offset.to_seconds(), status.bound.to_seconds());
}

// SPDX-License-Identifier: MIT
//
// A UDP socket that stamps what it sends and receives, and that harms nobody else's.
//
// It binds a group or a local address, never a wildcard, and hears only the group it joined itself:
// another server's unicast on the same port stays that server's.
//
// Errors:  open() says what is refused and what to do. While it runs, an errno value: the caller
//          counts it and keeps its schedule.
// Threads: one thread for each socket.
// Source:  ip(7), ipv6(7); kernel documentation, networking/timestamping.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include <timecast/time/timestamp.hpp>
#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/octets.hpp>

#include "common/host/control_data.hpp"
#include "common/host/error.hpp"
#include "common/host/packet_stamp.hpp"
#include "common/host/socket_calls.hpp"
#include "common/host/stamp_ledger.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

struct UdpOptions {
  Address bind_address;         // a group to listen to, or one of this host's addresses
  std::uint16_t port = 0;       // 0: a random one
  std::uint32_t interface = 0;  // by index: of the join, of multicast sent, of link-local scope
  // On loopback IPv4 multicast goes by the address 127.0.0.1: by index, its source address would
  // be another interface's, or none.
  bool interface_is_loopback = false;
  bool reuse_address = false;   // for what all hear alone: on another address it would steal
  std::optional<Address> join;  // group to join on that interface
  bool hear_broadcast = false;  // the address bound is a broadcast address of that interface
  std::uint8_t multicast_hops = 1;
  bool broadcast = false;         // may send to broadcast addresses: see send_broadcast()
  bool hear_icmp_errors = false;  // "port unreachable" and the like: see take_network_error()
  int receive_buffer = 1 << 20;   // octets wished for; abilities() has what was granted
  std::size_t read_at_once = 16;  // datagrams by one system call; 2.5 KB each
  bool kernel_stamps = true;      // false: this program's own clock reads only
  // false: Datagram::to is the address bound, and neither interface nor hop limit is told. Where
  // one address alone is bound and the rest does not matter, that spares a twentieth of the read.
  bool notes = true;
  // Asks for the card's stamps too, which this converts; none: they are not asked for.
  std::shared_ptr<const HardwareClock> hardware_clock;
};

// Hears a group, or a broadcast address, of that endpoint's interface, beside others that do.
[[nodiscard]] UdpOptions hearing(const Endpoint& destination, bool is_loopback);

struct Datagram {
  Octets octets;  // valid during the call it is handed to
  Endpoint from;
  Address to;                              // if the kernel does not say: the address bound
  std::uint32_t interface = 0;             // index; 0 if the kernel does not say
  std::optional<std::uint8_t> hop_limit;   // nothing if the kernel does not say
  Timestamp<Realtime> stamp;               // of its arrival
  StampSource source = StampSource::user;  // user: later than it arrived
  Duration conversion_error;               // of a hardware stamp, either way
  bool truncated = false;                  // was longer than any packet of ours
};

struct TransmitStamp {
  std::uint32_t token = 0;
  Timestamp<Realtime> stamp;  // kernel: when it was handed to the device; hardware: at the wire
  StampSource source = StampSource::kernel;
  bool better_may_come = false;  // the card's, for the same token
};

struct Outgoing {
  Octets octets;
  Endpoint to;
  std::uint32_t token = 0;  // the stamp of its departure is wanted; 0: it is not
  int failed = 0;           // by send_many(): an errno value if it did not leave
};

// What the kernel granted. Each that is missing makes time worse, none makes it wrong.
struct UdpAbilities {
  bool receive_stamps = false;
  bool transmit_stamps = false;
  bool hardware_stamps = false;            // asked for; whether one comes is the card's affair
  StampSource source = StampSource::user;  // of the last packet; before the first: the expected
  bool destination = false;                // Datagram::to and ::interface
  bool hop_limit = false;
  int receive_buffer = 0;  // octets, as the kernel counts them
};

class UdpSocket {
 public:
  [[nodiscard]] static Result<UdpSocket> open(const UdpOptions& options,
                                              const SocketCalls& calls = kKernelSocketCalls);

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] Endpoint local() const noexcept;  // with the port that the kernel chose
  [[nodiscard]] const UdpAbilities& abilities() const noexcept { return abilities_; }

  // Sends now or not at all. With a token, the stamp of its departure comes out of
  // drain_transmit_stamps(), soon or never; where the card stamps, the better one comes after it.
  // Returns 0 or an errno value.
  [[nodiscard]] int send(Octets octets, const Endpoint& to,
                         std::optional<std::uint32_t> stamp_token = std::nullopt) noexcept;
  // The same for up to kMostAtOnce, by one system call.
  void send_many(std::span<Outgoing> messages) noexcept;
  // The same for an IPv4 broadcast address: as multicast does, it leaves by this socket's
  // interface, whatever the routes are, and with the hops of multicast. `from`: an address of that
  // interface.
  [[nodiscard]] int send_broadcast(
      Octets octets, const Endpoint& to, const Address& from,
      std::optional<std::uint32_t> stamp_token = std::nullopt) noexcept;

  // Hands over at most `limit` datagrams that wait. Returns how many it read; less than `limit`:
  // nothing more waits. The sink must not destroy or move this socket.
  int receive(const std::function<void(const Datagram&)>& sink, int limit = kReceiveLimit);

  // Empties the error queue, which a loop must do at each wake-up or it spins; returns the number
  // of stamps handed over. A stamp of no token under way is dropped.
  int drain_transmit_stamps(const std::function<void(const TransmitStamp&)>& sink);
  // False: no stamp is under way that drain_transmit_stamps() could bring.
  [[nodiscard]] bool awaits_stamps() const noexcept { return last_asked_.has_value(); }

  // Of the group that it has joined: until it joins again it hears nothing. Switches are told only
  // of this host's last member that leaves and of the first that joins. Returns 0 or an errno
  // value: leaving fails where the interface has been made anew, and does not matter then.
  int leave() noexcept;
  [[nodiscard]] int join() noexcept;

  // The last error that the network reported about what was sent (ECONNREFUSED, EHOSTUNREACH ...)
  // since the last call; 0 if none.
  [[nodiscard]] int take_network_error() noexcept { return std::exchange(network_error_, 0); }

  static constexpr int kReceiveLimit = 64;
  static constexpr std::size_t kMostAtOnce = 8;

 private:
  struct Inbox;
  class Outbox;
  class Wishes;

  UdpSocket(const UdpOptions& options, const SocketCalls& calls);
  Result<void> open_bound();
  Result<void> choose_way_out();
  int set_ipv4_interface() noexcept;
  Result<void> join_group();
  void ask_about_way_out() noexcept;
  void ask_for_notes() noexcept;
  void ask_for_stamps() noexcept;
  void ask_for_buffer() noexcept;
  int set(int level, int option, int value) noexcept;
  int change_membership(bool join) noexcept;
  int send_with(const Wishes& wishes, Octets octets, const Endpoint& to,
                std::optional<std::uint32_t> stamp_token) noexcept;
  int send_message(const msghdr& message) noexcept;
  int try_to_send(const msghdr& message) noexcept;
  [[nodiscard]] std::uint32_t stamp_kinds() const noexcept;
  std::size_t send_all(Outbox& box, std::size_t count) noexcept;
  Timestamp<Realtime> ask_for_stamps_of(std::span<const Outgoing> messages, Outbox& box,
                                        Wishes& stamp) noexcept;
  void note_asked(std::uint32_t token, Timestamp<Realtime> before) noexcept;
  int read_batch(unsigned most) noexcept;
  static void put_stamp(const ReceiveNotes& notes, const HardwareClock* clock,
                        std::optional<Moment>& read_at, Datagram& datagram) noexcept;
  [[nodiscard]] std::optional<TransmitStamp> transmit_stamp(
      const ErrorNotes::Transmitted& transmitted) noexcept;
  void hand_over(int count, const std::function<void(const Datagram&)>& sink);
  [[nodiscard]] bool is_ours(const Datagram& datagram) const noexcept;

  UdpOptions options_;
  SocketCalls calls_;
  UniqueFd fd_;
  UdpAbilities abilities_;
  StampLedger ledger_;
  SentStamps sent_;                          // where the card's stamps are still to come
  std::optional<std::uint32_t> last_asked_;  // the token, until its last stamp has come
  int network_error_ = 0;
  // 40 KB, 80 where 32 are read at once, from the first read on: most of many local addresses are
  // never asked anything.
  std::shared_ptr<Inbox> inbox_;
};

}  // namespace timecast

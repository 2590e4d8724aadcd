// SPDX-License-Identifier: MIT
//
// Sending and reading. Opening: udp_socket.cpp.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/host/control_data.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/udp_inbox.hpp"
// After the C library's time types, which it uses.
#include <linux/net_tstamp.h>

namespace timecast {

namespace {

constexpr int kErrorsInARow = 8;
constexpr int kStampLimit = 1024;  // more than an error queue holds, so that every loop ends

}  // namespace

// What is asked of the kernel beside one message.
class UdpSocket::Wishes {
 public:
  template <class Value>
  void add(int level, int type, const Value& value) noexcept {
    static_assert(CMSG_SPACE(sizeof value) <= CMSG_SPACE(kLargest));
    cmsghdr header{};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(octets_.data() + length_, &header, sizeof header);
    std::memcpy(octets_.data() + length_ + CMSG_LEN(0), &value, sizeof value);
    length_ += CMSG_SPACE(sizeof value);
  }
  // sendmsg() does not write there.
  void attach(msghdr& message) const noexcept {
    message.msg_control = length_ == 0 ? nullptr : const_cast<std::uint8_t*>(octets_.data());
    message.msg_controllen = length_;
  }

 private:
  static constexpr std::size_t kMost = 3;
  static constexpr std::size_t kLargest = sizeof(in_pktinfo);
  alignas(cmsghdr) std::array<std::uint8_t, kMost * CMSG_SPACE(kLargest)> octets_{};
  std::size_t length_ = 0;
};

// Messages as the kernel wants them. Each refers to itself: not to be moved.
class UdpSocket::Outbox {
 public:
  // sendmmsg() does not write to what these point to.
  void put(std::size_t i, const Outgoing& message) noexcept {
    parts_[i] = {const_cast<std::uint8_t*>(message.octets.data()), message.octets.size()};
    msghdr& header = headers_[i].msg_hdr;
    header = {};
    header.msg_namelen = to_socket_address(message.to, addresses_[i]);
    header.msg_name = &addresses_[i];
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
  }
  [[nodiscard]] mmsghdr* all() noexcept { return headers_.data(); }
  [[nodiscard]] msghdr& header(std::size_t i) noexcept { return headers_[i].msg_hdr; }
  [[nodiscard]] bool asks(std::size_t i) const noexcept {
    return headers_[i].msg_hdr.msg_control != nullptr;
  }

 private:
  std::array<sockaddr_storage, kMostAtOnce> addresses_;
  std::array<iovec, kMostAtOnce> parts_;
  std::array<mmsghdr, kMostAtOnce> headers_;
};

int UdpSocket::send(Octets octets, const Endpoint& to,
                    std::optional<std::uint32_t> stamp_token) noexcept {
  return send_with(Wishes{}, octets, to, stamp_token);
}

int UdpSocket::send_broadcast(Octets octets, const Endpoint& to, const Address& from,
                              std::optional<std::uint32_t> stamp_token) noexcept {
  in_pktinfo way{};
  way.ipi_ifindex = static_cast<int>(options_.interface);
  std::memcpy(&way.ipi_spec_dst, from.octets.data(), sizeof way.ipi_spec_dst);
  Wishes wishes;
  wishes.add(IPPROTO_IP, IP_PKTINFO, way);
  wishes.add(IPPROTO_IP, IP_TTL, static_cast<int>(options_.multicast_hops));
  return send_with(wishes, octets, to, stamp_token);
}

int UdpSocket::send_with(const Wishes& wishes, Octets octets, const Endpoint& to,
                         std::optional<std::uint32_t> stamp_token) noexcept {
  sockaddr_storage address{};
  // sendmsg() does not write to what these point to.
  iovec part{const_cast<std::uint8_t*>(octets.data()), octets.size()};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen = to_socket_address(to, address);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  wishes.attach(message);

  if (!stamp_token || !abilities_.transmit_stamps) return send_message(message);
  const Timestamp<Realtime> before = realtime_now();
  if (!ledger_.may_ask(before)) return send_message(message);
  Wishes with_stamp = wishes;
  with_stamp.add(SOL_SOCKET, SO_TIMESTAMPING, stamp_kinds());
  with_stamp.attach(message);
  int failed = send_message(message);
  if (failed == 0) note_asked(*stamp_token, before);
  if (failed != EINVAL) return failed;
  // The address, or a kernel that takes no such wish?
  wishes.attach(message);
  failed = send_message(message);
  if (failed == 0) abilities_.transmit_stamps = false;
  return failed;
}

std::uint32_t UdpSocket::stamp_kinds() const noexcept {
  const std::uint32_t kernel = SOF_TIMESTAMPING_TX_SOFTWARE;
  return abilities_.hardware_stamps ? kernel | SOF_TIMESTAMPING_TX_HARDWARE : kernel;
}

void UdpSocket::note_asked(std::uint32_t token, Timestamp<Realtime> before) noexcept {
  ledger_.sent(token, before);
  last_asked_ = token;
}

// Attaches `stamp` where a departure is wanted. Returns the time before they leave, if any is.
Timestamp<Realtime> UdpSocket::ask_for_stamps_of(std::span<const Outgoing> messages, Outbox& box,
                                                 Wishes& stamp) noexcept {
  const auto asks = [](const Outgoing& message) { return message.token != 0; };
  const bool any = std::any_of(messages.begin(), messages.end(), asks);
  if (!any || !abilities_.transmit_stamps) return {};
  const Timestamp<Realtime> now = realtime_now();
  if (!ledger_.may_ask(now)) return {};
  stamp.add(SOL_SOCKET, SO_TIMESTAMPING, stamp_kinds());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!asks(messages[i])) continue;
    stamp.attach(box.header(i));
    if (!ledger_.is_certain()) break;  // its stamp must come before another asks
  }
  return now;
}

// Returns how many left. One alone costs less by itself.
std::size_t UdpSocket::send_all(Outbox& box, std::size_t count) noexcept {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (count == 1) return calls_.send(fd_.get(), &box.header(0), kFlags) >= 0 ? 1 : 0;
  const int left = calls_.send_many(fd_.get(), box.all(), static_cast<unsigned>(count), kFlags);
  return static_cast<std::size_t>(std::max(left, 0));
}

// Where one fails, it and those behind it go one by one: that says why, and whoever asked for a
// stamp may have been numbered, so that those behind must not ask before that is known.
void UdpSocket::send_many(std::span<Outgoing> messages) noexcept {
  Outbox box;
  const std::size_t count = std::min(messages.size(), kMostAtOnce);
  for (std::size_t i = 0; i < count; ++i) box.put(i, messages[i]);
  Wishes stamp;
  const Timestamp<Realtime> before = ask_for_stamps_of(messages.first(count), box, stamp);
  const std::size_t sent = send_all(box, count);
  for (std::size_t i = 0; i < sent; ++i) {
    if (box.asks(i)) note_asked(messages[i].token, before);
  }
  if (sent < count && box.asks(sent)) ledger_.failed();
  for (Outgoing& message : messages.first(count).subspan(sent)) {
    const std::optional<std::uint32_t> token{message.token};
    message.failed = send(message.octets, message.to, message.token == 0 ? std::nullopt : token);
  }
}

int UdpSocket::send_message(const msghdr& message) noexcept {
  const int failed = try_to_send(message);
  if (failed == 0 || failed == EAGAIN || !options_.hear_icmp_errors) return failed;
  // It can be the answer to an earlier datagram; the kernel says it once.
  network_error_ = failed;
  return try_to_send(message);
}

int UdpSocket::try_to_send(const msghdr& message) noexcept {
  if (calls_.send(fd_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return 0;
  // If it asked for none, the ledger doubts in vain.
  if (message.msg_control != nullptr) ledger_.failed();
  return errno;
}

int UdpSocket::receive(const std::function<void(const Datagram&)>& sink, int limit) {
  int total = 0;
  int errors = 0;
  while (total < limit && errors < kErrorsInARow) {
    const int most = std::min(limit - total, static_cast<int>(options_.read_at_once));
    const int count = read_batch(static_cast<unsigned>(most));
    if (count == -EAGAIN) break;
    if (count < 0) {  // an ICMP error, reported in place of a datagram; or the descriptor is bad
      network_error_ = -count;
      ++errors;
      continue;
    }
    errors = 0;
    hand_over(count, sink);
    total += count;
    if (!inbox_->one_by_one && count < most) break;
  }
  return total;
}

// The number of datagrams, or a negative errno value. One alone costs less by itself.
int UdpSocket::read_batch(unsigned most) noexcept {
  if (!inbox_) inbox_ = std::make_shared<Inbox>(options_.read_at_once);
  inbox_->prepare();
  inbox_->used = 1;
  auto& messages = inbox_->messages;
  if (!inbox_->one_by_one && most > 1) {
    const int count = calls_.receive_many(fd_.get(), messages.data(), most, MSG_DONTWAIT, nullptr);
    if (count > 0) inbox_->used = static_cast<std::size_t>(count);
    if (count >= 0) return count;
    if (errno != ENOSYS) return -errno;
    inbox_->one_by_one = true;
  }
  const ssize_t length = calls_.receive(fd_.get(), &messages[0].msg_hdr, MSG_DONTWAIT);
  if (length < 0) return -errno;
  messages[0].msg_len = static_cast<unsigned>(length);
  return 1;
}

void UdpSocket::hand_over(int count, const std::function<void(const Datagram&)>& sink) {
  const HardwareClock* const clock =
      abilities_.hardware_stamps ? options_.hardware_clock.get() : nullptr;
  std::optional<Moment> read_at;  // read where it is needed
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const mmsghdr& message = inbox_->messages[i];
    const Inbox::Slot& slot = inbox_->slots[i];
    const ReceiveNotes notes = read_receive_notes(message.msg_hdr);
    Datagram datagram;
    datagram.octets = Octets{inbox_->octets[i]}.first(message.msg_len);
    datagram.from = endpoint_from(slot.from);
    if (notes.interface != 0) datagram.from.interface = notes.interface;
    datagram.to = notes.to.family == Family::none ? options_.bind_address : notes.to;
    datagram.interface = notes.interface;
    datagram.hop_limit = notes.hop_limit;
    put_stamp(notes, clock, read_at, datagram);
    abilities_.source = datagram.source;
    datagram.truncated = (message.msg_hdr.msg_flags & MSG_TRUNC) != 0;
    if (is_ours(datagram)) sink(datagram);
  }
}

void UdpSocket::put_stamp(const ReceiveNotes& notes, const HardwareClock* clock,
                          std::optional<Moment>& read_at, Datagram& datagram) noexcept {
  if (!read_at && (clock != nullptr || !notes.stamp)) read_at = read_moment();
  datagram.stamp = notes.stamp ? *notes.stamp : read_at->realtime;
  datagram.source = notes.stamp ? StampSource::kernel : StampSource::user;
  if (clock == nullptr || !notes.stamp || !notes.hardware) return;
  const auto instant =
      believed(*clock, *notes.hardware, *notes.stamp, Direction::received, realtime_gap(*read_at));
  if (!instant) return;
  datagram.stamp = instant->at;
  datagram.source = StampSource::hardware;
  datagram.conversion_error = instant->uncertainty;
}

// IPv6 gives a group's datagram to every socket that has joined it on any interface, and a
// broadcast goes to all that are bound to it; the one of that interface takes it.
bool UdpSocket::is_ours(const Datagram& datagram) const noexcept {
  const bool of_all = options_.join || options_.hear_broadcast;
  return !of_all || options_.interface == 0 || datagram.interface == 0 ||
         datagram.interface == options_.interface;
}

int UdpSocket::drain_transmit_stamps(const std::function<void(const TransmitStamp&)>& sink) {
  int stamps = 0;
  for (int i = 0; i < kStampLimit; ++i) {
    alignas(cmsghdr) std::array<std::uint8_t, Inbox::kNoteOctets> octets{};
    msghdr message{};
    message.msg_control = octets.data();
    message.msg_controllen = octets.size();
    if (calls_.receive(fd_.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
      if (errno == EINTR) continue;
      break;
    }
    const ErrorNotes notes = read_error_notes(message);
    if (notes.network_error != 0) network_error_ = notes.network_error;
    if (!notes.transmitted) continue;
    const auto stamp = transmit_stamp(*notes.transmitted);
    if (!stamp) continue;
    if (last_asked_ == stamp->token && !stamp->better_may_come) last_asked_.reset();
    ++stamps;
    sink(*stamp);
  }
  return stamps;
}

// The kernel's stamp comes first and is certain; the card's only makes it better.
std::optional<TransmitStamp> UdpSocket::transmit_stamp(
    const ErrorNotes::Transmitted& transmitted) noexcept {
  if (transmitted.stamp) {
    const auto token = ledger_.take(transmitted.number, *transmitted.stamp);
    if (!token) return std::nullopt;
    // The card's comes after it: without, the one before decides.
    if (!abilities_.hardware_stamps || sent_.waits()) abilities_.source = StampSource::kernel;
    if (abilities_.hardware_stamps) sent_.add({transmitted.number, *token, *transmitted.stamp});
    return TransmitStamp{*token, *transmitted.stamp, StampSource::kernel,
                         abilities_.hardware_stamps};
  }
  const auto sent = sent_.take(transmitted.number);
  if (!sent || !options_.hardware_clock) return std::nullopt;
  const auto instant = believed(*options_.hardware_clock, *transmitted.hardware, sent->stamp,
                                Direction::sent, realtime_gap(read_moment()));
  abilities_.source = instant ? StampSource::hardware : StampSource::kernel;
  if (!instant) return std::nullopt;
  return TransmitStamp{sent->token, instant->at, StampSource::hardware};
}

}  // namespace timecast

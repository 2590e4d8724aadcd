// SPDX-License-Identifier: MIT
#include "common/host/control_data.hpp"

#include <netinet/in.h>
#include <sys/time.h>
#include <time.h>
// After time.h, whose types it uses.
#include <linux/errqueue.h>

#include <cstring>

namespace timecast {

namespace {

// Control data need not be aligned for its type. Absent if it is shorter than that.
template <class Value>
std::optional<Value> value_of(const cmsghdr& part) noexcept {
  if (part.cmsg_len < CMSG_LEN(sizeof(Value))) return std::nullopt;
  Value value{};
  std::memcpy(&value, CMSG_DATA(&part), sizeof value);
  return value;
}

// A zero stands for none.
template <class Scale>
std::optional<Timestamp<Scale>> instant(const timespec& t) noexcept {
  if (t.tv_sec == 0 && t.tv_nsec == 0) return std::nullopt;
  return Timestamp<Scale>{Duration::seconds(t.tv_sec) + Duration::nanoseconds(t.tv_nsec)};
}

struct Stamps {
  std::optional<Timestamp<Realtime>> kernel;
  std::optional<Timestamp<Hardware>> hardware;  // of the card's own clock
};

// The three forms of a stamp.
Stamps stamps_of(const cmsghdr& part) noexcept {
  if (part.cmsg_type == SO_TIMESTAMPING) {
    const auto stamps = value_of<scm_timestamping>(part);
    if (!stamps) return {};
    return {instant<Realtime>(stamps->ts[0]), instant<Hardware>(stamps->ts[2])};
  }
  if (part.cmsg_type == SO_TIMESTAMPNS) {
    const auto stamp = value_of<timespec>(part);
    if (stamp) return {instant<Realtime>(*stamp), {}};
  }
  if (part.cmsg_type == SO_TIMESTAMP) {
    const auto stamp = value_of<timeval>(part);
    if (stamp) return {instant<Realtime>({stamp->tv_sec, stamp->tv_usec * 1000}), {}};
  }
  return {};
}

void note_hop_limit(const cmsghdr& part, ReceiveNotes& notes) noexcept {
  if (const auto hops = value_of<int>(part)) notes.hop_limit = static_cast<std::uint8_t>(*hops);
}

void note_ipv4(const cmsghdr& part, ReceiveNotes& notes) noexcept {
  if (part.cmsg_type == IP_TTL) note_hop_limit(part, notes);
  if (part.cmsg_type != IP_PKTINFO) return;
  if (const auto info = value_of<in_pktinfo>(part)) {
    notes.to.family = Family::ipv4;
    std::memcpy(notes.to.octets.data(), &info->ipi_addr, sizeof info->ipi_addr);
    notes.interface = static_cast<std::uint32_t>(info->ipi_ifindex);
  }
}

void note_ipv6(const cmsghdr& part, ReceiveNotes& notes) noexcept {
  if (part.cmsg_type == IPV6_HOPLIMIT) note_hop_limit(part, notes);
  if (part.cmsg_type != IPV6_PKTINFO) return;
  if (const auto info = value_of<in6_pktinfo>(part)) {
    notes.to.family = Family::ipv6;
    std::memcpy(notes.to.octets.data(), &info->ipi6_addr, sizeof info->ipi6_addr);
    notes.interface = info->ipi6_ifindex;
  }
}

// The header's macros want a pointer to non-const and do not write to it.
cmsghdr* next_part(const msghdr& message, cmsghdr* part) noexcept {
  auto* const whole = const_cast<msghdr*>(&message);
  return part == nullptr ? CMSG_FIRSTHDR(whole) : CMSG_NXTHDR(whole, part);
}

void note_stamps(const cmsghdr& part, std::optional<Timestamp<Realtime>>& kernel,
                 std::optional<Timestamp<Hardware>>& hardware) noexcept {
  if (part.cmsg_level != SOL_SOCKET) return;
  const Stamps stamps = stamps_of(part);
  if (!kernel) kernel = stamps.kernel;
  if (!hardware) hardware = stamps.hardware;
}

bool is_error_report(const cmsghdr& part) noexcept {
  return (part.cmsg_level == IPPROTO_IP && part.cmsg_type == IP_RECVERR) ||
         (part.cmsg_level == IPPROTO_IPV6 && part.cmsg_type == IPV6_RECVERR);
}

}  // namespace

ReceiveNotes read_receive_notes(const msghdr& message) noexcept {
  ReceiveNotes notes;
  for (cmsghdr* part = next_part(message, nullptr); part != nullptr;
       part = next_part(message, part)) {
    if (part->cmsg_level == IPPROTO_IP) note_ipv4(*part, notes);
    if (part->cmsg_level == IPPROTO_IPV6) note_ipv6(*part, notes);
    note_stamps(*part, notes.stamp, notes.hardware);
  }
  return notes;
}

ErrorNotes read_error_notes(const msghdr& message) noexcept {
  std::optional<Timestamp<Realtime>> stamp;
  std::optional<Timestamp<Hardware>> hardware;
  std::optional<sock_extended_err> report;
  for (cmsghdr* part = next_part(message, nullptr); part != nullptr;
       part = next_part(message, part)) {
    note_stamps(*part, stamp, hardware);
    if (is_error_report(*part)) report = value_of<sock_extended_err>(*part);
  }
  ErrorNotes notes;
  if (!report) return notes;
  if (report->ee_origin != SO_EE_ORIGIN_TIMESTAMPING) {
    notes.network_error = static_cast<int>(report->ee_errno);
  } else if ((stamp || hardware) && report->ee_info == SCM_TSTAMP_SND) {
    notes.transmitted = {report->ee_data, stamp, hardware};
  }
  return notes;
}

}  // namespace timecast

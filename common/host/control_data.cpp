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

Timestamp<Realtime> instant(std::int64_t seconds, std::int64_t nanoseconds) noexcept {
  return Timestamp<Realtime>{Duration::seconds(seconds) + Duration::nanoseconds(nanoseconds)};
}

// The card's, of its own clock. A zero stands for none.
std::optional<Timestamp<Hardware>> hardware_stamp_of(const cmsghdr& part) noexcept {
  if (part.cmsg_type != SO_TIMESTAMPING) return std::nullopt;
  const auto stamps = value_of<scm_timestamping>(part);
  if (!stamps) return std::nullopt;
  const timespec& raw = stamps->ts[2];
  if (raw.tv_sec == 0 && raw.tv_nsec == 0) return std::nullopt;
  return Timestamp<Hardware>{Duration::seconds(raw.tv_sec) + Duration::nanoseconds(raw.tv_nsec)};
}

// The three forms of a stamp. A zero stands for none.
std::optional<Timestamp<Realtime>> stamp_of(const cmsghdr& part) noexcept {
  if (part.cmsg_type == SO_TIMESTAMP) {
    const auto stamp = value_of<timeval>(part);
    if (stamp) return instant(stamp->tv_sec, std::int64_t{stamp->tv_usec} * 1000);
  }
  std::optional<timespec> stamp;
  if (part.cmsg_type == SO_TIMESTAMPNS) stamp = value_of<timespec>(part);
  if (part.cmsg_type == SO_TIMESTAMPING) {
    // Software first; the card's stands behind it.
    if (const auto stamps = value_of<scm_timestamping>(part)) stamp = stamps->ts[0];
  }
  if (!stamp || (stamp->tv_sec == 0 && stamp->tv_nsec == 0)) return std::nullopt;
  return instant(stamp->tv_sec, stamp->tv_nsec);
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

// The header's CMSG_NXTHDR wants a pointer to non-const and does not write to it.
cmsghdr* next_part(const msghdr& message, cmsghdr* part) noexcept {
  msghdr copy = message;
  return part == nullptr ? CMSG_FIRSTHDR(&copy) : CMSG_NXTHDR(&copy, part);
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
    if (part->cmsg_level != SOL_SOCKET) continue;
    if (!notes.stamp) notes.stamp = stamp_of(*part);
    if (!notes.hardware) notes.hardware = hardware_stamp_of(*part);
  }
  return notes;
}

ErrorNotes read_error_notes(const msghdr& message) noexcept {
  std::optional<Timestamp<Realtime>> stamp;
  std::optional<Timestamp<Hardware>> hardware;
  std::optional<sock_extended_err> report;
  for (cmsghdr* part = next_part(message, nullptr); part != nullptr;
       part = next_part(message, part)) {
    if (part->cmsg_level == SOL_SOCKET && !stamp) stamp = stamp_of(*part);
    if (part->cmsg_level == SOL_SOCKET && !hardware) hardware = hardware_stamp_of(*part);
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

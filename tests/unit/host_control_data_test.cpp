// SPDX-License-Identifier: MIT
#include "common/host/control_data.hpp"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/time.h>
#include <time.h>
// After time.h, whose types it uses.
#include <linux/errqueue.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "common/host/socket_address.hpp"

using namespace timecast;

namespace {

// Control data as the kernel lays it out.
class Control {
 public:
  template <class Value>
  Control& add(int level, int type, const Value& value) {
    return add_octets(level, type, &value, sizeof value);
  }
  // Only the first octets of a value, as where the buffer was too short for it.
  Control& add_octets(int level, int type, const void* value, std::size_t size) {
    const std::size_t start = octets_.size();
    octets_.resize(start + CMSG_SPACE(size));
    cmsghdr header{};
    header.cmsg_len = CMSG_LEN(size);
    header.cmsg_level = level;
    header.cmsg_type = type;
    std::memcpy(octets_.data() + start, &header, sizeof header);
    std::memcpy(octets_.data() + start + CMSG_LEN(0), value, size);
    return *this;
  }
  [[nodiscard]] msghdr message() {
    msghdr message{};
    message.msg_control = octets_.data();
    message.msg_controllen = octets_.size();
    return message;
  }
  [[nodiscard]] ReceiveNotes receive_notes() { return read_receive_notes(message()); }
  [[nodiscard]] ErrorNotes error_notes() { return read_error_notes(message()); }

 private:
  std::vector<std::uint8_t> octets_;
};

Timestamp<Realtime> instant(std::int64_t seconds, std::int64_t ns) {
  return Timestamp<Realtime>{Duration::seconds(seconds) + Duration::nanoseconds(ns)};
}

Address address(const char* text) {
  const auto parsed = parse_address(text);
  REQUIRE(parsed);
  return *parsed;
}

in_pktinfo ipv4_destination(const char* text, int interface) {
  in_pktinfo info{};
  info.ipi_ifindex = interface;
  std::memcpy(&info.ipi_addr, address(text).octets.data(), sizeof info.ipi_addr);
  return info;
}

sock_extended_err report(int origin, std::uint32_t error, std::uint32_t info,
                         std::uint32_t number) {
  sock_extended_err report{};
  report.ee_errno = error;
  report.ee_origin = static_cast<std::uint8_t>(origin);
  report.ee_info = info;
  report.ee_data = number;
  return report;
}

sock_extended_err stamp_report(std::uint32_t number, std::uint32_t kind = SCM_TSTAMP_SND) {
  return report(SO_EE_ORIGIN_TIMESTAMPING, ENOMSG, kind, number);
}

scm_timestamping stamps(timespec software, timespec hardware = {}) {
  scm_timestamping stamps{};
  stamps.ts[0] = software;
  stamps.ts[2] = hardware;
  return stamps;
}

}  // namespace

TEST_CASE("host control data: what the kernel does not say is absent") {
  Control control;
  const ReceiveNotes notes = control.receive_notes();
  CHECK(notes.to.family == Family::none);
  CHECK(notes.interface == 0);
  CHECK_FALSE(notes.hop_limit);
  CHECK_FALSE(notes.stamp);
  CHECK_FALSE(control.error_notes().transmitted);
  CHECK(control.error_notes().network_error == 0);
}

TEST_CASE("host control data: destination, interface and hop limit of an IPv4 datagram") {
  Control control;
  control.add(IPPROTO_IP, IP_TTL, int{255})
      .add(IPPROTO_IP, IP_PKTINFO, ipv4_destination("239.255.123.124", 7));
  const ReceiveNotes notes = control.receive_notes();
  CHECK(notes.to == address("239.255.123.124"));
  CHECK(notes.interface == 7);
  CHECK(notes.hop_limit == 255);
}

TEST_CASE("host control data: destination, interface and hop limit of an IPv6 datagram") {
  in6_pktinfo info{};
  info.ipi6_ifindex = 9;
  const Address to = address("ff02::101");
  std::memcpy(&info.ipi6_addr, to.octets.data(), sizeof info.ipi6_addr);
  Control control;
  control.add(IPPROTO_IPV6, IPV6_PKTINFO, info).add(IPPROTO_IPV6, IPV6_HOPLIMIT, int{1});
  const ReceiveNotes notes = control.receive_notes();
  CHECK(notes.to == to);
  CHECK(notes.interface == 9);
  CHECK(notes.hop_limit == 1);
}

TEST_CASE("host control data: a stamp in each of its forms") {
  const timespec software{1'700'000'000, 123'456'789};
  const timespec hardware{42, 0};
  struct Row {
    const char* name;
    Control control;
    std::optional<Timestamp<Realtime>> stamp;
  };
  Row rows[] = {
      {"microseconds", Control{}.add(SOL_SOCKET, SO_TIMESTAMP, timeval{1'700'000'000, 123'456}),
       instant(1'700'000'000, 123'456'000)},
      {"nanoseconds", Control{}.add(SOL_SOCKET, SO_TIMESTAMPNS, software),
       instant(1'700'000'000, 123'456'789)},
      {"software and hardware",
       Control{}.add(SOL_SOCKET, SO_TIMESTAMPING, stamps(software, hardware)),
       instant(1'700'000'000, 123'456'789)},
      {"hardware alone, which is of another clock",
       Control{}.add(SOL_SOCKET, SO_TIMESTAMPING, stamps({}, hardware)), std::nullopt},
      {"before 1970", Control{}.add(SOL_SOCKET, SO_TIMESTAMPNS, timespec{-1, 999'999'999}),
       instant(0, -1)},
      {"no stamp at all", Control{}.add(SOL_SOCKET, SO_RCVBUF, software), std::nullopt},
      {"the first of two",
       Control{}
           .add(SOL_SOCKET, SO_TIMESTAMPING, stamps(software))
           .add(SOL_SOCKET, SO_TIMESTAMPNS, hardware),
       instant(1'700'000'000, 123'456'789)},
      {"the one that counts of two",
       Control{}
           .add(SOL_SOCKET, SO_TIMESTAMPNS, software)
           .add(SOL_SOCKET, SO_TIMESTAMPING, stamps({}, hardware)),
       instant(1'700'000'000, 123'456'789)},
  };
  for (Row& row : rows) {
    CAPTURE(row.name);
    CHECK(row.control.receive_notes().stamp == row.stamp);
  }
}

TEST_CASE("host control data: the card's own stamp stands beside the kernel's, on its own clock") {
  const timespec software{1'700'000'000, 5};
  const timespec hardware{42, 123'456'789};
  const Timestamp<Hardware> raw{Duration::seconds(42) + Duration::nanoseconds(123'456'789)};
  struct Row {
    const char* name;
    Control control;
    std::optional<Timestamp<Hardware>> hardware;
  };
  Row rows[] = {
      {"both", Control{}.add(SOL_SOCKET, SO_TIMESTAMPING, stamps(software, hardware)), raw},
      {"the card's alone", Control{}.add(SOL_SOCKET, SO_TIMESTAMPING, stamps({}, hardware)), raw},
      {"none of the card", Control{}.add(SOL_SOCKET, SO_TIMESTAMPING, stamps(software)),
       std::nullopt},
      {"another form", Control{}.add(SOL_SOCKET, SO_TIMESTAMPNS, hardware), std::nullopt},
  };
  for (Row& row : rows) {
    CAPTURE(row.name);
    CHECK(row.control.receive_notes().hardware == row.hardware);
    row.control.add(IPPROTO_IP, IP_RECVERR, stamp_report(77));
    const ErrorNotes notes = row.control.error_notes();
    REQUIRE(notes.transmitted);
    CHECK(notes.transmitted->number == 77);
    CHECK(notes.transmitted->hardware == row.hardware);
  }
}

TEST_CASE("host control data: a part that is cut short is absent, and hides no other") {
  const timespec stamp{1'700'000'000, 1};
  const in_pktinfo info = ipv4_destination("192.0.2.1", 7);
  const int hops = 64;
  Control control;
  control.add_octets(SOL_SOCKET, SO_TIMESTAMPNS, &stamp, sizeof stamp - 1)
      .add_octets(IPPROTO_IP, IP_PKTINFO, &info, sizeof info - 1)
      .add_octets(IPPROTO_IP, IP_TTL, &hops, sizeof hops - 1)
      .add_octets(IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, 0);
  ReceiveNotes notes = control.receive_notes();
  CHECK_FALSE(notes.stamp);
  CHECK(notes.to.family == Family::none);
  CHECK(notes.interface == 0);
  CHECK_FALSE(notes.hop_limit);

  control.add(IPPROTO_IP, IP_TTL, hops);
  CHECK(control.receive_notes().hop_limit == 64);
}

TEST_CASE("host control data: a transmit stamp comes with its number, whatever stands around it") {
  const scm_timestamping stamp = stamps({1'700'000'000, 5});
  Control rows[] = {
      Control{}
          .add(SOL_SOCKET, SO_TIMESTAMPING, stamp)
          .add(IPPROTO_IP, IP_RECVERR, stamp_report(77)),
      Control{}
          .add(IPPROTO_IPV6, IPV6_RECVERR, stamp_report(77))
          .add(SOL_SOCKET, SO_TIMESTAMPING, stamp),
      Control{}
          .add(IPPROTO_IP, IP_PKTINFO, ipv4_destination("192.0.2.1", 7))
          .add(SOL_SOCKET, SO_TIMESTAMPING, stamp)
          .add(SOL_SOCKET, SO_RXQ_OVFL, std::uint32_t{3})
          .add(IPPROTO_IP, IP_RECVERR, stamp_report(77)),
  };
  for (Control& control : rows) {
    const ErrorNotes notes = control.error_notes();
    REQUIRE(notes.transmitted);
    CHECK(notes.transmitted->number == 77);
    CHECK(notes.transmitted->stamp == instant(1'700'000'000, 5));
    CHECK(notes.network_error == 0);
  }
}

TEST_CASE("host control data: what is no transmit stamp of a device counts as none") {
  const scm_timestamping stamp = stamps({1'700'000'000, 5});
  struct Row {
    const char* name;
    Control control;
  };
  Row rows[] = {
      {"a stamp of nothing", Control{}.add(SOL_SOCKET, SO_TIMESTAMPING, stamp)},
      {"no stamp", Control{}.add(IPPROTO_IP, IP_RECVERR, stamp_report(77))},
      {"stamped when it was queued",
       Control{}
           .add(SOL_SOCKET, SO_TIMESTAMPING, stamp)
           .add(IPPROTO_IP, IP_RECVERR, stamp_report(77, SCM_TSTAMP_SCHED))},
      {"a report of another protocol", Control{}
                                           .add(SOL_SOCKET, SO_TIMESTAMPING, stamp)
                                           .add(IPPROTO_TCP, IP_RECVERR, stamp_report(77))},
  };
  for (Row& row : rows) {
    CAPTURE(row.name);
    CHECK_FALSE(row.control.error_notes().transmitted);
    CHECK(row.control.error_notes().network_error == 0);
  }
}

TEST_CASE("host control data: an error of the network is told") {
  for (const int origin : {SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, SO_EE_ORIGIN_LOCAL}) {
    Control control;
    control.add(IPPROTO_IP, IP_RECVERR, report(origin, ECONNREFUSED, 0, 0));
    CHECK(control.error_notes().network_error == ECONNREFUSED);
    CHECK_FALSE(control.error_notes().transmitted);
  }
}

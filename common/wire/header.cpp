// SPDX-License-Identifier: MIT
#include <timecast/wire/header.hpp>

namespace timecast {

const char* to_string(Leap leap) noexcept {
  switch (leap) {
    case Leap::none: return "none";
    case Leap::insert_second: return "insert";
    case Leap::delete_second: return "delete";
    case Leap::unsynchronised: return "unsynchronised";
  }
  return "unnamed";
}

const char* to_string(Mode mode) noexcept {
  switch (mode) {
    case Mode::reserved: return "reserved";
    case Mode::symmetric_active: return "symmetric_active";
    case Mode::symmetric_passive: return "symmetric_passive";
    case Mode::client: return "client";
    case Mode::server: return "server";
    case Mode::broadcast: return "broadcast";
    case Mode::control: return "control";
    case Mode::private_use: return "private_use";
  }
  return "unnamed";
}

Header minimal_request(NtpTimestamp transmit) noexcept {
  Header header;
  header.mode = Mode::client;
  header.precision = kUntoldPrecision;
  header.transmit = transmit;
  return header;
}

Header decode_header(std::span<const std::uint8_t, kHeaderOctets> octets) noexcept {
  const Octets o = octets;
  Header header;
  header.leap = static_cast<Leap>(o[0] >> 6U);
  header.version = static_cast<std::uint8_t>((o[0] >> 3U) & 7U);
  header.mode = static_cast<Mode>(o[0] & 7U);
  header.stratum = o[1];
  header.poll = Log2Seconds{static_cast<std::int8_t>(o[2])};
  header.precision = Log2Seconds{static_cast<std::int8_t>(o[3])};
  header.root_delay = NtpShort{read_big_endian<std::uint32_t>(o, 4)};
  header.root_dispersion = NtpShort{read_big_endian<std::uint32_t>(o, 8)};
  copy_octets(o.subspan(12, 4), header.reference_id);
  header.reference = NtpTimestamp{read_big_endian<std::uint64_t>(o, 16)};
  header.origin = NtpTimestamp{read_big_endian<std::uint64_t>(o, 24)};
  header.receive = NtpTimestamp{read_big_endian<std::uint64_t>(o, 32)};
  header.transmit = NtpTimestamp{read_big_endian<std::uint64_t>(o, kTransmitOffset)};
  return header;
}

HeaderOctets encode(const Header& header) noexcept {
  HeaderOctets o{};
  const auto leap = static_cast<unsigned>(header.leap);
  const auto mode = static_cast<unsigned>(header.mode);
  o[0] = static_cast<std::uint8_t>((leap << 6U) | ((header.version & 7U) << 3U) | (mode & 7U));
  o[1] = header.stratum;
  o[2] = static_cast<std::uint8_t>(header.poll.exponent());
  o[3] = static_cast<std::uint8_t>(header.precision.exponent());
  write_big_endian(o, 4, header.root_delay.bits());
  write_big_endian(o, 8, header.root_dispersion.bits());
  copy_octets(header.reference_id, MutableOctets{o}.subspan(12, 4));
  write_big_endian(o, 16, header.reference.bits());
  write_big_endian(o, 24, header.origin.bits());
  write_big_endian(o, 32, header.receive.bits());
  write_big_endian(o, kTransmitOffset, header.transmit.bits());
  return o;
}

Duration root_distance(const Header& header) noexcept {
  return header.root_delay.to_duration() / 2 + header.root_dispersion.to_duration();
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include "listener/daemon/pcap_reader.hpp"

#include <string>

namespace timecast {

namespace {

constexpr std::size_t kFileHeaderOctets = 24;
constexpr std::uint32_t kMicrosecondMagic = 0xA1B2C3D4;
constexpr std::uint32_t kNanosecondMagic = 0xA1B23C4D;
constexpr std::uint32_t kPcapngMagic = 0x0A0D0D0A;  // the same in both orders
constexpr std::uint16_t kGzipMagic = 0x1F8B;
constexpr std::uint32_t kLinkTypeBits = 0x0FFFFFFF;  // above it the length of a checksum

// The other way round.
constexpr std::uint32_t swapped(std::uint32_t value) noexcept {
  return (value >> 24U) | ((value >> 8U) & 0xFF00U) | ((value << 8U) & 0xFF0000U) | (value << 24U);
}

// All of them, or as many as there are left.
Result<std::size_t> read_fully(const PcapReader::Read& read, MutableOctets to) {
  std::size_t count = 0;
  while (count < to.size()) {
    auto got = read(to.subspan(count));
    if (!got) return got;
    if (*got == 0) break;
    count += *got;
  }
  return count;
}

Error no_pcap(std::uint32_t magic) {
  if (magic == kPcapngMagic) {
    return Error{"is of the pcapng format; convert it: editcap -F pcap FILE NEWFILE"};
  }
  if (magic >> 16U == kGzipMagic) return Error{"is compressed; unpack it first: gunzip FILE"};
  return Error{"is no pcap file; record one with: tcpdump -w FILE"};
}

Error in_packet(std::uint64_t number, const std::string& what) {
  return Error{"packet " + std::to_string(number) + ": " + what};
}

}  // namespace

Result<PcapReader> PcapReader::open(Read read) {
  std::array<std::uint8_t, kFileHeaderOctets> header{};
  const auto got = read_fully(read, header);
  if (!got) return because(got.error());
  if (*got == 0) return because(Error{"is empty; record one with: tcpdump -w FILE"});
  const auto magic = read_big_endian<std::uint32_t>(header, 0);
  PcapReader reader{std::move(read)};
  reader.little_endian_ = magic == swapped(kMicrosecondMagic) || magic == swapped(kNanosecondMagic);
  reader.nanoseconds_ = magic == kNanosecondMagic || magic == swapped(kNanosecondMagic);
  if (!reader.little_endian_ && magic != kMicrosecondMagic && magic != kNanosecondMagic) {
    return because(no_pcap(magic));
  }
  if (*got < header.size())
    return because(Error{"ends within its header; record it anew with: tcpdump -w FILE"});
  const std::uint32_t version = reader.number_at(header, 4);
  const std::uint32_t major = reader.little_endian_ ? version & 0xFFFFU : version >> 16U;
  if (major != 2) {
    return because(Error{"is of pcap version " + std::to_string(major) + "; only 2 is known"});
  }
  reader.link_type_ = reader.number_at(header, 20) & kLinkTypeBits;
  return reader;
}

Result<std::optional<PcapPacket>> PcapReader::next() {
  std::array<std::uint8_t, kRecordOctets> record{};
  const auto got = read_fully(read_, record);
  if (!got) return because(in_packet(count_ + 1, got.error().text));
  if (*got == 0) return std::optional<PcapPacket>{};
  ++count_;
  if (*got < record.size()) return because(in_packet(count_, "the file ends within its header"));
  const auto packet = packet_from(record);
  if (!packet) return because(in_packet(count_, packet.error().text));
  return std::optional{*packet};
}

Result<PcapPacket> PcapReader::packet_from(Octets record) {
  const std::uint32_t length = number_at(record, 8);
  const std::int64_t fraction = number_at(record, 4);
  const std::int64_t fractions = nanoseconds_ ? 1'000'000'000 : 1'000'000;
  if (fraction >= fractions) {
    return because(Error{"its time has " + std::to_string(fraction) + " of " +
                         std::to_string(fractions) + " parts of a second: damaged"});
  }
  if (length > kLongestPacket) {
    return because(Error{"claims " + std::to_string(length) + " octets, more than " +
                         std::to_string(kLongestPacket) + ": damaged"});
  }
  octets_.resize(length);
  const auto got = read_fully(read_, octets_);
  if (!got) return because(got.error());
  if (*got < length) {
    return because(Error{"the file ends after " + std::to_string(*got) + " of its " +
                         std::to_string(length) + " octets"});
  }
  const Duration at = Duration::seconds(number_at(record, 0)) +
                      Duration::nanoseconds(fraction * (1'000'000'000 / fractions));
  return PcapPacket{count_, Timestamp<Realtime>{at}, octets_};
}

std::uint32_t PcapReader::number_at(Octets octets, std::size_t offset) const noexcept {
  const auto value = read_big_endian<std::uint32_t>(octets, offset);
  return little_endian_ ? swapped(value) : value;
}

}  // namespace timecast

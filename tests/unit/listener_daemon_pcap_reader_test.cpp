// SPDX-License-Identifier: MIT
#include "listener/daemon/pcap_reader.hpp"

#include "tests/unit/listener_recording.hpp"

namespace timecast::test {
namespace {

const Timestamp<Realtime> kAt{Duration::seconds(1'793'491'200) +
                              Duration::nanoseconds(123'456'789)};

// Why the file cannot be opened; an empty text if it can.
std::string refusal_of(const Bytes& octets) {
  const auto reader = PcapReader::open(reading(octets));
  return reader ? std::string{} : reader.error().text;
}

// Reads until the first error, and returns that; an empty text if there is none.
std::string error_in(const Bytes& octets) {
  auto reader = PcapReader::open(reading(octets));
  REQUIRE(reader);
  for (int i = 0; i < 100; ++i) {
    const auto packet = reader->next();
    if (!packet) return packet.error().text;
    if (!*packet) return {};
  }
  return "never ends";
}

Bytes record(const PcapFile& file, std::uint32_t fraction, std::uint32_t length) {
  return file.number(1) + file.number(fraction) + file.number(length) + file.number(length);
}

}  // namespace

TEST_CASE("pcap: both orders of octets, microseconds and nanoseconds, in pieces of any size") {
  for (const bool little_endian : {false, true}) {
    for (const bool nanoseconds : {false, true}) {
      for (const std::size_t step : {1U, 7U, 65'536U}) {
        CAPTURE(little_endian);
        CAPTURE(nanoseconds);
        CAPTURE(step);
        PcapFile file{{little_endian, nanoseconds, 228}};
        file.add(kAt, from_hex("0102")).add(kAt + Duration::seconds(1), {});
        auto reader = PcapReader::open(reading(file.octets, step));
        REQUIRE(reader);
        CHECK(reader->link_type() == 228);
        const auto first = reader->next();
        REQUIRE(first);
        REQUIRE(*first);
        CHECK((*first)->number == 1);
        CHECK((*first)->at == kAt - Duration::nanoseconds(nanoseconds ? 0 : 789));
        CHECK(to_hex((*first)->octets) == "0102");
        const auto second = reader->next();
        REQUIRE(second);
        REQUIRE(*second);
        CHECK((*second)->number == 2);
        CHECK((*second)->octets.empty());
        const auto end = reader->next();
        REQUIRE(end);
        CHECK_FALSE(*end);
      }
    }
  }
}

TEST_CASE("pcap: a recording without packets is one") { CHECK(error_in(PcapFile{}.octets) == ""); }

TEST_CASE("pcap: a time after 2038 is later and not before 1970") {
  PcapFile file;
  file.add(Timestamp<Realtime>{Duration::seconds(4'000'000'000)}, {});
  auto reader = PcapReader::open(reading(file.octets));
  REQUIRE(reader);
  CHECK(reader->next().value()->at.since_epoch() == Duration::seconds(4'000'000'000));
}

TEST_CASE("pcap: the length of a checksum beside the link type is none of it") {
  auto reader = PcapReader::open(reading(PcapFile{{true, false, 0x50000001}}.octets));
  REQUIRE(reader);
  CHECK(reader->link_type() == 1);
}

TEST_CASE("pcap: a file that is none is refused, with the way out") {
  struct Row {
    Bytes octets;
    const char* refusal;
  };
  Bytes version3 = PcapFile{}.octets;
  version3[4] = 3;
  for (const Row& row : {
           Row{{}, "is empty; record one with: tcpdump -w FILE"},
           Row{from_hex("d4c3b2a1 0200"),
               "ends within its header; record it anew with: tcpdump -w FILE"},
           Row{from_hex("0a0d0d0a 1c000000 4d3c2b1a"),
               "is of the pcapng format; convert it: editcap -F pcap FILE NEWFILE"},
           Row{from_hex("1f8b0800"), "is compressed; unpack it first: gunzip FILE"},
           Row{from_hex("48656c6c6f"), "is no pcap file; record one with: tcpdump -w FILE"},
           Row{from_hex("48"), "is no pcap file; record one with: tcpdump -w FILE"},
           Row{version3, "is of pcap version 3; only 2 is known"},
       }) {
    CAPTURE(row.refusal);
    CHECK(refusal_of(row.octets) == row.refusal);
  }
}

TEST_CASE("pcap: damage is named with the number of its packet") {
  PcapFile file;
  file.add(kAt, from_hex("0102"));
  const Bytes& good = file.octets;
  struct Row {
    Bytes octets;
    const char* error;
  };
  for (const Row& row : {
           Row{good + from_hex("00000000 00"), "packet 2: the file ends within its header"},
           Row{good + record(file, 0, 4) + from_hex("010203"),
               "packet 2: the file ends after 3 of its 4 octets"},
           Row{good + record(file, 0, 262'145),
               "packet 2: claims 262145 octets, more than 262144: damaged"},
           Row{good + record(file, 0, 0xFFFFFFFF),
               "packet 2: claims 4294967295 octets, more than 262144: damaged"},
           Row{good + record(file, 1'000'000, 0),
               "packet 2: its time has 1000000 of 1000000 parts of a second: damaged"},
       }) {
    CAPTURE(row.error);
    CHECK(error_in(row.octets) == row.error);
  }
}

TEST_CASE("pcap: wherever a file is cut off, that is an error and no packet") {
  PcapFile file;
  file.add(kAt, from_hex("010203"));
  for (std::size_t size = 25; size < file.octets.size(); ++size) {
    CAPTURE(size);
    Bytes cut = file.octets;
    cut.resize(size);
    CHECK(error_in(cut).starts_with("packet 1: "));
  }
}

TEST_CASE("pcap: what cannot be read is named as the system does") {
  const auto refusing = [](MutableOctets) -> Result<std::size_t> {
    return because(Error{"cannot be read: is a directory"});
  };
  const auto reader = PcapReader::open(refusing);
  REQUIRE_FALSE(reader);
  CHECK(reader.error().text == "cannot be read: is a directory");
}

}  // namespace timecast::test

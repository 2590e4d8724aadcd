// SPDX-License-Identifier: MIT
//
// A recording: packets within it, or a named fault, in pieces of any size.
#include <algorithm>

#include "listener/daemon/frame.hpp"
#include "listener/daemon/pcap_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace timecast;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Octets left{data, size};
  const std::size_t piece = size == 0 ? 1 : std::size_t{1} + data[size - 1] % 64U;
  auto reader = PcapReader::open([&](MutableOctets out) -> Result<std::size_t> {
    const Octets taken = left.first(std::min({left.size(), out.size(), piece}));
    copy_octets(taken, out);
    left = left.subspan(taken.size());
    return taken.size();
  });
  if (!reader) return 0;
  const auto link = link_type_from(reader->link_type());
  for (std::uint64_t count = 1; count <= size; ++count) {
    const auto packet = reader->next();
    if (!packet || !*packet) return 0;
    must((*packet)->number == count, "packets are counted");
    must((*packet)->octets.size() <= size, "a packet lies within its recording");
    if (!link) continue;
    const auto datagram = datagram_in(*link, (*packet)->octets);
    if (datagram && *datagram) {
      must((*datagram)->octets.size() <= (*packet)->octets.size(), "and a datagram in its packet");
    }
  }
  return 0;
}

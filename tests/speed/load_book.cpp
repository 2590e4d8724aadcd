// SPDX-License-Identifier: MIT
#include "tests/speed/load_book.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace timecast::test {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

Timestamp<Announced> instant(std::int64_t unix_ns) {
  return Timestamp<Announced>{Duration::nanoseconds(unix_ns)};
}

// Not a reply but a refusal (RFC 5905 section 7.4).
bool is_kiss(const Header& header) {
  constexpr ReferenceId kKisses[] = {
      {'R', 'A', 'T', 'E'}, {'D', 'E', 'N', 'Y'}, {'R', 'S', 'T', 'R'}};
  return header.stratum == kStratumUnspecified &&
         std::find(std::begin(kKisses), std::end(kKisses), header.reference_id) !=
             std::end(kKisses);
}

}  // namespace

// The low bits say which request it is, the others that nobody has guessed it.
std::uint64_t LoadBook::opaque(std::uint64_t number) const noexcept {
  std::uint64_t hash = (number ^ key_) * 0x9E37'79B9'7F4A'7C15U;
  hash ^= hash >> 29U;
  return ((hash * 0xBF58'476D'1CE4'E5B9U) & ~std::uint64_t{kPlaces - 1}) | (number % kPlaces);
}

void LoadBook::write(HeaderOctets& octets, std::int64_t now_ns) noexcept {
  const std::uint64_t number = next_++;
  asked_[number % kPlaces] = {number, now_ns};
  octets = encode(minimal_request(NtpTimestamp{opaque(number)}));
}

std::optional<Wrong> LoadBook::wrong_of(const Arrived& arrived) const noexcept {
  if (arrived.octets.size() != kHeaderOctets) return Wrong::length;
  const bool from_server = arrived.from.sin_addr.s_addr == server_.sin_addr.s_addr &&
                           arrived.from.sin_port == server_.sin_port;
  if (!from_server) return Wrong::source;
  const Header header = decode_header(arrived.octets.first<kHeaderOctets>());
  const bool is_reply = header.mode == Mode::server && header.version == kNtpVersion;
  if (!is_reply || is_kiss(header)) return Wrong::kind;
  const Asked& asked = asked_[header.origin.bits() % kPlaces];
  if (asked.at_ns == 0 || header.origin.bits() != opaque(asked.number)) return Wrong::unasked;
  const Duration within = difference(header.transmit, header.receive);
  const bool sound = !header.receive.is_unknown() && within >= -Duration::microseconds(5) &&
                     within < Duration::seconds(2);
  return sound ? std::nullopt : std::optional{Wrong::stamps};
}

bool LoadBook::check(const Arrived& arrived) noexcept {
  if (const auto wrong = wrong_of(arrived)) {
    ++wrong_[static_cast<std::size_t>(*wrong)];
    return false;
  }
  const Header header = decode_header(arrived.octets.first<kHeaderOctets>());
  Asked& asked = asked_[header.origin.bits() % kPlaces];
  if (asked.number >= counted_from_) {
    ++answered_;
    if (header.leap == Leap::unsynchronised) ++unsynchronised_;
    if (arrived.at_ns != 0 && waits_.size() < kSamples) note(header, asked, arrived.at_ns);
  }
  asked.at_ns = 0;
  return true;
}

void LoadBook::note(const Header& header, const Asked& asked, std::int64_t at_ns) {
  const auto saturated = [](std::int64_t ns) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(ns, -kSecondNs, kSecondNs));
  };
  const Duration there = difference(header.receive, to_ntp(instant(asked.at_ns)));
  const Duration back = difference(header.transmit, to_ntp(instant(at_ns)));
  waits_.push_back(saturated(at_ns - asked.at_ns));
  offsets_.push_back(saturated((there + back).count_ns() / 2));
}

std::uint64_t LoadBook::wrong() const noexcept {
  return std::accumulate(wrong_.begin(), wrong_.end(), std::uint64_t{0});
}

}  // namespace timecast::test

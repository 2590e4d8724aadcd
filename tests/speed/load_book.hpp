// SPDX-License-Identifier: MIT
//
// What was asked and is not answered yet, and what the answers were worth.
//
// Threads: one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/speed/load_socket.hpp"

namespace timecast::test {

// Why a datagram was no reply to a request of ours.
enum class Wrong : std::uint8_t { length, source, kind, unasked, stamps };
inline constexpr std::size_t kWrongKinds = 5;

class LoadBook {
 public:
  explicit LoadBook(std::uint64_t key, const sockaddr_in& server)
      : key_{key}, server_{server}, asked_(kPlaces) {}

  // Writes the next request, which is about to leave.
  void write(HeaderOctets& octets, std::int64_t now_ns) noexcept;
  // Of the requests written last, so many did not leave.
  void take_back(std::size_t count) noexcept { next_ -= count; }
  // Whether it is a reply to one request that none came to before.
  bool check(const Arrived& arrived) noexcept;

  // From now on what is written and what is answered is counted, and as what.
  void begin_counting() noexcept { counted_from_ = next_; }
  [[nodiscard]] std::uint64_t asked() const noexcept { return next_ - counted_from_; }
  [[nodiscard]] std::uint64_t answered() const noexcept { return answered_; }
  [[nodiscard]] std::uint64_t unsynchronised() const noexcept { return unsynchronised_; }
  [[nodiscard]] std::uint64_t wrong() const noexcept;
  // In nanoseconds: from asking to the reply's arrival, and how far the server's clock is ahead as
  // this reply alone says (RFC 5905 section 8). At most kSamples.
  [[nodiscard]] std::vector<std::int32_t>& waits() noexcept { return waits_; }
  [[nodiscard]] std::vector<std::int32_t>& offsets() noexcept { return offsets_; }

 private:
  struct Asked {
    std::uint64_t number = 0;
    std::int64_t at_ns = 0;  // 0: answered
  };
  static constexpr std::size_t kPlaces = 1U << 20U;
  static constexpr std::size_t kSamples = 4'000'000;

  [[nodiscard]] std::uint64_t opaque(std::uint64_t number) const noexcept;
  [[nodiscard]] std::optional<Wrong> wrong_of(const Arrived& arrived) const noexcept;
  void note(const Header& header, const Asked& asked, std::int64_t at_ns);

  std::uint64_t key_;
  sockaddr_in server_;
  std::vector<Asked> asked_;
  std::uint64_t next_ = 1;
  std::uint64_t counted_from_ = ~std::uint64_t{0};
  std::uint64_t answered_ = 0, unsynchronised_ = 0;
  std::array<std::uint64_t, kWrongKinds> wrong_{};
  std::vector<std::int32_t> waits_, offsets_;
};

}  // namespace timecast::test

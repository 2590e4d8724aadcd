// SPDX-License-Identifier: MIT
#include "announcer/daemon/sequence_store.hpp"

#include <algorithm>

#include "common/host/atomic_file.hpp"
#include "common/host/option_value.hpp"

namespace timecast {

namespace {

constexpr std::size_t kLongestNumber = 32;
// More than microseconds will have passed in any life of this format; beyond it sums could wrap.
constexpr std::uint64_t kLargestReservation = std::uint64_t{1} << 62U;
constexpr mode_t kMode = 0600;

Result<std::uint64_t> read_reservation(const std::string& path) {
  if (!file_exists(path)) return 0;
  const auto content = read_file(path, kLongestNumber);
  if (!content) return because(content.error());
  std::string_view text = *content;
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto number = parse_whole_number(text, 0, kLargestReservation);
  if (number) return *number;
  return because(Error{path + ": this is no sequence number; remove the file if this host's clock "
                              "is about right"});
}

}  // namespace

Result<SequenceStore> SequenceStore::open(const std::string& path, Timestamp<Realtime> now) {
  const auto reserved = read_reservation(path);
  if (!reserved) return because(reserved.error());
  const std::int64_t unix_us = std::max<std::int64_t>(now.since_epoch().count_ns() / 1'000, 1);
  SequenceStore store{path, std::max(*reserved, static_cast<std::uint64_t>(unix_us))};
  if (const auto done = store.reserve(store.first_); !done) return because(done.error());
  return store;
}

Result<void> SequenceStore::keep_ahead_of(std::uint64_t next) {
  if (next + kBlock / 2 <= reserved_) return {};
  return reserve(next);
}

Result<void> SequenceStore::reserve(std::uint64_t from) {
  const std::uint64_t until = from + kBlock;
  const auto written = write_file(path_, std::to_string(until) + '\n', kMode);
  if (!written) return because(written.error());
  reserved_ = until;
  return {};
}

}  // namespace timecast

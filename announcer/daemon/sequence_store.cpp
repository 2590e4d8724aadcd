// SPDX-License-Identifier: MIT
#include "announcer/daemon/sequence_store.hpp"

#include <algorithm>
#include <charconv>

#include "common/host/atomic_file.hpp"

namespace timecast {

namespace {

constexpr std::size_t kLongestNumber = 32;
constexpr mode_t kMode = 0600;

Result<std::uint64_t> read_reservation(const std::string& path) {
  if (!file_exists(path)) return 0;
  const auto content = read_file(path, kLongestNumber);
  if (!content) return because(content.error());
  std::uint64_t value = 0;
  const char* const end = content->data() + content->size();
  const auto [rest, error] = std::from_chars(content->data(), end, value);
  if (error != std::errc{} || (rest != end && *rest != '\n')) {
    return because(Error{path + ": this is no sequence number; remove the file if this host's "
                                "clock is about right"});
  }
  return value;
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

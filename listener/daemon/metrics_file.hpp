// SPDX-License-Identifier: MIT
//
// The file of `--textfile FILE`: written anew every ten seconds and when there is news, whole or
// not at all, and gone when its listener has ended, so that nobody reads of a state that is past.
//
// Errors:  a file that cannot be written is told the log once for each reason, and tried again.
// Threads: one.
#pragma once

#include <string>
#include <string_view>

#include "common/host/attempts.hpp"
#include "common/host/places.hpp"
#include "listener/clocks/discipline.hpp"

namespace timecast {

class MetricsFile {
 public:
  static constexpr Duration kWriteEvery = Duration::seconds(10);

  explicit MetricsFile(LogSink log) : log_{std::move(log)} {}
  ~MetricsFile() { remove(); }
  MetricsFile(const MetricsFile&) = delete;
  MetricsFile& operator=(const MetricsFile&) = delete;

  // Where it is from now on; nothing: nowhere.
  void place(const GivenPlace& path);
  [[nodiscard]] bool is_due(const Moment& now) const noexcept {
    return path_ && now.boot >= next_write_;
  }
  void write(std::string_view text, const Moment& now);

 private:
  void remove() noexcept;

  LogSink log_;
  GivenPlace path_;
  Attempts attempts_;
  Timestamp<Boot> next_write_;
  bool is_there_ = false;
};

}  // namespace timecast

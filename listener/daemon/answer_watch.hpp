// SPDX-License-Identifier: MIT
//
// How many queries in a row each announcer has left unanswered: one that answered for days may
// have got a firewall since.
//
// Errors:  none.
// Threads: one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <timecast/wire/endpoint.hpp>

namespace timecast {

class AnswerWatch {
 public:
  void asked(const Endpoint& to) {
    constexpr std::size_t kMostRows = 64;  // of those that went away long ago the first goes
    const auto row = find(to);
    if (row != rows_.end()) {
      ++row->in_a_row;
      return;
    }
    if (rows_.size() == kMostRows) rows_.erase(rows_.begin());
    rows_.push_back({to, 1});
  }
  void answered(const Endpoint& from) {
    const auto row = find(from);
    if (row != rows_.end()) rows_.erase(row);
  }
  void restart() noexcept { rows_.clear(); }

  // The one that is on its way counts.
  [[nodiscard]] std::uint32_t unanswered_by(const Endpoint& announcer) const noexcept {
    const auto row = find(announcer);
    return row == rows_.end() ? 0 : row->in_a_row;
  }

 private:
  struct Row {
    Endpoint server;
    std::uint32_t in_a_row = 0;
  };
  // An answer need not say by which interface it came.
  template <class Rows>
  static auto find_in(Rows& rows, const Endpoint& server) noexcept {
    return std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      return row.server.address == server.address && row.server.port == server.port;
    });
  }
  std::vector<Row>::iterator find(const Endpoint& server) noexcept {
    return find_in(rows_, server);
  }
  [[nodiscard]] std::vector<Row>::const_iterator find(const Endpoint& server) const noexcept {
    return find_in(rows_, server);
  }

  std::vector<Row> rows_;
};

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// How far a long calculation is, on standard error: a bar on a terminal, otherwise a line whenever
// a part is done.
//
// Threads: one.
#pragma once

#include <chrono>
#include <string>

namespace timecast::simulate {

class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(double share, const std::string& doing);
  void part_done(const std::string& what);
  [[nodiscard]] double seconds() const;

 private:
  bool is_terminal_;
  bool has_bar_ = false;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace timecast::simulate

// SPDX-License-Identifier: MIT
#include "tests/simulate/progress.hpp"

#include <unistd.h>

#include <cstdio>

namespace timecast::simulate {
namespace {

constexpr int kBarWidth = 40;
constexpr const char* kClearLine = "\r\x1b[K";

}  // namespace

Progress::Progress()
    : is_terminal_{isatty(STDERR_FILENO) == 1}, begun_{std::chrono::steady_clock::now()} {}

Progress::~Progress() {
  if (has_bar_) static_cast<void>(std::fputs(kClearLine, stderr));
}

double Progress::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
}

void Progress::show(double share, const std::string& doing) {
  if (!is_terminal_) return;
  has_bar_ = true;
  const int full = static_cast<int>(share * kBarWidth);
  const std::string bar = std::string(static_cast<std::size_t>(full), '#') +
                          std::string(static_cast<std::size_t>(kBarWidth - full), '.');
  const double left = share > 0.02 ? seconds() * (1 - share) / share : 0;
  static_cast<void>(std::fprintf(stderr, "%s[%s] %3.0f %%  %s", kClearLine, bar.c_str(),
                                 100 * share, doing.c_str()));
  if (left > 0) static_cast<void>(std::fprintf(stderr, ", %.0f s left", left));
  static_cast<void>(std::fflush(stderr));
}

void Progress::part_done(const std::string& what) {
  if (is_terminal_) return;
  static_cast<void>(std::fprintf(stderr, "%s, after %.1f s\n", what.c_str(), seconds()));
}

}  // namespace timecast::simulate

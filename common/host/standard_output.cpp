// SPDX-License-Identifier: MIT
#include "common/host/standard_output.hpp"

#include <csignal>
#include <cstdio>

namespace timecast {

bool print_line(std::string_view line) noexcept {
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
         std::fputc('\n', stdout) != EOF && std::fflush(stdout) == 0;
}

void ignore_broken_pipes() noexcept { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace timecast

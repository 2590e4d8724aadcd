// SPDX-License-Identifier: MIT
#include "common/host/host_entropy.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace timecast {

namespace {

void fill_from_kernel(void* /*context*/, MutableOctets out) noexcept {
  while (!out.empty()) {  // up to 256 octets come whole, so this turns once
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) std::abort();
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

Entropy host_entropy() noexcept { return {fill_from_kernel, nullptr}; }

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include "listener/daemon/metrics_file.hpp"

#include <unistd.h>

#include <utility>

#include "common/host/atomic_file.hpp"

namespace timecast {

namespace {

constexpr mode_t kForAnybodyToRead = 0644;

}  // namespace

void MetricsFile::place(const GivenPlace& path) {
  if (path == path_) return;
  remove();
  path_ = path;
  attempts_ = {};
  next_write_ = {};
}

void MetricsFile::write(std::string_view text, const Moment& now) {
  if (!path_) return;
  next_write_ = now.boot + kWriteEvery;
  if (const auto written = write_passing_file(*path_, text, kForAnybodyToRead); !written) {
    const Error error{"--textfile: " + written.error().text};
    if (attempts_.failed(error, now.boot)) log_(Level::warning, error.text);
    return;
  }
  is_there_ = true;
  if (attempts_.succeeded()) log_(Level::info, "--textfile: " + *path_ + " is written again");
}

void MetricsFile::remove() noexcept {
  if (std::exchange(is_there_, false)) ::unlink(path_->c_str());
}

}  // namespace timecast

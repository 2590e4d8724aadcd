// SPDX-License-Identifier: MIT
#include "announcer/daemon/local_listener.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include <timecast/wire/groups.hpp>

#include "announcer/daemon/server_word.hpp"
#include "common/host/control_address.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"
#include "common/host/json_object.hpp"
#include "common/host/reference_id.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr std::string_view kQuestion = "status json\n";
constexpr std::size_t kMostOctets = 1U << 20;

// Connected and asked, or none.
UniqueFd asked_at(const std::string& place) {
  const auto address = control_address(place);
  if (!address) return UniqueFd{};
  UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd || connect_control(fd.get(), *address) != 0) return UniqueFd{};
  const ssize_t sent = ::send(fd.get(), kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(kQuestion.size()) ? std::move(fd) : UniqueFd{};
}

}  // namespace

std::optional<FollowedAnnouncer> followed_by(std::string_view status) {
  const auto said = JsonObject::parse(status);
  if (!said) return std::nullopt;
  const std::string clock = said->string("clock").value_or("");
  const std::string kind = clock.substr(0, clock.find(':'));
  const auto announcer = parse_endpoint(said->string("announcer").value_or(""), kPrecisePort);
  const bool stands_back = clock.starts_with("kernel: left to");
  if (!announcer || stands_back || (kind != "kernel" && kind != "chrony" && kind != "ntp-shm")) {
    return std::nullopt;
  }
  const double stratum = said->number("stratum").value_or(0);
  if (!(stratum >= 1 && stratum <= kMaxStratum)) return std::nullopt;
  FollowedAnnouncer followed;
  followed.address = announcer->address;
  followed.reference_id = reference_id_of(followed.address);
  followed.stratum = static_cast<std::uint8_t>(stratum);
  followed.feeds = kind != "kernel";
  followed.is_heard = said->string("state") != "holdover";
  const auto key = public_key_from_base64(said->string("key").value_or(""));
  if (key) followed.key = *key;
  return followed;
}

Result<void> LocalListener::start(std::vector<std::string> places) {
  places_ = std::move(places);
  auto timer = DeadlineTimer::create(loop_, [this] { on_timer(); });
  if (!timer) return because(timer.error());
  timer_ = std::move(*timer);
  timer_->arm(boot_now());
  return {};
}

void LocalListener::on_timer() {
  // At random, so that two hosts that begin to follow each other do not find out in step for ever.
  timer_->arm(boot_now() + host_entropy().between(kAskEvery / 4 * 3, kAskEvery / 4 * 5));
  if (conversation_) set(std::nullopt);  // it hangs
  ask();
}

void LocalListener::ask() {
  conversation_.reset();
  answer_.clear();
  for (const std::string& place : places_) {
    UniqueFd fd = asked_at(place);
    if (!fd) continue;
    auto reading = PollHandle::start(loop_, std::move(fd), [this] { on_readable(); });
    if (!reading) break;
    conversation_ = std::move(*reading);
    return;
  }
  set(std::nullopt);
}

void LocalListener::on_readable() {
  std::array<char, 4096> part{};
  while (answer_.size() <= kMostOctets) {
    const ssize_t got = ::recv(conversation_->fd(), part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) break;
    answer_.append(part.data(), static_cast<std::size_t>(got));
  }
  conversation_.reset();
  set(followed_by(answer_));
}

void LocalListener::set(const std::optional<FollowedAnnouncer>& followed) {
  if (followed == followed_) return;
  followed_ = followed;
  on_change_();
}

}  // namespace timecast

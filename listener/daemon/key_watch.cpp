// SPDX-License-Identifier: MIT
#include "listener/daemon/key_watch.hpp"

#include <algorithm>

namespace timecast {

namespace {

// The core's: listener/core/keyring.cpp.
constexpr Duration kFirstUse = Duration::seconds(600);
constexpr std::size_t kMostLearnt = 4;
constexpr int kConsistent = 3;
// Strangers are looked at and told of rarely: anybody can make keys.
constexpr std::size_t kMostStrangers = 8;
constexpr std::uint32_t kLooksAtOnce = 4;
constexpr Duration kLookPeriod = Duration::seconds(60);

bool contains(const std::vector<PublicKey>& keys, const PublicKey& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

}  // namespace

BookedKey KeyNews::booked() const noexcept {
  const bool is_endorsed = event == KeyEvent::endorsed;
  return {key, is_endorsed ? KeyOrigin::endorsed : KeyOrigin::first_use, endorser};
}

void KeyWatch::restart(const ListenerConfig& config) {
  trusted_.assign(config.keys.begin(),
                  config.keys.begin() + static_cast<std::ptrdiff_t>(config.key_count));
  learns_ = config.signatures == SignatureMode::first_use && trusted_.empty();
  listen_only_ = config.listen_only;
  learnt_ = 0;
  first_heard_.reset();
  in_a_row_ = 0;
  measured_ = 0;
  unknown_ = 0;
}

std::optional<KeyNews> KeyWatch::look(Octets octets, Timestamp<Boot> now,
                                      const ListenerStatus& after) {
  const std::uint64_t measured = std::uint64_t{after.announcements} + after.exchanges;
  const bool accepted = measured != measured_;
  measured_ = measured;
  const std::uint32_t unknown = after.rejected[Reject::unknown_key];
  const bool is_unknown = unknown != unknown_;
  unknown_ = unknown;
  if (accepted && guard_.passed()) return on_accepted(*guard_.passed(), now);
  return is_unknown ? on_stranger(octets, now) : std::nullopt;
}

bool KeyWatch::is_trusted(const PublicKey& key) const { return contains(trusted_, key); }

bool KeyWatch::first_use_open(Timestamp<Boot> now) const {
  if (!learns_ || learnt_ == kMostLearnt) return false;
  return learnt_ == 0 || now - *first_heard_ <= kFirstUse;
}

bool KeyWatch::proves(const SignatureGuard::Passed& passed) {
  if (passed.answers) return true;
  in_a_row_ = passed.key == last_ ? in_a_row_ + 1 : 1;
  last_ = passed.key;
  return listen_only_ && in_a_row_ >= kConsistent;
}

std::optional<KeyNews> KeyWatch::on_accepted(const SignatureGuard::Passed& passed,
                                             Timestamp<Boot> now) {
  if (!first_heard_) first_heard_ = now;
  if (!proves(passed) || is_trusted(passed.key) || !first_use_open(now)) return std::nullopt;
  ++learnt_;
  trusted_.push_back(passed.key);
  return KeyNews{KeyEvent::pinned, passed.key, {}};
}

std::optional<KeyNews> KeyWatch::on_stranger(Octets octets, Timestamp<Boot> now) {
  const auto packet = decode(octets);
  if (!packet || packet->header.mode != Mode::broadcast) return std::nullopt;
  const auto announcement = find_announcement(*packet);
  if (!announcement || is_trusted(announcement->key)) return std::nullopt;
  const auto successor = find_successor(*packet);
  const bool may_follow = successor && is_trusted(successor->old_key);
  if (!may_follow && contains(told_, announcement->key)) return std::nullopt;
  if (!looks_.take(now, {kLookPeriod, kLooksAtOnce})) return std::nullopt;
  if (!verify_packet(octets, *announcement, {}, guard_.verifier())) return std::nullopt;
  if (may_follow && verify_successor(*successor, announcement->key, guard_.verifier())) {
    trusted_.push_back(announcement->key);
    return KeyNews{KeyEvent::endorsed, announcement->key, successor->old_key};
  }
  if (contains(told_, announcement->key)) return std::nullopt;
  if (told_.size() == kMostStrangers) told_.erase(told_.begin());
  told_.push_back(announcement->key);
  return KeyNews{KeyEvent::stranger, announcement->key, {}};
}

}  // namespace timecast

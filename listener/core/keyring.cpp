// SPDX-License-Identifier: MIT
#include "listener/core/keyring.hpp"

#include <algorithm>

namespace timecast {
namespace {

constexpr Duration kFirstUse = Duration::seconds(600);
constexpr std::size_t kMaxLearntKeys = 4;
static_assert(kMaxLearntKeys <= kMaxKeys);

}  // namespace

Keyring::Keyring(ListenerConfig& config) noexcept : config_{config} {
  config_.key_count = std::min(config_.key_count, kMaxKeys);
}

bool Keyring::is_pinned(const PublicKey& key) const noexcept {
  for (std::size_t i = 0; i < config_.key_count; ++i) {
    if (config_.keys[i] == key) return true;
  }
  return false;
}

bool Keyring::first_use_open(Timestamp<Boot> now) const noexcept {
  if (config_.signatures != SignatureMode::first_use) return false;
  // Keys that were given beforehand leave nothing to be learnt.
  if (config_.key_count > learnt_ || learnt_ == kMaxLearntKeys) return false;
  // Whoever has learnt none yet would otherwise hear nobody ever again.
  return learnt_ == 0 || now - *first_heard_ <= kFirstUse;
}

bool Keyring::accepts(const PublicKey& key, Timestamp<Boot> now) const noexcept {
  return config_.signatures == SignatureMode::off || is_pinned(key) || first_use_open(now);
}

void Keyring::on_announcement(Timestamp<Boot> now) noexcept {
  if (!first_heard_) first_heard_ = now;
}

void Keyring::on_proof(const PublicKey& key, Timestamp<Boot> now) noexcept {
  if (is_pinned(key) || !first_use_open(now)) return;
  config_.keys[config_.key_count++] = key;
  ++learnt_;
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include "common/host/symmetric_keys.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/host/atomic_file.hpp"
#include "common/host/key_line.hpp"
#include "common/host/signing_key.hpp"

namespace timecast {

namespace {

constexpr std::size_t kWeakOctets = 10;  // chrony warns of keys below 80 bits too

std::string quoted_id(std::uint32_t id) { return "key " + std::to_string(id); }

// What follows the header by the prefix algorithms anybody can extend who has seen one packet.
bool can_be_extended(const MacKind& kind, Octets message) noexcept {
  return !kind.is_cmac && message.size() > kHeaderOctets;
}

// Secrets are not kept; what they make of one message tells them apart.
bool is_same(const MacKey& a, const MacKey& b) noexcept {
  constexpr std::array<std::uint8_t, 16> kMessage{};
  return a.holds(kMessage, b.digest(kMessage).value());
}

}  // namespace

bool is_symmetric_line(std::string_view line) {
  const auto words = words_of_key_line(line);
  return !words.empty() &&
         std::all_of(words[0].begin(), words[0].end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<SymmetricKeys> SymmetricKeys::parse(const std::string& text, const std::string& path) {
  SymmetricKeys all;
  all.path_ = path;
  const std::vector<std::string_view> lines = lines_of(text);
  const bool with_chronys = std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    return is_symmetric_line(line) && is_chronys(words_of_key_line(line));
  });
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto words = words_of_key_line(lines[i]);
    if (words.empty() || public_key_from_base64(words[0])) continue;
    const auto line = parse_key_line(words, with_chronys);
    if (!line) return because(at_line(path, i + 1, line.error().text));
    if (auto added = all.add(*line); !added)
      return because(at_line(path, i + 1, added.error().text));
  }
  return all;
}

Result<void> SymmetricKeys::add(const KeyLine& line) {
  const std::string name = quoted_id(line.id);
  if (keys_.size() == kMostKeys) {
    return because(Error{"more than " + std::to_string(kMostKeys) + " keys; remove some"});
  }
  if (keys_.contains(line.id)) {
    return because(Error{name + " is there already; remove one, or give it another id"});
  }
  auto key = MacKey::create(*line.kind, line.secret.octets());
  if (!key) return because(key.error());
  const std::size_t octets = line.secret.octets().size();
  if (octets < kWeakOctets) {
    warnings_.push_back(path_ + ": " + name + " is of " + std::to_string(octets * 8) +
                        " bits: whoever records a packet can find it; take 128");
  } else if (line.kind->is_fitted && octets != line.kind->key_octets) {
    warnings_.push_back(path_ + ": " + name + " is not of 16 octets: it is " +
                        (octets < line.kind->key_octets ? "filled with zeros" : "cut") +
                        ", as ntpd does");
  }
  keys_.emplace(line.id, Key{std::move(*key), line.legacy, line.servers});
  return {};
}

Result<SymmetricKeys> SymmetricKeys::load(const std::string& path,
                                          const std::vector<MacUse>& wanted) {
  auto content = read_shared_secret(path);
  if (!content) {
    return because(Error{content.error().text, kExitBadSettings, content.error().errno_value});
  }
  const ClearedAtEnd cleared{*content};
  auto keys = parse(*content, path);
  if (!keys) return keys;
  for (const MacUse& use : wanted) {
    if (auto found = keys->want(use); !found) return because(found.error());
  }
  return keys;
}

Result<void> SymmetricKeys::want(const MacUse& use) {
  const auto found = keys_.find(use.key);
  const std::string name = quoted_id(use.key);
  if (found == keys_.end()) {
    std::string there;
    for (const auto& [id, key] : keys_) there += (there.empty() ? "" : ", ") + std::to_string(id);
    return because(Error{
        path_ + ": there is no " + name + "; there " + (there.empty() ? "is none" : "are " + there),
        kExitBadSettings});
  }
  Key& key = found->second;
  key.legacy = key.legacy || use.legacy;
  if (!key.key.kind().is_legacy || key.legacy) return {};
  return because(Error{path_ + ": " + name +
                           " is of MD5, which no longer protects; give it another type on both "
                           "sides (AES128), or say legacy: behind the key, or ,key=" +
                           std::to_string(use.key) + ",legacy",
                       kExitBadSettings});
}

bool SymmetricKeys::same_as(const SymmetricKeys& other) const noexcept {
  return std::equal(keys_.begin(), keys_.end(), other.keys_.begin(), other.keys_.end(),
                    [](const auto& a, const auto& b) {
                      return a.first == b.first && a.second.legacy == b.second.legacy &&
                             a.second.servers == b.second.servers &&
                             is_same(a.second.key, b.second.key);
                    });
}

std::vector<std::uint32_t> SymmetricKeys::changed_from(const SymmetricKeys& before) const {
  std::vector<std::uint32_t> changed;
  for (const auto& [id, key] : keys_) {
    const auto old = before.keys_.find(id);
    if (old != before.keys_.end() && !is_same(old->second.key, key.key)) changed.push_back(id);
  }
  return changed;
}

const SymmetricKeys::Key* SymmetricKeys::find(std::uint32_t id) const noexcept {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return nullptr;
  const Key& key = found->second;
  return !key.key.kind().is_legacy || key.legacy ? &key : nullptr;
}

// Whose key it is stands in clear; how long the rest takes tells nothing of the digest.
Reject SymmetricKeys::check(std::uint32_t id, Octets message, Octets mac,
                            const Address& server) const noexcept {
  if (mac.empty()) return Reject::missing_mac;
  if (mac.size() <= kKeyIdOctets || mac.size() > kMaxMacOctets) return Reject::unknown_mac;
  const Key* const key = find(id);
  if (key == nullptr || read_big_endian<std::uint32_t>(mac, 0) != id) return Reject::unknown_mac;
  const bool holds = key->key.holds(message, mac.subspan(kKeyIdOctets));
  if (!holds || can_be_extended(key->key.kind(), message)) return Reject::bad_mac;
  return may_serve(id, server) ? kNotRejected : Reject::not_allowed;
}

std::size_t SymmetricKeys::write(std::uint32_t id, Octets message,
                                 MutableOctets mac) const noexcept {
  const Key* const key = find(id);
  if (key == nullptr) return 0;
  const MacDigest digest = key->key.digest(message);
  if (digest.size == 0) return 0;
  write_big_endian(mac, 0, id);
  copy_octets(digest.value(), mac.subspan(kKeyIdOctets));
  return kKeyIdOctets + digest.size;
}

bool SymmetricKeys::may_serve(std::uint32_t id, const Address& server) const noexcept {
  const auto found = keys_.find(id);
  if (found == keys_.end()) return false;
  const auto& servers = found->second.servers;
  return servers.empty() || std::any_of(servers.begin(), servers.end(), [&](const Prefix& prefix) {
           return prefix.contains(server);
         });
}

MacKeys SymmetricKeys::all() const noexcept {
  const auto check = [](const void* context, Octets message, Octets mac,
                        const Address& server) noexcept {
    if (mac.size() < kKeyIdOctets) return Reject::unknown_mac;
    const auto id = read_big_endian<std::uint32_t>(mac, 0);
    return static_cast<const SymmetricKeys*>(context)->check(id, message, mac, server);
  };
  const auto write = [](const void* context, std::uint32_t key, Octets message,
                        MutableOctets mac) noexcept {
    return static_cast<const SymmetricKeys*>(context)->write(key, message, mac);
  };
  return {check, write, this};
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include <timecast/wire/announcement.hpp>

#include "listener/c_api/instance.hpp"

namespace timecast::c_api {
namespace {

constexpr Duration kMostDelay = Duration::seconds(1);
constexpr Duration kMostSpan = Duration::seconds(366LL * 86'400);
// Context, nonce, and a packet with every field that may be signed.
constexpr std::size_t kMostSigned =
    25 + kNonceOctets + kHeaderOctets + kSuccessorOctets + kAnnouncementOctets;

// Libraries for boards want the message in one piece.
bool verify(const void* context, const PublicKey& key, const SignedMessage& message,
            const Signature& signature) noexcept {
  const auto& config = *static_cast<const timecast_listener_config*>(context);
  std::array<std::uint8_t, kMostSigned> octets{};
  if (message.size() > octets.size()) return false;
  std::size_t length = 0;
  for (const Octets part : {message.context, message.nonce, message.body}) {
    copy_octets(part, MutableOctets{octets}.subspan(length));
    length += part.size();
  }
  return config.verify(config.verify_context, key.data(), octets.data(), length,
                       signature.data()) != 0;
}

void fill(void* context, MutableOctets out) noexcept {
  const auto& config = *static_cast<const timecast_listener_config*>(context);
  config.random(config.random_context, out.data(), out.size());
}

// Whoever never asks needs nothing that others cannot guess.
void fill_with_nothing(void* /*context*/, MutableOctets out) noexcept {
  for (std::uint8_t& octet : out) octet = 0;
}

bool within(std::int64_t ns, std::int64_t least, Duration most) noexcept {
  return least <= ns && ns <= most.count_ns();
}

bool in_range(const timecast_listener_config& c) noexcept {
  return c.signatures <= TIMECAST_LISTENER_UNSIGNED && c.listen_only <= 1 && c.hear_plain <= 1 &&
         c.reserved == 0 && within(c.delay_ns, 0, kMostDelay) &&
         within(c.delay_uncertainty_ns, 0, kMostDelay) && within(c.stamp_error_ns, 0, kMostDelay) &&
         c.not_before_ns >= 0 && within(c.max_bound_ns, 1, kMostSpan) &&
         within(c.learn_ns, 0, kMostSpan) && within(c.sleep_ns, 0, kMostSpan) &&
         within(c.listen_ns, 1, kMostSpan);
}

}  // namespace

int error_in(const timecast_listener_config& c) noexcept {
  if (!in_range(c)) return TIMECAST_LISTENER_E_CONFIG;
  const bool is_signed = c.signatures != TIMECAST_LISTENER_UNSIGNED;
  if (is_signed && c.verify == nullptr) return TIMECAST_LISTENER_E_VERIFY;
  if (c.key_count > kMaxKeys || (c.key_count > 0 && c.keys == nullptr) ||
      (c.key_count == 0 && c.signatures == TIMECAST_LISTENER_PINNED)) {
    return TIMECAST_LISTENER_E_KEYS;
  }
  if (c.listen_only == 0 && c.random == nullptr) return TIMECAST_LISTENER_E_RANDOM;
  return 0;
}

ListenerConfig core_config(const timecast_listener_config& c) noexcept {
  ListenerConfig config;
  // Nothing writes through it.
  config.entropy = {c.random == nullptr ? fill_with_nothing : fill,
                    const_cast<timecast_listener_config*>(&c)};  // NOLINT(*-const-cast)
  if (c.verify != nullptr) config.verifier = {verify, &c};
  config.signatures = static_cast<SignatureMode>(c.signatures);
  config.key_count = c.key_count;
  for (std::size_t i = 0; i < c.key_count; ++i) {
    copy_octets(Octets{c.keys + i * kPublicKeyOctets, kPublicKeyOctets}, config.keys[i]);
  }
  config.listen_only = c.listen_only != 0;
  config.delay = Duration::nanoseconds(c.delay_ns);
  config.delay_uncertainty = Duration::nanoseconds(c.delay_uncertainty_ns);
  config.max_bound = Duration::nanoseconds(c.max_bound_ns);
  config.pivot = Timestamp<Announced>{Duration::nanoseconds(c.not_before_ns)};
  config.precision = Log2Seconds::not_below(Duration::nanoseconds(c.stamp_error_ns));
  return config;
}

Instance::Instance(const timecast_listener_config& given) noexcept
    : config{given}, core{core_config(config)} {}

}  // namespace timecast::c_api

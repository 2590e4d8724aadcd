// SPDX-License-Identifier: MIT
//
// The listener's core: the way of a packet from admission to an estimate, and the queries between.
//
//     admission -> timeline -> pairing -> estimator -> selection -> quality
//                              inquiry -> calibration --^          |
//                                                                   steering
//
// Builds:  freestanding.
#pragma once

#include <timecast/listener.hpp>

#include "listener/core/admission.hpp"
#include "listener/core/keyring.hpp"
#include "listener/core/quality.hpp"
#include "listener/core/selection.hpp"
#include "listener/core/source.hpp"
#include "listener/core/steering.hpp"

namespace timecast {

class ListenerCore {
 public:
  explicit ListenerCore(const ListenerConfig& config) noexcept
      : config_{config}, keyring_{config_} {}

  void set_max_bound(Duration max_bound) noexcept { config_.max_bound = max_bound; }
  // Nothing that comes in asks for anything at once.
  [[nodiscard]] Effects on_datagram(Octets octets, const Arrival& arrival) noexcept {
    static_cast<void>(receive(octets, arrival));
    return {};
  }
  // The same for those who must spare the stack. What is rejected is counted already.
  [[nodiscard]] Reject receive(Octets octets, const Arrival& arrival) noexcept;
  // The same for who never asks: to him replies are unsolicited.
  [[nodiscard]] Reject hear(Octets octets, const Arrival& arrival) noexcept;
  void on_query_sent(QueryToken token, const Moment& at) noexcept;
  void on_steer_failed() noexcept { steering_.on_failed(); }
  [[nodiscard]] Effects on_deadline(const Moment& now) noexcept;
  [[nodiscard]] std::optional<Timestamp<Boot>> next_deadline() const noexcept;
  [[nodiscard]] ListenerStatus status(const Moment& now) const noexcept;

  // Its keys are those that count by now.
  [[nodiscard]] const ListenerConfig& config() const noexcept { return config_; }
  // The announcer that is followed, if there is an estimate.
  [[nodiscard]] const Source* followed() const noexcept {
    return has_estimate() ? &sources_[selected_] : nullptr;
  }

 private:
  // Counts what is rejected, and chooses anew after all else.
  Reject settle(Reject reason, const Moment& now) noexcept;
  [[nodiscard]] Reject examine(const Expected<Packet, Reject>& packet,
                               const Arrival& arrival) noexcept;
  [[nodiscard]] Reject on_announcement(const Packet& packet, const Arrival& arrival) noexcept;
  [[nodiscard]] Reject on_reply(const Packet& packet, const Arrival& arrival) noexcept;

  [[nodiscard]] Source* open_source(const SourceId& id, Timestamp<Boot> now) noexcept;
  void learn_more(Source& source, const Announcement& announcement, Timestamp<Boot> now) noexcept;
  void prove(const Source& source, Timestamp<Boot> now) noexcept;
  [[nodiscard]] Reject learn(Source& source, const Header& header, const Inquiry::Reply& reply,
                             const Arrival& arrival) noexcept;
  [[nodiscard]] bool has_estimate() const noexcept {
    return selected_ != kMaxSources && sources_[selected_].estimator.count() > 0;
  }
  // Whether its silence would be news, and can be asked about.
  [[nodiscard]] bool can_be_missed(const Source& source) const noexcept {
    return source.agreeing > 0 && !source.missed && !config_.listen_only;
  }
  void choose(const Moment& now) noexcept;
  void steer(const Moment& now, Effects& effects) noexcept;
  void watch_host_rate(const Moment& now) noexcept;

  // The small ones first: what lies far from the beginning takes more instructions to reach.
  std::size_t selected_ = kMaxSources;
  Timestamp<Boot> chosen_at_;
  Company company_;
  Steering steering_;
  QueryToken last_token_ = 0;
  std::uint32_t announcements_ = 0;
  std::uint32_t exchanges_ = 0;
  std::uint32_t queries_ = 0;
  // The rate of CLOCK_REALTIME against CLOCK_MONOTONIC_RAW: what others have set it to.
  Moment rate_base_;
  FrequencyPpb host_rate_;
  Timestamp<Boot> heard_unsynchronised_{Duration::min()};
  ListenerConfig config_;  // its keys are those that count by now
  Keyring keyring_;
  RejectCounters rejected_;
  Inquiry::Buffer buffer_{};
  Sources sources_{};
};

}  // namespace timecast

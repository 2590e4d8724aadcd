// SPDX-License-Identifier: MIT
#include "common/host/network_card.hpp"

#include <net/if.h>
#include <time.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
// After the C library's types, which they use.
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/ptp_clock.h>
#include <linux/sockios.h>

namespace timecast {

namespace {

constexpr unsigned kSandwiches = 5;
static_assert(kSandwiches <= PTP_MAX_SAMPLES);

constexpr std::uint32_t kNeeded =
    SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;

bool has(std::uint32_t mask, int bit) noexcept { return ((mask >> bit) & 1U) != 0; }

bool is_unknown(int reason) noexcept {
  return reason == EOPNOTSUPP || reason == ENOTTY || reason == EINVAL || reason == ENOSYS;
}

// 0 or an errno value.
int ask(const HardwareCalls& calls, int fd, unsigned long code, const std::string& interface,
        void* argument) noexcept {
  ifreq request{};
  interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_data = static_cast<char*>(argument);
  return calls.request(fd, code, &request) == 0 ? 0 : errno;
}

bool stamps_all(const hwtstamp_config& config) noexcept {
  return config.tx_type == HWTSTAMP_TX_ON &&
         (config.rx_filter == HWTSTAMP_FILTER_ALL || config.rx_filter == HWTSTAMP_FILTER_NTP_ALL);
}

bool is_untouched(const hwtstamp_config& config) noexcept {
  return config.tx_type == HWTSTAMP_TX_OFF && config.rx_filter == HWTSTAMP_FILTER_NONE;
}

Error card_error(const std::string& interface, const std::string& what, int reason,
                 const std::string& way_out) {
  return system_error(interface + ": no hardware stamps: " + what, reason, way_out);
}

Error set_by_another(const std::string& interface, const hwtstamp_config& config) {
  return Error{interface +
               ": no hardware stamps: another program, ptp4l perhaps, has set receive "
               "filter " +
               std::to_string(config.rx_filter) + ", transmit type " +
               std::to_string(config.tx_type) + "; have it set filter 1 (all), type 1 (on)"};
}

Result<void> switch_on(const HardwareCalls& calls, int fd, const std::string& interface,
                       int filter) {
  hwtstamp_config config{};
  config.tx_type = HWTSTAMP_TX_ON;
  config.rx_filter = filter;
  const int failed = ask(calls, fd, SIOCSHWTSTAMP, interface, &config);
  if (failed != 0) {
    return because(card_error(
        interface, "cannot switch them on", failed,
        failed == EPERM ? "give CAP_NET_ADMIN, or run hwstamp_ctl -i " + interface + " -t 1 -r 1"
                        : ""));
  }
  // A driver may choose something else than it was asked for.
  if (stamps_all(config)) return {};
  return because(Error{interface + ": no hardware stamps: its driver stamps with filter " +
                       std::to_string(config.rx_filter) + " only"});
}

Timestamp<Realtime> system_time(const ptp_clock_time& t) noexcept {
  return Timestamp<Realtime>{Duration::seconds(t.sec) + Duration::nanoseconds(t.nsec)};
}

Timestamp<Hardware> card_time(const ptp_clock_time& t) noexcept {
  return Timestamp<Hardware>{Duration::seconds(t.sec) + Duration::nanoseconds(t.nsec)};
}

// Of a card that can stamp what we send and hear; nothing, for whatever reason, if this interface
// has none, as most have.
struct Card {
  int index;   // of its clock
  int filter;  // the one to set
};

std::optional<Card> card_of(const HardwareCalls& calls, int fd, const std::string& interface) {
  ethtool_ts_info info{};
  info.cmd = ETHTOOL_GET_TS_INFO;
  if (ask(calls, fd, SIOCETHTOOL, interface, &info) != 0) return std::nullopt;
  const bool all = has(info.rx_filters, HWTSTAMP_FILTER_ALL);
  const bool can = info.phc_index >= 0 && (info.so_timestamping & kNeeded) == kNeeded &&
                   has(info.tx_types, HWTSTAMP_TX_ON) &&
                   (all || has(info.rx_filters, HWTSTAMP_FILTER_NTP_ALL));
  if (!can) return std::nullopt;
  return Card{info.phc_index, all ? HWTSTAMP_FILTER_ALL : HWTSTAMP_FILTER_NTP_ALL};
}

}  // namespace

bool can_stamp(const std::string& interface, const HardwareCalls& calls) {
  const UniqueFd fd{calls.socket()};
  return fd && card_of(calls, fd.get(), interface);
}

Result<std::optional<int>> prepare_card(const std::string& interface, const HardwareCalls& calls) {
  const UniqueFd fd{calls.socket()};
  const auto card = fd ? card_of(calls, fd.get(), interface) : std::nullopt;
  if (!card) return std::nullopt;
  hwtstamp_config config{};
  const int failed = ask(calls, fd.get(), SIOCGHWTSTAMP, interface, &config);
  if (failed != 0) {
    return because(card_error(interface, "its driver does not say what is set", failed, ""));
  }
  if (stamps_all(config)) return card->index;
  if (!is_untouched(config)) return because(set_by_another(interface, config));
  const auto on = switch_on(calls, fd.get(), interface, card->filter);
  if (!on) return because(on.error());
  return card->index;
}

CardClock::CardClock(int index, const HardwareCalls& calls)
    : path_{"/dev/ptp" + std::to_string(index)}, calls_{calls} {}

Result<CardClock> CardClock::open(int index, const HardwareCalls& calls) {
  CardClock clock{index, calls};
  clock.fd_ = UniqueFd{calls.open(clock.path_.c_str())};
  if (!clock.fd_) return because(clock.failure(errno));
  return clock;
}

Error CardClock::failure(int reason) const {
  const bool may_not = reason == EACCES || reason == EPERM;
  return system_error("no hardware stamps: cannot read " + path_, reason,
                      may_not ? "let this program's user read it, by a udev rule" : "");
}

Result<std::vector<ClockSandwich>> CardClock::read() {
  if (has_precise_) {
    ptp_sys_offset_precise both{};
    if (calls_.request(fd_.get(), PTP_SYS_OFFSET_PRECISE, &both) == 0) {
      const Timestamp<Realtime> system = system_time(both.sys_realtime);
      return std::vector<ClockSandwich>{{system, card_time(both.device), system}};
    }
    if (!is_unknown(errno)) return because(failure(errno));
    has_precise_ = false;
  }
  ptp_sys_offset_extended several{};
  several.n_samples = kSandwiches;
  if (calls_.request(fd_.get(), PTP_SYS_OFFSET_EXTENDED, &several) != 0) {
    return because(failure(errno));
  }
  std::vector<ClockSandwich> sandwiches;
  for (unsigned i = 0; i < kSandwiches; ++i) {
    const auto& three = several.ts[i];
    sandwiches.push_back({system_time(three[0]), card_time(three[1]), system_time(three[2])});
  }
  return sandwiches;
}

}  // namespace timecast

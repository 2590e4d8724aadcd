// SPDX-License-Identifier: MIT
//
// A network card that is not there: answers the system calls that reach one.
#pragma once

#include <net/if.h>
#include <time.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>
// After the C library's types, which they use.
#include <linux/ethtool.h>
#include <linux/net_tstamp.h>
#include <linux/ptp_clock.h>
#include <linux/sockios.h>

#include "common/host/hardware_calls.hpp"
#include "common/host/host_clock.hpp"

namespace timecast {

struct FakeCard {
  static constexpr std::int64_t kEpochSeconds = 1'000'000;  // what its clock is behind

  int phc_index = 3;
  std::uint32_t abilities =
      SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
  std::uint32_t tx_types = 1U << HWTSTAMP_TX_ON;
  std::uint32_t filters = 1U << HWTSTAMP_FILTER_ALL;
  hwtstamp_config config{0, HWTSTAMP_TX_ON, HWTSTAMP_FILTER_ALL};
  int chosen_filter = -1;  // what the driver makes of any; -1: what was asked for
  bool vanished = false;
  Duration ahead;     // so that time passes without waiting: of both clocks
  Duration card_set;  // of its clock alone

  // What each fails with; 0: it works.
  int open_error = 0, info_error = 0, get_error = 0, set_error = 0;
  int precise_error = EOPNOTSUPP, extended_error = 0;

  std::string opened;
  int sets = 0, precise_reads = 0, extended_reads = 0;
};

inline FakeCard* fake_card = nullptr;

struct UseCard {
  explicit UseCard(FakeCard& card) { fake_card = &card; }
  ~UseCard() { fake_card = nullptr; }
  UseCard(const UseCard&) = delete;
  UseCard& operator=(const UseCard&) = delete;
};

inline int answer(int error) noexcept {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

inline ptp_clock_time ptp_time(Duration since_epoch) noexcept {
  ptp_clock_time time{};
  time.sec = since_epoch.count_ns() / 1'000'000'000;
  time.nsec = static_cast<std::uint32_t>(since_epoch.count_ns() % 1'000'000'000);
  return time;
}

inline void read_fake_clock(ptp_sys_offset_extended& several) noexcept {
  const Duration now = (realtime_now() + fake_card->ahead).since_epoch();
  for (unsigned i = 0; i < several.n_samples; ++i) {
    const Duration at = now + Duration::microseconds(4 * i);
    several.ts[i][0] = ptp_time(at - Duration::microseconds(1));
    several.ts[i][1] =
        ptp_time(at + fake_card->card_set - Duration::seconds(FakeCard::kEpochSeconds));
    several.ts[i][2] = ptp_time(at + Duration::microseconds(1));
  }
}

inline int answer_interface(unsigned long code, ifreq& request) noexcept {
  FakeCard& card = *fake_card;
  if (code == SIOCETHTOOL) {
    ethtool_ts_info info{};
    std::memcpy(&info, request.ifr_data, sizeof info);
    if (info.cmd != ETHTOOL_GET_TS_INFO) return answer(EOPNOTSUPP);
    info.so_timestamping = card.abilities;
    info.phc_index = card.phc_index;
    info.tx_types = card.tx_types;
    info.rx_filters = card.filters;
    std::memcpy(request.ifr_data, &info, sizeof info);
    return answer(card.info_error);
  }
  if (code == SIOCGHWTSTAMP) {
    std::memcpy(request.ifr_data, &card.config, sizeof card.config);
    return answer(card.get_error);
  }
  if (code != SIOCSHWTSTAMP) return answer(ENOTTY);
  ++card.sets;
  if (card.set_error != 0) return answer(card.set_error);
  std::memcpy(&card.config, request.ifr_data, sizeof card.config);
  if (card.chosen_filter >= 0) card.config.rx_filter = card.chosen_filter;
  std::memcpy(request.ifr_data, &card.config, sizeof card.config);
  return 0;
}

inline int answer_card(unsigned long code, void* argument) noexcept {
  FakeCard& card = *fake_card;
  if (code == PTP_SYS_OFFSET_PRECISE) {
    ++card.precise_reads;
    if (card.vanished) return answer(ENODEV);
    if (card.precise_error != 0) return answer(card.precise_error);
    auto& both = *static_cast<ptp_sys_offset_precise*>(argument);
    const Duration now = (realtime_now() + fake_card->ahead).since_epoch();
    both.sys_realtime = ptp_time(now);
    both.device = ptp_time(now - Duration::seconds(FakeCard::kEpochSeconds));
    return 0;
  }
  if (code == PTP_SYS_OFFSET_EXTENDED) {
    ++card.extended_reads;
    if (card.vanished) return answer(ENODEV);
    if (card.extended_error != 0) return answer(card.extended_error);
    read_fake_clock(*static_cast<ptp_sys_offset_extended*>(argument));
    return 0;
  }
  return answer_interface(code, *static_cast<ifreq*>(argument));
}

inline constexpr HardwareCalls kFakeCardCalls{
    [](const char* path) noexcept {
      if (fake_card->open_error != 0) return answer(fake_card->open_error);
      fake_card->opened = path;
      return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    },
    []() noexcept { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); },
    [](int /*fd*/, unsigned long code, void* argument) noexcept {
      return answer_card(code, argument);
    }};

}  // namespace timecast

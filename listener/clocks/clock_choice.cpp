// SPDX-License-Identifier: MIT
#include "listener/clocks/clock_choice.hpp"

#include <sys/un.h>

#include <utility>

#include "common/host/clock_keeper.hpp"
#include "common/host/option_value.hpp"
#include "listener/clocks/chrony_feed.hpp"
#include "listener/clocks/host_timekeepers.hpp"
#include "listener/clocks/kernel_discipline.hpp"
#include "listener/clocks/shm_feed.hpp"

namespace timecast {

namespace {

constexpr std::string_view kChrony = "chrony:";
constexpr std::string_view kShm = "ntp-shm:";

Result<ClockChoice> parse_chrony(std::string_view text) {
  const std::string_view path = text.substr(kChrony.size());
  if (!path.starts_with('/')) return because(unfit(text, "names no path that begins with /"));
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return because(unfit(text, "names a path of more than 107 octets, a socket's limit"));
  }
  return ClockChoice{ClockKind::chrony, std::string{path}};
}

Result<ClockChoice> parse_shm(std::string_view text) {
  const auto unit = parse_whole_number(text.substr(kShm.size()), 0, kMostShmUnits - 1);
  if (!unit) return because(unfit(text, "names no unit of 0 to 255"));
  return ClockChoice{ClockKind::ntp_shm, {}, static_cast<int>(*unit)};
}

ClockChoice choice_of_host(KernelsWord word, const LogSink& log) {
  Timekeepers found = find_timekeepers();
  found.was_ours = word == KernelsWord::ours;
  const AutomaticChoice chosen = choose_clock(found);
  log(Level::info, "clock " + to_string(chosen.choice) + ": " + chosen.because);
  return chosen.choice;
}

// As it was told to, it steers all the same.
void warn_of_another(const Timekeepers& found, const LogSink& log) {
  const std::string keeper = keeper_name(found);
  if (keeper.empty()) return;
  log(Level::warning, "clock kernel, as it was said, but " + keeper +
                          " runs and may steer this host's clock too; stop it, or choose --clock "
                          "auto");
}

}  // namespace

Result<ClockChoice> parse_clock(std::string_view text) {
  for (const ClockKind kind : {ClockKind::none, ClockKind::kernel, ClockKind::automatic}) {
    if (text == to_string(ClockChoice{kind})) return ClockChoice{kind};
  }
  if (text == "chrony") return ClockChoice{ClockKind::chrony, kUsualChronySocket};
  if (text.starts_with(kChrony)) return parse_chrony(text);
  if (text.starts_with(kShm)) return parse_shm(text);
  return because(unfit(text, "is none of none, kernel, auto, chrony:PATH, ntp-shm:UNIT"));
}

std::string to_string(const ClockChoice& choice) {
  switch (choice.kind) {
    case ClockKind::none: return "none";
    case ClockKind::kernel: return "kernel";
    case ClockKind::automatic: return "auto";
    case ClockKind::chrony: return std::string{kChrony} + choice.path;
    case ClockKind::ntp_shm: return std::string{kShm} + std::to_string(choice.unit);
  }
  return "unnamed";
}

std::unique_ptr<Discipline> make_discipline(const ClockChoice& choice, const ClockPolicy& policy,
                                            KernelsWord word, LogSink log) {
  const bool trust = policy.trust_tentative;
  const bool is_automatic = choice.kind == ClockKind::automatic;
  const ClockChoice chosen = is_automatic ? choice_of_host(word, log) : choice;
  if (choice.kind == ClockKind::kernel) warn_of_another(find_timekeepers(), log);
  switch (chosen.kind) {
    case ClockKind::none:
    case ClockKind::automatic: return nullptr;
    case ClockKind::kernel:
      return std::make_unique<KernelDiscipline>(KernelDiscipline::Settings{trust}, std::move(log),
                                                host_kernel_calls());
    case ClockKind::chrony: return std::make_unique<ChronyFeed>(chosen.path, trust, std::move(log));
    case ClockKind::ntp_shm: return std::make_unique<ShmFeed>(chosen.unit, trust, std::move(log));
  }
  return nullptr;
}

}  // namespace timecast

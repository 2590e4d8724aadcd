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

Timekeepers timekeepers_here(KernelsWord word, Duration patience) {
  Timekeepers found = find_timekeepers("/proc", patience);
  found.was_ours = word == KernelsWord::ours;
  return found;
}

// For a listener whose keeper did not answer at its start: why the clock is another's, nothing
// while that still cannot be told.
std::optional<std::string> find_rival(KernelsWord word) {
  const Timekeepers found = timekeepers_here(word, kKeeperPatience);
  const AutomaticChoice chosen = choose_clock(found);
  if (chosen.is_blind) return std::nullopt;
  const bool is_free = chosen.choice.kind == ClockKind::kernel || keeper_name(found).empty();
  return is_free ? std::string{} : chosen.because;
}

// As it was told to, it steers all the same.
void warn_of_another(const LogSink& log) {
  const std::string keeper = keeper_name(find_timekeepers());
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

namespace {

using Rival = KernelDiscipline::Rival;

std::unique_ptr<Discipline> make_known(const ClockChoice& choice, bool trust, Rival rival,
                                       LogSink log) {
  switch (choice.kind) {
    case ClockKind::none:
    case ClockKind::automatic: return nullptr;
    case ClockKind::kernel:
      return std::make_unique<KernelDiscipline>(KernelDiscipline::Settings{trust, std::move(rival)},
                                                std::move(log), host_kernel_calls());
    case ClockKind::chrony: return std::make_unique<ChronyFeed>(choice.path, trust, std::move(log));
    case ClockKind::ntp_shm: return std::make_unique<ShmFeed>(choice.unit, trust, std::move(log));
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Discipline> make_discipline(const ClockChoice& choice, const ClockPolicy& policy,
                                            KernelsWord word, LogSink log) {
  const bool trust = policy.trust_tentative;
  if (choice.kind == ClockKind::kernel) warn_of_another(log);
  if (choice.kind != ClockKind::automatic) return make_known(choice, trust, {}, std::move(log));
  const AutomaticChoice chosen = choose_clock(timekeepers_here(word, kPatienceWithKeeper));
  log(chosen.is_blind ? Level::warning : Level::info,
      "clock " + to_string(chosen.choice) + ": " + chosen.because);
  Rival rival;
  if (chosen.is_blind) rival = [word] { return find_rival(word); };
  return make_known(chosen.choice, trust, std::move(rival), std::move(log));
}

}  // namespace timecast

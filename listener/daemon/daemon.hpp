// SPDX-License-Identifier: MIT
//
// The listener as a daemon: its engine, and around it signals, the control socket, the shared page,
// the log and the lines on standard output.
//
// Errors:  at start, why it cannot listen at all. Later none: what fails is logged when it begins
//          and when it ends, and tried again.
// Threads: one.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/host/daemon_frame.hpp"
#include "listener/clocks/word_memory.hpp"
#include "listener/daemon/command_line.hpp"
#include "listener/daemon/company_watch.hpp"
#include "listener/daemon/engine.hpp"
#include "listener/daemon/metrics_file.hpp"
#include "listener/daemon/options.hpp"
#include "listener/daemon/report.hpp"
#include "listener/daemon/shared_page.hpp"

namespace timecast {

class ListenerDaemon {
 public:
  // Says what the settings are now. SIGHUP asks it, and what can change without a restart changes.
  using Reread = std::function<Result<ListenerInvocation>()>;

  [[nodiscard]] static Result<std::unique_ptr<ListenerDaemon>> start(const ListenerOptions& options,
                                                                     Reread reread);
  // Until SIGTERM or SIGINT.
  void run() {
    frame_.loop().run();
    keep_floors();
  }

  [[nodiscard]] ListenerReport report() const;
  // Whether it sets this host's clock.
  [[nodiscard]] bool steers() const noexcept { return memory_.has_value(); }

 private:
  explicit ListenerDaemon(const ListenerOptions& options);
  Result<void> start(Reread reread);
  Result<std::string> reload(const Reread& reread);
  [[nodiscard]] static Result<UvListenerSettings> with_known_keys(const ListenerOptions& options);
  void keep_key(const BookedKey& key);
  [[nodiscard]] Result<void> merge_kept_floors();
  void keep_floors();
  void write_changed_floors();
  [[nodiscard]] ListenerEngine::Kept kept_clock();
  void open_page();
  [[nodiscard]] PageValues values_for_page(const Moment& now) const;
  void write_page(const Moment& now);
  void write_metrics(const Moment& now);
  void note_packet(const Moment& now);
  void refresh_readiness();
  void tell_readiness();

  void on_second(const ListenerStatus& status, const Moment& now);
  void note_state(const ListenerStatus& status, const Moment& now);

  DaemonFrame frame_;  // first: handles go before their loop
  ListenerOptions options_;
  std::optional<FrequencyMemory> memory_;  // of a clock that is steered
  std::optional<WordMemory> word_;
  std::unique_ptr<ListenerEngine> engine_;
  MetricsFile metrics_;
  std::optional<Timestamp<Realtime>> last_packet_;
  Result<SharedPage> page_ = because(Error{"not open yet"});
  State last_state_ = State::searching;
  Timestamp<Boot> floors_kept_at_;
  std::size_t floors_then_ = 0;  // how many there were
  ReplayFloors kept_floors_;     // as they are in the file
  bool floors_failed_ = false;
  CompanyWatch company_;
  std::string state_text_;
};

}  // namespace timecast

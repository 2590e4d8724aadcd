// SPDX-License-Identifier: MIT
#include "listener/daemon/daemon.hpp"

#include <algorithm>
#include <utility>

#include "common/host/common_options.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"
#include "common/host/settings_file.hpp"
#include "listener/daemon/metrics_text.hpp"
#include "listener/daemon/page_values.hpp"
#include "listener/daemon/status.hpp"
#include "listener/daemon/trusted_keys.hpp"

namespace timecast {

namespace {

// So long a record may be played after a power cut. The first time of a key is kept at once.
constexpr Duration kKeepFloorsEvery = Duration::seconds(600);

void to_log(Level level, std::string_view text) { log(level, text); }

}  // namespace

ListenerDaemon::ListenerDaemon(const ListenerOptions& options)
    : options_{options}, metrics_{to_log} {}

Result<std::unique_ptr<ListenerDaemon>> ListenerDaemon::start(const ListenerOptions& options,
                                                              Reread reread) {
  std::unique_ptr<ListenerDaemon> daemon{new ListenerDaemon{options}};
  const auto started = daemon->start(std::move(reread));
  if (!started) return because(started.error());
  return daemon;
}

Result<void> ListenerDaemon::start(Reread reread) {
  if (auto started = frame_.start(); !started) return started;
  auto reloading =
      frame_.reload_on_hangup([this, reread = std::move(reread)] { return reload(reread); });
  if (!reloading) return reloading;
  const auto settings = with_known_keys(options_);
  if (!settings) return because(settings.error());
  auto engine = ListenerEngine::start(
      frame_.loop(), *settings,
      {[this](const ListenerStatus& status, const Moment& now) { note_state(status, now); },
       [this](const ListenerStatus& status, const Moment& now) { on_second(status, now); },
       [this](const Moment& now) { note_packet(now); },
       [this](const BookedKey& key) { keep_key(key); }},
      kept_clock());
  if (!engine) return because(engine.error());
  engine_ = std::move(*engine);
  floors_kept_at_ = boot_now();
  // What cannot be read protects nobody, and is said.
  if (const auto kept = merge_kept_floors(); !kept) log(Level::warning, kept.error().text);
  floors_then_ = engine_->floors().all().size();
  frame_.serve_control("timecast-listener", options_.socket, [this](std::string_view request) {
    return answer_control(report(), request);
  });
  open_page();
  metrics_.place(options_.textfile);
  refresh_readiness();
  return {};
}

Result<UvListenerSettings> ListenerDaemon::with_known_keys(const ListenerOptions& options) {
  const UvListenerSettings& said = options;
  UvListenerSettings settings = said;
  settings.keys_file = trusted_keys_file(options);
  if (first_keyed(options.hear)) settings.symmetric_keys_file = options.keys_file;
  if (options.signatures == SignatureMode::off) return settings;
  std::vector<PublicKey> named;
  if (settings.keys_file) {
    auto read = read_trusted_keys(*settings.keys_file);
    if (!read) return because(read.error());
    named = std::move(*read);
  }
  if (!find_state_directory(options.state_directory)) return settings;  // a host without a home
  const auto book = read_key_book(options.state_directory);
  if (!book) return because(book.error());
  settings.keys = keys_that_count(named, *book, options.signatures);
  if (const std::size_t more = keys_without_room(named, *book, options.signatures); more > 0) {
    log(Level::warning, std::to_string(more) + " of the keys that were trusted count no more: " +
                            std::to_string(kMaxKeys) +
                            " do; `timecast-listener keys list` shows which, `keys forget` makes "
                            "room");
  }
  return settings;
}

void ListenerDaemon::keep_key(const BookedKey& key) {
  auto book = read_key_book(options_.state_directory);
  Result<void> kept;
  if (book) {
    book->push_back(key);
    kept = write_key_book(options_.state_directory, *book);
  } else {
    kept = because(book.error());
  }
  if (!kept) {
    log(Level::warning, "it will be forgotten when this listener ends: " + kept.error().text);
  }
}

// An operator may have taken one away.
Result<void> ListenerDaemon::merge_kept_floors() {
  auto floors = read_floors(options_.state_directory, boot_now());
  if (!floors) return because(floors.error());
  engine_->merge_floors(*floors, kept_floors_);
  kept_floors_ = std::move(*floors);
  return {};
}

void ListenerDaemon::keep_floors() {
  floors_kept_at_ = boot_now();
  if (options_.signatures != SignatureMode::off || first_keyed(options_.hear)) {
    static_cast<void>(merge_kept_floors());  // what cannot be read is written anew
    write_changed_floors();
  }
  floors_then_ = engine_->floors().all().size();
}

void ListenerDaemon::write_changed_floors() {
  const ReplayFloors& floors = engine_->floors();
  if (floors_text(floors) == floors_text(kept_floors_)) return;
  const auto kept = write_floors(options_.state_directory, floors);
  if (kept) {
    kept_floors_ = floors;
  } else if (!std::exchange(floors_failed_, true)) {
    log(Level::warning, "records may be played to the next listener: " + kept.error().text);
  }
}

// With the frequency that it had, or that the kernel still has of a listener of before.
ListenerEngine::Kept ListenerDaemon::kept_clock() {
  word_.emplace(options_.state_directory, to_log);
  const bool was_ours = word_->was_ours(read_moment());
  ListenerEngine::Kept kept{
      make_discipline(options_.clock, options_.clock_policy,
                      was_ours ? KernelsWord::ours : KernelsWord::unknown, to_log),
      options_.clock_policy,
      {}};
  if (!kept.discipline || !kept.discipline->steers()) return kept;
  memory_.emplace(options_.state_directory, to_log);
  kept.frequency = memory_->load();
  if (!kept.frequency) {
    kept.frequency =
        if_possible({rate_in_force(read_kernel_clock()), ListenerConfig{}.frequency_error});
  }
  return kept;
}

void ListenerDaemon::open_page() {
  const auto place = shared_page_place(options_.socket);
  page_ = place ? SharedPage::open(*place, values_for_page(read_moment()))
                : Result<SharedPage>{because(place.error())};
  if (!page_) {
    log(Level::warning, "other programs cannot read the time here: " + page_.error().text);
  }
}

PageValues ListenerDaemon::values_for_page(const Moment& now) const {
  return page_values([this](const Moment& then) { return engine_->status(then); }, now,
                     frame_.started_at());
}

void ListenerDaemon::write_page(const Moment& now) {
  if (page_) page_->write(values_for_page(now));
}

void ListenerDaemon::write_metrics(const Moment& now) {
  if (options_.textfile) metrics_.write(metrics_text(report()), now);
}

void ListenerDaemon::note_packet(const Moment& now) {
  last_packet_ = now.realtime;
  write_page(now);
}

void ListenerDaemon::refresh_readiness() {
  state_text_ = describe(engine_->status(read_moment()));
  tell_readiness();
}

// With the first group that is joined. Without any interface it is ready to wait for one, which may
// take for ever.
void ListenerDaemon::tell_readiness() {
  ServiceNotice& service = frame_.service();
  const std::vector<GroupReport> groups = engine_->groups();
  const bool waits = groups.empty();
  const bool hears =
      std::any_of(groups.begin(), groups.end(), [](auto& group) { return group.open; });
  service.status(waits ? waiting_text(options_.interfaces) : state_text_);
  if (hears || waits) service.ready();
}

// All or nothing: what can be wrong is looked at first.
Result<std::string> ListenerDaemon::reload(const Reread& reread) {
  auto read = reread();
  if (!read) return because(read.error());
  ListenerOptions& next = read->options;
  const auto there = check_said_interfaces(next.interfaces, read->settings_file, read->filed);
  if (!there) return because(there.error());
  const auto settings = with_known_keys(next);
  if (!settings) return because(start_error(settings.error(), *read));
  const auto changed = engine_->change(*settings);
  if (!changed) return because(start_error(changed.error(), *read));
  if (const auto kept = merge_kept_floors(); !kept) log(Level::warning, kept.error().text);
  std::string live = settings_changes(options_, next, InFile::live);
  if (changed->keys) live += (live.empty() ? "" : ", ") + std::string{"other keys"};
  std::string changes = reload_text(live, settings_changes(options_, next, InFile::at_start));
  if (changed->begins_anew) {
    changes += "; what was measured is forgotten, the listener starts anew";
  }
  next.socket = options_.socket;
  options_ = std::move(next);
  metrics_.place(options_.textfile);
  refresh_readiness();
  return changes;
}

void ListenerDaemon::on_second(const ListenerStatus& status, const Moment& now) {
  for (const LogLine& each : company_.look(status, now.boot)) log(each.level, each.text);
  if (memory_) memory_->note(status, now);
  if (word_) word_->note(engine_->owns_word(), now);
  const bool others = engine_->floors().all().size() != floors_then_;
  if (others || now.boot - floors_kept_at_ >= kKeepFloorsEvery) keep_floors();
  write_page(now);
  if (metrics_.is_due(now)) write_metrics(now);
  tell_readiness();
  if (options_.json) frame_.print(estimate_line(status, "estimate", now));
}

void ListenerDaemon::note_state(const ListenerStatus& status, const Moment& now) {
  const bool worse = status.state > State::synchronised && status.state != last_state_;
  last_state_ = status.state;
  write_page(now);
  write_metrics(now);
  state_text_ = describe(status);
  log(worse ? Level::warning : Level::info, state_text_);
  tell_readiness();
  if (options_.json) frame_.print(estimate_line(status, "state", now));
}

ListenerReport ListenerDaemon::report() const {
  ListenerReport report;
  report.now = read_moment();
  report.uptime = report.now.boot - frame_.started_at();
  report.core = engine_->status(report.now);
  report.groups = engine_->groups();
  if (page_) report.page = page_->path();
  if (!page_) report.page_failure = page_.error().text;
  report.clock = engine_->clock();
  report.last_packet = last_packet_;
  report.steps = engine_->steps();
  report.unchecked = engine_->unchecked();
  report.kept_out = engine_->kept_out();
  report.unanswered = engine_->unanswered(report.core);
  report.mac_key = engine_->mac_key(report.core);
  return report;
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// What becomes of the keys that a listener meets.
#include <utility>

#include "common/host/common_options.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/engine.hpp"

namespace timecast {

bool ListenerEngine::is_kept_out(const Datagram& datagram, const Arrival& arrival) {
  const FloorWatch::Verdict verdict = floors_.look(datagram.octets, arrival);
  const std::string key = to_base64(verdict.key);
  switch (verdict.news) {
    case FloorWatch::Verdict::News::none: break;
    case FloorWatch::Verdict::News::played:
      loop_.log(Level::warning,
                to_string(datagram.from) + " announces times by the key " + key +
                    " that lie before what that has announced: a record is played, or its clock "
                    "was set back" +
                    (config_.listen_only
                         ? "; if it was: timecast-listener keys add " + key + ", and SIGHUP"
                         : "; it is asked"));
      break;
    case FloorWatch::Verdict::News::set_back:
      loop_.log(Level::warning,
                "the clock of the key " + key + " was set back: its answer to a challenge says so");
      break;
  }
  if (verdict.question) asker_.send(*verdict.question, chosen_);
  return verdict.keeps_out;
}

void ListenerEngine::on_key(const KeyNews& news, const Endpoint& from) {
  const std::string key = to_base64(news.key);
  if (news.event != KeyEvent::stranger && config_.key_count == kMaxKeys) {
    loop_.log(Level::warning,
              "the key " + key + " of " + to_string(from) +
                  " cannot be trusted: there is no room, " + std::to_string(kMaxKeys) +
                  " are trusted already; timecast-listener keys list shows them: forget one that "
                  "is not needed, and SIGHUP");
    return;
  }
  switch (news.event) {
    case KeyEvent::pinned:
      loop_.log(Level::info,
                "the key " + key + " of " + to_string(from) + " is trusted from now on: first use");
      break;
    case KeyEvent::endorsed:
      loop_.log(Level::warning, "the key " + key + " of " + to_string(from) +
                                    " is trusted from now on: " + to_base64(news.endorser) +
                                    " endorses it");
      break;
    case KeyEvent::stranger:
      loop_.log(Level::warning, to_string(from) + " announces with a key that is not trusted, " +
                                    key + "; if it is yours: timecast-listener keys add " + key);
      return;
  }
  trust(news);
  if (listeners_->callbacks.on_trusted) listeners_->callbacks.on_trusted(news.booked());
}

// First use has told the core. Who is endorsed is told by a new start: that comes with a new key
// once in years. REQUIRES: room for one.
void ListenerEngine::trust(const KeyNews& news) {
  config_.keys[config_.key_count++] = news.key;
  if (news.event != KeyEvent::endorsed) return;
  keep_frequency();
  asker_.close_all();
  core_.restart(config_);
  restart_watches();
}

void ListenerEngine::restart_watches() {
  keys_.restart(config_);
  floors_.restart(config_);
  macs_.restart(config_);
  answers_.restart();
  announcements_ = 0;
  exchanges_ = 0;
}

// ---- Symmetric keys ----

Result<SymmetricKeys> ListenerEngine::load_symmetric(const UvListenerSettings& settings,
                                                     const Loop& loop) {
  const std::vector<MacUse> wanted = keys_of(settings.hear);
  if (wanted.empty()) return SymmetricKeys{};
  if (!settings.symmetric_keys_file) {
    return because(Error{"hear: " + to_string(*first_keyed(settings.hear)) +
                             " names a key; say in which symmetric_keys_file it is",
                         kExitBadSettings});
  }
  auto keys = SymmetricKeys::load(*settings.symmetric_keys_file, wanted);
  if (!keys) return keys;
  for (const std::string& weak : keys->warnings()) loop.log(Level::warning, weak);
  return keys;
}

void ListenerEngine::note_taken(const Datagram& datagram, const Arrival& arrival, const Ear& ear,
                                const ListenerStatus& status) {
  heard_ = status.announcements + status.rejected[Reject::unsynchronised];
  const bool announced =
      std::exchange(announcements_, status.announcements) != status.announcements;
  const bool answered = std::exchange(exchanges_, status.exchanges) != status.exchanges;
  if (announced && !ear.asked) macs_.admitted(datagram.octets, arrival, ear.key);
  if (!answered || !ear.asked) return;
  macs_.answered(datagram.octets, arrival, *ear.asked);
  answers_.answered(datagram.from);
}

// Challenges are signed and need no MAC.
void ListenerEngine::ask(const Effect& query) {
  answers_.asked(query.to);
  const std::uint32_t key = query.octets.size() == kHeaderOctets ? macs_.key_of(query.to) : 0;
  if (key == 0) return asker_.send(query, chosen_);
  std::array<std::uint8_t, kHeaderOctets + kMaxMacOctets> octets{};
  copy_octets(query.octets, octets);
  const std::size_t mac =
      macs_.write(key, query.octets, MutableOctets{octets}.subspan(kHeaderOctets));
  if (mac == 0) return;  // the key is gone: nothing is asked without it
  Effect keyed = query;
  keyed.octets = Octets{octets}.first(kHeaderOctets + mac);
  asker_.send(keyed, chosen_, key);
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
//
// What becomes of the keys that a listener meets.
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
// once in years.
void ListenerEngine::trust(const KeyNews& news) {
  if (config_.key_count == kMaxKeys) return;
  config_.keys[config_.key_count++] = news.key;
  if (news.event != KeyEvent::endorsed) return;
  keep_frequency();
  asker_.close_all();
  core_.restart(config_);
  keys_.restart(config_);
  floors_.restart(config_);
}

}  // namespace timecast

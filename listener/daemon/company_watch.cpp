// SPDX-License-Identifier: MIT
#include "listener/daemon/company_watch.hpp"

#include <utility>

#include "common/host/seconds_text.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {
namespace {

std::string apart_text(const ListenerStatus& s) {
  return to_string(s.dissenter) + " is " + seconds_text(magnitude(s.dissent)) +
         (s.dissent < Duration{} ? " behind " : " ahead of ") + to_string(s.announcer);
}

std::string who_is_right(const ListenerStatus& s) {
  if (s.island) {
    return "it is an island's clock, and of islands the one with the least root distance comes "
           "first, then the one with the lowest key";
  }
  const std::uint32_t agreeing = s.announcers - s.disagreeing;
  if (agreeing > s.disagreeing) {
    return std::to_string(agreeing) + " of " + std::to_string(s.announcers) + " agree with it";
  }
  return "it was followed before, and no majority says which is right";
}

}  // namespace

std::string company_text(const ListenerStatus& s) {
  if (s.announcers <= 1) return "alone";
  std::string text = std::to_string(s.announcers) + " announcers";
  if (s.disagreeing == 0) return text + " agree";
  return text + ", " + std::to_string(s.disagreeing) + " disagreeing: " + apart_text(s);
}

std::vector<LogLine> CompanyWatch::look(const ListenerStatus& status, Timestamp<Boot> now) {
  std::vector<LogLine> remarks;
  if (status.state == State::searching) {
    since_.reset();  // nobody says anything, the same as before or otherwise
    return remarks;
  }
  if (auto other = other_announcer(status)) remarks.push_back(std::move(*other));
  if (auto news = disagreement(status, now)) remarks.push_back(std::move(*news));
  return remarks;
}

std::optional<LogLine> CompanyWatch::other_announcer(const ListenerStatus& s) {
  const std::optional<PublicKey> key = s.plain ? std::nullopt : std::optional{s.key};
  const auto before = std::exchange(followed_, s.announcer);
  const auto key_before = std::exchange(key_, key);
  const bool same = s.plain ? before == s.announcer : key == key_before;
  if (!before || same) return std::nullopt;
  return LogLine{Level::info,
                 to_string(s.announcer) + " is followed now, no longer " + to_string(*before)};
}

std::optional<LogLine> CompanyWatch::disagreement(const ListenerStatus& s, Timestamp<Boot> now) {
  const bool is_so = s.disagreeing > 0;
  if (is_so == told_) {
    since_.reset();
    return std::nullopt;
  }
  if (!since_) since_ = now;
  if (now - *since_ < (is_so ? kLasting : kOver)) return std::nullopt;
  told_ = is_so;
  since_.reset();
  if (!is_so) return LogLine{Level::info, "the announcers that are heard agree again"};
  return LogLine{Level::warning, "announcers contradict each other: " + apart_text(s) +
                                     ", which is followed: " + who_is_right(s)};
}

}  // namespace timecast

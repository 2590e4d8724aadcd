// SPDX-License-Identifier: MIT
#include "announcer/daemon/neighbours.hpp"

#include <algorithm>

#include <timecast/time/ntp_time.hpp>
#include <timecast/wire/groups.hpp>
#include <timecast/wire/island.hpp>

#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {
namespace {

using Told = Neighbour::Told;

constexpr std::uint32_t kChecksAtOnce = 20;
constexpr Duration kCheckEvery = Duration::milliseconds(50);
constexpr Duration kTellEvery = Duration::seconds(60);
constexpr Duration kTellOfCopyEvery = Duration::seconds(3'600);
constexpr std::uint32_t kLinesAtOnce = 16;
constexpr Duration kLineEvery = Duration::seconds(60);
// The chains of an announcer go in step, but for what is on its way.
constexpr std::uint64_t kInStep = 64;
constexpr std::int64_t kSilentIntervals = 10;
// What a packet may take, and a clock may be off, without a word.
constexpr Duration kWorthAWord = Duration::milliseconds(100);

Neighbour neighbour_of(const Packet& packet, const Announcement& a,
                       const Neighbours::Heard& heard) {
  const Header& h = packet.header;
  Neighbour n;
  n.voice = {a.key, h.leap != Leap::unsynchronised && h.stratum != kStratumUnspecified,
             a.is_island(), root_distance(h)};
  n.address = heard.from;
  n.stratum = h.stratum;
  n.ahead = difference(h.transmit, to_ntp(heard.ours));
  n.interval = a.interval();
  n.sequence = a.sequence;
  n.heard = heard.at;
  return n;
}

// Loopback counts no hops (RFC 5082 otherwise).
bool is_of_this_link(const Neighbours::Heard& heard) {
  return heard.from.address.is_loopback() || !heard.hop_limit ||
         *heard.hop_limit == kOnLinkHopLimit;
}

bool is_replayed(const Announcement& a, const Neighbour& known) {
  return a.sequence + kInStep < known.sequence;
}

// Worth another line, a minute after the last one at the earliest.
bool differs(const Neighbour& now, const Told& told) {
  if (now.heard - told.at < kTellEvery) return false;
  return now.voice.synchronised != told.synchronised || now.voice.island != told.island ||
         magnitude(now.ahead - told.ahead) > kWorthAWord;
}

const char* consequence(Precedence precedence) {
  switch (precedence) {
    case Precedence::ours: return "listeners that hear both follow this host";
    case Precedence::theirs: return "listeners that hear both follow that one";
    case Precedence::whoever_came_first: break;
  }
  return "listeners stay with the one that they heard first";
}

const char* reason(const Voice& ours, const Voice& theirs) {
  if (ours.synchronised != theirs.synchronised) return "the other says that it has no time";
  if (!ours.synchronised) return "neither says that it has time";
  if (ours.island != theirs.island) return "an island's clock comes after one that is vouched for";
  if (ours.island) return "of islands the least root distance comes first, then the lowest key";
  return "of three or more the majority is right";
}

}  // namespace

Precedence precedence_of(const Voice& ours, const Voice& theirs) noexcept {
  if (ours.synchronised != theirs.synchronised) {
    return ours.synchronised ? Precedence::ours : Precedence::theirs;
  }
  if (ours.island != theirs.island) return ours.island ? Precedence::theirs : Precedence::ours;
  if (!ours.island || !ours.synchronised) return Precedence::whoever_came_first;
  const bool first =
      Island{ours.root_distance, ours.key}.precedes(Island{theirs.root_distance, theirs.key});
  return first ? Precedence::ours : Precedence::theirs;
}

std::string describe(const Neighbour& n, const Voice& own) {
  std::string text = to_string(n.address);
  if (!n.voice.synchronised) {
    text += ", not synchronised";
  } else {
    text += n.voice.island ? ", an island" : ", stratum " + std::to_string(n.stratum);
    if (magnitude(n.ahead) > kWorthAWord) {
      text += ", " + seconds_text(magnitude(n.ahead)) +
              (n.ahead < Duration{} ? " behind this host" : " ahead of this host");
    }
  }
  return text + "; " + consequence(precedence_of(own, n.voice)) + ": " + reason(own, n.voice);
}

Neighbours::Seen Neighbours::hear(const Heard& heard, const Voice& own) {
  const auto packet = decode(heard.octets);
  if (!packet || packet->header.mode != Mode::broadcast) return {};
  const auto announcement = find_announcement(*packet);
  if (!announcement || !is_of_this_link(heard) || !announcement->has_interval()) return {};
  const bool is_ours = announcement->key == own.key;
  const Neighbour* const known = find(announcement->key);
  if (!is_ours && known == nullptr && neighbours_.size() == kMost) return {};
  if (known != nullptr && is_replayed(*announcement, *known)) return {};
  if (!checks_.take(heard.at, {kCheckEvery, kChecksAtOnce})) return {};
  if (!verify_packet(heard.octets, *announcement, {}, verifier_)) return {};
  if (is_ours) return {note_copy(heard.from, heard.at), std::nullopt};
  return {note(neighbour_of(*packet, *announcement, heard), own), announcement->interval()};
}

// One that signs as we do may be a record of ours, which anybody can play from any address.
std::optional<LogLine> Neighbours::note_copy(const Endpoint& from, Timestamp<Boot> now) {
  if (told_of_copy_ && now - *told_of_copy_ < kTellOfCopyEvery) return std::nullopt;
  told_of_copy_ = now;
  return LogLine{Level::warning,
                 to_string(from) +
                     " announces with this announcer's own key: a copy of this machine? Make it a "
                     "key of its own there: timecast-announcer key new"};
}

std::optional<LogLine> Neighbours::note(Neighbour heard, const Voice& own) {
  Neighbour* const known = find(heard.voice.key);
  const bool is_news = known == nullptr || differs(heard, known->told);
  heard.told = is_news
                   ? Told{heard.heard, heard.voice.synchronised, heard.voice.island, heard.ahead}
                   : known->told;
  if (known == nullptr) {
    neighbours_.push_back(heard);
  } else {
    *known = heard;
  }
  if (!is_news) return std::nullopt;
  const bool apart =
      heard.voice.synchronised && own.synchronised && magnitude(heard.ahead) > kWorthAWord;
  return tell(
      {apart ? Level::warning : Level::info, "another announcer is here: " + describe(heard, own)},
      heard.heard);
}

std::optional<LogLine> Neighbours::tell(LogLine line, Timestamp<Boot> now) {
  if (!lines_.take(now, {kLineEvery, kLinesAtOnce})) return std::nullopt;
  return line;
}

std::vector<LogLine> Neighbours::forget_silent(Timestamp<Boot> now) {
  std::vector<LogLine> lines;
  std::erase_if(neighbours_, [&](const Neighbour& n) {
    if ((now - n.heard) / kSilentIntervals <= n.interval) return false;
    if (auto line =
            tell({Level::info, "no longer heard: announcer " + to_string(n.address)}, now)) {
      lines.push_back(std::move(*line));
    }
    return true;
  });
  return lines;
}

Neighbour* Neighbours::find(const PublicKey& key) noexcept {
  const auto found = std::find_if(neighbours_.begin(), neighbours_.end(),
                                  [&](const Neighbour& n) { return n.voice.key == key; });
  return found == neighbours_.end() ? nullptr : &*found;
}

}  // namespace timecast

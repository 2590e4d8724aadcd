// SPDX-License-Identifier: MIT
//
// Finding out. What it means: doctor_rules.cpp.
#include "announcer/daemon/doctor_facts.hpp"

#include <algorithm>

#include <timecast/wire/announcement.hpp>
#include <timecast/wire/octets.hpp>

#include "announcer/daemon/identity.hpp"
#include "common/host/json_object.hpp"
#include "common/host/packet_filter.hpp"
#include "common/host/polled_socket.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr Duration kAnswerWithin = Duration::seconds(5);

// ---- The running announcer ----

Result<JsonObject> ask_announcer(const AnnouncerOptions& options) {
  const auto answer =
      ask_daemon("timecast-announcer", options.socket, "status json", kAnswerWithin);
  if (!answer) return because(answer.error());
  return JsonObject::parse(*answer);
}

std::uint64_t count_in(const JsonObject& object, std::string_view key) {
  return static_cast<std::uint64_t>(std::max(object.number(key).value_or(0), 0.0));
}

std::uint64_t added(const JsonObject& before, const JsonObject& after, std::string_view key) {
  const std::uint64_t old_count = count_in(before, key);
  const std::uint64_t new_count = count_in(after, key);
  return new_count >= old_count ? new_count - old_count : new_count;
}

// Those at its address, or at every one.
std::vector<PortHolder> holders_in_the_way_of(const std::string& local) {
  const auto place = parse_endpoint(local, 0);
  if (!place) return {};
  std::vector<PortHolder> holders = holders_of_udp_port(place->port);
  std::erase_if(holders, [&](const PortHolder& holder) {
    const Address& there = holder.socket.address;
    return there != place->address && !all_zero(there.octets);
  });
  return holders;
}

AnnouncingSocket socket_from(const JsonObject& said) {
  AnnouncingSocket socket;
  socket.stream = said.string("stream").value_or("");
  socket.local = said.string("local").value_or("");
  socket.interface_name = said.string("interface").value_or("");
  socket.open = said.boolean("open").value_or(false);
  socket.reason = said.string("reason").value_or("");
  for (const JsonObject& each : said.objects("destinations")) {
    socket.destinations.push_back(
        {each.string("to").value_or(""), each.string("reason").value_or("")});
  }
  if (!socket.open) socket.holders = holders_in_the_way_of(socket.local);
  return socket;
}

AnnouncerFacts announcer_facts(const JsonObject& before, const JsonObject& after) {
  AnnouncerFacts facts;
  facts.synchronised = after.string("state").value_or("") == "synchronised";
  facts.reason = after.string("reason").value_or("");
  facts.clock_source = after.string("clock_source").value_or("");
  facts.key = after.string("key").value_or("");
  for (const JsonObject& each : after.objects("sockets")) {
    facts.sockets.push_back(socket_from(each));
  }
  facts.recent_announcements = added(before, after, "announcements");
  const JsonObject refused = after.object("refused");
  facts.recent_not_allowed = added(before.object("refused"), refused, "not_allowed");
  facts.not_allowed = count_in(refused, "not_allowed");
  return facts;
}

KeptKey find_key(const AnnouncerOptions& options) {
  KeptKey kept;
  const auto directory = find_state_directory(options.state_directory);
  if (!directory) {
    kept.failure = directory.error();
    return kept;
  }
  kept.path = key_path(*directory);
  const auto key = SigningKey::load(kept.path);
  if (key) kept.key = key->public_key();
  if (!key) kept.failure = key.error();
  return kept;
}

// ---- Listening ----

bool is_ours(const AnnouncerDoctorFacts& facts, const Address& address) {
  for (const Interface& each : facts.interfaces) {
    const auto is_it = [&](const Prefix& prefix) { return prefix.address == address; };
    if (std::any_of(each.addresses.begin(), each.addresses.end(), is_it)) return true;
  }
  return false;
}

void note(const Datagram& datagram, const std::string& own_key, AnnouncerDoctorFacts& facts) {
  constexpr std::size_t kManyTwins = 10;
  const auto packet = decode(datagram.octets);
  if (!packet || packet->header.mode != Mode::broadcast) return;
  const auto announcement = find_announcement(*packet);
  if (!announcement || to_base64(announcement->key) != own_key) return;
  if (is_ours(facts, datagram.from.address)) {
    ++facts.heard_own;
    return;
  }
  const bool is_known =
      std::find(facts.twins.begin(), facts.twins.end(), datagram.from) != facts.twins.end();
  if (!is_known && facts.twins.size() < kManyTwins) facts.twins.push_back(datagram.from);
}

UdpOptions socket_options(const ChosenInterface& chosen, const Address& group, std::uint16_t port) {
  UdpOptions options;
  options.bind_address = group;
  options.port = port;
  options.interface = chosen.interface.index;
  options.interface_is_loopback = chosen.interface.loopback;
  options.reuse_address = true;
  options.join = group;
  return options;
}

// The groups of each interface that this host has an address for.
std::vector<UdpOptions> sockets_for(const AnnouncerOptions& options,
                                    const std::vector<ChosenInterface>& chosen) {
  std::vector<UdpOptions> sockets;
  for (const ChosenInterface& each : chosen) {
    for (const Address& group : {options.group4, options.group6}) {
      if (each.first(group.family) == nullptr) continue;
      sockets.push_back(socket_options(each, group, options.port));
    }
  }
  return sockets;
}

void listen(const AnnouncerOptions& options, const std::string& own_key,
            AnnouncerDoctorFacts& facts) {
  Loop loop;
  std::vector<PolledSocket> sockets;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [&](UdpSocket&, const Datagram& datagram) {
    note(datagram, own_key, facts);
  };
  for (const UdpOptions& each : sockets_for(options, facts.chosen)) {
    auto socket = PolledSocket::open(loop, each, callbacks);
    if (socket) sockets.push_back(std::move(*socket));
  }
  auto end = DeadlineTimer::create(loop, [&loop] { loop.stop(); });
  if (!end || sockets.empty()) return;
  facts.could_listen = true;
  end->arm(boot_now() + facts.listened);
  loop.run();
}

bool has_trouble_sending(const AnnouncerDoctorFacts& facts) {
  for (const AnnouncingSocket& socket : facts.announcer->sockets) {
    const auto fails = [](const AnnouncingSocket::Destination& to) { return !to.failure.empty(); };
    if (std::any_of(socket.destinations.begin(), socket.destinations.end(), fails)) return true;
  }
  return facts.heard_own == 0;
}

}  // namespace

AnnouncerDoctorFacts gather_facts(const AnnouncerOptions& options) {
  AnnouncerDoctorFacts facts;
  static_cast<HostFacts&>(facts) = gather_host_facts(options.interfaces);
  facts.listened = options.listen_for;
  facts.kept = find_key(options);
  const auto before = ask_announcer(options);
  if (!before) {
    facts.announcer_failure = before.error().text;
    return facts;
  }
  say_meanwhile("listening for " + seconds_text(facts.listened));
  listen(options, before->string("key").value_or(""), facts);
  const auto after = ask_announcer(options);
  if (!after) {
    facts.announcer_failure = after.error().text;
    return facts;
  }
  facts.announcer = announcer_facts(*before, *after);
  if (has_trouble_sending(facts)) facts.rules_out = list_dropping_rules(Traffic::out);
  return facts;
}

}  // namespace timecast

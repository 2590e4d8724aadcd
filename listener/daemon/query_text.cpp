// SPDX-License-Identifier: MIT
#include "listener/daemon/query_text.hpp"

#include "common/host/calendar_text.hpp"
#include "common/host/json_object.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/status_table.hpp"
#include "listener/daemon/packet_text.hpp"

namespace timecast {

namespace {

std::string packet_section(const std::string& title, const PassedPacket& packet, NtpTimestamp asked,
                           bool with_dump) {
  const std::string text = title + ", " + std::to_string(packet.octets.size()) + " octets, at " +
                           long_iso_text(packet.at.since_epoch()) +
                           (packet.kernel_stamp ? " by the kernel\n" : " by this program\n") +
                           packet_text(packet.octets, packet.at, asked);
  return with_dump ? text + '\n' + hex_dump(packet.octets) : text;
}

std::string exchange_text(const ServerExchange& exchange, bool with_dump) {
  const std::string server = to_string(exchange.server);
  const Octets request = exchange.request.octets;
  const NtpTimestamp asked = decode_header(request.first<kHeaderOctets>()).transmit;
  return packet_section("sent to " + server, exchange.request, asked, with_dump) + '\n' +
         packet_section("received from " + server, exchange.reply, asked, with_dump);
}

std::string signature_text(const Result<ServerExchange>& proof) {
  if (!proof) return "none: " + proof.error().text;
  if (!proof->result) return why_refused(proof->result.error());
  return "good, by key " + to_base64(*proof->result->key);
}

std::string result_text(const QueryAnswers& answers, Timestamp<Realtime> here) {
  const QueryResult& result = *answers.time.result;
  StatusTable table;
  if (tells_offset(result.header)) {
    table.row("offset", signed_seconds_text(result.offset) + "  (server minus this host)");
    table.row("round trip", seconds_text(result.round_trip) + "  (without the server's own time)");
  }
  if (const auto why = why_no_time(result.header)) {
    table.row("no time", *why);
  } else {
    table.row("bound", seconds_text(result.bound) +
                           "  (half the round trip and the server's root distance)");
    table.row("time", iso_text(server_time(result, here)));
  }
  if (answers.proof) table.row("signature", signature_text(*answers.proof));
  return table.text();
}

std::string packet_line(const ServerExchange& exchange, const char* direction,
                        const PassedPacket& packet) {
  JsonObject line = JsonObject::line("packet", packet.at);
  line.add("direction", direction)
      .add("server", to_string(exchange.server))
      .add("kernel_stamp", packet.kernel_stamp)
      .add("octets", packet.octets.size())
      .add("hex", hex_text(packet.octets));
  return line.text() + '\n';
}

std::string packet_lines(const ServerExchange& exchange) {
  return packet_line(exchange, "sent", exchange.request) +
         packet_line(exchange, "received", exchange.reply);
}

void add_signature(JsonObject& line, const Result<ServerExchange>& proof) {
  if (proof && proof->result) {
    line.add("signature", "good").add("key", to_base64(*proof->result->key));
  } else {
    const bool bad = proof && proof->result.error() == Reject::bad_signature;
    line.add("signature", bad ? "bad" : "none");
  }
}

void add_told(JsonObject& line, const char* key, Duration value, bool is_told) {
  if (is_told) {
    line.add(key, value);
  } else {
    line.add_null(key);
  }
}

std::string summary_line(const QueryAnswers& answers, Timestamp<Realtime> here) {
  const QueryResult& result = *answers.time.result;
  const Header& h = result.header;
  const auto complaint = why_no_time(h);
  JsonObject line = JsonObject::line("summary", here);
  line.add("server", to_string(answers.time.server));
  add_told(line, "offset_s", result.offset, tells_offset(h));
  add_told(line, "rtt_s", result.round_trip, tells_offset(h));
  add_told(line, "bound_s", result.bound, !complaint);
  add_told(line, "server_time_s", server_time(result, here), !complaint);
  line.add("version", h.version)
      .add("leap", to_string(h.leap))
      .add("stratum", h.stratum)
      .add("reference_id", reference_id_text(h))
      .add("precision_s", h.precision.to_duration())
      .add("root_delay_s", h.root_delay.to_duration())
      .add("root_dispersion_s", h.root_dispersion.to_duration());
  if (complaint) line.add("reason", *complaint);
  if (answers.proof) add_signature(line, *answers.proof);
  return line.text() + '\n';
}

bool has_packets(const std::optional<Result<ServerExchange>>& proof) { return proof && *proof; }

}  // namespace

std::string answers_text(const QueryAnswers& answers, Timestamp<Realtime> here, bool with_dump) {
  std::string text = exchange_text(answers.time, with_dump);
  if (has_packets(answers.proof)) text += '\n' + exchange_text(**answers.proof, with_dump);
  return answers.time.result ? text + '\n' + result_text(answers, here) : text;
}

std::string answers_lines(const QueryAnswers& answers, Timestamp<Realtime> here) {
  std::string lines = packet_lines(answers.time);
  if (has_packets(answers.proof)) lines += packet_lines(**answers.proof);
  return answers.time.result ? lines + summary_line(answers, here) : lines;
}

Duration server_time(const QueryResult& result, Timestamp<Realtime> here) {
  return here.since_epoch() + result.offset;
}

std::optional<std::string> complaint_about(const ServerExchange& time) {
  const std::string who = to_string(time.server) + ": ";
  if (!time.result) return who + why_refused(time.result.error());
  const auto why = why_no_time(time.result->header);
  return why ? std::optional{who + *why} : std::nullopt;
}

}  // namespace timecast

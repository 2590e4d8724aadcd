// SPDX-License-Identifier: MIT
#include "listener/daemon/metrics_text.hpp"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <string_view>

#include <timecast/uv_listener.hpp>

namespace timecast {

namespace {

constexpr std::string_view kPrefix = "timecast_";
constexpr State kStates[] = {State::searching, State::tentative, State::synchronised,
                             State::holdover, State::lost};

// All nanoseconds of it: a time of day has more digits than a double.
std::string exact_seconds(Duration d) {
  const std::int64_t ns = magnitude(d).count_ns();
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%s%" PRId64 ".%09" PRId64, d < Duration{} ? "-" : "",
                    ns / 1'000'000'000, ns % 1'000'000'000);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string ratio(FrequencyPpb frequency) {
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%.12f", 1 + frequency.count_ppb() * 1e-9);
  return {text.data(), static_cast<std::size_t>(length)};
}

class Metrics {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help) {
    name_ = std::string{kPrefix} + std::string{name};
    text_ += "# HELP " + name_ + ' ';
    text_ += help;
    text_ += "\n# TYPE " + name_ + ' ';
    text_ += type;
    text_ += '\n';
  }
  void value(const std::string& value) { text_ += name_ + ' ' + value + '\n'; }
  // Of the metric, where a label says this.
  void value(std::string_view label, std::string_view says, const std::string& value) {
    text_ += name_ + '{';
    text_ += label;
    text_ += "=\"";
    text_ += says;
    text_ += "\"} " + value + '\n';
  }
  void gauge(std::string_view name, std::string_view help, const std::string& number) {
    begin(name, "gauge", help);
    value(number);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t count) {
    begin(name, "counter", help);
    value(std::to_string(count));
  }
  [[nodiscard]] std::string text() const { return text_; }

 private:
  std::string name_;
  std::string text_;
};

void add_state(Metrics& metrics, State state) {
  metrics.begin("listener_state", "gauge", "1 for the state that the listener is in.");
  for (const State each : kStates) {
    metrics.value("state", to_string(each), each == state ? "1" : "0");
  }
}

void add_estimate(Metrics& metrics, const ListenerStatus& s) {
  metrics.gauge("listener_offset_seconds", "The announcer's clock minus this host's.",
                exact_seconds(s.offset));
  metrics.gauge("listener_error_seconds",
                "The offset is right to within this in 99.9 % of all cases.",
                exact_seconds(s.error));
  metrics.gauge("listener_error_bound_seconds", "The offset is right to within this always.",
                exact_seconds(s.bound));
  metrics.gauge("listener_frequency_ratio",
                "How fast this host's clock should run of what it runs now.", ratio(s.frequency));
  metrics.gauge("listener_delay_seconds", "How long announcements take, one way.",
                exact_seconds(s.delay));
  metrics.gauge("listener_root_distance_seconds", "The announcer's clock is right to within this.",
                exact_seconds(s.root_distance));
  metrics.gauge("listener_stratum", "The announcer's.", std::to_string(s.stratum));
}

void add_packets(Metrics& metrics, const ListenerReport& report) {
  const ListenerStatus& s = report.core;
  metrics.begin("listener_packets_total", "counter",
                "Packets that were heard, by what became of them.");
  metrics.value("result", "accepted", std::to_string(s.announcements + s.exchanges));
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    const auto reason = static_cast<Reject>(i);
    if (s.rejected[reason] == 0) continue;
    metrics.value("result", to_string(reason), std::to_string(s.rejected[reason]));
  }
  if (report.last_packet) {
    metrics.gauge("listener_last_packet_timestamp_seconds",
                  "When the last one was accepted, by this host's clock.",
                  exact_seconds(report.last_packet->since_epoch()));
  }
  metrics.counter("listener_queries_total", "Questions that were sent to announcers.", s.queries);
  metrics.counter("listener_answers_total", "Answers to them that were accepted.", s.exchanges);
  metrics.gauge("listener_streams", "Streams of announcements that are followed now.",
                std::to_string(s.sources));
  metrics.gauge("listener_announcers",
                "Announcers whose word counts as much as that of the followed one, it included.",
                std::to_string(s.announcers));
  metrics.gauge("listener_announcers_disagreeing",
                "Those that tell another time than the one that is followed.",
                std::to_string(s.disagreeing));
}

}  // namespace

std::string metrics_text(const ListenerReport& report) {
  Metrics metrics;
  metrics.begin("listener_info", "gauge", "The program.");
  metrics.value("version", TIMECAST_VERSION, "1");
  metrics.gauge("listener_uptime_seconds", "Since it was started.", exact_seconds(report.uptime));
  add_state(metrics, report.core.state);
  if (report.core.state != State::searching) add_estimate(metrics, report.core);
  add_packets(metrics, report);
  metrics.counter("steps_total", "How often the listener has stepped this host's clock.",
                  report.steps);
  return metrics.text();
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include "tests/simulation/score.hpp"

#include <algorithm>
#include <cmath>

namespace timecast::sim {
namespace {

// Two hours are enough for whatever a start has left behind; runs too short for that are judged
// from their half on.
constexpr int kSettledS = 7'200;
constexpr int kStaysS = 60;

using Reached = std::array<std::optional<double>, kLimitsUs.size()>;

// Since when something stays below each limit.
class Convergence {
 public:
  void add(double second, double magnitude_us) {
    for (std::size_t i = 0; i < kLimitsUs.size(); ++i) {
      if (reached_[i] && second - *reached_[i] >= kStaysS) continue;
      const bool is_near = magnitude_us < kLimitsUs[i];
      if (!is_near) reached_[i].reset();
      if (is_near && !reached_[i]) reached_[i] = second;
    }
    last_ = second;
  }
  [[nodiscard]] Reached since(double begin) const {
    Reached out = reached_;
    for (auto& each : out) {
      if (each && last_ - *each < kStaysS) each.reset();
      if (each) *each -= begin;
    }
    return out;
  }

 private:
  Reached reached_{};
  double last_ = 0;
};

// A scenario under way.
class Scene {
 public:
  Scene(const Scenario& scenario, const RunOptions& options)
      : scenario_{scenario},
        keeps_path_{options.keeps_path},
        filter_{scenario.told},
        world_{options.seed},
        announcer_{world_.add_announcer(with_phase(scenario.announcer, options.seed))},
        listener_{world_.add_listener(with_witness(scenario.listener, filter_))} {
    run_.seed = options.seed;
  }

  Run play(int seconds, const std::function<void()>& on_hour) {
    steady_from_ = std::min(kSettledS, seconds / 2);
    for (int second = 1; second <= seconds; ++second) {
      world_.run_for(Duration::seconds(1));
      look(second);
      if (second % 3'600 == 0) on_hour();
    }
    const TrueTime first = announcer_.first_packet_at().value_or(TrueTime{});
    run_.cold = cold_.since(first.to_seconds());
    if (scenario_.stepped_at) {
      const double step = scenario_.stepped_at->to_seconds();
      run_.after_step = after_step_.since(step);
      run_.estimate_after_step = estimate_after_step_.since(step);
    }
    run_.queries = listener_.status().queries;
    return std::move(run_);
  }

 private:
  static AnnouncerOptions with_phase(AnnouncerOptions announcer, std::uint64_t seed) {
    // The grid's phase comes from the key: another one in each run.
    announcer.key = static_cast<std::uint8_t>(seed % 255 + 1);
    return announcer;
  }
  static ListenerOptions with_witness(ListenerOptions listener, Witness& witness) {
    listener.witness = &witness;
    return listener;
  }

  void look(int second) {
    const TrueTime t = world_.now();
    const double server_ns = announcer_.clock().error_ns(t);
    const double error_ns = listener_.clock().error_ns(t) - server_ns;
    const ListenerStatus status = listener_.status();
    const bool knows = status.state != State::searching;
    const double estimate_ns = knows ? static_cast<double>(status.offset.count_ns()) + error_ns : 0;
    if (knows && !is_surprised(t)) judge(status, estimate_ns);
    cold_.add(second, std::abs(error_ns) * 1e-3);
    if (scenario_.stepped_at && t >= *scenario_.stepped_at) {
      after_step_.add(second, std::abs(error_ns) * 1e-3);
      estimate_after_step_.add(second, std::abs(estimate_ns) * 1e-3);
    }
    if (scenario_.silent_from) watch_holdover(t, error_ns);
    if (second > steady_from_ && !is_silent(t) && !is_stepping(t)) {
      run_.error.add(error_ns * 1e-3);
      run_.rate_ppb.add((listener_.clock().rate(t) - announcer_.clock().rate(t)) * 1e9);
      if (knows) run_.estimate.add(estimate_ns * 1e-3);
      if (knows) run_.claimed.add(status.error.to_seconds() * 1e6);
      watch_filter(server_ns);
    }
    if (keeps_path_) {
      run_.path.push_back({static_cast<float>(error_ns * 1e-3),
                           static_cast<float>(estimate_ns * 1e-3),
                           static_cast<float>(status.error.to_seconds() * 1e6),
                           static_cast<float>(status.bound.to_seconds() * 1e6)});
    }
  }

  // What nobody can hear about is measured apart.
  [[nodiscard]] bool is_silent(TrueTime t) const {
    return scenario_.silent_from && t >= *scenario_.silent_from;
  }

  // Between a step and the next announcement nobody can know of it.
  [[nodiscard]] bool is_surprised(TrueTime t) const {
    return scenario_.stepped_at && t >= *scenario_.stepped_at &&
           t < *scenario_.stepped_at + Duration::seconds(2);
  }
  [[nodiscard]] bool is_stepping(TrueTime t) const {
    return scenario_.stepped_at && t >= *scenario_.stepped_at &&
           t < *scenario_.stepped_at + Duration::seconds(kStaysS);
  }

  void judge(const ListenerStatus& status, double estimate_ns) {
    const double off = std::abs(estimate_ns);
    ++run_.seconds_known;
    if (off > static_cast<double>(status.error.count_ns())) ++run_.errors_broken;
    if (!status.lateness_bounded) return;
    ++run_.seconds_bounded;
    if (off > static_cast<double>(status.bound.count_ns())) ++run_.bounds_broken;
  }

  void watch_filter(double server_ns) {
    const Moment now = listener_.now();
    const auto ahead = filter_.ahead(now.raw);
    if (!ahead) return;
    const double true_ns =
        static_cast<double>((kEpoch + world_.now() - now.raw.since_epoch()).count_ns()) + server_ns;
    run_.linear.add((static_cast<double>(ahead->count_ns()) - true_ns) * 1e-3);
  }

  void watch_holdover(TrueTime t, double error_ns) {
    const TrueTime lost = *scenario_.silent_from;
    if (t == lost) {
      lost_error_ns_ = listener_.clock().oscillator_error_ns(t);
      lost_rate_ = listener_.clock().oscillator_rate(t);
    }
    for (const int after : kHoldoverSeconds) {
      if (t != lost + Duration::seconds(after)) continue;
      const double foreseen = lost_error_ns_ + lost_rate_ * after * 1e9;
      const double oracle = listener_.clock().oscillator_error_ns(t) - foreseen;
      run_.holdover.push_back({error_ns * 1e-3, oracle * 1e-3});
    }
  }

  const Scenario& scenario_;
  bool keeps_path_;
  LinearFilter filter_;
  World world_;
  AnnouncerNode& announcer_;
  ListenerNode& listener_;
  Run run_;
  int steady_from_ = 0;
  Convergence cold_;
  Convergence after_step_;
  Convergence estimate_after_step_;
  double lost_error_ns_ = 0;
  double lost_rate_ = 0;
};

using Member = Reached Run::*;

std::array<Summary::Times, kLimitsUs.size()> times_of(const std::vector<Run>& runs, Member what) {
  std::array<Summary::Times, kLimitsUs.size()> out{};
  for (std::size_t i = 0; i < kLimitsUs.size(); ++i) {
    std::vector<double> seconds;
    for (const Run& each : runs) {
      seconds.push_back((each.*what)[i].value_or(std::numeric_limits<double>::infinity()));
    }
    std::sort(seconds.begin(), seconds.end());
    const auto finite = [](double s) { return std::isinf(s) ? std::nullopt : std::optional{s}; };
    out[i] = {finite(seconds[(seconds.size() - 1) / 2]), finite(seconds.back())};
  }
  return out;
}

std::vector<Holdover> holdover_of(const std::vector<Run>& runs) {
  std::vector<Holdover> out(runs.front().holdover.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (const Run& each : runs) {
      out[i].error_us += std::pow(each.holdover[i].error_us, 2);
      out[i].oracle_us += std::pow(each.holdover[i].oracle_us, 2);
    }
    const auto number = static_cast<double>(runs.size());
    out[i] = {std::sqrt(out[i].error_us / number), std::sqrt(out[i].oracle_us / number)};
  }
  return out;
}

}  // namespace

double Spread::rms() const {
  MeanSquare out;
  for (const float value : values_) out.add(static_cast<double>(value));
  return out.root();
}

double Spread::quantile(double share) const {
  if (values_.empty()) return 0;
  std::vector<float> sorted = values_;
  const auto place = std::min(sorted.size() - 1,
                              static_cast<std::size_t>(share * static_cast<double>(sorted.size())));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(place),
                   sorted.end());
  return static_cast<double>(sorted[place]);
}

Run run(const Scenario& scenario, const RunOptions& options) {
  Scene scene{scenario, options};
  return scene.play(scenario.hours * 3'600, options.on_hour);
}

Summary summary(const std::vector<Run>& runs) {
  Summary out;
  out.seeds = runs.size();
  for (const Run& each : runs) {
    out.pooled.error.add(each.error);
    out.pooled.estimate.add(each.estimate);
    out.pooled.claimed.add(each.claimed);
    out.pooled.linear.add(each.linear);
    out.pooled.rate_ppb.add(each.rate_ppb);
    out.pooled.seconds_known += each.seconds_known;
    out.pooled.errors_broken += each.errors_broken;
    out.pooled.seconds_bounded += each.seconds_bounded;
    out.pooled.bounds_broken += each.bounds_broken;
    out.pooled.queries += each.queries;
    out.worst_seed_rms_us = std::max(out.worst_seed_rms_us, each.error.rms());
  }
  out.cold = times_of(runs, &Run::cold);
  out.after_step = times_of(runs, &Run::after_step);
  out.estimate_after_step = times_of(runs, &Run::estimate_after_step);
  out.holdover = holdover_of(runs);
  return out;
}

}  // namespace timecast::sim

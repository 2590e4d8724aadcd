// SPDX-License-Identifier: MIT
#include "tests/simulate/runs.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace timecast::simulate {
namespace {

using namespace std::chrono_literals;

struct Task {
  std::size_t scenario = 0;
  std::uint64_t seed = 1;
};

// What threads share, all of it behind one lock.
class Runs {
 public:
  Runs(const std::vector<sim::Scenario>& scenarios, bool keeps_paths)
      : scenarios_{scenarios}, keeps_paths_{keeps_paths}, done_(scenarios.size()) {
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
      const int seeds = scenarios[i].seeds;
      done_[i].resize(static_cast<std::size_t>(seeds));
      left_.push_back(seeds);
      hours_ += seeds * scenarios[i].hours;
      for (int seed = 1; seed <= seeds; ++seed) {
        tasks_.push_back({i, static_cast<std::uint64_t>(seed)});
      }
    }
  }

  // Of each thread.
  void work() {
    std::unique_lock lock{mutex_};
    while (next_ < tasks_.size()) {
      const Task task = tasks_[next_++];
      lock.unlock();
      sim::Run run = sim::run(scenarios_[task.scenario], run_options(task));
      lock.lock();
      done_[task.scenario][task.seed - 1] = std::move(run);
      if (--left_[task.scenario] == 0) finished_.push_back(task.scenario);
      news_.notify_one();
    }
  }

  // Until all is done; of the thread that owns the progress.
  void watch(Progress& progress) {
    std::unique_lock lock{mutex_};
    std::size_t told = 0;
    while (told < scenarios_.size()) {
      for (; told < finished_.size(); ++told) {
        progress.part_done("scenario " + scenarios_[finished_[told]].name + " done");
      }
      if (told == scenarios_.size()) break;
      const std::size_t running = tasks_[std::max(next_, std::size_t{1}) - 1].scenario;
      progress.show(hours_done_ / hours_, "scenario " + scenarios_[running].name);
      news_.wait_for(lock, 100ms);
    }
  }

  std::vector<Outcome> outcomes() {
    std::vector<Outcome> out;
    for (std::size_t i = 0; i < scenarios_.size(); ++i) {
      auto path = std::move(done_[i].front().path);
      out.push_back({scenarios_[i], sim::summary(done_[i]), std::move(path)});
      done_[i].clear();
    }
    return out;
  }

 private:
  sim::RunOptions run_options(const Task& task) {
    sim::RunOptions out;
    out.seed = task.seed;
    out.keeps_path = keeps_paths_ && task.seed == 1;
    out.on_hour = [this] {
      const std::lock_guard lock{mutex_};
      hours_done_ += 1;
    };
    return out;
  }

  const std::vector<sim::Scenario>& scenarios_;
  bool keeps_paths_;
  std::vector<Task> tasks_;
  double hours_ = 0;

  std::mutex mutex_;
  std::condition_variable news_;
  std::size_t next_ = 0;
  double hours_done_ = 0;
  std::vector<std::vector<sim::Run>> done_;
  std::vector<int> left_;
  std::vector<std::size_t> finished_;  // scenarios, in the order in which they were
};

}  // namespace

std::vector<Outcome> run_all(const std::vector<sim::Scenario>& scenarios, unsigned threads,
                             bool keeps_paths, Progress& progress) {
  Runs runs{scenarios, keeps_paths};
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i) workers.emplace_back([&runs] { runs.work(); });
  runs.watch(progress);
  for (std::thread& worker : workers) worker.join();
  return runs.outcomes();
}

}  // namespace timecast::simulate

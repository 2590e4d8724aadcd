// SPDX-License-Identifier: MIT
//
// Runs a target on the files of a corpus, and on each of them cut and spoilt in a few ways that are
// always the same: what a build without libFuzzer can do.
//
//     timecast-replay-NAME FOLDER...
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz.hpp"
#include "tests/simulation/random.hpp"

namespace {

using Input = std::vector<std::uint8_t>;

constexpr int kVariants = 64;

void run(const Input& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

Input variant_of(Input input, timecast::sim::Random& random) {
  for (std::uint64_t i = random.word() % 4; i > 0 && !input.empty(); --i) {
    input[random.word() % input.size()] ^= static_cast<std::uint8_t>(random.word());
  }
  if (random.word() % 4 == 0) input.resize(random.word() % (input.size() + 1));
  if (random.word() % 4 == 0) input.insert(input.end(), input.begin(), input.end());
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  int inputs = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{argv[i]}) files.push_back(entry);
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream stream{file, std::ios::binary};
      const Input input{std::istreambuf_iterator<char>{stream}, {}};
      timecast::sim::Random random{static_cast<std::uint64_t>(++inputs)};
      run(input);
      for (int k = 0; k < kVariants; ++k) run(variant_of(input, random));
    }
  }
  std::printf("passed=%d failed=%d skipped=0\n", inputs, inputs == 0 ? 1 : 0);
  return inputs == 0 ? 1 : 0;
}

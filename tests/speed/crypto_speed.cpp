// SPDX-License-Identifier: MIT
//
// What a signature and a MAC cost here: the median of runs of each, in microseconds of processor
// time a call, so that others' work counts little.
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <vector>

#include <timecast/wire/announcement.hpp>

#include "common/host/mac_key.hpp"
#include "common/host/signing_key.hpp"

namespace {

using namespace timecast;
constexpr int kRuns = 21;
constexpr std::array<std::uint8_t, 32> kSecret{1, 2, 3};

double cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Microseconds a call.
double median_of(int calls, const std::function<bool()>& call) {
  std::vector<double> runs;
  bool good = true;
  for (int run = 0; run < kRuns; ++run) {
    const double start = cpu_us();
    for (int i = 0; i < calls; ++i) good = call() && good;
    runs.push_back((cpu_us() - start) / calls);
  }
  std::nth_element(runs.begin(), runs.begin() + kRuns / 2, runs.end());
  return good ? runs[kRuns / 2] : -1;  // what does not work has no speed
}

void print(const char* what, double us) { std::printf("%-42s %8.2f us\n", what, us); }

void print_mac(const char* name) {
  const MacKind& kind = *mac_kind_named(name);
  const std::size_t octets = kind.key_octets == 0 ? 20 : kind.key_octets;
  const auto key = MacKey::create(kind, Octets{kSecret}.first(octets));
  if (!key) return;
  const std::array<std::uint8_t, kHeaderOctets> packet{0x25};
  const MacDigest right = key->digest(packet);
  char what[64];
  static_cast<void>(std::snprintf(what, sizeof what, "%s of 48 octets, make", name));
  print(what, median_of(10'000, [&] { return key->digest(packet).size != 0; }));
  static_cast<void>(std::snprintf(what, sizeof what, "%s of 48 octets, verify", name));
  print(what, median_of(10'000, [&] { return key->holds(packet, right.value()); }));
}

}  // namespace

int main() {
  const auto key = SigningKey::from_seed(kSecret);
  if (!key) return 1;
  std::vector<std::uint8_t> packet(kAnnouncementPacketOctets);
  Announcement announcement;
  announcement.key = key->public_key();
  announcement.offset = kHeaderOctets;
  write_announcement(packet, kHeaderOctets, announcement);
  print("Ed25519 of an announcement, sign",
        median_of(500, [&] { return sign_packet(packet, kHeaderOctets, {}, key->signer()); }));
  copy_octets(Octets{packet}.last(kSignatureOctets), announcement.signature);
  print("Ed25519 of an announcement, verify", median_of(500, [&] {
          return verify_packet(packet, announcement, {}, openssl_verifier());
        }));
  for (const char* const name : {"AES128", "SHA1", "MD5"}) print_mac(name);
  return 0;
}

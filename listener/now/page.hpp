// SPDX-License-Identifier: MIT
//
// The shared page: where the daemon puts what it knows of the time, and how it is written and read
// without a lock. docs/shared-page.md draws it.
//
// There are two slots. The sequence says by its lowest bit which one is whole; a writer fills the
// other and then counts on. So a reader never waits for a writer, and one that is killed at any
// word leaves nothing to repair. All is moved in words of 32 bits that are atomic by themselves on
// every machine; in terms of C++'s memory there is no race, and nothing that tsan could say.
//
// Units:   nanoseconds (_ns); parts per 10^12 (_ppt), that is picoseconds a second.
// Threads: one writer; any number of readers.
// Builds:  no operating system, heap or exceptions.
// Source:  H.-J. Boehm, "Can seqlocks get along with programming language memory models?" (2012);
//          two slots as in Linux's seqcount_latch_t.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace timecast {

inline constexpr std::uint32_t kPageMagic0 = 0x54534354;  // "TCST" in memory, low octet first
inline constexpr std::uint32_t kPageMagic1 = 0x45474150;  // "PAGE"
inline constexpr std::uint32_t kPageVersion = 1;
inline constexpr std::size_t kPageOctets = 4096;

// Error and bound from `from_ns` after the anchor on, until the next one begins.
struct PageGrowth {
  std::int64_t from_ns;
  std::int64_t error_ns;  // at `from_ns`
  std::int64_t bound_ns;
  std::int64_t error_growth_ppt;
  std::int64_t bound_growth_ppt;
};
inline constexpr std::size_t kPageGrowths = 4;

// What a slot holds. The anchor is one instant on three clocks.
struct PageValues {
  std::int64_t raw_ns;          // CLOCK_MONOTONIC_RAW
  std::int64_t boot_ns;         // CLOCK_BOOTTIME; also when this was written
  std::int64_t utc_ns;          // the announcer's, Unix epoch
  std::int64_t rate_ppt;        // by which the announcer's clock is faster than CLOCK_MONOTONIC_RAW
  std::int64_t valid_until_ns;  // CLOCK_BOOTTIME
  std::int64_t started_ns;      // CLOCK_BOOTTIME: the daemon, of which it is the name
  std::uint32_t state;          // enum timecast_state, and so on
  std::uint32_t reason;
  std::uint32_t leap;
  std::uint32_t lateness_bounded;
  std::array<PageGrowth, kPageGrowths> growth;
};
inline constexpr std::size_t kSlotWords = sizeof(PageValues) / 4;

using PageWord = std::atomic<std::uint32_t>;
using PageSlot = std::array<PageWord, 64>;

// From `version` to `clocks` it is written before anybody can see the page.
struct Page {
  std::array<PageWord, 2> magic;
  PageWord version;
  PageWord octets;
  std::array<PageWord, 2> clocks;  // clock_identity(), low word first
  PageWord abandoned;              // 1: another file has taken this one's place
  PageWord sequence;
  std::array<PageWord, 8> reserved;
  std::array<PageSlot, 2> slots;
};

static_assert(PageWord::is_always_lock_free && sizeof(PageWord) == 4);
static_assert(std::is_trivially_copyable_v<PageValues> && sizeof(PageValues) == 224);
static_assert(offsetof(PageValues, state) == 48 && offsetof(PageValues, growth) == 64);
static_assert(sizeof(PageGrowth) == 40 && sizeof(PageValues) <= sizeof(PageSlot));
static_assert(offsetof(Page, version) == 8 && offsetof(Page, octets) == 12);
static_assert(offsetof(Page, clocks) == 16 && offsetof(Page, abandoned) == 24);
static_assert(offsetof(Page, sequence) == 28 && offsetof(Page, slots) == 64);
static_assert(sizeof(Page) == 576 && sizeof(Page) <= kPageOctets);

inline std::uint64_t clocks_of(const Page& page) noexcept {
  return page.clocks[0].load(std::memory_order_relaxed) |
         std::uint64_t{page.clocks[1].load(std::memory_order_relaxed)} << 32U;
}

// Before it is shown to anybody.
inline void begin_page(Page& page, std::uint64_t clocks) noexcept {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  page.magic[0].store(kPageMagic0, kRelaxed);
  page.magic[1].store(kPageMagic1, kRelaxed);
  page.version.store(kPageVersion, kRelaxed);
  page.octets.store(kPageOctets, kRelaxed);
  page.clocks[0].store(static_cast<std::uint32_t>(clocks), kRelaxed);
  page.clocks[1].store(static_cast<std::uint32_t>(clocks >> 32U), kRelaxed);
}

// These hold for every version: so much a daemon and a reader of another one can rely on.
inline bool has_page_magic(const Page& page) noexcept {
  return page.magic[0].load(std::memory_order_relaxed) == kPageMagic0 &&
         page.magic[1].load(std::memory_order_relaxed) == kPageMagic1;
}

inline bool is_page_of_ours(const Page& page) noexcept {
  return has_page_magic(page) && page.version.load(std::memory_order_relaxed) == kPageVersion &&
         page.octets.load(std::memory_order_relaxed) == kPageOctets;
}

// `step` is called before each word is moved: a test stops there.
template <class Step>
void write_values(Page& page, const PageValues& values, Step step) {
  std::array<std::uint32_t, kSlotWords> words;
  std::memcpy(words.data(), &values, sizeof values);
  const std::uint32_t next = page.sequence.load(std::memory_order_relaxed) + 1;
  PageSlot& slot = page.slots[next % 2];
  // Who sees a word of what follows sees also that the sequence has left this slot.
  std::atomic_thread_fence(std::memory_order_release);
  for (std::size_t i = 0; i < words.size(); ++i) {
    step();
    slot[i].store(words[i], std::memory_order_relaxed);
  }
  step();
  page.sequence.store(next, std::memory_order_release);
}

inline void write_values(Page& page, const PageValues& values) noexcept {
  write_values(page, values, [] {});
}

// One attempt. False if the page changed meanwhile; `values` is then untouched.
template <class Step>
bool try_read_values(const Page& page, PageValues& values, Step step) {
  std::array<std::uint32_t, kSlotWords> words;
  const std::uint32_t sequence = page.sequence.load(std::memory_order_acquire);
  const PageSlot& slot = page.slots[sequence % 2];
  for (std::size_t i = 0; i < words.size(); ++i) {
    step();
    words[i] = slot[i].load(std::memory_order_relaxed);
  }
  step();
  std::atomic_thread_fence(std::memory_order_acquire);
  if (page.sequence.load(std::memory_order_relaxed) != sequence) return false;
  std::memcpy(&values, words.data(), sizeof values);
  return true;
}

inline constexpr int kMostAttempts = 100;

inline bool read_values(const Page& page, PageValues& values) noexcept {
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    if (try_read_values(page, values, [] {})) return true;
  }
  return false;
}

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include "listener/daemon/keys_command.hpp"

#include <unistd.h>

#include <algorithm>

#include "common/host/atomic_file.hpp"
#include "common/host/environment.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/json_object.hpp"
#include "common/host/program.hpp"
#include "common/host/signing_key.hpp"
#include "listener/daemon/key_book.hpp"
#include "listener/daemon/replay_floors.hpp"
#include "listener/daemon/trusted_keys.hpp"

namespace timecast {

namespace {

constexpr const char* kReload =
    "; a listener that runs learns of it by SIGHUP (systemctl reload timecast-listener)\n";

struct Known {
  std::vector<PublicKey> named;  // by the operator's file
  std::string file;
  KeyBook book;
  std::vector<PublicKey> counting;  // of the book
};

Result<Known> read_known(const ListenerOptions& options) {
  Known known;
  if (const auto file = trusted_keys_file(options)) {
    auto named = read_trusted_keys(*file);
    if (!named) return because(named.error());
    known.named = std::move(*named);
    known.file = *file;
  }
  auto book = read_key_book(options.state_directory);
  if (!book) return because(book.error());
  known.book = std::move(*book);
  known.counting = keys_that_count(known.named, known.book, options.signatures);
  return known;
}

bool contains(const std::vector<PublicKey>& keys, const PublicKey& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

struct Line {
  std::string key;
  std::string origin;
  bool counts;
};

std::vector<Line> lines_of(const Known& known) {
  std::vector<Line> lines;
  for (const PublicKey& each : known.named) lines.push_back({to_base64(each), known.file, true});
  for (const BookedKey& each : known.book) {
    if (contains(known.named, each.key)) continue;
    lines.push_back({to_base64(each.key), describe(each), contains(known.counting, each.key)});
  }
  return lines;
}

std::string json_of(const std::vector<Line>& lines) {
  JsonObject object = JsonObject::line("keys", realtime_now());
  std::vector<JsonObject> keys;
  for (const Line& each : lines) {
    keys.emplace_back().add("key", each.key).add("origin", each.origin).add("counts", each.counts);
  }
  return object.add("keys", std::move(keys)).text() + '\n';
}

std::string text_of(const std::vector<Line>& lines, const ListenerOptions& options) {
  if (options.signatures == SignatureMode::off) return "signatures are off: anybody counts\n";
  if (lines.empty()) {
    return "no key is trusted yet: those of the first announcers heard will be (--signatures "
           "first-use)\n";
  }
  std::string text;
  for (const Line& each : lines) {
    text += each.key + "  " + each.origin + (each.counts ? "" : "; does not count") + '\n';
  }
  return text;
}

Result<PublicKey> said_key(const ListenerOptions& options) {
  auto key = public_key_from_base64(options.key.value_or(""));
  if (key) return key;
  return because(Error{"KEY: " + key.error().text + "; `timecast-announcer key show` prints one"});
}

// An operator's word: what the key announces next is no record, whatever it has announced.
Result<void> forget_floor(const ListenerOptions& options, const PublicKey& key) {
  auto floors = read_floors(options.state_directory, boot_now());
  if (!floors) return because(floors.error());
  if (floors->all().empty()) return {};
  floors->forget(key);
  return write_floors(options.state_directory, *floors);
}

// As the unit has it: its user's directory, and not root's.
constexpr const char* kOfService = "/var/lib/timecast-listener";

ListenerOptions at_its_place(ListenerOptions options) {
  options.state_directory = key_directory(options.state_directory, kOfService);
  return options;
}

}  // namespace

GivenPlace key_directory(const GivenPlace& given, const std::string& of_service) {
  const bool may_be_service = !given && !environment("STATE_DIRECTORY") &&
                              !environment("XDG_STATE_HOME") && ::geteuid() == 0;
  return may_be_service && file_exists(of_service) ? GivenPlace{of_service} : given;
}

int list_keys(const ListenerOptions& said) {
  const ListenerOptions options = at_its_place(said);
  const auto known = read_known(options);
  if (!known) return fail(known.error());
  const std::vector<Line> lines = lines_of(*known);
  return print(options.json ? json_of(lines) : text_of(lines, options));
}

int add_key(const ListenerOptions& said) {
  const ListenerOptions options = at_its_place(said);
  const auto key = said_key(options);
  if (!key) return fail(key.error());
  auto known = read_known(options);
  if (!known) return fail(known.error());
  if (const auto done = forget_floor(options, *key); !done) return fail(done.error());
  if (contains(known->named, *key) || contains(known->counting, *key)) {
    return print(to_base64(*key) + " is trusted already\n");
  }
  if (known->named.size() + known->counting.size() >= kMaxKeys) {
    return fail(Error{std::to_string(kMaxKeys) + " keys are trusted already; forget one first"});
  }
  // To name one leaves nothing to first use: what that has found stays.
  for (BookedKey& each : known->book) {
    if (contains(known->counting, each.key)) each.origin = KeyOrigin::added;
  }
  std::erase_if(known->book, [&](const BookedKey& each) { return each.key == *key; });
  known->book.push_back({*key, KeyOrigin::added, {}});
  const auto written = write_key_book(options.state_directory, known->book);
  if (!written) return fail(written.error());
  return print(to_base64(*key) + " is trusted from now on" + kReload);
}

int forget_key(const ListenerOptions& said) {
  const ListenerOptions options = at_its_place(said);
  const auto key = said_key(options);
  if (!key) return fail(key.error());
  auto known = read_known(options);
  if (!known) return fail(known.error());
  if (contains(known->named, *key)) {
    return fail(Error{to_base64(*key) + " stands in " + known->file + "; remove its line there"});
  }
  // With it goes what it has endorsed.
  const std::size_t before = known->book.size();
  std::erase_if(known->book, [&](const BookedKey& each) {
    return each.key == *key || (each.origin == KeyOrigin::endorsed && each.endorser == *key);
  });
  if (known->book.size() == before) {
    return fail(Error{to_base64(*key) + " is not trusted; `keys list` shows those that are"});
  }
  if (const auto done = forget_floor(options, *key); !done) return fail(done.error());
  const auto written = write_key_book(options.state_directory, known->book);
  if (!written) return fail(written.error());
  return print(to_base64(*key) + " is forgotten" + kReload);
}

}  // namespace timecast

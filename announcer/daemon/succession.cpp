// SPDX-License-Identifier: MIT
#include "announcer/daemon/succession.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <string_view>

#include "announcer/daemon/identity.hpp"
#include "common/host/atomic_file.hpp"
#include "common/host/file_owner.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

namespace {

constexpr const char* kFile = "/announcer.successor";
constexpr mode_t kMode = 0644;

Result<void> move_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return {};
  return because(system_error("cannot rename " + from + " to " + to, errno));
}

// A packet that has it behind its header is what is read and written.
std::optional<Successor> successor_in(std::string_view octets) {
  if (octets.size() != kSuccessorOctets) return std::nullopt;
  std::array<std::uint8_t, kHeaderOctets + kSuccessorOctets> packet{};
  Header header;
  header.mode = Mode::broadcast;
  copy_octets(encode(header), packet);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    packet[kHeaderOctets + i] = static_cast<std::uint8_t>(octets[i]);
  }
  const auto decoded = decode(packet);
  return decoded ? find_successor(*decoded) : std::nullopt;
}

std::string text_of(const Successor& successor) {
  std::array<std::uint8_t, kSuccessorOctets> field{};
  write_successor(field, 0, successor);
  return {field.begin(), field.end()};
}

// What is cut short leaves the old key in its place: the field alone is for nobody then.
Result<void> put_in_place(const std::string& path, const SigningKey& key,
                          const std::string& directory, const Successor& successor) {
  const std::string next = path + ".next";
  static_cast<void>(std::remove(next.c_str()));  // of a renewal that was cut short
  if (auto saved = key.save(next); !saved) return saved;
  // Whose the old one is: root renews what a service must be able to read.
  if (const UniqueFd fd{::open(next.c_str(), O_RDONLY | O_CLOEXEC)}; fd) {
    give_to_its_user(fd.get(), path);
  }
  auto written = write_file(directory + kFile, text_of(successor), kMode);
  if (!written) return written;
  if (auto moved = move_file(path, path + ".old"); !moved) return moved;
  return move_file(next, path);
}

}  // namespace

Result<PublicKey> renew_key(const GivenPlace& state_directory) {
  const auto directory = find_state_directory(state_directory);
  if (!directory) return because(directory.error());
  const auto lock = lock_identity(*directory);
  if (!lock) return because(lock.error());
  const std::string path = key_path(*directory);
  const auto old_key = SigningKey::load(path);
  if (!old_key) return because(state_error(old_key.error()));
  const auto key = SigningKey::generate();
  if (!key) return because(key.error());
  Successor successor;
  if (!endorse(key->public_key(), old_key->signer(), successor)) {
    return because(Error{path + ": this key does not sign"});
  }
  const auto placed = put_in_place(path, *key, *directory, successor);
  if (!placed) return because(state_error(placed.error()));
  return key->public_key();
}

Result<std::optional<Successor>> load_succession(const std::string& directory,
                                                 const PublicKey& key) {
  const std::string path = directory + kFile;
  if (!file_exists(path)) return std::nullopt;
  const auto content = read_file(path, kSuccessorOctets);
  if (!content) return because(content.error());
  const auto successor = successor_in(*content);
  if (!successor) {
    return because(Error{path + ": this is no endorsement of a key; remove the file"});
  }
  if (!verify_successor(*successor, key, openssl_verifier())) return std::nullopt;
  return successor;
}

}  // namespace timecast

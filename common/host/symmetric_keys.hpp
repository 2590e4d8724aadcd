// SPDX-License-Identifier: MIT
//
// The symmetric keys of a file, each by its number: who may be believed by a MAC, and how one is
// made.
//
// A line is ntpd's or chrony's, and comments are theirs:
//
//     ID [TYPE] KEY [ADDRESSES] [legacy]
//
// ID is 1 to 4294967295, TYPE MD5 if it is left out. KEY is HEX:digits, ASCII:text, or as ntpd and
// chrony read it bare: text, but more than twenty hexadecimal digits are octets, as ntpd has it.
// ADDRESSES (ADDR[/BITS],...) are the servers that may use the key: nobody else's packets count by
// it (CVE-2015-7974). `legacy` lets an MD5 key count. Public keys may be there too, as
// trusted_keys.hpp has them: they are left to who reads those.
//
// Errors:  file, line, what is wrong and the way out, never a word that could be a secret.
// Threads: one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/wire/mac.hpp>

#include "common/host/key_line.hpp"
#include "common/host/mac_key.hpp"

namespace timecast {

// Whether a line of a key file is one of a symmetric key, right or wrong.
[[nodiscard]] bool is_symmetric_line(std::string_view line);

class SymmetricKeys {
 public:
  static constexpr std::size_t kMostKeys = 1024;

  [[nodiscard]] static Result<SymmetricKeys> parse(const std::string& text,
                                                   const std::string& path);
  // Refuses a file that everybody can open, and one that has not all that are wanted. Whoever is in
  // its group may open it: chrony's is such a file.
  [[nodiscard]] static Result<SymmetricKeys> load(const std::string& path,
                                                  const std::vector<MacUse>& wanted);

  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }
  // Whether the same packets count by these as by the others.
  [[nodiscard]] bool same_as(const SymmetricKeys& other) const noexcept;
  // The numbers that are among both, with another secret or type.
  [[nodiscard]] std::vector<std::uint32_t> changed_from(const SymmetricKeys& before) const;
  // Lets an MD5 key count if that is said. Why this key cannot be used, with the way out.
  [[nodiscard]] Result<void> want(const MacUse& use);
  // What is weak about them, a line each.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept { return warnings_; }

  // Whether a MAC was made with this key and no other, by a server that may use it.
  [[nodiscard]] Reject check(std::uint32_t id, Octets message, Octets mac,
                             const Address& server) const noexcept;
  // Key id and digest; returns how many octets, none if the key may not be used.
  [[nodiscard]] std::size_t write(std::uint32_t id, Octets message,
                                  MutableOctets mac) const noexcept;
  [[nodiscard]] bool may_serve(std::uint32_t id, const Address& server) const noexcept;
  // For a server that answers by whichever of them it is asked. Must not outlive this, nor may
  // this be moved.
  [[nodiscard]] MacKeys all() const noexcept;

 private:
  struct Key {
    MacKey key;
    bool legacy = false;
    std::vector<Prefix> servers;
  };
  [[nodiscard]] Result<void> add(const KeyLine& line);
  [[nodiscard]] const Key* find(std::uint32_t id) const noexcept;

  std::string path_;
  std::map<std::uint32_t, Key> keys_;
  std::vector<std::string> warnings_;
};

}  // namespace timecast

// SPDX-License-Identifier: MIT
#include "common/host/privileges.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/host/interfaces.hpp"
#include "common/host/network_card.hpp"

namespace timecast {

namespace {

constexpr unsigned kLastCapability = 63;

// capset(2) has no wrapper in the C library.
Result<void> set_capabilities(std::uint64_t mask) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (::syscall(SYS_capget, &header, data.data()) != 0) {
    return because(system_error("cannot read this process's capabilities", errno));
  }
  bool is_less = false;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto half = static_cast<std::uint32_t>(mask >> (32U * i));
    is_less = is_less || ((data[i].permitted | data[i].inheritable) & ~half) != 0;
    data[i].permitted &= half;
    data[i].effective &= half;
    data[i].inheritable &= half;
  }
  // A service manager may have given no more, and then not let us call it.
  if (!is_less) return {};
  if (::syscall(SYS_capset, &header, data.data()) == 0) return {};
  return because(system_error("cannot give up capabilities", errno));
}

}  // namespace

bool is_another_users(const std::string& path) noexcept {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && found.st_uid != ::geteuid();
}

std::vector<Privilege> needed_privileges(const std::vector<std::string>& places) {
  std::vector<Privilege> needed{Privilege::low_ports};
  if (std::any_of(places.begin(), places.end(), is_another_users)) {
    needed.insert(needed.end(), {Privilege::any_file, Privilege::any_owner});
  }
  const std::vector<Interface> interfaces = list_interfaces();
  const auto stamps = [](const Interface& each) { return can_stamp(each.name); };
  if (std::any_of(interfaces.begin(), interfaces.end(), stamps)) {
    needed.push_back(Privilege::card_stamps);
  }
  return needed;
}

Result<void> keep_only(const std::vector<Privilege>& kept) {
  std::uint64_t mask = 0;
  for (const Privilege each : kept) mask |= std::uint64_t{1} << static_cast<unsigned>(each);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0) {
    return because(system_error("cannot give up new privileges", errno));
  }
  // From the bounding set first: that needs CAP_SETPCAP. Who has it not cannot gain anything
  // anyway.
  for (unsigned i = 0; i <= kLastCapability; ++i) {
    if ((mask >> i & 1U) == 0)
      static_cast<void>(::prctl(PR_CAPBSET_DROP, static_cast<unsigned long>(i), 0UL, 0UL, 0UL));
  }
  return set_capabilities(mask);
}

}  // namespace timecast

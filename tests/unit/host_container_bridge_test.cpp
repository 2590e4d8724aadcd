// SPDX-License-Identifier: MIT
#include "common/host/container_bridge.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

namespace fs = std::filesystem;

// What the kernel shows under /sys/class/net.
class FakeSysfs {
 public:
  explicit FakeSysfs(const fs::path& root) : root_{root} {
    add("br0", 10, 10);
    fs::create_directories(root_ / "br0/bridge");
    fs::create_directories(root_ / "br0/brif");
  }
  void add(const std::string& name, int index, int linked) {
    fs::create_directories(root_ / name);
    std::ofstream{root_ / name / "ifindex"} << index << '\n';
    std::ofstream{root_ / name / "iflink"} << linked << '\n';
  }
  void add_port(const std::string& name, int index, int linked) {
    add(name, index, linked);
    fs::create_directories(root_ / "br0/brif" / name);
  }
  void note(const std::string& name, const std::string& what) {
    fs::create_directories(root_ / name / what);
  }
  [[nodiscard]] bool is_left_out(const std::string& name = "br0") const {
    return is_container_bridge(name, root_);
  }

 private:
  fs::path root_;
};

}  // namespace

TEST_CASE("container bridge: one whose ports all lead to other namespaces is left out") {
  const TemporaryDirectory directory;
  FakeSysfs sysfs{directory.path()};
  CHECK(sysfs.is_left_out());  // Docker's, before the first container
  sysfs.add_port("veth1", 11, 2);
  sysfs.add_port("veth2", 12, 2);
  CHECK(sysfs.is_left_out());
  sysfs.add("eth0", 2, 2);  // the number of the containers' ends, too
  CHECK(sysfs.is_left_out());
}

TEST_CASE("container bridge: one with a port to anywhere else is used") {
  struct Row {
    const char* name;
    void (*change)(FakeSysfs&);
  };
  const Row rows[] = {
      {"a network card",
       [](FakeSysfs& s) {
         s.add_port("eth0", 2, 2);
         s.note("eth0", "device");
       }},
      {"a virtual machine", [](FakeSysfs& s) { s.add_port("tap0", 13, 13); }},
      {"a VLAN",
       [](FakeSysfs& s) {
         s.add("eth0", 2, 2);
         s.add_port("eth0.7", 14, 2);
         s.note("eth0.7", "lower_eth0");
       }},
      {"a switch port whose card has it for its own",
       [](FakeSysfs& s) {
         s.add_port("lan1", 15, 3);
         s.note("lan1", "device");
       }},
      {"a cable to another bridge of this host",
       [](FakeSysfs& s) {
         s.add_port("veth3", 16, 17);
         s.add("veth4", 17, 16);
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(std::string{row.name});
    const TemporaryDirectory directory;
    FakeSysfs sysfs{directory.path()};
    sysfs.add_port("veth1", 11, 2);
    row.change(sysfs);
    CHECK_FALSE(sysfs.is_left_out());
  }
}

TEST_CASE("container bridge: what is no bridge, or is not there, is none") {
  const TemporaryDirectory directory;
  FakeSysfs sysfs{directory.path()};
  sysfs.add("eth0", 2, 2);
  CHECK_FALSE(sysfs.is_left_out("eth0"));
  CHECK_FALSE(sysfs.is_left_out("eth9"));
}

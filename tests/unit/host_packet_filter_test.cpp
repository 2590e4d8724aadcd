// SPDX-License-Identifier: MIT
#include "common/host/packet_filter.hpp"

#include <doctest/doctest.h>

using namespace timecast;

namespace {

constexpr const char* kRuleset = R"(table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iif "lo" accept
		udp dport 11123 drop
	}

	chain output {
		type filter hook output priority filter; policy accept;
		ip protocol igmp reject
		tcp dport 25 accept
	}

	chain strangers {
		counter packets 3 bytes 99 drop
	}
}
table ip nat {
	chain after {
		type nat hook postrouting priority srcnat; policy accept;
	}
}
)";

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("packet filter: rules that drop, by the way they are on") {
  CHECK(
      dropping_rules(kRuleset, Traffic::in) ==
      Texts{"table inet filter, chain input: type filter hook input priority filter; policy drop;",
            "table inet filter, chain input: udp dport 11123 drop",
            "table inet filter, chain strangers: counter packets 3 bytes 99 drop"});
  CHECK(dropping_rules(kRuleset, Traffic::out) ==
        Texts{"table inet filter, chain output: ip protocol igmp reject",
              "table inet filter, chain strangers: counter packets 3 bytes 99 drop"});
}

TEST_CASE("packet filter: a ruleset without such rules, or none, has nothing to tell") {
  CHECK(dropping_rules("", Traffic::in).empty());
  CHECK(dropping_rules("table ip f {\n chain c {\n udp dport 1 accept\n }\n}\n", Traffic::in)
            .empty());
  CHECK(dropping_rules("drop\n", Traffic::in).empty());
}

TEST_CASE("packet filter: no more rules than a reader has patience for") {
  std::string many = "table ip f {\nchain c {\n";
  for (int i = 0; i < 1000; ++i) many += "udp dport 7 drop\n";
  CHECK(dropping_rules(many, Traffic::in).size() == 3);
}

TEST_CASE("packet filter: the reverse path's drops are found by their name") {
  CHECK(reverse_path_drops("TcpExt: A IPReversePathFilter B\nTcpExt: 1 42 3\n"
                           "IpExt: InNoRoutes\nIpExt: 5\n") == 42);
  CHECK(reverse_path_drops("IpExt: A\nIpExt: 5\nTcpExt: IPReversePathFilter\nTcpExt: 7\n") == 7);
  CHECK(reverse_path_drops("TcpExt: IPReversePathFilter\n") == 0);
  CHECK(reverse_path_drops("") == 0);
}

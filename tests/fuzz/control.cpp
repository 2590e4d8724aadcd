// SPDX-License-Identifier: MIT
//
// What a control socket is asked, and what another program's answer may be: JSON is read and
// written alike.
#include <string>
#include <utility>

#include "common/host/json_object.hpp"
#include "listener/daemon/now.hpp"
#include "listener/daemon/status.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace timecast;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  ListenerReport report;
  const std::string answer = answer_control(report, text);
  must(!answer.empty() && answer.back() == '\n', "each question has an answer of whole lines");
  auto object = JsonObject::parse(text);
  if (!object) return 0;
  const auto again = JsonObject::parse(object->text());
  must(again && again->text() == object->text(), "JSON is read as it is written");
  const Timestamp<Realtime> here{Duration::seconds(1'793'491'200)};
  static_cast<void>(now_line(std::move(*object), here, {}));
  return 0;
}

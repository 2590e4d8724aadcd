// SPDX-License-Identifier: MIT
#include "common/host/json_object.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace timecast;

TEST_CASE("json object: keys stand in the order in which they were added") {
  JsonObject object;
  object.add("z", "text").add("a", true).add("m", std::uint64_t{18'446'744'073'709'551'615U});
  CHECK(object.text() == R"({"z":"text","a":true,"m":18446744073709551615})");
}

TEST_CASE("json object: whole numbers keep their sign, and nothing has a word of its own") {
  JsonObject object;
  object.add("poll", std::int8_t{-6}).add("up", 3).add_null("key");
  CHECK(object.text() == R"({"poll":-6,"up":3,"key":null})");
}

TEST_CASE("json object: a key that is added again keeps its place and changes its value") {
  JsonObject object;
  object.add("a", 1U).add("b", 2U).add("a", 3U);
  CHECK(object.text() == R"({"a":3,"b":2})");
}

TEST_CASE("json object: a line begins with schema, time and type") {
  const Timestamp<Realtime> now{Duration::seconds(1'793'491'200) + Duration::milliseconds(250)};
  CHECK(JsonObject::line("estimate", now).text() ==
        R"({"schema":1,"time_s":1793491200.25,"type":"estimate"})");
}

TEST_CASE("json object: spans are seconds, in the shortest form of what they are") {
  JsonObject object;
  object.add("a_s", Duration::microseconds(5))
      .add("b_s", -Duration::milliseconds(1500))
      .add("c_s", Duration{});
  CHECK(object.text() == R"({"a_s":5e-06,"b_s":-1.5,"c_s":0.0})");
}

TEST_CASE("json object: a number that is not finite is left out") {
  JsonObject object;
  object.add("nan", std::numeric_limits<double>::quiet_NaN())
      .add("inf", std::numeric_limits<double>::infinity())
      .add("minus", -std::numeric_limits<double>::infinity())
      .add("one", 1.5);
  CHECK(object.text() == R"({"one":1.5})");
}

TEST_CASE("json object: text from outside cannot end a string or a line") {
  JsonObject object;
  object.add("text", "a\"b\\c\nd\x01\xC3\xA9");
  CHECK(object.text() == "{\"text\":\"a\\\"b\\\\c\\nd\\u0001\xC3\xA9\"}");
}

TEST_CASE("json object: text that is no UTF-8 gets replacement characters") {
  JsonObject object;
  object.add("text", "a\xFF z");
  CHECK(object.text() == "{\"text\":\"a\xEF\xBF\xBD z\"}");
}

TEST_CASE("json object: objects and lists of objects nest") {
  JsonObject inner;
  inner.add("x", 1U);
  std::vector<JsonObject> list;
  list.emplace_back().add("y", 2U);
  list.emplace_back();
  JsonObject object;
  object.add("o", std::move(inner)).add("l", std::move(list)).add("e", std::vector<JsonObject>{});
  CHECK(object.text() == R"({"o":{"x":1},"l":[{"y":2},{}],"e":[]})");
}

TEST_CASE("json object: what was written can be read") {
  JsonObject object;
  object.add("n", -0.25).add("i", 7U).add("s", "text").add("b", true);
  const auto read = JsonObject::parse(object.text());
  REQUIRE(read);
  CHECK(read->number("n") == -0.25);
  CHECK(read->number("i") == 7.0);
  CHECK(read->string("s") == "text");
  CHECK_FALSE(read->number("s"));
  CHECK_FALSE(read->string("n"));
  CHECK_FALSE(read->number("b"));
  CHECK_FALSE(read->number("missing"));
}

TEST_CASE("json object: what nests can be read, and what is not there is empty") {
  const auto read = JsonObject::parse(R"({"o":{"x":1,"y":2},"l":[{"z":3},4,{}],"t":true,"n":1})");
  REQUIRE(read);
  CHECK(read->object("o").keys() == std::vector<std::string>{"x", "y"});
  CHECK(read->object("o").number("y") == 2.0);
  REQUIRE(read->objects("l").size() == 2);
  CHECK(read->objects("l")[0].number("z") == 3.0);
  CHECK(read->boolean("t") == true);
  CHECK_FALSE(read->boolean("n"));
  for (const char* const key : {"n", "l", "missing"}) CHECK(read->object(key).keys().empty());
  for (const char* const key : {"n", "o", "missing"}) CHECK(read->objects(key).empty());
}

TEST_CASE("json object: text that is no object is refused") {
  for (const char* const text : {"", "{", "[]", "1", "null", "{} x", "error: unknown request\n"}) {
    CAPTURE(text);
    CHECK_FALSE(JsonObject::parse(text));
  }
}

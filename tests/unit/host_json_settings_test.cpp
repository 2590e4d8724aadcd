// SPDX-License-Identifier: MIT
#include "common/host/json_settings.hpp"

#include <doctest/doctest.h>

using namespace timecast;

namespace {

std::string refusal_of(const std::string& text) {
  const auto settings = parse_json_settings(text);
  REQUIRE_FALSE(settings);
  CHECK(settings.error().exit_code == kExitBadSettings);
  return settings.error().text;
}

// "key@line=kind:text@line,..." of each setting, on one line.
std::string shown(const std::string& text) {
  const auto settings = parse_json_settings(text);
  REQUIRE_MESSAGE(settings, text);
  std::string out;
  for (const Setting& setting : *settings) {
    out += setting.key + '@' + std::to_string(setting.line) + (setting.is_list ? "=[" : "=");
    for (const SettingValue& value : setting.values) {
      out += "tns"[static_cast<int>(value.kind) == 0   ? 2
                   : static_cast<int>(value.kind) == 1 ? 1
                                                       : 0];
      out += ':' + value.text + '@' + std::to_string(value.line) + ' ';
    }
    if (setting.is_list) out += "] ";
  }
  return out;
}

}  // namespace

TEST_CASE("json settings: each value comes with its kind and line") {
  CHECK(shown("{}") == "");
  CHECK(shown("{\"a\": \"x\"}") == "a@1=s:x@1 ");
  CHECK(shown("{\n  \"a\": 1,\n\n  \"b\": true,\n  \"c\": false\n}\n") ==
        "a@2=n:1@2 b@4=t:true@4 c@5=t:false@5 ");
  CHECK(shown("{\"a\": [\n\"x\",\n2\n, true], \"b\":\n[]}") ==
        "a@1=[s:x@2 n:2@3 t:true@4 ] b@4=[] ");
  CHECK(shown("{\"a\":\n\n1}") == "a@1=n:1@3 ");
}

TEST_CASE("json settings: a number stays as it is written") {
  for (const char* const number : {"0", "-1", "0.25", "1e3", "1E-3", "18446744073709551615",
                                   "123456789012345678901234567890", "0.1000000000000000055511"}) {
    CAPTURE(number);
    CHECK(shown("{\"a\": " + std::string{number} + "}") == "a@1=n:" + std::string{number} + "@1 ");
  }
}

TEST_CASE("json settings: comments count as blanks and lines") {
  CHECK(shown("// first\n{ /* a\nb */ \"a\": 1 // last\n}\n// end") == "a@3=n:1@3 ");
  CHECK(shown("{ \"a\": \"// no comment /* nor this */\" }") ==
        "a@1=s:// no comment /* nor this */@1 ");
}

TEST_CASE("json settings: escapes and other alphabets in texts") {
  CHECK(shown(R"({"a": "\"\\\u00e9 é"})") == "a@1=s:\"\\é é@1 ");
  CHECK(json_text("\"\\é\n") == R"("\"\\é\n")");
  CHECK(json_text("\xFF") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("json settings: Windows line ends and a byte order mark do no harm") {
  CHECK(shown("\xEF\xBB\xBF{\r\n\"a\": 1\r\n}\r\n") == "a@2=n:1@2 ");
}

TEST_CASE("json settings: what is no JSON is refused with line, column and the way out") {
  struct Row {
    const char* name;
    const char* text;
    const char* refusal;
  };
  for (const Row& row : {
           Row{"comma before the end", "{\n  \"a\": 1,\n}",
               "3: column 1: unexpected '}'; expected string literal; no comma stands behind the "
               "last"},
           Row{"comma before the end of a list", "{\"a\": [1,\n ]}",
               "2: column 2: unexpected ']'; expected '[', '{', or a literal; no comma stands "
               "behind the last"},
           Row{"no comma", "{\n  \"a\": 1\n  \"b\": 2\n}",
               "3: column 5: unexpected string literal; expected '}'; is a comma missing before "
               "it?"},
           Row{"no comma in a list", "{\"a\": [1 2]}",
               "1: column 10: unexpected number literal; expected ']'; is a comma missing before "
               "it?"},
           Row{"no colon", "{\"a\" 1}", "1: column 6: unexpected number literal; expected ':'"},
           Row{"no value", "{\"a\": }",
               "1: column 7: unexpected '}'; expected '[', '{', or a literal"},
           Row{"no end", "{\n  \"a\": 1\n",
               "3: column 1: unexpected end of input; expected '}'; a bracket or a brace is "
               "missing"},
           Row{"a name without quotation marks", "{\n  a: 1 }",
               "2: column 3: invalid literal; names and texts stand "
               "between \"quotation marks\""},
           Row{"a word", "{\"a\": yes}",
               "1: column 7: invalid literal; names and texts stand between \"quotation marks\""},
           Row{"another language's comment", "{\n# comment\n\"a\": 1}",
               "2: column 1: invalid literal; a comment begins with //"},
           Row{"a text over the line's end", "{\n  \"a\": \"b\n}",
               "2: column 10: invalid string: control character U+000A (LF) must be escaped to "
               "\\u000A or \\n"},
           Row{"a comment without end", "{ /* \n",
               "2: column 1: invalid comment; missing closing "
               "'*/'"},
           Row{"text behind the object", "{}\n{}",
               "2: column 1: unexpected '{'; expected end of input"},
           Row{"a number that is none", "{\"a\": 01}",
               "1: column 8: unexpected number literal; expected '}'; is a comma missing before "
               "it?"},
           Row{"a number that nothing can hold", "{\"a\": 1e999}",
               "1: column 11: number overflow parsing '1e999'"},
           Row{"not UTF-8", "{\"a\": \"\xFF\"}",
               "1: column 8: invalid string: ill-formed UTF-8 byte"},
       }) {
    CAPTURE(row.name);
    CHECK(refusal_of(row.text) == row.refusal);
  }
}

TEST_CASE("json settings: what is JSON but no settings is refused") {
  const std::string whole = "this is no object; write { \"KEY\": VALUE, ... }";
  struct Row {
    const char* text;
    std::string refusal;
  };
  for (const Row& row : {
           Row{"[]", "1: " + whole},
           Row{"\n\"a\"", "2: " + whole},
           Row{"\n1\n", "2: " + whole},
           Row{"true", "1: " + whole},
           Row{"null", "1: " + whole},
           Row{"{\n\"a\": null}", "2: a: null is no setting; leave the line out"},
           Row{"{\"a\":\n{}}", "2: a: an object is no setting; write a value, or a list of values"},
           Row{"{\"a\": [{}]}",
               "1: a: an object is no setting; write a value, or a list of "
               "values"},
           Row{"{\"a\": [1, [2]]}", "1: a: a list within a list is no setting"},
           Row{"{\n\"a\": 1,\n\"b\": 1,\n\"a\": 2}", "4: a: is in line 2 already; leave one out"},
       }) {
    CAPTURE(row.text);
    CHECK(refusal_of(row.text) == row.refusal);
  }
}

TEST_CASE("json settings: more than anybody needs is refused") {
  std::string settings = "{";
  for (int i = 0; i < 256; ++i) settings += (i == 0 ? "\"" : ", \"") + std::to_string(i) + "\": 1";
  CHECK(parse_json_settings(settings + "}"));
  CHECK(refusal_of(settings + ", \"256\": 1}") == "1: 256: more than 256 settings; leave some out");
  std::string values = "{\"a\": [0";
  for (int i = 1; i < 1024; ++i) values += ", 0";
  CHECK(parse_json_settings(values + "]}"));
  CHECK(refusal_of(values + ", 0]}") == "1: a: more than 1024 values; leave some out");
}

TEST_CASE("json settings: what is said of a long key or text is short") {
  const std::string key(64, 'k');
  CHECK(shown("{\"" + key + "\": 1}") == key + "@1=n:1@1 ");
  CHECK(refusal_of("{\"" + key + "k\": 1}") == "1: " + key + "...: there is no such setting");
  const std::string text(4096, 't');
  CHECK(shown("{\"a\": \"" + text + "\"}") == "a@1=s:" + text + "@1 ");
  CHECK(refusal_of("{\"a\": \"" + text + "t\"}") == "1: a: is too long a text");
}

TEST_CASE("json settings: a hundred thousand brackets are no deeper than one") {
  CHECK(refusal_of("{\"a\": " + std::string(100'000, '[')) ==
        "1: a: a list within a list is no setting");
}

TEST_CASE("json settings: every beginning of a file is refused, and not the file") {
  const std::string text = "{ \"a\": [\"x\\u00e9\", 1.5e3], /* c */ \"b\": true } // d";
  const std::size_t whole = text.find('}') + 1;
  for (std::size_t size = 0; size < whole; ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_json_settings(text.substr(0, size)));
  }
  CHECK(parse_json_settings(text));
}

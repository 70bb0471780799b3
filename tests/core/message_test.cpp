// SPDX-License-Identifier: MIT
#include "core/message.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>

#include "core/suggestion.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn::test_core_message {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

TEST_CASE("a message shows a value without its control characters") {
  CHECK(in_message("R_off = 16 kΩ, ½ Σ 漢字 \U0001F600") == "R_off = 16 kΩ, ½ Σ 漢字 \U0001F600");
  CHECK(in_message("two\nlines\tand\r") == "two\\nlines\\tand\\r");
  CHECK(in_message(std::string_view("\x1b[2J\0\x7f", 6)) == "\\x1b[2J\\x00\\x7f");
  CHECK(in_message("\u0085\u009b") == "\\x85\\x9b");          // C1 control characters
  CHECK(in_message("a\u202eb\u2028") == "a\\u202eb\\u2028");  // bidirectional override; line separator
  // not UTF-8: truncated, not the shortest form, a surrogate, beyond U+10FFFF, a stray continuation byte
  CHECK(in_message("µ\xc2") == "µ\\xc2");
  CHECK(in_message("\xc0\xaf") == "\\xc0\\xaf");
  CHECK(in_message("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");
  CHECK(in_message("\xed\xa0\x80") == "\\xed\\xa0\\x80");
  CHECK(in_message("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK(in_message("\x80\xff") == "\\x80\\xff");
  CHECK(in_message("").empty());
}

TEST_CASE("a message shows the beginning and the end of a long value") {
  const std::string unit = GENERATE("x", "µ", "漢", "\n", "\xff");
  std::string value = "begin";
  while (value.size() < 100'000) value += unit;
  value += "end";
  for (const std::size_t most : {longest_value, longest_value + 1, longest_value + 2}) {
    const auto shown = in_message(value, most);
    INFO(shown);
    CHECK(shown.size() <= most);
    CHECK(shown.size() > most - 8);
    CHECK_THAT(shown, StartsWith("begin") && ContainsSubstring("bytes in all") && Catch::Matchers::EndsWith("end"));
    CHECK(shown.find("\\x") == (unit == "\xff" ? shown.find("\\xff") : std::string::npos));  // no character is cut
    CHECK(in_message(shown, most) == shown);
  }
  CHECK(in_message(std::string(longest_value, 'x')) == std::string(longest_value, 'x'));
  CHECK(in_message("0123456789", 0).size() <= 40);  // no room for the value: only the number of bytes
}

TEST_CASE("every error is one line of bounded length") {
  const std::string long_text(100'000, 'x');
  const std::string bad = "\x1b]0;title\x07\n" + long_text;
  for (const Error& error :
       {Error(bad), static_cast<const Error&>(InputError(bad)),
        static_cast<const Error&>(InputError(bad, bad, bad, bad)), static_cast<const Error&>(IoError(bad)),
        static_cast<const Error&>(NumericalError(bad, 0, bad, Failure::tolerance, bad))}) {
    const std::string what = error.what();
    CHECK(what.size() <= longest_message);
    CHECK(what.find_first_of("\x1b\x07\n") == std::string::npos);
  }
  const std::string what = InputError("file.toml:3", "key", bad, "must be a number").what();
  CHECK_THAT(
      what, StartsWith("file.toml:3: key = \\x1b]0;title\\x07\\nx") && Catch::Matchers::EndsWith(": must be a number"));
  CHECK(what.size() < longest_value + 60);
}

TEST_CASE("nothing is suggested for a name too long to be misspelt") {
  CHECK(suggestion("amplitud", {"amplitude"}) == "; did you mean \"amplitude\"?");
  CHECK(suggestion(std::string(200'000, 'a'), {std::string(200'000, 'b')}).empty());
}

TEST_CASE("numbers in messages are written as people write them") {
  const auto text = [](const std::string& value, const std::string& remedy) {
    return std::string(InputError("file.toml:3", "key", value, remedy).what());
  };
  CHECK(text("0.30000000000000004", "must be above 1.2000000000000002e-08 m") ==
        "file.toml:3: key = 0.3: must be above 1.2e-08 m");
  CHECK(text("[ -0.30000000000000004, 0.7999999999999999 ]", "x") == "file.toml:3: key = [ -0.3, 0.8 ]: x");
  CHECK(text("0.12345678901234566", "x") == "file.toml:3: key = 0.12345678901234566: x");            // its own digits
  CHECK(text("a 0.30000000000000004.h5", "x") == "file.toml:3: key = a 0.30000000000000004.h5: x");  // a name
  CHECK(text("v0.30000000000000004", "x") == "file.toml:3: key = v0.30000000000000004: x");
  CHECK(text("1e-15", "in 0 .. 3 - or -") == "file.toml:3: key = 1e-15: in 0 .. 3 - or -");
}

}  // namespace memdyn::test_core_message

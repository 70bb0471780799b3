// SPDX-License-Identifier: MIT
// Tables of numbers as other programs write them.
#include "core/csv_table.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <random>

#include "core/spice_text.hpp"
#include "core/text_file.hpp"
#include "memdyn/core/error.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_core_csv_table {

using Catch::Matchers::ContainsSubstring;
using Numbers = std::vector<double>;

namespace {

std::string answer(const std::string& text, const CsvFormat& format) {
  try {
    (void)read_csv(text, "f", format);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}
CsvFormat columns(std::vector<CsvColumn> chosen) { return {.columns = std::move(chosen)}; }

}  // namespace

TEST_CASE("delimiters, decimal marks, ends of lines and comments are recognised, and noted") {
  struct Case {
    const char *text, *note;
  };
  const Case one = GENERATE(values<Case>(
      {{"0,0.5\n1,-2\n", ""},
       {"0;0,5\n1;-2\n", "f: cells are separated by semicolons; numbers have decimal commas"},
       {"0;0.5\n1;-2\n", "f: cells are separated by semicolons"},
       {"0\t0.5\n1\t-2\n", "f: cells are separated by tabs"},
       {"  0   0.5 \n 1 \t -2\n", "f: cells are separated by blanks"},
       {" 0  0.5\n1 -2\n", "f: cells are separated by blanks"},
       {"0,0.5\r1,-2\r", ""},
       {"% made\r\n! by\r\n* hand\r\n// and\r\n# more\r\n0,0.5\r\n\r\n1,-2", ""},
       {"\xef\xbb\xbfTime,V\n0,0.5\n1,-2\n", "f: line 1 is read as the heading"},
       {"\"Time, s\";\"V\"\n\"0\";0,5\n1;\"-2\"\n",
        "f: line 1 is read as the heading; cells are separated by semicolons; numbers have decimal commas"}}));
  CAPTURE(one.text);
  const CsvTable table = read_csv(one.text, "f");
  CHECK(table.values == Numbers{0, 0.5, 1, -2});
  CHECK(table.columns == 2);
  CHECK(table.note == one.note);
}

TEST_CASE("a heading is found by its names, its line, or not at all; no row of numbers is lost") {
  // as instruments write: lines above the heading, text beside the numbers, a delimiter at the end of each line
  const std::string keithley =
      "\"Instrument\",\"2450\"\nSerial,042\n\nIndex,Time (s),Mode,\"V, sense\",\n1,0.5,auto,1e-3,\n2,1.5,auto,-2e-3,\n";
  const CsvTable named = read_csv(keithley, "f", columns({"V, sense", "Time (s)"}));
  CHECK(named.values == Numbers{1e-3, 0.5, -2e-3, 1.5});
  CHECK(named.lines == std::vector<std::size_t>{5, 6});
  CHECK(named.heading == std::vector<std::string>{"V, sense", "Time (s)"});
  CHECK(named.note == "f: the lines above line 4 are not read");
  CsvFormat numbered = columns({2U, 4U});
  numbered.heading = 4;
  CHECK(read_csv(keithley, "f", numbered).values == Numbers{0.5, 1e-3, 1.5, -2e-3});
  numbered.heading.reset();
  numbered.skip = 4;
  CHECK(read_csv(keithley, "f", numbered).values == Numbers{0.5, 1e-3, 1.5, -2e-3});
  CHECK_THAT(answer(keithley, columns({2U, 4U})), ContainsSubstring("f:1: "));

  const std::string savetxt = "# t v\n0.0 1.0\n2.0 3.0\n";
  CHECK(read_csv(savetxt, "f", columns({"v"})).values == Numbers{1, 3});
  CHECK(read_csv(savetxt, "f").values == Numbers{0, 1, 2, 3});
  const std::string arc = "ArC ONE\nWL\tBL\tResistance\tTag\n1\t1\t5000.5\tS R2 V=0.5\n1\t1\t4000\tS R2 V=0.5\n";
  CHECK(read_csv(arc, "f", columns({"Resistance"})).values == Numbers{5000.5, 4000});

  CHECK(read_csv("1,2\n3,4\n", "f", {.heading = 0}).values == Numbers{1, 2, 3, 4});
  CHECK(read_csv("1,2\n3,4\n", "f", {.heading = 1}).values == Numbers{3, 4});  // said, so not lost
  CHECK(read_csv("1,2\n3,4\n", "f", {.heading = 1}).heading == std::vector<std::string>{"1", "2"});
  for (const char* marked : {"*,1\n2,3\n", "2,3\n*,1\n", "2,3\n%1,1\n", "! 1 2\n3 4 5\n", "2;3\n//;1\n"}) {
    CAPTURE(marked);  // a row that an instrument has marked is no comment
    CHECK_THAT(answer(marked, {}), ContainsSubstring("(no number)"));
  }
  CHECK_THAT(answer("1,x\n3,4\n", {}), ContainsSubstring("f:1: column 2 = (no number)"));
  CHECK_THAT(answer("1,x\n3,4\n", {}), ContainsSubstring("heading_row = 1"));
  CHECK_THAT(answer("t,v\ns,V\n3,4\n", {}), ContainsSubstring("f:2: column 1 = (no number)"));
  CHECK_THAT(answer("t,v\ns,V\n3,4\n", {}), ContainsSubstring("skip_rows = 2"));
}

TEST_CASE("a column of text gives labels") {
  const CsvTable table = read_csv("x,kind,y\n1,a b,2\n3,\"c\",4\n", "f", {.label = "kind"});
  CHECK(table.values == Numbers{1, 2, 3, 4});
  CHECK(table.labels == std::vector<std::uint16_t>{0, 1});
  CHECK(table.classes == std::vector<std::string>{"a b", "c"});
  CHECK(read_csv("k,x\nb,1\na,2\nb,3\n", "f", {.label = "k"}).labels == std::vector<std::uint16_t>{1, 0, 1});
  std::string many = "x,kind\n";
  for (int n = 0; n <= 1000; ++n) many += fmt::format("1,c{}\n", n);
  CHECK_THAT(answer(many, {.label = "kind"}),
             ContainsSubstring("f:1002: column 2 = a text: must be the name of a class"));
  CHECK_THAT(answer(std::string(100'001, ','), {}), ContainsSubstring("f:1: row = more than 100000 cells"));
  CHECK(table.heading == std::vector<std::string>{"x", "y"});
  CHECK(read_csv("1,2,a\n3,4,b\n", "f", {.columns = {CsvColumn(2U)}, .label = CsvColumn(3U), .heading = 0}).values ==
        Numbers{2, 4});
  CHECK_THAT(answer("x,kind\n1,\n", {.label = "kind"}), ContainsSubstring("f:2: column 2 = (empty): must be the name"));
}

TEST_CASE("a table that can be read in two ways is refused with line, column and remedy") {
  CHECK_THAT(answer("1\t0,5\n", {}), ContainsSubstring("f:1: column 2 = (no number)"));
  CHECK_THAT(answer("1\t0,5\n", {}), ContainsSubstring("write decimal = \",\""));
  CHECK(read_csv("1\t0,5\n", "f", {.decimal = ","}).values == Numbers{1, 0.5});
  CHECK(read_csv("1 0,5\n", "f", {.decimal = ","}).values == Numbers{1, 0.5});
  CHECK_THAT(answer("1;0,5\n2;1.5\n", {}), ContainsSubstring("f:2: column 2 = (no number)"));
  CHECK_THAT(answer("1;0,5\n2;1.5\n", {}), ContainsSubstring("decimal marks of this file are commas"));
  CHECK_THAT(answer("1;1.5\n2;0,5\n", {}), ContainsSubstring("f:2: column 2"));
  CHECK_THAT(answer("0,5,1,5\n", {.count = 2}), ContainsSubstring("f:1: row = 4 values: must have 2; choose columns"));
  CHECK_THAT(answer("1,2\n", columns({3U})), ContainsSubstring("f:1: column = 3: the row has 2 cells only"));
  CHECK_THAT(answer("a,b\n1,2\n", columns({"c"})), ContainsSubstring("f: no line has the columns \"c\"; write"));
  CHECK_THAT(answer("a,a\n1,2\n", columns({"a"})), ContainsSubstring("f:1: column = \"a\": is the name of several"));
  CHECK_THAT(answer("\"a,b\n1,2\n", {}), ContainsSubstring("f:1: quotes = \": are not closed"));
  CHECK_THAT(answer("a,b,c\n1,2,3\n4,5\n", columns({"a"})), ContainsSubstring("f:3: row = 2 values: must have 3"));
  CHECK_THAT(answer("1\n", {.heading = 7}), ContainsSubstring("f: heading_row = 7: the file has 1 lines only"));
  CHECK_THAT(answer("1e16\n", {}), ContainsSubstring("f:1: column 1 = 1e16"));
  CHECK(read_csv("1e16\n", "f", {.factors = {1e-9}}).values == Numbers{1e7});
  for (const char* mark : {"\xff\xfe", "\xfe\xff"})
    CHECK_THROWS_WITH(read_text(written("wide.csv", std::string(mark) + "0")), ContainsSubstring("UTF-16; save it as"));
}

TEST_CASE("suffixes of SPICE, and what could mean two things") {
  using enum SpiceText;
  for (const auto& [text, value] : std::initializer_list<std::pair<const char*, double>>{{"10ns", 10e-9},
                                                                                         {"1u", 1e-6},
                                                                                         {"3\xc2\xb5s", 3e-6},
                                                                                         {"-2.5m", -2.5e-3},
                                                                                         {"1meg", 1e6},
                                                                                         {"1MEGV", 1e6},
                                                                                         {"4k", 4e3},
                                                                                         {"2g", 2e9},
                                                                                         {"1t", 1e12},
                                                                                         {"5p", 5e-12},
                                                                                         {"7f", 7e-15},
                                                                                         {"1mil", 25.4e-6},
                                                                                         {"1.5V", 1.5},
                                                                                         {"1e3u", 1e-3},
                                                                                         {"+1mA", 1e-3},
                                                                                         {"2s", 2.0},
                                                                                         {"8", 8.0}}) {
    CAPTURE(text);
    for (const SpiceText where : {netlist, table}) CHECK(spice_number(text, where) == value);
  }
  CHECK(spice_number("1M", netlist) == 1e-3);
  CHECK(spice_number("1M", table) == std::nullopt);
  for (const char* text : {"1a", "", "u", "1x", "1 u", "1uu", "0x2", "1megs2", "--1"}) {
    CAPTURE(text);
    for (const SpiceText where : {netlist, table}) CHECK(spice_number(text, where) == std::nullopt);
  }
  CHECK(read_csv("0 0\n1u 1\n", "f", {.spice = true}).values == Numbers{0, 0, 1e-6, 1});
  CHECK_THAT(read_csv("0 0\n1u 1\n", "f", {.spice = true}).note, ContainsSubstring("m = 1e-3"));
  CHECK_THAT(answer("0 0\n1M 1\n", {.spice = true}), ContainsSubstring("f:2: column 1 = (no number)"));
  CHECK_THAT(answer("0 0\n1u 1\n", {}), ContainsSubstring("f:2: column 1 = (no number)"));
}

TEST_CASE("PWL text of SPICE") {
  const auto points = [](const std::string& text) { return read_csv(text, "f", {.count = 2, .spice = true}); };
  for (const char* text : {"PWL(0 0 1u 1 2u -1)", "pwl 0 0 1u 1 2u -1",
                           "* a source\nVin in 0 PWL(0 0\n+ 1u 1 ; up\n* a comment\n+ 2us -1V)\n\n",
                           "PWL((0,0) (1u,1) (2u,-1))", "\xef\xbb\xbfpwl(0,0,1u,1,\r\n2u,-1)\r\n"}) {
    CAPTURE(text);
    CHECK(points(text).values == Numbers{0, 0, 1e-6, 1, 2e-6, -1});
    CHECK(points(text).note == "f: is read as PWL text of SPICE");
  }
  CHECK(points("PWL(1 2 3 4)").values == Numbers{0, 2, 1, 2, 3, 4});  // SPICE holds the first value before its time
  struct Wrong {
    const char *text, *message;
  };
  const Wrong one = GENERATE(values<Wrong>({{"PWL(0 0 +1u 1)", "f:1:9: time = +...: is an increment in LTspice"},
                                            {"PWL(0 0 1u)", "a time without a value: must have pairs"},
                                            {"PWL(0 0 1u 1", "lacks its closing parenthesis"},
                                            {"PWL(0 0\n1u x)", "f:2:4: value = (no number)"},
                                            {"PWL REPEAT FOR 5 (0 0 1 1) ENDREPEAT", "f:1:5: time = (no number)"},
                                            {"PWL(0 0 1 1) r=0", "f:1:14: PWL = text after it"},
                                            {"PWL(0 0 1 1)\nV2 a b 3", "f:2:1: PWL = text after it"},
                                            {"PWL(-1 0 1 1)", "f:1:5: time = -1: must not be negative"},
                                            {"PWL(0 0 1e16 1)", "f:1: PWL = 1e+16: must be a finite number"}}));
  CAPTURE(one.text);
  CHECK_THAT(answer(one.text, {.count = 2, .spice = true}), ContainsSubstring(one.message));
}

TEST_CASE("a factor of a unit rounds once") {
  for (int n = 1; n < 1000; ++n) {
    CHECK(times_factor(n, 1e-6) == n / 1e6);
    CHECK(times_factor(n, 0.001) == n / 1e3);
    CHECK(times_factor(n, 60.0) == n * 60.0);
  }
  CHECK(times_factor(3, 25.4e-3) == 3 * 25.4e-3);
}

TEST_CASE("any bytes are read as a table or refused") {
  std::mt19937_64 random(22);
  const std::string_view pieces[] = {"0",    "1e3", ",", ";",    "\t", " ",   "\n", "\r", "\"", "PWL",
                                     "(",    ")",   "+", "-",    "u",  "meg", "#",  "x",  ".",  "\xef\xbb\xbf",
                                     "\xff", "nan", "*", "9e999"};
  for (int n = 0; n < 20'000; ++n) {
    std::string text;
    for (auto count = random() % 30; count > 0; --count) text += pieces[random() % std::size(pieces)];
    CsvFormat format{.count = random() % 2 * 2, .spice = random() % 2 == 0};
    if (random() % 3 == 0) format.columns = {CsvColumn(1U), CsvColumn("x")};
    if (random() % 3 == 0) format.label = CsvColumn(2U);
    if (random() % 4 == 0) format.heading = random() % 3;
    try {
      const CsvTable table = read_csv(text, "f", format);
      CHECK(table.values.size() == table.lines.size() * table.columns);
      for (const double value : table.values) CHECK(std::abs(value) <= CsvTable::largest);
    } catch (const InputError&) {
    }
  }
}

}  // namespace memdyn::test_core_csv_table

// SPDX-License-Identifier: MIT
#include "memdyn/report/inspection.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "core/descriptor.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/record/result_file.hpp"
#include "memdyn/record/result_reader.hpp"
#include "report/csv.hpp"
#include "report/isolated.hpp"
#include "report/line_differences.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_report_inspection {

using Catch::Matchers::ContainsSubstring;

namespace {

/// Creates an array, and writes all of its values.
void array(ResultFile& file, const std::string& name, const std::vector<double>& values,
           const std::vector<std::string>& axes, const Caption& caption) {
  file.open_array(name, ResultFile::Kind::real, axes, caption, 0.0);
  file.put(name, 0, values);
}

const double none = std::nan("");

/// A sweep of two frequencies and three samples, with one variable; `change` is added to one charge.
std::filesystem::path sweep(const std::string& name, double change = 0,
                            const std::string& scenario = "a = 1\nb = 2\n") {
  const auto path = scratch(name);
  ResultFile file(path, {"a sweep", scenario, 3});
  file.attribute("model", "hp-drift");
  file.attribute("instruction_set", "scalar");
  file.axis("frequency", std::vector{1.0, 2.0}, {"Hz", "waveform.frequency"});
  file.axis("sample", std::vector<std::int64_t>{0, 1, 2}, {"1", "random sample"});
  file.axis("variable", std::vector<std::string>{"=x"}, {"1", "internal variable"});
  file.words("variable_unit", {"m"}, "variable", {"1", "unit of the variable"});
  const std::vector<std::string> axes{"frequency", "sample"};
  file.open_array("status", ResultFile::Kind::code, axes, {"1", "status"}, 0);
  const std::string_view words[] = {"done", "not_finite"};
  file.meanings("status", words);
  file.put("status", 0, std::vector{0.0, 0.0, 0.0, 0.0, 0.0, 1.0});
  array(file, "end_time", std::vector{1.0, 1.0, 1.0, 2.0, 2.0, 0.5}, axes, {"s", "end"});
  array(file, "charge", std::vector{1.0, 2.0, 3.0, 4.0, 5.0 + change, none}, axes, {"C", "charge"});
  array(file, "gamma_final", std::vector(6, 1.0 / 3), {"frequency", "sample", "variable"}, {"m", "final"});
  file.conclude();
  return path;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a file is described with its ranges, its codes and its provenance") {
  const auto path = sweep("described.h5");
  const auto text = describe(path);
  CHECK_THAT(text, ContainsSubstring("described.h5: a sweep, complete\n"));
  CHECK_THAT(text, ContainsSubstring("frequency 2 x sample 3               C  1 to 5; 1 NaN"));
  CHECK_THAT(text, ContainsSubstring("trajectories by status: done 5, not_finite 1\n"));
  CHECK_THAT(text, Catch::Matchers::Matches("(?:.|\\n)*scenario +2 lines(?:.|\\n)*"));
  const auto json = describe(path, Form::json);
  CHECK_THAT(json, ContainsSubstring("\"kind\": \"sweep\""));
  CHECK_THAT(json, ContainsSubstring("\"not_finite\": 1"));
  CHECK_THAT(json, ContainsSubstring("\"scenario\": \"a = 1\\nb = 2\\n\""));
  CHECK_THROWS_WITH(describe(scratch("nothing.h5")), ContainsSubstring("there is no such file"));
}

TEST_CASE("a file is checked against the format") {
  CHECK(violations(sweep("checked.h5")).empty());
  const auto path = scratch("wrong.h5");
  {
    ResultFile file(path, {"wrong", "", {}});
    file.axis("time", std::vector{0.0, 2.0, 1.0}, {"second hand", ""});
    file.axis("variable", std::vector<std::string>{"x"}, {"1", "internal variable"});
    file.open_array("event", ResultFile::Kind::code, {"time"}, {"1", "event"}, 7);
    const std::string_view words[] = {"step"};
    file.meanings("event", words);
    array(file, "gamma", std::vector(3, 0.0), {"time", "variable"}, {"1", "state"});
    array(file, "voltage", std::vector(3, 0.0), {"time"}, {"V", "voltage"});
    file.conclude();
  }
  const auto found = violations(path);
  const auto holds = [&](const std::string& words) {
    return std::ranges::any_of(found, [&](const auto& line) { return line.find(words) != std::string::npos; });
  };
  CHECK(holds("event: 3 values have no meaning, the first is 7"));
  CHECK(holds("time: \"second hand\" is no unit"));
  CHECK(holds("time: the attribute long_name is missing"));
  CHECK(holds("time: time does not increase: 1 s in row 2 after 2 s"));
  CHECK(holds("a simulation must have the dataset current"));
  CHECK(holds("a simulation must have the attribute model"));
  CHECK_FALSE(holds("the dataset voltage"));
}

TEST_CASE("two files are equal to the last bit, or the largest difference is found") {
  const auto path = sweep("first.h5");
  CHECK(compare(path, sweep("same.h5")).equal);
  const auto off = compare(path, sweep("off.h5", 1e-3));
  CHECK_FALSE(off.equal);
  CHECK_THAT(off.report, ContainsSubstring("charge: 1 of 6 values differ; largest difference 0.001 C, 0.00025 of the "
                                           "range, at frequency = 2 Hz, sample = 1: 5 | 5.0"));
  CHECK_FALSE(off.report.find("scenario") != std::string::npos);
  const auto gone = compare(path, sweep("gone.h5", none, "a = 1\nc = 3\nb = 2\n"));
  CHECK_THAT(gone.report, ContainsSubstring("charge: 1 of 6 values differ, 1 of them not finite in one file"));
  CHECK_THAT(gone.report, ContainsSubstring("+ 2: c = 3\n"));
}

TEST_CASE("lines that differ are found around equal ones") {
  CHECK(line_differences("a\nb\nc\nd", "a\nx\nc\ny\nd") == std::vector<std::string>{"- 2: b", "+ 2: x", "+ 4: y"});
  CHECK(line_differences("", "a").size() == 1);
  CHECK(line_differences("a\n", "a").empty());
}

TEST_CASE("a sweep becomes CSV, with a line for each trajectory") {
  const auto table = scratch("sweep.csv");
  export_csv(sweep("exported.h5"), "", table);
  const auto text = content(table);
  CHECK(
      text.starts_with("frequency [Hz],sample,status,end_time [s],charge [C],gamma_final(=x) [m]\r\n"
                       "1,0,done,1,1,0.33333333333333331\r\n"));
  CHECK(text.ends_with("2,2,not_finite,0.5,nan,0.33333333333333331\r\n"));
  export_csv(sweep("exported.h5"), "variable", table);
  CHECK(content(table) == "variable\r\n'=x\r\n");
  CHECK_THROWS_WITH(export_csv(sweep("exported.h5"), "chage", table), ContainsSubstring("did you mean \"charge\"?"));
  CHECK_THROWS_WITH(export_csv(sweep("exported.h5"), "", scratch("exported.h5")),
                    ContainsSubstring("must end in .csv"));
  CHECK(content(table) == "variable\r\n'=x\r\n");
}

TEST_CASE("a cell of CSV is quoted where it must be, and is no formula") {
  CHECK(csv_cell("plain") == "plain");
  CHECK(csv_cell("a,\"b\"") == "\"a,\"\"b\"\"\"");
  CHECK(csv_cell("two\nlines") == "\"two\nlines\"");
  for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)"}) CHECK(csv_cell(formula) == "'" + std::string(formula));
  CHECK(csv_cell(" =1") == "' =1");
  CHECK(csv_cell("") == "");
}

TEST_CASE("what happens in the child process is an error here") {
  const auto nothing = [](double) {};
  CHECK(isolated(
            "f", [](const Progress& alive) { return alive(0.5), std::string(100'000, 'x'); }, nothing)
            .size() == 100'000);
  const auto failing = [&](const std::function<void()>& what) {
    return [&](const Progress&) { return what(), std::string(); };
  };
  CHECK_THROWS_AS(isolated("f", failing([] { throw InputError("mine"); }), nothing), InputError);
  CHECK_THROWS_WITH(isolated("f", failing([] { throw IoError("its words"); }), nothing), "its words");
  CHECK_THROWS_WITH(isolated("f", failing([] { std::raise(SIGKILL); }), nothing),
                    ContainsSubstring("f: the HDF5 library"));
  CHECK_THROWS_AS(isolated("f", failing([] { std::this_thread::sleep_for(std::chrono::hours(1)); }),
                           [](double) { throw Interrupted(); }),
                  Interrupted);
}

TEST_CASE("the child reads a file that is open here, and shares neither its lock nor what it reads") {
  constexpr std::size_t rows = 200'000;
  std::vector<double> values(rows);
  for (std::size_t k = 0; k < rows; ++k) values[k] = static_cast<double>(k);
  const auto path = scratch("open.h5");
  {
    ResultFile file(path, {"a sweep", "", 0});
    file.axis("row", values, {"1", "rows"});
    array(file, "charge", values, {"row"}, {"C", "charge"});
    file.conclude();
  }
  auto open = std::make_unique<ResultReader>(path);
  REQUIRE(open->numbers("row").size() == rows);
  const auto nothing = [](double) {};
  CHECK(
      isolated(
          "open.h5",
          [&](const Progress&) { return std::string(ResultReader(path).numbers("charge") == values ? "all" : "else"); },
          nothing) == "all");

  // closed while a child runs that has a copy of it: nobody holds a lock then
  const Descriptor again(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(::flock(again.number(), LOCK_EX | LOCK_NB) != 0);
  bool free = false;
  const auto close = [&](double) {
    open.reset();
    free = ::flock(again.number(), LOCK_EX | LOCK_NB) == 0;
    throw Interrupted();
  };
  CHECK_THROWS_AS(isolated(
                      "open.h5",
                      [](const Progress&) {
                        std::this_thread::sleep_for(std::chrono::hours(1));
                        return std::string();
                      },
                      close),
                  Interrupted);
  CHECK(free);
}

}  // namespace memdyn::test_report_inspection

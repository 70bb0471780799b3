// SPDX-License-Identifier: MIT
// The initial state of a scenario: as a list, by names, as a number, or left out.
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "memdyn/scenario/scenario.hpp"
#include "memdyn/scenario/sweep_plan.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_scenario_initial {

using Catch::Matchers::StartsWith;

namespace {

const std::string one = "[device]\nmodel = \"vteam\"\n";  // w in 0..3 nm
const std::string several =
    "[device]\nseries = [{ model = \"vteam\", label = \"left\" }, { parallel = [{ model = \"vteam\", label = \"cell\" "
    "}, "
    "{ capacitor = 1e-12, label = \"stray\" }], label = \"right\" }]\n";
const std::string drive = "[[waveform]]\nkind = \"constant\"\nduration = 1e-9\nvalue = 0\n";

Scenario read(const std::string& text) { return read_simulation(written("initial.toml", text + drive)); }
std::string answer(const std::string& text) {
  try {
    (void)read(text);
  } catch (const InputError& error) {
    const std::string what = error.what();
    return what.substr(what.find("initial.toml") + 13);
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a variable starts where its name, the list or the number puts it") {
  using State = std::vector<double>;
  for (const char* given : {"[initial]\ngamma = [1e-9]\n", "[initial]\ngamma = 1e-9\n", "[initial]\nw = 1e-9\n"}) {
    CHECK(read(one + given).gamma == State{1e-9});
    CHECK(read(one + given).notes.empty());
  }
  CHECK(read("initial = 1e-9\n" + one).gamma == State{1e-9});
  CHECK(read("initial.w = 1e-9\n" + one).gamma == State{1e-9});
  CHECK(read(several + "[initial]\ngamma = [1e-9, 2e-9, 0.5]\n").gamma == State{1e-9, 2e-9, 0.5});
  const Scenario named = read(several + "[initial]\nleft.w = 1e-9\nright = { cell.w = 2e-9, stray.v = 0.5 }\n");
  CHECK(named.gamma == State{1e-9, 2e-9, 0.5});
  CHECK(named.notes.empty());
}

TEST_CASE("a variable without an initial state starts in the middle of its range, with a note") {
  const double middle = 0.5 * 3e-9;
  CHECK(read(one).gamma == std::vector<double>{middle});
  CHECK(read(one).notes.at(0) ==
        "no initial state is given for w; taken: 1.5e-09 m (the middle of the range, or 0 if it is infinite)");
  const Scenario some = read(several + "[initial]\nright.cell.w = 1e-9\n");
  CHECK(some.gamma == std::vector<double>{middle, 1e-9, 0.0});
  CHECK_THAT(some.notes.at(0),
             StartsWith("no initial state is given for left.w, right.stray.v; taken: 1.5e-09 m, 0 V ("));
  (void)written("half.toml",
                "control = \"voltage\"\n[[variable]]\nname = \"a\"\nlower = 2\nscale = 1\ndrift = \"v\"\n[[variable]]\n"
                "name = \"b\"\nupper = -3\nscale = 1\ndrift = \"v\"\n[port]\nmemristance = \"1e3\"\n");
  CHECK(read("[device]\nfile = \"half.toml\"\n").gamma == std::vector<double>{2.0, -3.0});
}

TEST_CASE("an initial state that means nothing is refused at its line") {
  CHECK(answer(one + "[initial]\nx = 1e-9\n") == "4: unknown key initial.x; the keys here are gamma, w");
  CHECK_THAT(answer(several + "[initial]\nleft.x = 1e-9\n"), StartsWith("4: unknown key initial.left.x; "));
  CHECK_THAT(answer(several + "[initial]\nlfet.w = 1e-9\n"),
             StartsWith("4: unknown key initial.lfet; did you mean \"left"));
  CHECK_THAT(answer("initial = 1e-9\n" + several),
             StartsWith("1: initial = 1e-09: must be a list of 3 numbers, or give the variables by name: left.w, "));
  CHECK_THAT(answer(several + "[initial]\ngamma = 1e-9\n"),
             StartsWith("4: initial.gamma = 1e-09: must be a list of 3"));
  CHECK_THAT(answer(several + "[initial]\ngamma = [1e-9]\n"), StartsWith("4: "));
  CHECK_THAT(answer("initial = \"x\"\n" + one), StartsWith("1: initial = 'x': must be a number"));
  CHECK_THAT(answer(one + "[initial]\nw = \"x\"\n"), StartsWith("4: initial.w = 'x': must be a number"));
  CHECK_THAT(answer(one + "[initial]\nw = 1\n"), StartsWith("3: vteam: "));
  CHECK_THAT(answer("initial = 1\n" + one), StartsWith("1: vteam: "));
  CHECK_THAT(answer(one + "[initial]\nw = 1e-9\ngamma = [1e-9]\n"),
             StartsWith("4: initial.w = 1e-09: is given together with gamma"));
}

TEST_CASE("a variable is swept by its name, which is the same number as its place in the list") {
  const auto axis = [&](const std::string& key, const std::string& more = "") {
    return "[[sweep]]\nkey = \"" + key + "\"\nvalues = [1e-9]\n" + more;
  };
  const auto plan = read_sweep(written("swept.toml", one + drive + axis("initial.w", "name = \"start\"\n")));
  CHECK(plan.axes.at(0).keys == std::vector<std::string>{"initial.gamma[0]"});
  CHECK_THROWS_WITH(read_sweep(written("swept.toml", one + drive + axis("initial.w") + axis("initial.gamma[0]"))),
                    Catch::Matchers::ContainsSubstring("is given twice"));
}

TEST_CASE("a start so close to a bound that holds it that its unit is another is a warning") {
  (void)written("held.toml",
                "control = \"voltage\"\n[[variable]]\nname = \"x\"\nlower = 0\nupper = 1\ndrift = \"v*x*(1 - x)\"\n"
                "[port]\nmemristance = \"1e3\"\n[properties]\nleaves_bounds = \"at a bound the drift is zero\"\n");
  const AnyDevice held = read("[device]\nfile = \"held.toml\"\n").device;
  CHECK_THAT(start_warning(held, {3e-9}),
             StartsWith("held: x starts at 3e-09, within a millionth of its range from the "
                        "bound 0, which may hold it (at a bound the drift is zero)"));
  CHECK_THAT(start_warning(held, {1 - 3e-9}), StartsWith("held: x starts at 0.999999997"));
  CHECK(start_warning(held, {0.0}).empty());  // on purpose
  CHECK(start_warning(held, {1e-5}).empty());
  CHECK(start_warning(read(one).device, {1e-17}).empty());  // leaves its bounds
}

}  // namespace memdyn::test_scenario_initial

// SPDX-License-Identifier: MIT
// What a sweep records of each trajectory at given times, between levels, and against a measurement: closed forms.
#include <fmt/format.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/sweep.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_run_reduce {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

/// x' = i, V = (1 + x) I; its sweep is over x(0), over three trajectories.
std::filesystem::path scenario(const std::string& waveforms, const std::string& more) {
  (void)written("coulomb.toml",
                "control = \"current\"\n[[variable]]\nname = \"x\"\nlower = -10\nupper = 10\ndrift = \"i\"\n[port]\n"
                "memristance = \"1 + x\"\n");
  return written("reduce.toml", "[device]\nfile = \"coulomb.toml\"\n[initial]\nx = 0.5\n" + waveforms +
                                    "[[sweep]]\nkey = \"initial.x\"\nname = \"start\"\nvalues = [0.5, 1, 3]\n" + more);
}
ResultReader swept(const std::filesystem::path& file) {
  static int count = 0;  // an earlier result may still be open
  const auto result = scratch(fmt::format("reduce{}.h5", ++count));
  const SweepReport report = sweep(read_sweep(file), result, [](double) {});
  REQUIRE(report.of_status[0] == report.trajectories);
  return ResultReader(result);
}
const std::string wave = "[[waveform]]\nkind = \"sine_burst\"\namplitude = 0.5\nfrequency = 1\ncycles = 2.25\n";
constexpr double tau = 2 * std::numbers::pi;
double current(double t) { return 0.5 * std::sin(tau * t); }
double charge_until(double t) { return 0.5 / tau * (1 - std::cos(tau * t)); }
constexpr double starts[] = {0.5, 1, 3};

std::string answer(const std::string& more) {
  try {
    (void)read_sweep(scenario(wave, more));
  } catch (const InputError& error) {
    const std::string text = error.what();
    return text.substr(text.rfind("/") + 1);
  }
  return "accepted";
}

}  // namespace

TEST_CASE("values at given times are those of the closed form, and those of the time grid") {
  const std::vector<double> times{0, 0.1, 0.3, 1.0 / 3, 1.999, 2, 2.25};
  const auto file = swept(scenario(wave,
                                   "[reduce]\ntimes = [0, 0.1, 0.3, 0.3333333333333333, 1.999, 2, "
                                   "2.25]\n[record]\ninterval = 0.05\n[integrate]\nrelative = 1e-11\n"));
  CHECK(file.numbers("reduce_time") == times);
  CHECK(file.axes("current_at") == std::vector<std::string>{"start", "reduce_time"});
  CHECK(file.axes("gamma_at") == std::vector<std::string>{"start", "reduce_time", "variable"});
  CHECK(file.axes("voltage") == std::vector<std::string>{"start", "time"});
  const auto grid = file.numbers("time");
  REQUIRE(grid.size() == 46);
  for (std::size_t n = 0; n < std::size(starts); ++n) {
    for (std::size_t k = 0; k < times.size(); ++k) {
      const double i = current(times[k]);
      const double x = starts[n] + charge_until(times[k]);
      const std::size_t at = n * times.size() + k;
      CAPTURE(n, times[k]);
      CHECK_THAT(file.numbers("gamma_at")[at], WithinAbs(x, 1e-9));
      CHECK_THAT(file.numbers("current_at")[at], WithinAbs(i, 1e-12));
      CHECK_THAT(file.numbers("voltage_at")[at], WithinAbs((1 + x) * i, 1e-9));
      if (times[k] == 0.0) {
        CHECK(std::isnan(file.numbers("memristance_at")[at]));
        CHECK(std::isnan(file.numbers("conductance_at")[at]));
      } else {
        CHECK_THAT(file.numbers("memristance_at")[at], WithinRel(1 + x, 1e-7));
        CHECK_THAT(file.numbers("conductance_at")[at], WithinRel(1 / (1 + x), 1e-7));
      }
    }
    for (std::size_t k = 0; k < grid.size(); ++k) {
      const double x = starts[n] + charge_until(grid[k]);
      const std::size_t at = n * grid.size() + k;
      CAPTURE(n, grid[k]);
      CHECK_THAT(file.numbers("gamma")[at], WithinAbs(x, 1e-9));
      CHECK_THAT(file.numbers("current")[at], WithinAbs(current(grid[k]), 1e-12));
      CHECK_THAT(file.numbers("voltage")[at], WithinAbs((1 + x) * current(grid[k]), 1e-9));
      if (std::abs(current(grid[k])) > 1e-6) CHECK_THAT(file.numbers("memristance")[at], WithinRel(1 + x, 1e-7));
    }
    CHECK(file.numbers("gamma")[n * grid.size() + 2] == file.numbers("gamma_at")[n * times.size() + 1]);
  }
}

TEST_CASE("at a jump of the drive the value after it is recorded, and after the end of a drive nothing") {
  const auto file =
      swept(scenario("[[waveform]]\nkind = \"pulse\"\nbase = 0.25\namplitude = 1\nwidth = 0.3\n[[waveform]]\nkind = "
                     "\"constant\"\nduration = 0.1\nvalue = -1\n",
                     "[reduce]\ntimes = [0, 0.3, 0.4]\n"));
  CHECK(file.numbers("current_at") == std::vector<double>{1, -1, -1, 1, -1, -1, 1, -1, -1});
  const auto shorter = swept(written(
      "shorter.toml",
      "[device]\nfile = \"coulomb.toml\"\n[initial]\nx = 0.5\n[[waveform]]\nkind = \"constant\"\nduration = 1\nvalue = "
      "1\n[[sweep]]\nkey = \"waveform.duration\"\nvalues = [1, 2]\n[reduce]\ntimes = [0.5, 1.5]\nquantities = "
      "[\"gamma_at\"]\n"));
  const auto gamma = shorter.numbers("gamma_at");
  CHECK_THAT(gamma[0], WithinAbs(1.0, 1e-9));
  CHECK(std::isnan(gamma[1]));
  CHECK_THAT(gamma[3], WithinAbs(2.0, 1e-9));
}

TEST_CASE("nothing that is recorded changes a trajectory, to the last bit") {
  (void)written("measured.csv", "0.1,0\n0.2,1\n1.5,2\n");
  const std::string all =
      "[reduce]\ntimes = [0.01, 0.7, 2]\nlevel = 0.2\nof = \"current\"\nlow = -0.4\nhigh = 0.4\npassages = 3\n"
      "[reduce.measured]\nfile = \"measured.csv\"\nquantity = \"voltage\"\n[record]\ninterval = 0.0113\n";
  const auto recorded = swept(scenario(wave, all));
  const auto gamma = recorded.numbers("gamma_final");
  const auto steps = recorded.numbers("steps_accepted");
  const auto charge = recorded.numbers("charge");
  const auto without = swept(scenario(wave, ""));
  CHECK(without.numbers("gamma_final") == gamma);
  CHECK(without.numbers("steps_accepted") == steps);
  CHECK(without.numbers("charge") == charge);
}

TEST_CASE("the duty of a sine is that of the arc sine, and that of pulses their width over their period") {
  const auto duty = [](const std::string& waveform, const std::string& level) {
    return swept(scenario(waveform,
                          "[reduce]\nof = \"current\"\nlevel = " + level + "\nquantities = [\"passage_duty\"]\n"))
        .numbers("passage_duty")
        .front();
  };
  CHECK_THAT(duty(wave, "0.25"), WithinAbs(1.0 / 3, 1e-8));
  CHECK_THAT(duty(wave, "-0.25"), WithinAbs(2.0 / 3, 1e-8));
  CHECK(std::isnan(duty(wave, "0.6")));
  CHECK_THAT(duty("[[waveform]]\nkind = \"pulse_train\"\namplitude = 1\nwidth = 0.1\nperiod = 0.4\ncount = 5\n", "0.5"),
             WithinAbs(0.25, 1e-12));
}

TEST_CASE("rise and fall times") {
  const auto times = [](const std::string& waveform, const std::string& keys) {
    const auto file = swept(scenario(waveform, "[reduce]\n" + keys + "quantities = [\"rise_time\", \"fall_time\"]\n"));
    return std::pair(file.numbers("rise_time").front(), file.numbers("fall_time").front());
  };
  SECTION("of linear edges: 80 % of them") {
    const auto [rise, fall] =
        times("[[waveform]]\nkind = \"pulse\"\namplitude = 1\nwidth = 1\nrise = 0.25\nfall = 0.5\n",
              "of = \"current\"\nlow = 0\nhigh = 1\n");
    CHECK_THAT(rise, WithinAbs(0.2, 1e-10));
    CHECK_THAT(fall, WithinAbs(0.4, 1e-10));
  }
  SECTION("of jumps: 0") {
    const auto [rise, fall] = times(
        "[[waveform]]\nkind = \"pulse_train\"\namplitude = 1\nwidth = 0.5\nperiod = 1\ncount = 2\n[[waveform]]\nkind = "
        "\"constant\"\nduration = 1\nvalue = 0\n",
        "of = \"current\"\nlow = 0\nhigh = 1\n");
    CHECK(rise == 0);
    CHECK(fall == 0);
  }
  SECTION("from the last passage of the first level, also within one step") {
    // up to 0.3, back to 0, up to 1 and down
    (void)written("wiggle.csv", "0,0\n1,0.3\n2,0\n3,1\n7,0\n");
    const auto [rise, fall] =
        times("[[waveform]]\nkind = \"csv\"\nfile = \"wiggle.csv\"\n", "of = \"current\"\nlow = 0\nhigh = 1\n");
    CHECK_THAT(rise, WithinAbs(0.8, 1e-10));
    CHECK_THAT(fall, WithinAbs(3.2, 1e-10));
  }
  SECTION("of a relaxation: τ ln 9, with the fall missing") {
    (void)written("relax.toml",
                  "control = \"voltage\"\n[[variable]]\nname = \"x\"\nlower = -1\nupper = 2\ndrift = \"(1 - x)/0.3\"\n"
                  "[port]\nmemristance = \"2 + x\"\n[properties]\nfades = true\n");
    const auto file = swept(written("relaxes.toml",
                                    "[device]\nfile = \"relax.toml\"\n[initial]\nx = 0\n[[waveform]]\nkind = "
                                    "\"constant\"\nduration = 3\nvalue = 1\n"
                                    "[[sweep]]\nkey = \"initial.x\"\nname = \"start\"\nvalues = [0, "
                                    "-0.5]\n[reduce]\nof = \"x\"\nlow = 0\nhigh = 1\n"));
    for (const double rise : file.numbers("rise_time")) CHECK_THAT(rise, WithinRel(0.3 * std::log(9.0), 1e-7));
    for (const double fall : file.numbers("fall_time")) CHECK(std::isnan(fall));
  }
  SECTION("of a sine between levels beyond which it does not swing: none") {
    const auto [rise, fall] = times(wave, "of = \"current\"\nlow = 0\nhigh = 1\n");
    CHECK(std::isnan(rise));
    CHECK(std::isnan(fall));
  }
  SECTION("of a sine: between its 10 % and 90 %") {
    const auto [rise, fall] = times(wave, "of = \"current\"\nlow = -0.5\nhigh = 0.5\n");
    const double half = std::asin(0.8) / tau;
    CHECK_THAT(rise, WithinAbs(2 * half, 1e-8));  // the first is from the trough to the second crest
    CHECK_THAT(fall, WithinAbs(2 * half, 1e-8));
  }
}

TEST_CASE("the error against a measurement is that of the differences at its times") {
  // the current is 1 A: x = start + t; measured in ms, with known differences for the first trajectory
  const double off[] = {0.5, -0.25, 0.125, 0.75};
  const double at[] = {0.5, 1.0, 1.25, 3.0};
  std::string text = "time (ms);x (%)\n";
  for (int k = 0; k < 4; ++k) text += fmt::format("{};{}\n", 1e3 * at[k], 100 * (0.5 + at[k] - off[k]));
  (void)written("measured.csv", text);
  const auto file = swept(scenario("[[waveform]]\nkind = \"constant\"\nduration = 3\nvalue = 1\n",
                                   "[reduce.measured]\nfile = \"measured.csv\"\nquantity = \"x\"\ntime_unit = \"ms\"\n"
                                   "scale_value = 0.01\n"));
  CHECK(file.text("measured_rms", "units") == "1");
  CHECK(file.text("measured_area", "units") == "s");
  for (std::size_t n = 0; n < std::size(starts); ++n) {
    double squares = 0, logs = 0, area = 0;
    std::vector<double> d;
    for (int k = 0; k < 4; ++k) {
      d.push_back(off[k] + starts[n] - 0.5);
      const double measured = 0.5 + at[k] - off[k];
      squares += d[k] * d[k];
      logs += std::pow(std::log10((measured + d[k]) / measured), 2);
    }
    for (int k = 1; k < 4; ++k)  // by sums over a fine grid of the straight line
      for (int m = 0; m < 100'000; ++m) {
        const double share = (m + 0.5) / 100'000;
        area += std::abs(d[k - 1] + share * (d[k] - d[k - 1])) * (at[k] - at[k - 1]) / 100'000;
      }
    CHECK_THAT(file.numbers("measured_rms")[n], WithinRel(std::sqrt(squares / 4), 1e-8));
    CHECK_THAT(file.numbers("measured_log_rms")[n], WithinRel(std::sqrt(logs / 4), 1e-7));
    CHECK_THAT(file.numbers("measured_area")[n], WithinRel(area, 1e-7));
  }
}

TEST_CASE("a measured file of an instrument is fitted best by the parameter with which it was made") {
  const auto file = swept(std::filesystem::path(MEMDYN_DATA) / "scenarios" / "sweep_measured.toml");
  const auto mobility = file.numbers("mu_v");
  CHECK(file.text("measured_rms", "units") == "V");
  for (const char* error : {"measured_rms", "measured_log_rms", "measured_area"}) {
    const auto errors = file.numbers(error);
    CAPTURE(error);
    CHECK_THAT(mobility[static_cast<std::size_t>(std::ranges::min_element(errors) - errors.begin())],
               WithinRel(1e-14, 0.03));
  }
  // by NumPy, from the closed form at 1e-14 m2/(V s)
  CHECK_THAT(file.numbers("measured_rms")[50], WithinRel(0.009991833871907383, 1e-6));
  CHECK_THAT(file.numbers("measured_log_rms")[50], WithinRel(0.0051016589225867225, 1e-6));
  CHECK_THAT(file.numbers("measured_area")[50], WithinRel(0.00623544881346034, 1e-6));
}

TEST_CASE("energies and extremes of the parts of a circuit are those of their closed forms, in every lane") {
  (void)scenario(wave, "");  // writes the device
  const auto file = written("parts.toml",
                            "[[device.series]]\nfile = \"coulomb.toml\"\nlabel = \"cell\"\n[[device.series]]\nlabel = "
                            "\"pair\"\nparallel = [{ resistor = 3 }, { resistor = 6, reversed = true }]\n"
                            "[[device.series]]\nlabel = \"stray\"\ncapacitor = 0.2\nreversed = true\n[initial]\n"
                            "cell.x = 0.5\nstray.v = 0\n" +
                                wave +
                                "[[sweep]]\nkey = \"initial.cell.x\"\nname = \"start\"\nvalues = [0.5, 1, 3]\n"
                                "[integrate]\nrelative = 1e-11\n[reduce]\nquantities = [\"energy\", \"part_energy\", "
                                "\"part_power_highest\", \"part_power_highest_time\", \"part_power_lowest\", "
                                "\"part_power_lowest_time\", \"part_current_highest\", \"part_current_lowest_time\", "
                                "\"part_voltage_highest\", \"part_voltage_highest_time\", \"part_voltage_lowest\"]\n");
  SweepPlan plan = read_sweep(file);
  plan.set = GENERATE(from_range(instruction_sets()));
  CAPTURE(name_of(plan.set));
  const auto result = scratch(fmt::format("parts_{}.h5", name_of(plan.set)));
  const SweepReport report = sweep(plan, result, [](double) {});
  REQUIRE(report.of_status[0] == report.trajectories);
  const ResultReader found(result);
  REQUIRE(found.strings("part") == std::vector<std::string>{"cell", "pair", "pair.part_1", "pair.part_2", "stray"});
  CHECK(found.axes("part_energy") == std::vector<std::string>{"start", "part"});
  CHECK(found.text("part_energy", "units") == "J");
  constexpr double A = 0.5, C = 0.2, T = 2.25;
  const double squares = A * A * T / 2;                              // ∫ I² dt
  const double moments = A * A * A / tau * (T / 2 - 1 / (3 * tau));  // ∫ q I² dt
  const double q = charge_until(T);
  for (std::size_t n = 0; n < std::size(starts); ++n) {
    CAPTURE(n);
    const auto of = [&](const char* name, std::size_t part) { return found.numbers(name)[5 * n + part]; };
    const double energies[] = {(1 + starts[n]) * squares + moments, 2 * squares, 2 * squares * 2 / 3, 2 * squares / 3,
                               q * q / (2 * C)};
    for (std::size_t part = 0; part < 5; ++part) CHECK_THAT(of("part_energy", part), WithinRel(energies[part], 1e-9));
    CHECK_THAT(of("part_energy", 0) + of("part_energy", 1) + of("part_energy", 4),
               WithinRel(found.numbers("energy")[n], 1e-13));
    CHECK_THAT(of("part_energy", 2) + of("part_energy", 3), WithinRel(of("part_energy", 1), 1e-13));
    // a resistor: at every extreme of the current
    CHECK_THAT(of("part_power_highest", 1), WithinRel(2 * A * A, 1e-9));
    CHECK_THAT(of("part_power_lowest", 1), WithinAbs(0.0, 1e-12));
    CHECK_THAT(of("part_current_highest", 2), WithinRel(A * 2 / 3, 1e-9));
    CHECK_THAT(of("part_current_highest", 3), WithinRel(A / 3, 1e-9));
    CHECK_THAT(of("part_current_lowest_time", 3), WithinAbs(0.75, 1e-5) || WithinAbs(1.75, 1e-5));
    CHECK_THAT(of("part_voltage_lowest", 1), WithinRel(-2 * A, 1e-9));
    // the capacitor: V = q/C, and V I is extreme where cos = -1/2
    CHECK_THAT(of("part_voltage_highest", 4), WithinRel(2 * A / tau / C, 1e-9));
    CHECK_THAT(of("part_voltage_highest_time", 4), WithinAbs(0.5, 1e-5) || WithinAbs(1.5, 1e-5));
    const double power = A * A / (tau * C) * 1.5 * std::sqrt(0.75);
    CHECK_THAT(of("part_power_highest", 4), WithinRel(power, 1e-8));
    CHECK_THAT(of("part_power_lowest", 4), WithinRel(-power, 1e-8));
    CHECK_THAT(of("part_power_highest_time", 4), WithinAbs(1 / 3.0, 1e-4) || WithinAbs(4 / 3.0, 1e-4));
    CHECK_THAT(of("part_power_lowest_time", 4), WithinAbs(2 / 3.0, 1e-4) || WithinAbs(5 / 3.0, 1e-4));
  }
}

TEST_CASE("keys of reduce that mean nothing are refused") {
  (void)written("measured.csv", "0.1,0\n0.2,1\n");
  (void)written("falls.csv", "0.1,0\n0.05,1\n");
  (void)written("late.csv", "0.1,0\n5,1\n");
  (void)written("one.csv", "0.1,0\n");
  struct Wrong {
    const char *keys, *message;
  };
  const Wrong one = GENERATE(values<Wrong>(
      {{"times = []", "reduce.toml:15: reduce.times"},
       {"times = [0.1, 0.1]", "reduce.toml:15: reduce.times = [ 0.1, 0.1 ]: must rise"},
       {"times = [-1, 1]", "reduce.toml:15: reduce.times = [ -1, 1 ]: must be in 0 .. 1e15 s"},
       {"times = [1, 3]", "reduce.toml:15: reduce.times = [ 1, 3 ]: must not be after the end of the drive, at 2.25 s"},
       {"quantities = [\"current_at\"]",
        "reduce.toml:15: reduce.quantities = [ 'current_at' ]: current_at needs reduce.times"},
       {"times = [1]\nquantities = [\"energy\"]", "reduce.toml:15: reduce.times = [ 1 ]: is used by gamma_at"},
       {"low = 1", "reduce.toml:15: reduce.low = 1: needs the other of"},
       {"low = 1\nhigh = 1", "reduce.toml:15: reduce.low = 1: must be below reduce.high"},
       {"of = \"current\"", "reduce.toml:15: reduce.of = 'current': needs reduce.level, or"},
       {"low = 1\nhigh = 2\nof = \"y\"", "reduce.toml:17: reduce.of = 'y': must be one of"},
       {"quantities = [\"rise_time\"]",
        "reduce.toml:15: reduce.quantities = [ 'rise_time' ]: rise_time needs reduce.low"},
       {"measured.file = \"measured.csv\"\nmeasured.quantity = \"y\"", "reduce.toml:16: reduce.measured.quantity"},
       {"measured.file = \"one.csv\"", "reduce.toml:15: reduce.measured.file = 'one.csv': has 1 rows"},
       {"measured.file = \"falls.csv\"", "falls.csv:2: time = 0.05 s: must not be earlier than in the row above"},
       {"measured.file = \"late.csv\"", "reduce.toml:15: reduce.measured.file = 'late.csv': ends at 5 s"},
       {"measured.file = \"measured.csv\"\nmeasured.start = -1", "measured.csv:1: time = -1 s: must not be negative"},
       {"measured.file = \"measured.csv\"\nmeasured.colums = [1]", "reduce.toml:16: unknown key"},
       {"measured.file = \"measured.csv\"\nmeasured.value_unit = \"V\"",
        "reduce.toml:16: reduce.measured.value_unit"}}));
  CAPTURE(one.keys);
  CHECK_THAT(answer("[reduce]\n" + std::string(one.keys) + "\n"), StartsWith(one.message));
  (void)written("points.csv", "1,0\n2,1\n");
  try {
    (void)read_sweep(scenario("[[waveform]]\nkind = \"csv\"\nfile = \"points.csv\"\n",
                              "[reduce.measured]\nfile = \"points.csv\"\n"));
    FAIL("accepted");
  } catch (const InputError& error) {
    CHECK_THAT(error.what(), ContainsSubstring("is also the waveform"));
  }
}

}  // namespace memdyn::test_run_reduce

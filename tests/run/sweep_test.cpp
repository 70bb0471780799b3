// SPDX-License-Identifier: MIT
// Sweeps from scenario to result file.
#include "memdyn/run/sweep.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <map>

#include "memdyn/record/result_reader.hpp"
#include "run/doubts.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_run_sweep {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

ResultReader swept(const std::filesystem::path& scenario) {
  const SweepReport report = sweep(read_sweep(scenario), scratch("swept.h5"), silent);
  REQUIRE(report.of_status[0] == report.trajectories);
  return ResultReader(scratch("swept.h5"));
}
ResultReader simulated(const std::filesystem::path& scenario) {
  (void)simulate(read_simulation(scenario), scratch("simulated.h5"), silent);
  return ResultReader(scratch("simulated.h5"));
}
std::filesystem::path shipped(const char* name) { return std::filesystem::path(MEMDYN_DATA) / "scenarios" / name; }
}  // namespace

TEST_CASE("the port at the end of the drive is that of the last row of a simulation") {
  const std::string drive = GENERATE("quantity = \"voltage\"\nseries_resistance = 1e3\n", "quantity = \"current\"\n",
                                     "quantity = \"voltage\"\ncompliance = 1e-5\nseries_resistance = 1e3\n",
                                     "quantity = \"current\"\ncompliance = 0.3\n");
  CAPTURE(drive);
  const double last = drive.starts_with("quantity = \"voltage\"") ? 0.4 : 2e-5;
  const auto scenario = [&](const std::string& more) {
    return written("end.toml", fmt::format("[device]\nmodel = \"stanford-rram\"\n[initial]\ngamma = [1e-9]\n[drive]\n{}"
                                           "[[waveform]]\nkind = \"ramp\"\nduration = 1e-6\nfrom = 0\nto = {}\n{}",
                                           drive, last, more));
  };
  const auto one = simulated(scenario(""));
  const auto all =
      swept(scenario("[[sweep]]\nkey = \"initial.gamma[0]\"\nvalues = [1e-9]\n[reduce]\nquantities = "
                     "[\"current_final\", \"voltage_final\", \"memristance_final\", \"conductance_final\"]"
                     "\n"));
  const double current = one.numbers("current").back();
  const double voltage = one.numbers("voltage").back();
  REQUIRE(current != 0);
  CHECK_THAT(all.numbers("current_final").front(), WithinRel(current, 1e-8));
  CHECK_THAT(all.numbers("voltage_final").front(), WithinRel(voltage, 1e-8));
  CHECK_THAT(all.numbers("memristance_final").front(), WithinRel(voltage / current, 1e-8));
  CHECK_THAT(all.numbers("conductance_final").front(), WithinRel(current / voltage, 1e-8));
}

TEST_CASE("a state is read at the read voltage, whatever the drive is") {
  SECTION("after each number of pulses, in closed form") {
    const auto file = swept(shipped("sweep_potentiation.toml"));
    const auto amplitudes = file.numbers("amplitude");
    const auto pulses = file.numbers("pulses");
    const auto found = file.numbers("read_conductance");
    REQUIRE(found.size() == amplitudes.size() * pulses.size());
    for (std::size_t a = 0; a < amplitudes.size(); ++a)
      for (std::size_t n = 0; n < pulses.size(); ++n) {
        const double moved = pulses[n] * 1e-9 * 10 * std::pow(amplitudes[a] / -0.2 - 1, 3);
        const double w = std::max(0.0, 1 - moved / 3e-9);
        CHECK_THAT(found[a * pulses.size() + n], WithinRel(1 / (50 + 950 * w), 1e-9));
      }
  }
  SECTION("of a device controlled by current, and of one whose current is no multiple of its voltage") {
    const auto read = [&](const std::string& device, const std::string& gamma, double voltage) {
      const auto file = swept(written(
          "read.toml", fmt::format("[device]\n{}\n[initial]\ngamma = [{}]\n[[waveform]]\nkind = \"constant\"\n"
                                   "duration = 1e-9\nvalue = 0\n[[sweep]]\nkey = \"waveform.duration\"\nvalues = "
                                   "[1e-9]\n[reduce]\nread_voltage = {}\nquantities = [\"read_current\", "
                                   "\"read_conductance\"]\n",
                                   device, gamma, voltage)));
      CHECK(file.numbers("read_conductance").front() == file.numbers("read_current").front() / voltage);
      return file.numbers("read_current").front();
    };
    const std::string folder = std::filesystem::path(MEMDYN_DATA) / "devices";
    CHECK_THAT(read("file = \"" + folder + "/strukov_2008.toml\"", "2.5e-9", -0.2),
               WithinRel(-0.2 / (100 * 0.25 + 16e3 * 0.75), 1e-12));
    const double twice = read(fmt::format("series = [{{ file = \"{0}/strukov_2008.toml\" }}, {{ file = "
                                          "\"{0}/strukov_2008.toml\" }}]",
                                          folder),
                              "2.5e-9, 5e-9", 0.1);
    CHECK_THAT(twice, WithinRel(0.1 / (100 * 0.75 + 16e3 * 1.25), 1e-12));
    const std::string text =
        "control = \"voltage\"\n[[variable]]\nname = \"x\"\nlower = 0\nupper = 1\ndrift = \"v\"\n[port]\ncurrent = "
        "\"x*sinh(2*v)\"\n";
    CHECK_THAT(read("file = \"" + written("sinh.toml", text).string() + "\"", "0.5", 1.5),
               WithinRel(0.5 * std::sinh(3.0), 1e-12));
  }
}

TEST_CASE("what is recorded by default does not depend on new quantities, and keys add their own") {
  const std::string scenario =
      "[device]\nmodel = \"stanford-rram\"\n[initial]\ngamma = [1e-9]\n[[waveform]]\nkind = \"constant\"\nduration = "
      "1e-9\nvalue = 0.1\n[[sweep]]\nkey = \"waveform.value\"\nname = \"frequency\"\nvalues = [0.1]\n[reduce]\n";
  const auto quantities = [&](const std::string& keys) {
    return read_sweep(written("x.toml", scenario + keys)).quantities;
  };
  const std::vector<std::string> usual{"gamma_final",
                                       "gamma_lowest",
                                       "gamma_highest",
                                       "memristance_lowest",
                                       "memristance_highest",
                                       "charge",
                                       "flux",
                                       "energy",
                                       "loop_area_positive",
                                       "loop_area_negative",
                                       "loop_area",
                                       "steps_accepted",
                                       "steps_rejected",
                                       "events"};
  CHECK(quantities("") == usual);
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), usual.begin(), usual.end());
    std::ranges::sort(more);
    return more;
  };
  const auto sorted = [&](const std::string& keys) {
    auto all = quantities(keys);
    std::ranges::sort(all);
    return all;
  };
  CHECK(sorted("level = 1e4\n") == with({"switching_time"}));
  CHECK(sorted("level = 1e4\npassages = 3\n") == with({"switching_time", "passage_time"}));
  CHECK(sorted("read_voltage = 0.1\n") == with({"read_conductance"}));
}

namespace {
/// HP's device, whose state depends on the charge alone, under one pulse.
std::string pulsed(const std::string& tables) {
  return fmt::format(
      "[device]\nfile = \"{}\"\n[initial]\ngamma = [1e-9]\n[[waveform]]\nkind = \"pulse\"\namplitude = "
      "1e-4\nwidth = 0.1\n[[waveform]]\nkind = \"constant\"\nduration = 0.1\nvalue = 0\n{}",
      (std::filesystem::path(MEMDYN_DATA) / "devices" / "strukov_2008.toml").string(), tables);
}
/// x/D after a charge [C]: 1 nm + μ R_on/D q of 10 nm.
double after(double charge, double R_on) { return 1e-9 + 1e-14 * R_on / 1e-8 * charge; }
}  // namespace

TEST_CASE("a number that follows from others is set in every trajectory, and recorded") {
  const auto file = swept(
      written("dose.toml",
              pulsed("[[sweep]]\nkey = \"waveform[0].amplitude\"\nname = \"current\"\nvalues = [1e-5, 1e-4, 2e-4]\n"
                     "[[sweep]]\nkey = \"device.parameters.R_on\"\nvalues = [100, 200]\n"
                     "[[sweep]]\nkey = \"waveform[0].width\"\nname = \"width\"\nvalue = \"1e-5/current\"\n"
                     "[[sweep]]\nkeys = [\"waveform[1].duration\"]\nvalue = \"3 - 1e-5/current\"\n"
                     "[record]\ninterval = 0.5\n[reduce]\nquantities = [\"gamma_final\", \"charge\"]\n")));
  const auto gamma = file.numbers("gamma_final", {3, 2, 1});
  const auto width = file.numbers("width", {3, 2});
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t r = 0; r < 2; ++r) {
      CHECK_THAT(gamma[2 * a + r], WithinRel(after(1e-5, r == 0 ? 100 : 200), 1e-9));
      CHECK(width[2 * a + r] == 1e-5 / std::vector{1e-5, 1e-4, 2e-4}[a]);
      CHECK_THAT(file.numbers("end_time")[2 * a + r], WithinRel(3.0, 1e-12));
    }
  CHECK(file.length("time") == 7);  // as long as the longest drive, which is derived, too
  CHECK(file.text("width", "units") == "s");
  CHECK(file.text("width", "long_name") == "waveform[0].width");
}

TEST_CASE("one number has several keys, in an axis and in a distribution") {
  const auto file = swept(
      written("keys.toml", pulsed("[[sweep]]\nkeys = [\"waveform[0].width\", \"waveform[1].duration\"]\nname = "
                                  "\"half\"\nvalues = [0.1, 0.2]\n[[vary]]\nkeys = [\"waveform[0].amplitude\", "
                                  "\"waveform[1].value\"]\nname = \"A\"\ndistribution = \"uniform\"\nlow = 1e-5\n"
                                  "high = 1e-4\n[run]\nsamples = 5\n[reduce]\nquantities = [\"gamma_final\"]\n")));
  const auto A = file.numbers("A", {2, 5});
  const auto gamma = file.numbers("gamma_final", {2, 5, 1});
  for (std::size_t n = 0; n < A.size(); ++n) {
    const double half = n < 5 ? 0.1 : 0.2;
    CHECK_THAT(gamma[n], WithinRel(after(A[n] * 2 * half, 100), 1e-9));
    CHECK_THAT(file.numbers("end_time")[n], WithinRel(2 * half, 1e-12));
    CHECK((A[n] >= 1e-5 && A[n] <= 1e-4));
  }
  CHECK(A[0] != A[1]);
  CHECK(file.text("half", "long_name") == "waveform[0].width, waveform[1].duration");
}

TEST_CASE("a number that follows from a drawn one is that of its trajectory") {
  const auto file = swept(
      written("drawn.toml", pulsed("[[vary]]\nkey = \"waveform[0].amplitude\"\nname = \"A\"\ndistribution = "
                                   "\"uniform\"\nlow = 1e-5\nhigh = 1e-4\n[[sweep]]\nkey = \"waveform[0].width\"\n"
                                   "name = \"w\"\nvalue = \"1e-6/A\"\n[run]\nsamples = 6\n[reduce]\nquantities = "
                                   "[\"gamma_final\"]\n")));
  const auto A = file.numbers("A", {6});
  for (std::size_t n = 0; n < 6; ++n) {
    CHECK(file.numbers("w")[n] == 1e-6 / A[n]);
    CHECK_THAT(file.numbers("gamma_final")[n], WithinRel(after(1e-6, 100), 1e-9));
  }
  CHECK(A[0] != A[1]);
}

TEST_CASE("numbers of a CSV column are drawn by whole rows, in order, or are the values of an axis") {
  (void)written("devices.csv", "R_on,R_off,spare\n100,16000,1\n120,17000,2\n140,18000,3\n160,19000,4\n");
  const std::string from = "file = \"devices.csv\"\n";
  const auto vary = [&](const char* key, const char* how, const std::string& column) {
    return fmt::format("[[vary]]\nkey = \"device.parameters.{}\"\ndistribution = \"{}\"\n{}column = {}\n", key, how,
                       from, column);
  };
  const std::string end = "[reduce]\nquantities = [\"gamma_final\"]\n";
  SECTION("resampled") {
    const auto file =
        swept(written("resampled.toml", pulsed(vary("R_on", "resample", "\"R_on\"") + vary("R_off", "resample", "2") +
                                               "[run]\nsamples = 400\n" + end)));
    const auto on = file.numbers("R_on", {400});
    std::map<double, int> drawn;
    for (std::size_t n = 0; n < on.size(); ++n) {
      ++drawn[on[n]];
      CHECK(file.numbers("R_off")[n] == 11000 + 50 * on[n]);  // of the same row
      CHECK_THAT(file.numbers("gamma_final")[n], WithinRel(after(1e-5, on[n]), 1e-9));
    }
    REQUIRE(drawn.size() == 4);
    for (const auto& [value, count] : drawn) CHECK(std::abs(count - 100) < 44);  // 5 standard deviations
  }
  SECTION("in order") {
    const auto file = swept(written(
        "ordered.toml", pulsed("[[sweep]]\nkey = \"waveform[0].width\"\nname = \"width\"\nvalues = [0.1, 0.2]\n" +
                               vary("R_on", "in_order", "\"R_on\"") + "[run]\nsamples = 3\n" + end)));
    const auto on = file.numbers("R_on", {2, 3});
    for (std::size_t n = 0; n < 6; ++n) CHECK(on[n] == 100.0 + 20.0 * static_cast<double>(n % 3));
  }
  SECTION("as an axis") {
    const auto file = swept(written(
        "axis.toml", pulsed("[[sweep]]\nkey = \"device.parameters.R_on\"\n" + from + "column = \"R_on\"\n" + end)));
    CHECK(file.numbers("R_on") == std::vector<double>{100, 120, 140, 160});
    for (std::size_t n = 0; n < 4; ++n)
      CHECK_THAT(file.numbers("gamma_final")[n], WithinRel(after(1e-5, file.numbers("R_on")[n]), 1e-9));
  }
  SECTION("nonsense is refused") {
    const auto answer = [&](const std::string& tables) {
      try {
        (void)read_sweep(written("bad.toml", pulsed(tables)));
      } catch (const InputError& error) {
        const std::string text = error.what();
        const auto at = text.find("bad.toml:");
        return at == std::string::npos ? text.substr(text.rfind('/') + 1) : text.substr(at + 9);
      }
      return std::string("accepted");
    };
    const auto check = [&](const std::string& tables, const std::string& message) {
      CHECK_THAT(answer(tables), Catch::Matchers::StartsWith(message));
    };
    check(vary("R_on", "resample", "\"R_onn\""),
          "devices.csv: no line has the columns \"R_onn\"; write the names as in the file, or the numbers");
    check(vary("R_on", "resample", "4"), "devices.csv:2: column = 4: the row has 3 cells only");
    check(vary("R_on", "resample", "0"), "17: vary.column = 0: must be a name of the heading, or a number from 1");
    check(vary("R_on", "resample", "1") + "mean = 3\n", "18: unknown key vary.mean");
    check(vary("R_on", "in_order", "1") + "[run]\nsamples = 5\n", "16: vary.file = 'devices.csv': has 4 rows, but");
    check("[[vary]]\nkey = \"device.parameters.R_on\"\ndistribution = \"resample\"\n" + from,
          "13: vary.column = (missing): is needed, because the file has 3 columns");
    check("[[sweep]]\nkey = \"device.parameters.R_on\"\n" + from + "values = [1]\n",
          "15: sweep.file = 'devices.csv': is used only without \"values\"");
    check("[[sweep]]\nkey = \"device.parameters.R_on\"\n" + from + "column = 1\ncount = 3\n",
          "17: sweep.count = 3: is used only without \"file\"");
  }
}

TEST_CASE("a drive of channels and one of an expression are the same in a sweep and in a simulation") {
  const std::string device = "[device]\nfile = \"" + (std::filesystem::path(MEMDYN_DATA) / "devices").string() +
                             "/oblea_2010_yakopcic.toml\"\n[initial]\nx = 0.4\n";
  const std::string channels =
      "[[waveform]]\nchannel = \"a\"\nkind = \"sine\"\nduration = 0.02\namplitude = 0.2\nfrequency = 150\n"
      "[[waveform]]\nchannel = \"b\"\nkind = \"exponential\"\nduration = 0.02\nfrom = 0.1\nto = 0\ntau = 3e-3\n";
  const std::string expression =
      "[[waveform]]\nkind = \"expression\"\nduration = 0.02\nexpression = \"0.2*sin(300*pi*t) + 0.1*exp(-t/tau)\"\n"
      "parameters = { tau = 3e-3 }\n";
  std::vector<double> ends;
  for (const std::string& drive : {channels, expression})
    for (const char* method : {"auto", "rosenbrock4", "taylor"}) {
      CAPTURE(method);
      const std::string text = device + drive + "[integrate]\nrelative = 1e-10\nmethod = \"" + method + "\"\n";
      const auto one = simulated(written("sum.toml", text));
      const auto all = swept(written("sums.toml", text + "[[sweep]]\nkey = \"initial.gamma[0]\"\nvalues = [0.4, 0.5, "
                                                         "0.4]\n[reduce]\nquantities = [\"gamma_final\"]\n"));
      const auto final = all.numbers("gamma_final", {3, 1});
      CHECK_THAT(final[0], WithinRel(one.numbers("gamma").back(), 1e-8));
      CHECK(final[0] == final[2]);
      ends.push_back(final[0]);
    }
  for (const double end : ends) CHECK_THAT(end, WithinRel(ends[0], 1e-8));
  CHECK(std::abs(ends[0] - 0.4) > 0.01);
}

TEST_CASE("keys and expressions of a sweep that mean nothing are refused") {
  const auto answer = [&](const std::string& tables) {
    try {
      (void)read_sweep(written("bad.toml", pulsed(tables)));
    } catch (const InputError& error) {
      const std::string text = error.what();
      return text.substr(text.find("bad.toml") + 9);
    }
    return std::string("accepted");
  };
  const auto check = [&](const std::string& tables, const std::string& message) {
    CHECK_THAT(answer(tables), Catch::Matchers::StartsWith(message));
  };
  const std::string axis =
      "[[sweep]]\nkey = \"waveform[0].amplitude\"\nname = \"A\"\nvalues = [1]\n";  // lines 13 to 16
  check(
      "[[sweep]]\nkeys = [\"waveform[0].amplitude\", \"waveform[0].width\"]\nvalues = [1]\n",
      "14: sweep.keys = [ 'waveform[0].amplitude', 'waveform[0].width' ]: must have one unit: waveform[0].amplitude is "
      "in A, but waveform[0].width in s");
  check("[[sweep]]\nkeys = []\nvalues = [1]\n", "14: sweep.keys = []: needs at least one key");
  check("[[sweep]]\nkeys = [\"waveform[0].amplitud\"]\nvalues = [1]\n",
        "14: sweep.keys = [ 'waveform[0].amplitud' ]: \"waveform[0].amplitud\" is not a number of this scenario; did "
        "you mean \"waveform[0].amplitude\"?");
  check("[[sweep]]\nkeys = [\"waveform[0].width\"]\nkey = \"waveform[0].width\"\nvalues = [1]\n",
        "14: sweep.keys = [ 'waveform[0].width' ]: is given together with key");
  check("[[sweep]]\nkeys = [\"waveform[0].width\", \"waveform[0].width\"]\nvalues = [1]\n",
        "14: sweep.keys = [ 'waveform[0].width', 'waveform[0].width' ]: is given twice");
  check(
      "[[vary]]\nkeys = [\"device.parameters.R_on\", \"device.parameters.R_off\"]\ndistribution = \"normal\"\n"
      "relative = 0.1\n",
      "14: vary.keys = [ 'device.parameters.R_on', 'device.parameters.R_off' ]: have different values in the "
      "scenario, 100 and 16000; give mean");
  const std::string derived = axis + "[[sweep]]\nkey = \"waveform[0].width\"\n";
  CHECK(answer(derived + "value = \"2*A\"\n") == "accepted");
  check(derived + "value = \"2*B\"\n", "19:12: sweep.value: B is not known");
  const std::string drawn = axis + "[[vary]]\nkey = \"waveform[0].width\"\n";
  CHECK(answer(drawn + "value = \"2*A\"\n") == "accepted");
  check(drawn + "value = \"2*B\"\n", "19:12: vary.value: B is not known");
  check(drawn + "value = \"2*A\"\nsigma = 1\n", "20: vary.sigma = 1: is used only without \"value\"");
  check(derived + "value = \"2*\"\n", "19:12: sweep.value: ");
  check(derived + "value = \"2*3\"\n",
        "19: sweep.value = '2*3': must depend on a number that is swept or drawn, one of A");
  check(derived + "value = \"A\"\nvalues = [1]\n", "20: sweep.values = [ 1 ]: is used only without \"value\"");
  check(derived + "value = \"1/(A - 1)\"\n",
        "13: waveform[0].amplitude = 1: value: waveform[0].width = inf: must be finite");
  check(derived +
            "value = \"A\"\n[[vary]]\nkey = \"waveform[0].width\"\nname = \"w\"\ndistribution = \"uniform\"\nlow = "
            "1\nhigh = 2\n",
        "19: sweep.value = 'A': waveform[0].width is drawn by a [[vary]] already");
  check(derived +
            "value = \"A\"\n[[vary]]\nkey = \"waveform[0].amplitude\"\nname = \"drawn\"\ndistribution = "
            "\"normal\"\nrelative = 0.1\n",
        "19:10: sweep.value: A is not known");  // it would be that of the axis, not the one that is drawn around it
  check("[[sweep]]\nkey = \"waveform[0].width\"\nvalue = \"2\"\n",
        "15: sweep.value = '2': needs a number that is swept");
}

TEST_CASE("extremes of the memristance are found where the current passes 0") {
  (void)written("rising.device.toml",
                "name = \"rising\"\ncontrol = \"current\"\ntypical_input = 1\n[parameters]\na = 1.0\n[[variable]]\n"
                "name = \"x\"\nscale = 1\ndrift = \"a*i\"\n[port]\nmemristance = \"1e3*(1 + x)\"\n");
  const std::string method = GENERATE("auto", "dopri5", "bogacki-shampine32", "fehlberg78", "rosenbrock4", "taylor");
  CAPTURE(method);
  const auto file = swept(written(
      "rising.toml",
      fmt::format(
          "[device]\nfile = \"rising.device.toml\"\n[initial]\nx = 0.0\n[[waveform]]\nkind = \"ramp\"\nduration "
          "= 1.0\nfrom = 1.0\nto = -0.6\n[[sweep]]\nkey = \"device.parameters.a\"\nvalues = [0.5, 1, 3]\n"
          "[reduce]\nquantities = [\"memristance_lowest\", \"memristance_highest\"]\n[integrate]\nmethod = "
          "\"{}\"\n",
          method)));
  const auto lowest = file.numbers("memristance_lowest"), highest = file.numbers("memristance_highest");
  const std::vector<double> a{0.5, 1, 3};
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK_THAT(lowest[k], WithinRel(1e3, 1e-6));
    CHECK_THAT(highest[k], WithinRel(1e3 * (1 + 0.3125 * a[k]), 1e-6));  // x = a (t - 0.8 t^2), at t = 0.625
  }
}

TEST_CASE("a current or a power that no memristor bears is doubted in a sweep as in a simulation") {
  const auto doubts = [](const std::string& set, const std::string& values) {
    const auto plan = read_sweep(
        written("doubts.toml", "[device]\nfile = \"" + std::string(MEMDYN_DATA "/devices/") + set +
                                   ".toml\"\n[[waveform]]\nkind = \"sine_burst\"\namplitude = 1\nfrequency = 1e9\n"
                                   "cycles = 1\n[[sweep]]\nkey = \"waveform.amplitude\"\nvalues = " +
                                   values + "\n"));
    return doubts_of(plan, sweep(plan, scratch("doubts.h5"), [](double) {}));
  };
  CHECK(doubts("strukov_2008", "[1e-4, 1e-3]").empty());
  const auto current = doubts("strukov_2008", "[1e-4, 2e3, 1e-3]");
  REQUIRE(current.size() == 1);
  CHECK_THAT(current[0], ContainsSubstring("the current reaches 2e+03 A and the power") &&
                             ContainsSubstring("which no memristor bears; is the drive in A"));
  CHECK(doubts("silva_2020_node_normalised", "[2e3]").empty());
}

}  // namespace memdyn::test_run_sweep

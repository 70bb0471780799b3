// SPDX-License-Identifier: MIT
// Maps of pulses: what the rule "drift times width" misses, and why.
#include "run/pulse_map.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <functional>
#include <map>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/report/plot.hpp"
#include "memdyn/run/table.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_run_pulse_map {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;

namespace {

/// A device with x in 0..1 and the conductance 1 + x [S], under pulses of ±1 A of 0.1 s.
std::string device(const std::string& drift, const std::string& more = "") {
  return "control = \"current\"\n" + more + "[[variable]]\nname = \"x\"\nlower = 0\nupper = 1\ndrift = \"" + drift +
         "\"\n[port]\nmemristance = \"1/(1 + x)\"\n";
}
std::filesystem::path scenario(const std::string& device, const std::string& map, const std::string& table = "") {
  written("device.toml", device);
  return written("map.toml",
                 "[device]\nfile = \"device.toml\"\n[table]\nread_voltage = 0.1\nup = 1\nwidth = 0.1\nnodes = 5\n"
                 "sequence = 4\npulses = 4\n" +
                     table + "[integrate]\nrelative = 1e-11\nabsolute = 1e-13\n[map]\n" + map);
}

constexpr auto up = PulseTable::up;
constexpr auto down = PulseTable::down;

/// The arrays of a map, by polarity, amplitude, width, edge and state.
struct Mapped {
  Tabulated done;
  ResultReader file;
  std::vector<double> states = file.numbers("map_gamma");
  std::vector<std::size_t> shape = file.shape("map_change");

  [[nodiscard]] double at(const std::string& name, std::array<std::size_t, 5> index) const {
    std::size_t n = 0;
    for (std::size_t axis = 0; axis < 5; ++axis) n = n * shape[axis] + index[axis];
    return file.numbers("map_" + name)[n];
  }
  [[nodiscard]] std::string cause(std::array<std::size_t, 5> index) const {
    return std::string(cause_names[static_cast<std::size_t>(at("cause", index))]);
  }
};
Mapped mapped(const std::filesystem::path& scenario) {
  const auto path = scratch("map.h5");
  auto done = validate(read_table(scenario), path, silent);
  return {std::move(done), ResultReader(path)};
}

constexpr double tolerance = 1e-10;
const std::vector<std::string> parts{"state", "bound", "guard", "edges", "window", "read", "rest"};

/// Checks that the parts of every pulse are these, the others 0, and that they add up.
void check_parts(const Mapped& map,
                 const std::function<std::map<std::string, double>(std::array<std::size_t, 5>)>& right) {
  std::array<std::size_t, 5> n{};
  for (n[0] = 0; n[0] < map.shape[0]; ++n[0])
    for (n[1] = 0; n[1] < map.shape[1]; ++n[1])
      for (n[2] = 0; n[2] < map.shape[2]; ++n[2])
        for (n[3] = 0; n[3] < map.shape[3]; ++n[3])
          for (n[4] = 0; n[4] < map.shape[4]; ++n[4]) {
            CAPTURE(n);
            auto expected = right(n);
            double sum = 0;
            for (const auto& part : parts) {
              CAPTURE(part);
              CHECK_THAT(map.at("error_" + part, n), WithinAbs(expected[part], tolerance));
              sum += map.at("error_" + part, n);
            }
            CHECK_THAT(map.at("change", n) - map.at("rule", n), WithinAbs(sum, 1e-14));
          }
}

}  // namespace

TEST_CASE("a map of pulses: a drift that is linear in the state") {
  const auto map = mapped(scenario(device("2*i*when(raises, 1 - x, x)", "[guards]\nraises = \"i\"\n"),
                                   "amplitude = [0.5, 1]\nwidth = [0.001, 0.1]\nstates = 5\n"));
  const double widths[] = {0.001, 0.1}, amplitudes[] = {0.5, 1.0};
  check_parts(map, [&](auto n) -> std::map<std::string, double> {
    const double k = 2 * amplitudes[n[1]] * widths[n[2]];
    const double left = n[0] == up ? 1 - map.states[n[4]] : map.states[n[4]];
    const double sign = n[0] == up ? 1 : -1;
    return {{"state", sign * left * (-std::expm1(-k) - k)}};
  });
  CHECK(map.cause({up, 1, 1, 0, 2}) == "state");
  CHECK(map.cause({up, 1, 1, 0, 4}) == "none");  // nothing moves at the bound, as the rule says
  REQUIRE(map.done.map);
  CHECK(map.done.map->pulses == 40);
  // 1 - (1 - e^-k)/k, with k = 2 x 0.5 x 0.001, 0.002, 0.1 and 0.2: the first two, and what does not move, are right
  CHECK(map.done.map->within == 2 * (2 * 5 + 2));
  CHECK(map.done.map->unresolved == 0);
}

TEST_CASE("a map of pulses: the order in the width") {
  const auto drift = device("2*i*when(raises, 1 - x, x)", "[guards]\nraises = \"i\"\n");
  // the error k - (1 - e^-k), with k = 2 x width, at the widths w and 10 w: the same exponent from every state
  const auto error = [](double width) { return 2 * width + std::expm1(-2 * width); };
  const auto order = mapped(scenario(drift, "width = [0.001, 0.01]\nstates = 3\n")).done.map.value().order;
  CHECK(order.pairs == 4);  // from two of three states each: at the bound nothing moves
  for (const double exponent : {order.exponent, order.low, order.high})
    CHECK_THAT(exponent, WithinAbs(std::log10(error(0.01) / error(0.001)), 1e-5));
  const auto edges = mapped(scenario(drift, "width = [0.001, 0.01]\nedge = [0.0005]\nstates = 3\n"));
  // the rise has moved the state before the plateau, which adds a part in proportion to the width
  const auto with_rise = [](double width) { return 2 * width + std::exp(-0.0005) * std::expm1(-2 * width); };
  CHECK_THAT(edges.done.map.value().order.exponent, WithinAbs(std::log10(with_rise(0.01) / with_rise(0.001)), 1e-5));
  const auto none = mapped(scenario(drift, "width = [0.001]\nstates = 3\n")).done.map.value().order;
  CHECK(none.pairs == 0);
  CHECK(std::isnan(none.exponent));
}

TEST_CASE("a map of pulses: edges, and a bound") {
  const auto map = mapped(scenario(device("0.5*i"), "edge = [0, 0.02]\nstates = 11\n"));
  const double edges[] = {0, 0.02};
  check_parts(map, [&](auto n) -> std::map<std::string, double> {
    const double room = n[0] == up ? 1 - map.states[n[4]] : map.states[n[4]];
    const double sign = n[0] == up ? 1 : -1;
    const double edge = 0.25 * edges[n[3]];  // of each
    if (room > 0.05 + 2 * edge) return {{"edges", sign * 2 * edge}};
    return {{"bound", sign * (0 - 0.05)}};  // at the bound from the start
  });
  CHECK(map.cause({up, 0, 0, 0, 3}) == "none");
  CHECK(map.cause({up, 0, 0, 1, 3}) == "edges");
  CHECK(map.cause({up, 0, 0, 1, 10}) == "bound");
  CHECK(map.cause({down, 0, 0, 1, 0}) == "bound");
}

TEST_CASE("a map of pulses: a bound on the way") {
  const auto map = mapped(scenario(device("0.5*i"), "states = 2\n", "states = [0.03, 0.98]\n"));
  CHECK_THAT(map.at("error_bound", {up, 0, 0, 0, 1}), WithinAbs(0.02 - 0.05, tolerance));
  CHECK_THAT(map.at("error_bound", {down, 0, 0, 0, 0}), WithinAbs(0.05 - 0.03, tolerance));
  CHECK(map.cause({up, 0, 0, 0, 1}) == "bound");
}

TEST_CASE("a map of pulses: edges that pass another window") {
  const auto map = mapped(scenario(device("when(high, i - 0.5, 0.1*i)", "[guards]\nhigh = \"i - 0.5\"\n"),
                                   "edge = [0.04]\nstates = 2\n", "states = [0.4, 0.6]\n"));
  check_parts(map, [&](auto n) -> std::map<std::string, double> {
    if (n[0] == down) return {{"edges", -2 * 0.1 * 0.5 * 0.04}};
    return {{"edges", 2 * 0.04 * 0.125}, {"window", 2 * 0.04 * 0.1 * 0.125}};
  });
}

TEST_CASE("a map of pulses: a guard that depends on the state") {
  const auto map = mapped(scenario(device("when(high, 1, 2)*i", "[guards]\nhigh = \"x - 0.5\"\n"), "states = 2\n",
                                   "states = [0.45, 0.7]\n"));
  CHECK_THAT(map.at("error_guard", {up, 0, 0, 0, 0}), WithinAbs(0.05 + 0.075 - 0.2, tolerance));
  CHECK(map.cause({up, 0, 0, 0, 0}) == "guard");
  CHECK(map.cause({down, 0, 0, 0, 1}) == "none");
}

TEST_CASE("a map of pulses: a read before, a rest after") {
  constexpr double read = 0.2, rest = 0.4, tau = 3, width = 0.1;
  const auto map = mapped(scenario(device("i - x/3") + "[properties]\nfades = true\n",
                                   "read = 0.2\nrest = 0.4\nstates = 3\n", "states = [0.3, 0.6]\n"));
  check_parts(map, [&](auto n) -> std::map<std::string, double> {
    const double before = map.states[n[4]];
    const double a = 0.1, b = 0.1 - 1 / tau;  // the read current is 0.1 V (1 + x)
    const double after_read = (before + a / b) * std::exp(b * read) - a / b;
    const double drive = n[0] == up ? 1 : -1;
    const double after_pulse = tau * drive + (after_read - tau * drive) * std::exp(-width / tau);
    return {{"read", after_read - before},
            {"state", after_pulse - after_read - width * (drive - before / tau)},
            {"rest", after_pulse * std::expm1(-rest / tau)}};
  });
}

TEST_CASE("a map of pulses agrees with the table, and is drawn") {
  const auto map = mapped(scenario(device("2*i*(1 - x) - x/3") + "[properties]\nfades = true\n", "states = 3\n",
                                   "states = [0.3, 0.6]\nrise = 0\n"));
  for (const auto polarity : {up, down})
    for (const auto& [node, state] : {std::pair<std::size_t, std::size_t>{0, 0}, {4, 2}})
      CHECK_THAT(map.at("change", {polarity, 0, 0, 0, state}),
                 WithinAbs(map.done.table.state_after[polarity][node] - map.done.table.state[node], 1e-15));
  const auto picture = scratch("map.svg");
  plot(scratch("map.h5"), picture, {.view = View::map}, silent);
  CHECK(std::filesystem::file_size(picture) > 1000);
}

TEST_CASE("nonsense in a map of pulses is refused") {
  const auto refused = [](const std::string& keys) { return read_table(scenario(device("0.5*i"), keys)); };
  CHECK_THROWS_WITH(refused("amplitude = [1, 0.5]\n"), ContainsSubstring("must be ascending numbers, above 0"));
  CHECK_THROWS_WITH(refused("width = [0, 1]\n"), ContainsSubstring("must be ascending numbers, above 0"));
  CHECK_THROWS_WITH(refused("edge = [-1]\n"), ContainsSubstring("must be ascending numbers, from 0"));
  CHECK_THROWS_WITH(refused("edge = []\n"), ContainsSubstring("must be ascending numbers"));
  CHECK_THROWS_WITH(refused("states = 1\n"), ContainsSubstring("must be in 2 .. 10001"));
  CHECK_THROWS_WITH(refused("read = -1\n"), ContainsSubstring("must be in [0, 1e15] s"));
  CHECK_THROWS_WITH(refused("widths = [1]\n"), ContainsSubstring("width"));
}

}  // namespace memdyn::test_run_pulse_map

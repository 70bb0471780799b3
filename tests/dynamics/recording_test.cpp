// SPDX-License-Identifier: MIT
#include "memdyn/dynamics/recording.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <ranges>

#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "support/from_text.hpp"

namespace memdyn::test_dynamics_recording {

namespace {
using Row = StraightLines::Row;
/// A device under a source and a drive, with an initial state.
struct Run {
  std::string name;
  AnyDevice device;
  Source source;
  std::vector<double> gamma;
  Waveform drive;
};

/// A resistance that halves when the state crosses 0.5 upwards, so that the voltage jumps.
AnyDevice jumping() {
  return device_from(
      "control = \"current\"\n[guards]\nlow = \"0.5 - x\"\n[[variable]]\nname = \"x\"\nlower = 0\nupper = 1\n"
      "drift = \"i\"\n[port]\nmemristance = \"when(low, 2, 1)\"\n");
}
std::vector<Run> runs() {
  const auto model = [](const std::string& name) { return device_from("model = \"" + name + "\"\n[parameters]\n"); };
  const auto triangle = [](double top, double half) {
    return Waveform({Ramp{half / 2, 0.0, top}, Ramp{half, top, -top}, Ramp{half / 2, -top, 0.0}});
  };
  return {
      {"vteam", model("vteam"), native_source(model("vteam")), {1e-9}, triangle(2.0, 5e-7)},
      {"hp-drift", model("hp-drift"), native_source(model("hp-drift")), {0.0}, Waveform({Sine{2.0, 1.0, 1.0}})},
      {"settled", model("vteam"), native_source(model("vteam")), {1e-9}, Waveform({Exponential{1e7, 0.0, 0.015, 1.0}})},
      {"vteam at rest", model("vteam"), native_source(model("vteam")), {1e-9}, Waveform({Sine{2.0, 1e-3, 1.0}})},
      {"jump", jumping(), {.quantity = Quantity::current}, {0.0}, Waveform({Sine{1.0, 2.0, 0.5}})},
      {"jump in a circuit",
       jumping(),
       {.quantity = Quantity::current, .compliance = {1e3, 1.5}},
       {0.0},
       Waveform({Sine{1.0, 2.0, 0.5}})}};
}

std::vector<std::pair<Row, Event>> recorded(const Run& run, const IntegrationOptions& options, Recording recording,
                                            std::vector<double>& gamma) {
  std::vector<std::pair<Row, Event>> rows;
  recording.emit = [&](const Sample& sample) {
    Row row{sample.time, {sample.drive, sample.voltage, sample.current}};
    row.numbers.insert(row.numbers.end(), sample.gamma.begin(), sample.gamma.end());
    rows.emplace_back(row, sample.event);
  };
  gamma = run.gamma;
  Integrator<DrivenDevice>(driven(run.device, run.source), options).advance(gamma, run.drive, 0, &recording);
  return rows;
}
}  // namespace

TEST_CASE("straight lines between recorded rows represent the trajectory, and recording does not change it") {
  const auto method = GENERATE(Method::automatic, Method::bogacki_shampine32, Method::fehlberg78);
  for (const Run& run : runs()) {
    CAPTURE(run.name, name_of(method));
    const IntegrationOptions options{.method = method};
    std::vector<double> sparse_end, lines_end, grid_end;
    const auto sparse = recorded(run, options, {.emit = {}}, sparse_end);
    const auto lines = recorded(run, options, {.emit = {}, .lines = StraightLines()}, lines_end);
    const auto grid =
        recorded(run, options, {.emit = {}, .steps = false, .interval = run.drive.duration() / 3000}, grid_end);
    CHECK(lines_end == sparse_end);
    CHECK(lines_end == grid_end);
    CHECK(std::ranges::is_sorted(lines, {}, [](const auto& row) { return row.first.time; }));
    CHECK(lines.size() < 1200);
    if (run.name == "settled") {  // everything happens within a millionth of the duration
      double off = 0.0;
      std::size_t r = 1;
      for (double time = 1e-3; time < 30.0; time += 1e-2) {
        while (lines[r].first.time < time) ++r;
        const Row& a = lines[r - 1].first;
        const Row& b = lines[r].first;
        const double share = (time - a.time) / (b.time - a.time);
        const double line = a.numbers[0] + share * (b.numbers[0] - a.numbers[0]);
        off = std::max(off, std::abs(line - 0.015 * (1.0 - std::exp(-time))));
      }
      CHECK(off < 1.2 * StraightLines::share_of_range * 0.015);
    }
    std::size_t at = 0;
    for (const auto& [row, event] : sparse) {  // all of them, in order
      while (at < lines.size() && !(lines[at].first.time == row.time && lines[at].second == event)) ++at;
      REQUIRE(at < lines.size());
      CHECK(lines[at++].first.numbers == row.numbers);
    }

    for (std::size_t q = 0; q < grid.front().first.numbers.size(); ++q) {
      const auto number = [q](const auto& row) { return row.first.numbers[q]; };
      const auto [least, largest] = std::ranges::minmax(grid | std::views::transform(number));
      double off = 0.0;
      std::size_t r = 1;
      for (const auto& [row, event] : grid) {
        while (r + 1 < lines.size() && lines[r].first.time < row.time) ++r;
        const Row& a = lines[r - 1].first;
        const Row& b = lines[r].first;
        const double share = b.time > a.time ? (row.time - a.time) / (b.time - a.time) : 1.0;
        off = std::max(off, std::abs(a.numbers[q] + share * (b.numbers[q] - a.numbers[q]) - row.numbers[q]));
      }
      CAPTURE(q, least, largest, lines.size());
      CHECK(off <= 1.2 * StraightLines::share_of_range * (largest - least) + 1e-12 * std::abs(largest));
    }
  }
}

TEST_CASE("a jump has a row on either side, each with its own regime") {
  const auto all = runs();
  const Run run = *std::ranges::find(all, "jump", &Run::name);
  std::vector<std::vector<bool>> regimes;
  std::vector<std::pair<double, double>> rows;  // time, resistance
  Recording recording{.emit =
                          [&](const Sample& sample) {
                            rows.emplace_back(sample.time, sample.voltage / sample.current);
                            regimes.emplace_back(sample.regime.begin(), sample.regime.end());
                          },
                      .lines = StraightLines()};
  auto gamma = run.gamma;
  Integrator<DrivenDevice>(driven(run.device, run.source), {}).advance(gamma, run.drive, 0, &recording);
  int jumps = 0;
  for (std::size_t r = 1; r < rows.size(); ++r) {
    if (rows[r].first > 0 && rows[r].first < 1) CHECK(std::abs(rows[r].second - (regimes[r][0] ? 2.0 : 1.0)) < 1e-9);
    if (regimes[r][0] == regimes[r - 1][0]) continue;
    ++jumps;
    CHECK(rows[r].first - rows[r - 1].first < 1e-8);
  }
  CHECK(jumps == 1);
}

TEST_CASE("a row between steps without an input does not end a run") {
  const AnyDevice device =
      read_parameter_set(std::filesystem::path(MEMDYN_DATA) / "devices/knowm_2016_generalised.toml");
  const Waveform drive = triangle_sweep(1e-3, 1e-4, 3);
  std::vector<double> gamma{0.5};
  std::vector<double> sparse = gamma;
  Recording lines{.emit = [](const Sample&) {}, .lines = StraightLines()};
  Recording steps{.emit = [](const Sample&) {}};
  const DrivenDevice driven_device = driven(device, {.quantity = Quantity::current});
  REQUIRE_NOTHROW(Integrator<DrivenDevice>(driven_device, {}).advance(sparse, drive, 0, &steps));
  REQUIRE_NOTHROW(Integrator<DrivenDevice>(driven_device, {}).advance(gamma, drive, 0, &lines));
  CHECK(gamma == sparse);
}

}  // namespace memdyn::test_dynamics_recording

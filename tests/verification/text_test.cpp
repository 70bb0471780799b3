// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>

#include "memdyn/core/random.hpp"
#include "memdyn/core/scalar.hpp"
#include "memdyn/device/model_over.hpp"
#include "memdyn/device/text_device.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/study/reproduction.hpp"
#include "memdyn/study/scenario.hpp"
#include "support/lane_jobs.hpp"

using namespace memdyn;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

const std::filesystem::path data = MEMDYN_DATA;

AnyDevice from_file(const std::string& name) { return read_parameter_set(data / "devices" / name); }
struct Pair {
  const char *text, *built_in;
};
constexpr Pair pairs[] = {{"text/hp.toml", "strukov_2008_joglekar.toml"},
                          {"text/vteam.toml", "kvatinsky_2015_vteam.toml"},
                          {"text/yakopcic.toml", "miao_2011_yakopcic.toml"}};

/// A device in a file of its own; what the reader says of it if it refuses it.
AnyDevice read_text(const std::string& text) {
  const auto file = std::filesystem::temp_directory_path() / "memdyn_text_device.toml";
  std::ofstream(file, std::ios::binary) << text;
  return read_parameter_set(file);
}
std::string refusal(const std::string& text) {
  try {
    (void)read_text(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}
/// A leaky device with one line replaced.
std::string leaky(const std::string& line = "", const std::string& by = "") {
  std::string text = R"(control = "voltage"
[parameters]
a = { value = 2.0, unit = "1", range = [1, 3] }
tau = 0.5
[guards]
above = "v - 0.25*a"
[let]
growth = "a*(v - 0.5)"
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "when(above, growth, 0) - x/tau"
[port]
memristance = "100*(2 - x)"
[properties]
leaves_bounds = "it decays"
fades = true
)";
  if (const auto at = text.find(line); !line.empty() && at != std::string::npos) text.replace(at, line.size(), by);
  return text;
}

std::vector<double> integrated(const AnyDevice& device, std::vector<double> gamma, const Waveform& drive) {
  Integrator<DrivenDevice>(driven(device, native_source(device))).advance(gamma, drive);
  return gamma;
}

template <class T>
double value_of(const T& number) {
  if constexpr (requires { number.derivatives(); }) {
    return number.value();
  } else {
    return lane(number, lanes<T> - 1);
  }
}

/// Voltage, current, drift and derivative by the last direction of both devices in random states.
template <class T>
void agree(const AnyDevice& text, const AnyDevice& built_in, double tolerance) {
  const auto one = model_over<T>(text);
  const auto other = model_over<T>(built_in);
  const auto& plain = built_in.model();
  const double amplitude = 2 * built_in.typical_input();
  RandomStream numbers(1, 1, Purpose::samples);
  const auto close = [&](const T& a, const T& b) {
    CHECK_THAT(value_of(a), WithinRel(value_of(b), tolerance) || WithinAbs(value_of(b), 1e-300));
    if constexpr (requires { a.derivatives(); })
      CHECK_THAT(a.derivatives()(0), WithinRel(b.derivatives()(0), 1e-11) || WithinAbs(b.derivatives()(0), 1e-300));
  };
  for (int n = 0; n < 2000; ++n) {
    const double x = numbers.uniform(plain.lower[0], plain.upper[0]);
    const double u = amplitude * numbers.uniform(-1, 1);
    T gamma(x);
    T input(u);
    if constexpr (requires { gamma.derivatives(); }) (n % 2 == 0 ? gamma : input).derivatives()(0) = 1.0;
    close(one->voltage(&gamma, input), other->voltage(&gamma, input));
    close(one->current(&gamma, input), other->current(&gamma, input));
    const auto signs = [&](const Model<T>& model) {
      Regime<T> regime;
      for (std::size_t k = 0; k < model.levels.size(); ++k) regime.push_back(model.guard(k, &gamma, input) > T(0.0));
      return regime;
    };
    const auto own = signs(*one);
    const auto its = signs(*other);
    close(one->drift(0, &gamma, input, {own.data(), own.size()}),
          other->drift(0, &gamma, input, {its.data(), its.size()}));
    CHECK(all(one->moves(0, {own.data(), own.size()})) == all(other->moves(0, {its.data(), its.size()})));
  }
}

}  // namespace

TEST_CASE("models written as text are the built-in ones, to rounding") {
  const auto& pair = GENERATE(from_range(std::begin(pairs), std::end(pairs)));
  CAPTURE(pair.text);
  const AnyDevice text = from_file(pair.text);
  const AnyDevice built_in = from_file(pair.built_in);
  REQUIRE(text.control() == built_in.control());
  CHECK(text.model().ohmic == built_in.model().ohmic);
  CHECK(text.model().factored);
  CHECK(text.model().lower == built_in.model().lower);
  CHECK(text.model().upper == built_in.model().upper);
  CHECK(text.model().scale == built_in.model().scale);
  for (std::size_t k = 0; k < built_in.model().levels.size() && pair.text != std::string("text/hp.toml"); ++k)
    CHECK((text.model().levels[k] == built_in.model().levels[k] ||
           (std::isnan(text.model().levels[k]) && std::isnan(built_in.model().levels[k]))));
  agree<double>(text, built_in, 2e-13);  // differences such as v/V - 1 lose a few digits
  agree<Pack>(text, built_in, 2e-13);
  agree<Dual<1>>(text, built_in, 2e-13);

  const double amplitude = 1.5 * built_in.typical_input();
  RandomStream numbers(1, 2, Purpose::samples);
  const auto& plain = built_in.model();
  const double duration = pair.text == std::string("text/vteam.toml") ? 1e-6 : 1.0;
  for (int n = 0; n < 10; ++n) {
    const double start = plain.lower[0] + numbers.uniform(0.1, 0.9) * plain.scale[0];
    const Waveform drive({Sine{duration, amplitude, 2 / duration}, Constant{0.1 * duration, -0.5 * amplitude},
                          Ramp{duration, -amplitude, amplitude}});
    CHECK_THAT(integrated(text, {start}, drive)[0],
               WithinAbs(integrated(built_in, {start}, drive)[0], 1e-8 * plain.scale[0]));
  }
}

TEST_CASE("parameters of a text device can be set, swept and differ by lane") {
  const AnyDevice device = from_file("text/vteam.toml");
  auto numbers = device.numbers();
  REQUIRE(numbers.size() == 10);
  CHECK(numbers[0].key == "R_on");
  CHECK(numbers[0].unit == "ohm");
  std::vector<double> values;
  for (const auto& one : numbers) values.push_back(one.value);
  values[3] = 5e-9;
  values[7] = 0.04;
  const AnyDevice other = device.with(values);
  CHECK(other.model().upper[0] == 5e-9);
  CHECK(other.model().levels[0] == 0.04);
  CHECK(device.model().upper[0] == 3e-9);
  values[0] = -1.0;
  CHECK_THROWS_WITH(device.with(values), ContainsSubstring("parameters.R_on = -1 ohm: must be finite and in"));
  values[0] = 50.0;
  values[2] = 6e-9;
  CHECK_THROWS_WITH(device.with(values), ContainsSubstring("must be below upper"));

  std::vector<Pack> by_lane;
  for (const auto& one : numbers) by_lane.push_back(Pack(one.value));
  double thresholds[lanes<Pack>];
  for (std::size_t l = 0; l < lanes<Pack>; ++l) thresholds[l] = 0.01 * static_cast<double>(l + 1);
  by_lane[7] = load<Pack>(thresholds);
  const auto model = model_over<Pack>(device)->with(by_lane.data());
  for (std::size_t l = 0; l < lanes<Pack>; ++l) CHECK(lane(model->levels[0], l) == thresholds[l]);
}

TEST_CASE("a linear text device follows its closed form through its threshold, and decays") {
  const AnyDevice device = read_text(leaky());
  CHECK(device.model().levels[0] == 0.5);
  // x' = 2 (v - 1/2) - 2 x under v = 3/4: towards 1/4; then decay
  const auto end = integrated(device, {0.0}, Waveform({Constant{0.3, 0.75}, Constant{0.2, 0.1}}));
  const double peak = 0.25 * (1 - std::exp(-2 * 0.3));
  CHECK_THAT(end[0], WithinRel(peak * std::exp(-2 * 0.2), 1e-9));
  CHECK(device.properties().fades);
  CHECK(std::string(device.properties().leaves_bounds.why) == "it decays");
  CHECK(device.model().ohmic);
  const double x = 0.5;
  CHECK(device.model().current(&x, 3.0) == 3.0 / 150.0);
}

TEST_CASE("what a regime leaves at rest does not move") {
  const AnyDevice device = read_text(leaky("when(above, growth, 0) - x/tau", "when(above, growth, when(up, -x*0, 0))*x"));
  CHECK(refusal(leaky("when(above, growth, 0) - x/tau", "when(above, growth, when(up, -x*0, 0))*x"))
            .find("up is not a guard") != std::string::npos);
  (void)device;
}

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>

#include "circuit/model_over.hpp"
#include "memdyn/device/text/text_device.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_fuzz_text {

namespace {

using Random = std::mt19937_64;
int below(Random& random, int count) { return static_cast<int>(random() % static_cast<std::uint64_t>(count)); }
double uniform(Random& random, double low, double high) {
  return low + (high - low) * 0x1p-53 * static_cast<double>(random() >> 11);
}

/// A value and a bound of its rounding error.
struct Bounded {
  double value, error;
};
constexpr double eps = 0x1p-52;

/// A random expression: its text, and its value, computed by walking the tree.
struct Tree {
  std::string text;
  Bounded result;
};

Tree tree(Random& random, int depth, double p, double x, double v) {
  const auto rounded = [](double value, double error) { return Bounded{value, error + 8 * eps * std::abs(value)}; };
  const auto child = [&] { return tree(random, depth - 1, p, x, v); };
  if (depth == 0) switch (below(random, 4)) {
      case 0:
        return {"p", {p, 0.0}};
      case 1:
        return {"x", {x, 0.0}};
      case 2:
        return {" v\n", {v, 0.0}};
      default: {
        const double number = std::round(uniform(random, 1, 400)) / 100;
        return {fmt::format("{}", number), {number, 0.0}};
      }
    }
  switch (below(random, 11)) {
    case 0: {
      const Tree a = child(), b = child();
      return {a.text + " + " + b.text, rounded(a.result.value + b.result.value, a.result.error + b.result.error)};
    }
    case 1: {
      const Tree a = child(), b = child();
      return {a.text + "-(" + b.text + ")", rounded(a.result.value - b.result.value, a.result.error + b.result.error)};
    }
    case 2: {
      const Tree a = child(), b = child();
      return {"(" + a.text + ")*(" + b.text + ")",
              rounded(a.result.value * b.result.value, std::abs(a.result.value) * b.result.error +
                                                           std::abs(b.result.value) * a.result.error +
                                                           a.result.error * b.result.error)};
    }
    case 3: {
      const Tree a = child(), b = child();
      const double size = 1 + b.result.value * b.result.value;
      const double error = 2 * std::abs(b.result.value) * b.result.error + b.result.error * b.result.error;
      return {"(" + a.text + ") / (1 + (" + b.text + ")^2)",
              rounded(a.result.value / size, a.result.error / size + std::abs(a.result.value) * error / size)};
    }
    case 4: {
      const Tree a = child();
      return {"-(" + a.text + ")", {-a.result.value, a.result.error}};
    }
    case 5: {
      const Tree a = child();
      return {"tanh(" + a.text + ")", rounded(std::tanh(a.result.value), a.result.error)};
    }
    case 6: {
      const Tree a = child();
      return {"sin( " + a.text + ")", rounded(std::sin(a.result.value), a.result.error)};
    }
    case 7: {
      const Tree a = child();
      return {"cos(" + a.text + ")", rounded(std::cos(a.result.value), a.result.error)};
    }
    case 8: {
      const Tree a = child();
      return {"exp(tanh(" + a.text + "))", rounded(std::exp(std::tanh(a.result.value)), 3 * a.result.error + 8 * eps)};
    }
    case 9: {
      const Tree a = child();
      const int n = 2 + below(random, 3);
      const double value = std::pow(a.result.value, n);
      const double slope = n * std::pow(std::abs(a.result.value) + a.result.error, n - 1);
      return {fmt::format("({})^{}", a.text, n), rounded(value, slope * a.result.error + 8 * eps * std::abs(value))};
    }
    default: {
      const Tree a = child();
      return {"sqrt(1 + (" + a.text + ")^2)", rounded(std::sqrt(1 + a.result.value * a.result.value), a.result.error)};
    }
  }
}

TextDescription described(const std::string& expression, double p) {
  TextDescription device;
  device.name = "random";
  device.control = Quantity::voltage;
  device.parameters.emplace_back();
  device.parameters[0].name = "p";
  device.parameters[0].value = p;
  device.variables.push_back({.name = "x", .unit = "1", .lower = "0", .upper = "1", .scale = "", .drift = expression});
  device.port_expression = "1";
  return device;
}

std::string whole(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string mutated(Random& random, std::string text) {
  static const std::string pieces[] = {"(",        ")",
                                       "^",        "-",
                                       "+",        "*",
                                       "/",        ",",
                                       "when(",    "exp(",
                                       "1e308",    "x",
                                       "0",        "\"",
                                       "\n",       std::string(1, '\0'),
                                       "\xff\xfe", "\xc3\xa4",
                                       "[",        "]",
                                       "=",        "when",
                                       "..",       "1e",
                                       "sinh(x)",  "[[variable]]\n",
                                       "\"\"\"",   "#",
                                       "nan",      "inf",
                                       "pi",       "let"};
  for (int n = 1 + below(random, 4); n > 0; --n) {
    const auto at = static_cast<std::size_t>(below(random, static_cast<int>(text.size()) + 1));
    switch (below(random, 6)) {
      case 0:
        text.insert(at, pieces[below(random, static_cast<int>(std::size(pieces)))]);
        break;
      case 1:
        text.erase(at, static_cast<std::size_t>(1 + below(random, 10)));
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
      case 3: {
        const auto from = static_cast<std::size_t>(below(random, static_cast<int>(text.size()) + 1));
        text.insert(at, text.substr(from, static_cast<std::size_t>(below(random, 40))));
        break;
      }
      case 4: {
        const std::string& piece = pieces[below(random, 12)];
        std::string many;
        for (int k = below(random, 400); k > 0; --k) many += piece;
        text.insert(at, many);
        break;
      }
      default:
        if (at < text.size()) text[at] = pieces[below(random, 9)][0];
    }
  }
  return text;
}

/// Evaluates a device if it was accepted; only InputError may be thrown.
template <class Make>
bool survives(const Make& make) {
  try {
    const AnyDevice device = make();
    const auto& model = device.model();
    const std::vector<double> gamma(device.size(), 0.5);
    Regime<double> regime;
    for (std::size_t k = 0; k < model.levels.size(); ++k) regime.push_back(model.guard(k, gamma.data(), 0.3) > 0.0);
    for (std::size_t i = 0; i < device.size(); ++i) {
      (void)model.drift(i, gamma.data(), 0.3, {regime.data(), regime.size()});
      (void)model.moves(i, {regime.data(), regime.size()});
    }
    (void)model.current(gamma.data(), 0.3);
    return true;
  } catch (const InputError&) {
    return false;
  } catch (const IoError&) {  // bytes that are no text
    return false;
  }
}

}  // namespace

TEST_CASE("random expressions have the value that a walk through their tree computes") {
  Random random(1);
  int looked = 0;
  for (int n = 0; n < 3000; ++n) {
    const double p = uniform(random, -1.5, 1.5);
    const double x = uniform(random, 0, 1);
    const double v = uniform(random, -2, 2);
    const Tree one = tree(random, below(random, 6), p, x, v);
    if (one.text.size() > 9000 || !(one.result.error < 1e-3 * (1 + std::abs(one.result.value)))) continue;
    ++looked;
    CAPTURE(one.text, p, x, v);
    const AnyDevice device(std::make_shared<TextDevice>(described(one.text, p)));
    REQUIRE(std::abs(device.model().drift(0, &x, v, {}) - one.result.value) <= 4 * one.result.error + 1e-300);
    const auto packs = model_over<Pack>(device);
    const Pack gamma(x);
    const Pack input(v);
    REQUIRE(std::abs(lane(packs->drift(0, &gamma, input, {}), 0) - one.result.value) <= 4 * one.result.error + 1e-300);
    if (device.model().factored)
      REQUIRE(std::abs(device.model().rate(0, v, {}) * device.model().shape(0, &x, {}) - one.result.value) <=
              4 * one.result.error + 1e-300);
  }
  CHECK(looked > 2500);
}

TEST_CASE("mutated expressions are accepted or refused, and do nothing else") {
  Random random(2);
  const std::string seeds[] = {"when(off, k*(v/0.2 - 1)^2, 0)", "-x^2*exp(-v/p) + sinh(v)*log(1 + x)", "((x))",
                               "pow(x, p) + sqrt(x)*cos(pi*x)/(1 - tanh(v))"};
  int accepted = 0;
  for (int n = 0; n < 8000; ++n) {
    const std::string text = mutated(random, seeds[below(random, 4)]);
    accepted += survives([&] { return AnyDevice(std::make_shared<TextDevice>(described(text, 0.5))); }) ? 1 : 0;
  }
  CHECK(accepted > 100);
  for (const std::size_t deep : {100, 10000, 1000000}) {
    for (const char* piece : {"(", "-", "exp(", "+", "x^", "when(off,", "1+", "pow(x,"})
      CHECK_FALSE(survives([&] {
        std::string text;
        while (text.size() < deep * 5) text += piece;
        return AnyDevice(std::make_shared<TextDevice>(described(text, 0.5)));
      }));
  }
  std::string sum = "x";
  while (sum.size() < 9990) sum += "+v*x";
  CHECK(survives([&] { return AnyDevice(std::make_shared<TextDevice>(described(sum, 0.5))); }));
  std::string tower = "x";  // shares its parts: without sharing there would be 2^80 of them
  for (int n = 0; n < 20; ++n) tower = "(" + tower + ")^16*v";
  CHECK(survives([&] { return AnyDevice(std::make_shared<TextDevice>(described(tower, 0.5))); }));
  TextDescription lets = described("l0", 0.5);  // each let is nested as deeply as brackets may be
  for (int n = 0; n < 30; ++n)
    lets.lets.push_back({fmt::format("l{}", n),
                         std::string(37, '(') + (n < 29 ? fmt::format("l{}", n + 1) : "x") + std::string(37, ')')});
  CHECK_FALSE(survives([&] { return AnyDevice(std::make_shared<TextDevice>(lets)); }));
  lets.lets.resize(15);
  lets.lets.back().expression = "x";
  CHECK(survives([&] { return AnyDevice(std::make_shared<TextDevice>(lets)); }));
}

TEST_CASE("mutated files are accepted or refused, and do nothing else") {
  Random random(3);
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(MEMDYN_DATA) / "devices/text"))
    seeds.push_back(whole(entry.path()));
  std::ranges::sort(seeds);
  REQUIRE(seeds.size() >= 4);
  int accepted = 0;
  for (int n = 0; n < 2000; ++n) {
    const std::string text = mutated(random, seeds[static_cast<std::size_t>(n) % seeds.size()]);
    accepted += survives([&] { return read_parameter_set(written("fuzzed.toml", text)); }) ? 1 : 0;
  }
  CHECK(accepted > 50);
}

}  // namespace memdyn::test_fuzz_text

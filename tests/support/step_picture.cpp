// SPDX-License-Identifier: MIT
// Draws the picture in include/memdyn/README.md: one step of dopri5, the guards along it, and their roots, computed
// with the stepper and the watch of the integrators.
//   step_picture OUT.svg
#include <fmt/format.h>

#include <cmath>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "memdyn/dynamics/method.hpp"
#include "memdyn/dynamics/watch.hpp"
#include "report/gnuplot.hpp"

using namespace memdyn;

namespace {

using State = std::vector<double>;
constexpr double begin = 0.95, length = 1.3;

/// x oscillates, y is its rate.
void rates(const State& now, State& dxdt, double /*t*/) {
  dxdt[0] = now[1];
  dxdt[1] = -now[0];
}
struct Guard {
  std::string name;
  std::function<double(double x, double y)> of;
};

/// The curves of a step from `begin`.
std::vector<Quintic<double>> step(double h) {
  const State x{std::sin(begin), std::cos(begin)};
  State slope(2), out(2), slope_out(2), error(2);
  rates(x, slope, begin);
  stepper::DormandPrince<State, double> stepper;
  stepper.step(rates, x, slope, begin, out, slope_out, h, error);
  std::vector<Quintic<double>> curves(2);
  stepper.dense({x, slope}, {out, slope_out}, h, curves);
  return curves;
}

void draw(const std::string& picture) {
  const std::vector<Guard> guards{{"guard 0.9 - x, which returns", [](double x, double) { return 0.9 - x; }},
                                  {"guard y + 0.3", [](double, double y) { return y + 0.3; }}};
  const auto curves = step(length);
  const auto at = [&](double share, const Guard& guard) {
    return guard.of(value_at(curves[0], share), value_at(curves[1], share));
  };
  Script script(picture, 760, 560);
  std::vector<std::vector<double>> lines(2 + guards.size() + 1);
  for (int n = 0; n <= 200; ++n) {
    const double share = n / 200.0;
    lines[0].push_back(share);
    for (std::size_t j = 0; j < curves.size(); ++j) lines[1 + j].push_back(value_at(curves[j], share));
    for (std::size_t g = 0; g < guards.size(); ++g) lines[3 + g].push_back(at(share, guards[g]));
  }
  script.block("lines", lines);
  std::vector<std::vector<double>> nodes(1 + guards.size());
  std::vector<std::vector<double>> roots(2);
  double first = 1.0;
  for (const double share : watch::share) nodes[0].push_back(share);
  for (std::size_t g = 0; g < guards.size(); ++g) {
    watch::Values<double> values;
    for (std::size_t node = 0; node < watch::nodes; ++node) values[node] = at(watch::share[node], guards[g]);
    nodes[1 + g].assign(values.begin(), values.end());
    const watch::Finding found = watch::examine(values, [](double) { return 1e-9; }, 0.0);
    if (found.kind != watch::Finding::crossing) throw std::runtime_error("a guard has no root in the step");
    roots[0].push_back(found.share);
    roots[1].push_back(0.0);
    first = std::min(first, found.share);
  }
  script.block("nodes", nodes);
  script.block("roots", roots);
  const auto landed = step(first * length);  // the step is repeated up to the event, as in the integrators
  script.block("ends", {{0.0, 0.0, first, first, 1.0, 1.0},
                        {value_at(curves[0], 0.0), value_at(curves[1], 0.0), value_at(landed[0], 1.0),
                         value_at(landed[1], 1.0), value_at(curves[0], 1.0), value_at(curves[1], 1.0)}});
  const auto label = [&](int number, const std::string& text, double x, double y, const std::string& with) {
    script.add("set label {} {} at {},{} textcolor rgb '{}'\n", number, Script::literal(text), x, y, with);
  };
  script.add(
      "set multiplot layout 2,1\nset lmargin 10\nset rmargin 3\nset grid lc rgb '#dddddd'\nset key off\nset xrange "
      "[0:1]\nset arrow 1 from {0},graph 0 to {0},graph 1 nohead dt 2 lc rgb '#666666'\nset ylabel 'state'\nset ytics "
      "0.5\n",
      first);
  label(1, "x", 0.9, 1.05, colour(0));
  label(2, "y", 0.9, -0.3, colour(1));
  label(3, "up to here the step is repeated", first + 0.02, -0.55, "#333333");
  script.add(
      "set yrange [-0.8:1.2]\nplot $lines using 1:2 with lines lw 2 lc rgb '{}', $lines using 1:3 with lines lw 2 lc "
      "rgb "
      "'{}', $ends using 1:2 with points pt 7 ps 1.6 lc rgb '#333333'\n",
      colour(0), colour(1));
  label(1, guards[0].name, 0.58, 0.33, colour(2));
  label(2, guards[1].name, 0.27, 0.68, colour(3));
  label(3, "first root", first + 0.015, -0.13, "#333333");
  script.add(
      "set yrange [-0.4:0.9]\nset xlabel 'share of the step'\nset ylabel 'value of the guard'\nset arrow 2 from 0,0 to "
      "1,0 nohead lc rgb '#333333'\nplot $lines using 1:4 with lines lw 2 lc rgb '{0}', $lines using 1:5 with lines lw "
      "2 lc "
      "rgb '{1}', $nodes using 1:2 with points pt 7 ps 1.1 lc rgb '{0}', $nodes using 1:3 with points pt 7 ps 1.1 lc "
      "rgb "
      "'{1}', $roots using 1:2 with points pt 6 ps 2.6 lw 2 lc rgb '#333333'\nunset multiplot\n",
      colour(2), colour(3));
  script.draw([](double) {});
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    fmt::print(stderr, "usage: step_picture OUT.svg\n");
    return 2;
  }
  draw(argv[1]);
} catch (const std::exception& error) {
  fmt::print(stderr, "step_picture: {}\n", error.what());
  return 1;
}

// SPDX-License-Identifier: MIT
#include "memdyn/report/gallery.hpp"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>

#include "assess/typical.hpp"
#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "record/whole_file.hpp"
#include "report/gnuplot.hpp"

namespace memdyn {
namespace {

using State = std::vector<double>;

/// The area of the polygon with the corners from `from` on.
double area(const std::vector<double>& x, const std::vector<double>& y, std::size_t from) {
  double twice = 0;
  for (std::size_t i = from, last = x.size() - 1; i < x.size(); last = i++) twice += x[last] * y[i] - x[i] * y[last];
  return std::abs(twice) / 2;
}
double range(const std::vector<double>& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return high - low;
}

/// Measurements of a device under a source with a fixed amplitude.
class Portrait {
 public:
  Portrait(const AnyDevice& device, const Source& source, double amplitude, const Progress& progress)
      : progress_(progress),
        amplitude_(amplitude),
        typical_(typical(device, source, amplitude)),
        integrator_(driven(device, source)) {
    for (std::size_t i = 0; i < typical_.low.size(); ++i) middle_.push_back(at(i, 0.5));
    for (std::size_t i = 0; i < middle_.size(); ++i) start_.push_back(at(i, drift(i, amplitude) < 0 ? 0.9 : 0.1));
  }

  Loop loop(double frequency) {
    Loop loop;
    State gamma = start_;
    const double half = 0.5 / frequency;
    const Waveform period({Sine{half, amplitude_, frequency}, Sine{half, -amplitude_, frequency}});
    State low, high;
    const auto sweep = [&](const Segment& segment, bool keep) {
      Recording recording{[&](const Sample& sample) {
                            progress_(0);
                            if (!keep) return;
                            loop.voltage.push_back(sample.voltage);
                            loop.current.push_back(sample.current);
                            if (low.empty()) low = high = {sample.gamma.begin(), sample.gamma.end()};
                            for (std::size_t i = 0; i < low.size(); ++i) {
                              low[i] = std::min(low[i], sample.gamma[i]);
                              high[i] = std::max(high[i], sample.gamma[i]);
                            }
                          },
                          true, keep ? half / samples : 0.0};
      integrator_.advance(gamma, segment, 0, &recording);
    };
    constexpr int before = 4;
    for (int n = 0; n < before; ++n)
      for (const Segment& segment : period.segments()) sweep(segment, false);
    loop.area = 0;
    for (const Segment& segment : period.segments()) {
      const std::size_t from = loop.voltage.size();
      sweep(segment, true);
      loop.area += area(loop.voltage, loop.current, from);
    }
    loop.area /= range(loop.voltage) * range(loop.current);
    for (std::size_t i = 0; i < low.size(); ++i) loop.swing = std::max(loop.swing, (high[i] - low[i]) / whole(i));
    return loop;
  }

  /// The characteristic frequency [Hz]. The search goes from high to low frequencies until lower ones no longer
  /// increase the swing: with exponential drifts the typical duration can be wrong by tens of decades.
  double frequency() {
    constexpr double ratio = 4;
    constexpr std::size_t patience = 4;
    std::vector<std::pair<double, double>> tried;  // frequency, swing; from fast to slow
    double most = 0;
    for (int n = 8; n >= -100 && most < 0.5; --n) {
      const double f = std::pow(ratio, n) / (4 * typical_.duration);
      if (!tried.empty() && 0.5 / (f * Fingerprint::multiples[0]) > Waveform::largest) break;  // no waveform is longer
      tried.emplace_back(f, loop(f).swing);
      most = std::max(most, tried.back().second);
      if (most > 0.05 && tried.size() > patience && tried[tried.size() - 1 - patience].second > 0.99 * most) break;
    }
    const double wanted = most < 0.5 ? most / 2 : 0.5;
    const auto found = std::ranges::find_if(tried, [&](const auto& one) { return one.second >= wanted; });
    double low = std::log(found->first);
    double high = low + std::log(ratio);
    while (high - low > 1e-3) {
      const double middle = (low + high) / 2;
      (loop(std::exp(middle)).swing >= wanted ? low : high) = middle;
    }
    return std::exp(low);
  }

  [[nodiscard]] const State& start() const { return start_; }

  /// The memristance in the middle of the ranges, at the amplitude [Ohm].
  [[nodiscard]] double memristance() const {
    const auto& device = integrator_.device();
    const double u = device.input(middle_, amplitude_);
    return std::abs(device.voltage(middle_, u) / device.current(middle_, u));
  }

  /// The switching time under a constant drive. @param frequency the characteristic frequency [Hz]
  Switching switching(double drive, double frequency) {
    const std::size_t i = fastest(drive);
    const double speed = drift(i, drive);
    if (speed == 0) return {.why = "does not move"};
    Switching result{.rises = speed > 0};
    if (!std::isfinite(integrator_.device().lower(i)) || !std::isfinite(integrator_.device().upper(i)))
      return {result.rises, std::nan(""), "unbounded"};
    State gamma(middle_.size());
    for (std::size_t j = 0; j < gamma.size(); ++j) gamma[j] = at(j, result.rises ? 0.1 : 0.9);
    const auto left = [&](const State& now) { return result.rises ? at(i, 0.9) - now[i] : now[i] - at(i, 0.1); };
    const auto after = [&](double time) {
      State now = gamma;
      if (time > 0) integrator_.advance(now, Constant{time, drive});
      return now;
    };
    double passed = 0;
    const double longest = std::min(1e6 / frequency, 0.5 * Waveform::largest);
    for (double length = 1e-6 / frequency; passed < longest; length = passed) {
      progress_(0);
      State next = after(length);
      if (left(next) <= 0) {
        std::uintmax_t iterations = 60;
        result.time = passed + boost::math::tools::toms748_solve(
                                   [&](double time) { return left(after(time)); }, 0.0, length, left(gamma), left(next),
                                   boost::math::tools::eps_tolerance<double>(30), iterations)
                                   .second;
        return result;
      }
      gamma = std::move(next);
      passed += length;
    }
    result.why = fmt::format("stays at {:.0f} %", 100 * (gamma[i] - typical_.low[i]) / whole(i));
    return result;
  }

 private:
  static constexpr int samples = 400;  ///< samples per half period

  [[nodiscard]] double whole(std::size_t i) const { return typical_.high[i] - typical_.low[i]; }
  [[nodiscard]] double at(std::size_t i, double share) const { return typical_.low[i] + share * whole(i); }
  /// The drift in the middle of the ranges.
  [[nodiscard]] double drift(std::size_t i, double drive) const {
    const double u = integrator_.device().input(middle_, drive);
    Regime<double> regime;
    evaluate_regime(integrator_.device(), middle_, u, regime);
    return integrator_.device().drift(i, middle_, u, regime);
  }
  [[nodiscard]] std::size_t fastest(double drive) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < middle_.size(); ++i)
      if (std::abs(drift(i, drive)) / whole(i) > std::abs(drift(best, drive)) / whole(best)) best = i;
    return best;
  }

  const Progress& progress_;
  double amplitude_;
  Typical typical_;
  Integrator<DrivenDevice> integrator_;
  State middle_, start_;
};

/// The amplitude, "1.5 V", and the resistance in series if there is one, "1.5 V, 215 Ω".
std::string drive_of(const Fingerprint& one) {
  const double resistance = one.source.series_resistance;
  return with_prefix(one.amplitude, unit_of(one.source.quantity)) +
         (resistance > 0 ? fmt::format(", {}", with_prefix(resistance, "Ω")) : "");
}

/// A loop simplified to within 0.1 % of the ranges (Douglas and Peucker 1973).
std::pair<State, State> thinned(const Loop& loop, double range_v, double range_i) {
  const auto x = [&](std::size_t n) { return loop.voltage[n] / range_v; };
  const auto y = [&](std::size_t n) { return loop.current[n] / range_i; };
  State voltage{loop.voltage[0]}, current{loop.current[0]};
  const auto keep = [&](const auto& self, std::size_t first, std::size_t last) -> void {
    const double dx = x(last) - x(first);
    const double dy = y(last) - y(first);
    const double length = std::hypot(dx, dy);
    std::size_t farthest = first;
    double most = 1e-3;
    for (std::size_t n = first + 1; n < last; ++n) {
      const double px = x(n) - x(first);
      const double py = y(n) - y(first);
      const double away = length > 1e-3 ? std::abs(px * dy - py * dx) / length : std::hypot(px, py);
      if (away > most) {
        most = away;
        farthest = n;
      }
    }
    if (farthest != first) {
      self(self, first, farthest);
      self(self, farthest, last);
    } else {
      voltage.push_back(loop.voltage[last]);
      current.push_back(loop.current[last]);
    }
  };
  keep(keep, 0, loop.voltage.size() - 1);
  return {voltage, current};
}

/// A text escaped for a cell of a Markdown table.
std::string in_cell(const std::string& text) {
  std::string cell = in_message(text);
  for (std::size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) cell.insert(at, 1, '\\');
  return cell;
}

/// Sets the range of an axis around some values, with at most five tics at round numbers.
void set_range(Script& script, char letter, const State& values) {
  if (values.empty()) {
    script.add("set {0}range [-1:1]\nset {0}tics 1\n", letter);
    return;
  }
  const auto [low, high] = std::ranges::minmax(values);
  const double margin = 0.06 * (high - low);
  const double least = (high - low + 2 * margin) / 5;
  const double decade = std::pow(10, std::floor(std::log10(least)));
  const double step = decade * (least <= 2 * decade ? 2 : least <= 5 * decade ? 5 : 10);
  script.add("set {0}range [{1}:{2}]\nset {0}tics {3}\n", letter, low - margin, high + margin, step);
}

}  // namespace

Fingerprint fingerprint(const std::string& name, const AnyDevice& device, const Progress& progress) {
  if (device.size() == 0)
    throw InputError(std::string(device.name()), "variables", "0",
                     "has no internal variable: a gallery shows how a state moves");
  Fingerprint result{.name = name, .model = std::string(device.name()), .source = native_source(device)};
  const auto measure = [&] {
    Portrait portrait(device, result.source, result.amplitude, progress);
    result.start = portrait.start();
    try {
      result.frequency = portrait.frequency();
      for (std::size_t n = 0; n < result.loops.size(); ++n)
        result.loops[n] = portrait.loop(Fingerprint::multiples[n] * result.frequency);
    } catch (const NumericalError& error) {
      result.failure = error.what();
      return false;
    }
    result.failure.clear();
    for (std::size_t n = 0; n < 2; ++n) {
      try {
        result.switching[n] = portrait.switching(n == 0 ? result.amplitude : -result.amplitude, result.frequency);
      } catch (const NumericalError&) {
        result.switching[n] = {.why = "cannot be integrated"};
      }
    }
    return true;
  };
  const double largest = std::max(device.typical_input(), 1.5 * farthest_level(device.model()));
  for (double amplitude = largest; amplitude > 0.1 * largest; amplitude *= 0.8) {
    result.source.series_resistance = 0;
    result.amplitude = amplitude;
    if (measure()) break;
    if (result.source.quantity == Quantity::current) continue;
    result.source.series_resistance = Portrait(device, result.source, amplitude, progress).memristance();
    result.amplitude = 2 * amplitude;
    if (measure()) break;
  }
  return result;
}

void draw_gallery(const std::vector<Fingerprint>& all, const std::filesystem::path& picture, const Progress& progress) {
  constexpr int columns = 4;
  constexpr double width = 280, height = 288, left = 62, right = 20, top = 62, bottom = 52, head = 30;  // pixels
  const std::size_t rows = (all.size() + columns - 1) / columns;
  const double whole_width = columns * width;
  const double whole_height = static_cast<double>(rows) * height + head;
  Script script(picture, static_cast<int>(whole_width), static_cast<int>(whole_height));
  script.add("set multiplot layout {},{} margins screen {},{},{},{} spacing screen {},{}\n", rows, columns,
             left / whole_width, 1 - right / whole_width, bottom / whole_height, 1 - (head + top) / whole_height,
             (left + right) / whole_width, (top + bottom) / whole_height);
  script.add("set xzeroaxis lt 1 lc rgb '#bbbbbb'\nset yzeroaxis lt 1 lc rgb '#bbbbbb'\nset format '%g'\n");
  script.add("set tics font ',{0}' scale 0.5\nset xtics offset 0,0.3\nset ytics offset 0.4,0\n", script.points(0.8));
  struct Line {
    const char *title, *colour;
    double width;
  };
  constexpr std::array<Line, Fingerprint::multiples.size()> lines{
      {{"f₀/10", "#999999", 1}, {"f₀", "#0072b2", 2}, {"10 f₀", "#d55e00", 1.2}, {"100 f₀", "#000000", 1}}};
  const double line = 1 - 0.7 * head / whole_height;
  script.add("set label 1 'I-V loops under sines of' at screen {},screen {}\n", left / whole_width, line);
  for (std::size_t n = 0; n < lines.size(); ++n)
    script.add("set label {} '{}' at screen {},screen {} center font 'Helvetica:Bold,{}' textcolor rgb '{}'\n", n + 2,
               lines[n].title, (left + 250 + 72 * static_cast<double>(n)) / whole_width, line, script.points(1),
               lines[n].colour);
  for (const Fingerprint& one : all) {
    State voltages, currents;
    for (const Loop& loop : one.loops) {
      voltages.insert(voltages.end(), loop.voltage.begin(), loop.voltage.end());
      currents.insert(currents.end(), loop.current.begin(), loop.current.end());
    }
    script.add("set label 10 {} at graph 0.5,1.27 center font ',{}'\n", Script::literal(one.name), script.points(0.85));
    script.add("set label 11 {} at graph 0.5,1.17 center font ',{}'\n",
               Script::literal(one.model + ", " + drive_of(one)), script.points(0.75));
    script.add("set label 12 '{}' at graph 0.5,1.07 center font ',{}'\n",
               one.failure.empty() ? "f₀ = " + with_prefix(one.frequency, "Hz") : "cannot be integrated",
               script.points(0.75));
    const Prefix v = prefix_of(voltages);
    const Prefix i = prefix_of(currents);
    script.add("set xlabel 'V ({}V)' offset 0,0.7 font ',{}'\nset ylabel 'I ({}A)' offset 1.8,0 font ',{}'\n", v.sign,
               script.points(0.9), i.sign, script.points(0.9));
    set_range(script, 'x', scaled(voltages, v.factor));
    set_range(script, 'y', scaled(currents, i.factor));
    std::string plots;
    for (std::size_t n = 0; n < lines.size() && one.failure.empty(); ++n) {
      const auto block = fmt::format("loop{}", n);
      const auto [x, y] = thinned(one.loops[n], range(voltages), range(currents));
      script.block(block, {scaled(x, v.factor), scaled(y, i.factor)});
      plots += fmt::format("{}${} with lines lw {} lc rgb '{}' notitle", n == 0 ? "" : ", ", block, lines[n].width,
                           lines[n].colour);
    }
    script.add("plot {}\n", plots.empty() ? "1/0 notitle" : plots);
    if (&one == &all.front())
      for (std::size_t n = 0; n <= lines.size(); ++n) script.add("unset label {}\n", n + 1);
  }
  script.add("unset multiplot\n");
  script.draw(progress);
}

std::string fingerprint_table(const std::vector<Fingerprint>& all) {
  std::string text =
      "| set | model | amplitude | f₀ | area at f₀/10 | f₀ | 10 f₀ | 100 f₀ | at + amplitude | at − amplitude |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n";
  for (const Fingerprint& one : all) {
    text += fmt::format("| {} | {} | {} |", in_cell(one.name), in_cell(one.model), drive_of(one));
    if (!one.failure.empty()) {
      text += fmt::format(" {} | | | | | | |\n", in_cell(one.failure));
      continue;
    }
    text += fmt::format(" {} |", with_prefix(one.frequency, "Hz"));
    for (const Loop& loop : one.loops) text += fmt::format(" {:.2g} |", loop.area);
    for (const Switching& way : one.switching)
      text += way.why.empty() ? fmt::format(" {} {} |", way.rises ? "↑" : "↓", with_prefix(way.time, "s"))
                              : fmt::format(" – {} |", way.why);
    text += '\n';
  }
  return text;
}

void write_fingerprints(const std::vector<Fingerprint>& all, const std::filesystem::path& table) {
  write_whole(table, fingerprint_table(all));
}

}  // namespace memdyn

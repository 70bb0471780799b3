// SPDX-License-Identifier: MIT
#include "memdyn/drive/waveform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <utility>

#include "core/csv_table.hpp"
#include "core/message.hpp"
#include "core/text_file.hpp"
#include "drive/sum.hpp"
#include "drive/waveform_rows.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {
namespace {

void require(bool good, std::size_t index, const char* key, double given, const char* remedy) {
  if (!good) throw InputError(fmt::format("waveform segment {}", index + 1), key, fmt::format("{}", given), remedy);
}

struct Validate {
  std::size_t index;
  void finite(const char* key, double given) const {
    require(std::abs(given) <= Waveform::largest, index, key, given, "must be finite and between -1e15 and 1e15");
  }
  void positive(const char* key, double given) const {
    require(given > 0 && given <= Waveform::largest, index, key, given, "must be above 0 and at most 1e15");
  }
  void operator()(const Constant& c) const { finite("value", c.value); }
  void operator()(const Ramp& r) const {
    finite("from", r.from);
    finite("to", r.to);
  }
  void operator()(const Sine& w) const {
    finite("amplitude", w.amplitude);
    require(std::isfinite(w.frequency) && w.frequency > 0, index, "frequency", w.frequency,
            "must be finite and above 0");  // no upper limit: a burst can be short
    finite("phase", w.phase);
    finite("offset", w.offset);
  }
  void operator()(const Chirp& c) const {
    finite("amplitude", c.amplitude);
    positive("frequency", c.frequency);
    positive("final_frequency", c.final_frequency);
    finite("phase", c.phase);
    finite("offset", c.offset);
  }
  void operator()(const Exponential& e) const {
    finite("from", e.from);
    finite("to", e.to);
    positive("tau", e.tau);
  }
  void operator()(const Sum& sum) const {
    finite("value", std::abs(sum.offset) + std::abs(sum.factor) * sum.terms->largest());
  }
};

/// Refuses what doubles cannot tell apart: results are functions of the absolute time, and sines of their angle.
struct Resolve {
  std::size_t index;
  double start;  ///< of the segment [s]

  void time(const char* key, double given, double length) const {
    constexpr double shortest = 1e-290;  // [s]; a value of 1e15 per time is still finite
    require(length >= shortest && start + length > start, index, key, given,
            "gives a time that double precision does not resolve where the segment begins; use longer times, or let "
            "the segment begin earlier");
  }
  void operator()(const Constant& c) const { time("duration", c.duration, c.duration); }
  void operator()(const Ramp& r) const { time("duration", r.duration, r.duration); }
  /// @param frequency the highest, given by `key` [Hz]
  void angle(const char* key, double frequency, double phase, double length) const {
    constexpr double most_angle = 1e12;  // [rad], known to 1e-4 rad
    time("duration", length, length);
    time(key, frequency, 1 / frequency);
    require(std::abs(phase) <= most_angle, index, "phase", phase,
            "must be between -1e12 and 1e12 rad, because double precision does not resolve a larger angle");
    require(2 * std::numbers::pi * frequency * length <= most_angle, index, key, frequency,
            "gives more than 1.6e11 periods, whose angle double precision does not resolve; use a shorter duration");
  }
  void operator()(const Sine& w) const { angle("frequency", w.frequency, w.phase, w.duration); }
  void operator()(const Chirp& c) const {
    const bool rises = c.final_frequency > c.frequency;
    angle(rises ? "final_frequency" : "frequency", std::max(c.frequency, c.final_frequency), c.phase, c.duration);
  }
  void operator()(const Exponential& e) const {
    time("duration", e.duration, e.duration);
    time("tau", e.tau, e.tau);
  }
  void operator()(const Sum& sum) const { time("duration", sum.duration, sum.duration); }
};

/// The number of segments between two checks of an interruption.
constexpr std::size_t between_stops = 1 << 14;

struct Scale {
  double factor;
  Segment operator()(Constant c) const {
    c.value *= factor;
    return c;
  }
  Segment operator()(Ramp r) const {
    r.from *= factor;
    r.to *= factor;
    return r;
  }
  Segment operator()(Sine w) const {
    w.amplitude *= factor;
    w.offset *= factor;
    return w;
  }
  Segment operator()(Chirp c) const {
    c.amplitude *= factor;
    c.offset *= factor;
    return c;
  }
  Segment operator()(Exponential e) const {
    e.from *= factor;
    e.to *= factor;
    return e;
  }
  Segment operator()(Sum sum) const {
    sum.factor *= factor;
    sum.offset *= factor;
    return sum;
  }
};

struct Raise {
  double offset;
  Segment operator()(Constant c) const {
    c.value += offset;
    return c;
  }
  Segment operator()(Ramp r) const {
    r.from += offset;
    r.to += offset;
    return r;
  }
  Segment operator()(Sine w) const {
    w.offset += offset;
    return w;
  }
  Segment operator()(Chirp c) const {
    c.offset += offset;
    return c;
  }
  Segment operator()(Exponential e) const {
    e.from += offset;
    e.to += offset;
    return e;
  }
  Segment operator()(Sum sum) const {
    sum.offset += offset;
    return sum;
  }
};

/// Adds segments of one duration. Those that have a closed form together become one term.
class Addition {
 public:
  explicit Addition(double duration) : duration_(duration) {}

  void operator()(const Constant& c) { level(c.value, c.value); }
  void operator()(const Ramp& r) { level(r.from, r.to); }
  void operator()(const Sine& w) {
    level(w.offset, w.offset);
    add(sines_, w, [&](const Sine& other) { return other.frequency == w.frequency; });
  }
  void operator()(const Chirp& c) {
    level(c.offset, c.offset);
    add(chirps_, c, [&](const Chirp& other) {
      return other.frequency == c.frequency && other.final_frequency == c.final_frequency;
    });
  }
  void operator()(const Exponential& e) {
    level(e.to, e.to);
    const auto same = std::ranges::find(exponentials_, e.tau, &Exponential::tau);
    if (same == exponentials_.end()) {
      exponentials_.push_back({duration_, e.from - e.to, 0.0, e.tau});
    } else {
      same->from += e.from - e.to;
    }
  }
  void operator()(const Sum& sum) {
    level(sum.offset, sum.offset);
    for (const auto& one : sum.terms->segments()) std::visit(*this, std::visit(Scale{sum.factor}, one));
    for (auto one : sum.terms->functions()) {
      one.factor *= sum.factor;
      functions_.push_back(std::move(one));
    }
  }

  [[nodiscard]] Segment result() const {
    std::vector<Segment> terms;
    for (const auto& one : sines_)
      if (one.amplitude != 0.0) terms.emplace_back(one);
    for (const auto& one : chirps_)
      if (one.amplitude != 0.0) terms.emplace_back(one);
    for (const auto& one : exponentials_)
      if (one.from != 0.0) terms.emplace_back(one);
    const bool level = from_ == to_;
    if (terms.empty() && functions_.empty())
      return level ? Segment(Constant{duration_, from_}) : Segment(Ramp{duration_, from_, to_});
    if (level && terms.size() == 1 && functions_.empty()) return std::visit(Raise{from_}, terms.front());
    if (!level) terms.emplace_back(Ramp{duration_, from_, to_});
    return Sum{duration_, std::make_shared<const SumOfTerms>(duration_, std::move(terms), functions_), 1.0,
               level ? from_ : 0.0};
  }

 private:
  void level(double from, double to) {
    from_ += from;
    to_ += to;
  }
  /// Adds a wave to the one of the same frequency: the sum of two pointers in the plane of phases.
  template <class Wave, class Same>
  void add(std::vector<Wave>& waves, Wave wave, const Same& same) {
    wave.duration = duration_;
    wave.offset = 0.0;
    const auto other = std::ranges::find_if(waves, same);
    if (other == waves.end()) return waves.push_back(wave);
    const double x = other->amplitude * std::cos(other->phase) + wave.amplitude * std::cos(wave.phase);
    const double y = other->amplitude * std::sin(other->phase) + wave.amplitude * std::sin(wave.phase);
    other->amplitude = std::hypot(x, y);
    other->phase = std::atan2(y, x);
  }

  double duration_;
  double from_ = 0.0, to_ = 0.0;
  std::vector<Sine> sines_;
  std::vector<Chirp> chirps_;
  std::vector<Exponential> exponentials_;
  std::vector<SumOfTerms::Function> functions_;
};

void require_not_negative(const char* key, double given) {
  if (!(given >= 0)) throw InputError("waveform", key, fmt::format("{}", given), "must not be negative");
}
void require_positive(const char* key, double given) {
  if (!(given > 0 && given <= Waveform::largest))
    throw InputError("waveform", key, fmt::format("{}", given), "must be above 0 and at most 1e15");
}

}  // namespace

Waveform::Waveform(std::vector<Segment> segments) : segments_(std::move(segments)) {
  if (segments_.empty()) throw InputError("waveform", "segments", "[]", "needs at least one segment");
  starts_.reserve(segments_.size() + 1);
  starts_.push_back(0.0);
  double lost = 0;  // Kahan's running compensation
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Validate validate{i};
    validate.positive("duration", memdyn::duration(segments_[i]));
    std::visit(validate, segments_[i]);
    std::visit(Resolve{i, starts_.back()}, segments_[i]);
    if (i % between_stops == 0) stop_if_interrupted();
    const double term = memdyn::duration(segments_[i]) - lost;
    const double sum = starts_.back() + term;
    lost = (sum - starts_.back()) - term;
    starts_.push_back(sum);
  }
}

double Waveform::value(double t) const {
  if (!(t >= 0 && t <= duration())) return 0.0;
  const auto after = std::upper_bound(starts_.begin() + 1, starts_.end() - 1, t);
  const auto index = static_cast<std::size_t>(after - starts_.begin()) - 1;
  return memdyn::value(segments_[index], t - starts_[index]);
}

Waveform Waveform::then(const Waveform& next) const {
  auto all = segments_;
  all.insert(all.end(), next.segments_.begin(), next.segments_.end());
  return Waveform(std::move(all));
}

Waveform Waveform::repeat(std::size_t count) const {
  if (count == 0) throw InputError("waveform", "count", "0", "must be at least 1");
  if (count > 100'000'000 / segments_.size())
    throw InputError("waveform", "count", fmt::format("{}", count),
                     "is too large: the waveform would have more than 1e8 segments");
  std::vector<Segment> all;
  all.reserve(count * segments_.size());
  for (std::size_t i = 0; i < count; ++i) {
    all.insert(all.end(), segments_.begin(), segments_.end());
    if (i % between_stops == 0) stop_if_interrupted();
  }
  return Waveform(std::move(all));
}

Waveform Waveform::scale(double factor) const {
  auto all = segments_;
  for (auto& segment : all) segment = std::visit(Scale{factor}, segment);
  return Waveform(std::move(all));
}

Waveform Waveform::raise(double offset) const {
  auto all = segments_;
  for (auto& segment : all) segment = std::visit(Raise{offset}, segment);
  return Waveform(std::move(all));
}

Waveform Waveform::shift(double delay) const { return Waveform({Constant{delay, 0.0}}).then(*this); }

Waveform sum_of(std::span<const Waveform> waveforms) {
  if (waveforms.size() == 1) return waveforms.front();
  constexpr double rounding = 4 * std::numeric_limits<double>::epsilon();  // of times that are meant to be the same
  double end = 0;
  for (const auto& one : waveforms) end = std::max(end, one.duration());
  std::vector<std::size_t> at(waveforms.size(), 0);  // the segment of each
  std::vector<Segment> all;
  for (double now = 0; now < end;) {
    if (all.size() % between_stops == 0) stop_if_interrupted();
    double next = end;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const auto& starts = waveforms[i].starts();
      while (at[i] + 1 < starts.size() && starts[at[i] + 1] <= now * (1 + rounding)) ++at[i];
      if (at[i] + 1 < starts.size()) next = std::min(next, starts[at[i] + 1]);
    }
    if (next >= end * (1 - rounding)) next = end;
    std::vector<Segment> parts;
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (at[i] + 1 == waveforms[i].starts().size()) continue;  // it has ended
      const Segment& segment = waveforms[i].segments()[at[i]];
      const double start = waveforms[i].starts()[at[i]];
      const double length = memdyn::duration(segment);
      const double from = now <= start * (1 + rounding) ? 0.0 : now - start;
      const double to = start + length <= next * (1 + rounding) ? length : next - start;
      parts.push_back(from == 0.0 && to == length ? segment : part_of(segment, from, to));
    }
    Addition sum(next - now);
    for (const auto& part : parts) std::visit(sum, part);
    all.push_back(parts.size() == 1 ? parts.front() : sum.result());
    now = next;
  }
  return Waveform(std::move(all));
}

namespace {
/// One period: a waveform, and the level `base` for the rest.
/// @param sum what the duration of the waveform consists of
Waveform periodic(const Waveform& one, double period, double base, const char* sum) {
  require_positive("period", period);
  const double rest = period - one.duration();
  // a rest within rounding of the period is no rest
  if (!(rest > -1e-12 * period))
    throw InputError("waveform", "period", fmt::format("{} s", period),
                     fmt::format("must be at least {} = {} s", sum, one.duration()));
  return rest <= 1e-12 * period ? one : one.then(Waveform({Constant{rest, base}}));
}
}  // namespace

Waveform pulse(const PulseShape& shape) {
  require_not_negative("rise", shape.rise);
  require_not_negative("fall", shape.fall);
  std::vector<Segment> parts;
  if (shape.rise > 0) parts.emplace_back(Ramp{shape.rise, shape.base, shape.amplitude});
  parts.emplace_back(Constant{shape.width, shape.amplitude});
  if (shape.fall > 0) parts.emplace_back(Ramp{shape.fall, shape.amplitude, shape.base});
  return Waveform(std::move(parts));
}

Waveform pulse_train(const PulseShape& shape, double period, std::size_t count) {
  return periodic(pulse(shape), period, shape.base, "rise + width + fall").repeat(count);
}

Waveform triangle_sweep(double amplitude, double period, std::size_t count) {
  require_positive("period", period);
  return Waveform(
             {Ramp{period / 4, 0, amplitude}, Ramp{period / 2, amplitude, -amplitude}, Ramp{period / 4, -amplitude, 0}})
      .repeat(count);
}

Waveform sawtooth(double amplitude, double period, std::size_t count) {
  require_positive("period", period);
  return Waveform({Ramp{period, 0, amplitude}}).repeat(count);
}

Waveform staircase(const StaircaseShape& shape) {
  require_not_negative("rise", shape.rise);
  constexpr std::size_t most = 50'000'000;  // a level and a ramp are two segments
  if (shape.levels == 0 || shape.levels > most)
    throw InputError("waveform", "levels", fmt::format("{}", shape.levels), "must be in 1 .. 5e7");
  std::vector<Segment> parts;
  double before = shape.from;
  for (std::size_t n = 0; n < shape.levels; ++n) {
    const double share = n == 0 ? 0.0 : static_cast<double>(n) / static_cast<double>(shape.levels - 1);
    const double level = n > 0 && n + 1 == shape.levels ? shape.to : shape.from + share * (shape.to - shape.from);
    if (n > 0 && shape.rise > 0) parts.emplace_back(Ramp{shape.rise, before, level});
    parts.emplace_back(Constant{shape.width, level});
    before = level;
  }
  return Waveform(std::move(parts));
}

Waveform biphasic(const BiphasicShape& shape, std::size_t count) {
  require_not_negative("gap", shape.gap);
  require_positive("ratio", shape.ratio);
  Waveform pair = pulse({shape.amplitude, shape.width, shape.rise, shape.fall});
  if (shape.gap > 0) pair = pair.then(Waveform({Constant{shape.gap, 0.0}}));
  pair = pair.then(pulse(
      {-shape.ratio * shape.amplitude, shape.width / shape.ratio, shape.rise / shape.ratio, shape.fall / shape.ratio}));
  if (shape.period == 0) return pair.repeat(count);
  return periodic(pair, shape.period, 0.0, "both pulses and the gap").repeat(count);
}

Waveform spike(const SpikeShape& shape) {
  require_not_negative("rise", shape.rise);
  require_not_negative("fall", shape.fall);
  std::vector<Segment> parts;
  if (shape.rise > 0) parts.emplace_back(Ramp{shape.rise, 0.0, shape.amplitude});
  parts.emplace_back(Constant{shape.width, shape.amplitude});
  if (shape.fall > 0) parts.emplace_back(Ramp{shape.fall, shape.amplitude, -shape.tail_amplitude});
  parts.emplace_back(Exponential{shape.tail_duration, -shape.tail_amplitude, 0.0, shape.tau});
  return Waveform(std::move(parts));
}

Waveform sine_burst(double amplitude, double frequency, double cycles) {
  if (!(std::isfinite(frequency) && frequency > 0))
    throw InputError("waveform", "frequency", fmt::format("{}", frequency), "must be finite and above 0");
  require_positive("cycles", cycles);
  return Waveform({Sine{cycles / frequency, amplitude, frequency}});
}

Waveform waveform_from_csv(const std::filesystem::path& path) {
  return waveform_from_csv(read_text(path), path.string());
}

Waveform waveform_from_csv(const std::string& text, const std::string& name) {
  return waveform_of_rows(read_csv(text, name, {.count = 2, .spice = true}), name);
}

Waveform waveform_of_rows(const CsvTable& table, const std::string& name) {
  std::vector<Segment> parts;
  parts.reserve(table.lines.size());
  const std::size_t rows = table.lines.size();
  for (std::size_t row = 1; row < rows; ++row) {
    if (row % between_stops == 0) stop_if_interrupted();
    const double* now = &table.values[2 * row];  // time, value
    const double* before = now - 2;
    const bool jump = now[0] == before[0] && row + 1 < rows && (row < 2 || before[-2] < before[0]);
    if (jump) continue;
    if (!(now[0] > before[0]))
      throw InputError(fmt::format("{}:{}", in_message(name), table.lines[row]), "time", fmt::format("{} s", now[0]),
                       fmt::format("must be later than {} s, the time in the row above (two values at one time are a "
                                   "jump; a third, or one at the end, has no duration)",
                                   before[0]));
    parts.emplace_back(Ramp{now[0] - before[0], before[1], now[1]});
  }
  if (parts.empty())
    throw InputError(in_message(name), "rows", fmt::format("{}", table.lines.size()),
                     "needs at least two breakpoints: rows \"time,value\"");
  return Waveform(std::move(parts));
}

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#include "memdyn/run/table.hpp"

#include <algorithm>
#include <atomic>
#include <boost/math/tools/toms748_solve.hpp>
#include <chrono>
#include <cmath>
#include <limits>

#include "core/long_vectors.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/record/result_file.hpp"
#include "run/estimate.hpp"
#include "run/pulse_history.hpp"
#include "run/pulse_map.hpp"
#include "run/run_inputs.hpp"
#include "run/table_rules.hpp"
#include "run/threads.hpp"
#include "run/tighter.hpp"
#include "scenario/sweep_numbers.hpp"

namespace memdyn {
namespace {

constexpr auto up = PulseTable::up;
constexpr auto down = PulseTable::down;

/// One device, the pulses that it gets, and the voltage at which it is read.
class Cell {
 public:
  Cell(const TablePlan& plan, const AnyDevice& device, const Source& source, const IntegrationOptions& options)
      : read_voltage_(plan.read_voltage),
        amplitudes_{plan.up.amplitude, plan.down.amplitude},
        reader_(driven(device, {.quantity = Quantity::voltage, .series_resistance = source.series_resistance})),
        integrator_(driven(device, source), options),
        pulses_{pulse(plan.up), pulse(plan.down)} {}

  [[nodiscard]] double lower() const { return reader_.lower(0); }
  [[nodiscard]] double upper() const { return reader_.upper(0); }

  /// I/V at the read voltage [S], of device and series resistance.
  [[nodiscard]] double conductance(double state) const {
    const std::array gamma{state};
    const double current = reader_.current(gamma, reader_.input(gamma, read_voltage_));
    if (!std::isfinite(current))
      throw NumericalError(std::string(reader_.name()), 0.0, fmt::format("of the read voltage {} V", read_voltage_),
                           Failure::no_solution);
    return current / read_voltage_;
  }
  /// The state after a pulse.
  [[nodiscard]] double after(double state, PulseTable::Polarity polarity) {
    std::array gamma{state};
    integrator_.advance(gamma, pulses_[polarity]);
    return gamma[0];
  }
  /// Whether a pulse that ends in this state has been cut by a bound: the state is there, and the plateau of the pulse
  /// would drive it on.
  [[nodiscard]] bool is_cut(double state, PulseTable::Polarity polarity) const {
    if (state != lower() && state != upper()) return false;
    const double drift = plateau(integrator_.device(), state, amplitudes_[polarity]).drift;
    return state == upper() ? drift > 0 : drift < 0;
  }

 private:
  double read_voltage_;
  std::array<double, 2> amplitudes_;
  DrivenDevice reader_;
  Integrator<DrivenDevice> integrator_;
  std::array<Waveform, 2> pulses_;
};

/// The states of the table's ends, that of the lower conductance first. @throws InputError if the conductance is not
/// monotone between them
std::array<double, 2> ends(const TablePlan& plan, const Cell& cell) {
  std::array<double, 2> states = plan.states.value_or(std::array{cell.lower(), cell.upper()});
  if (cell.conductance(states[0]) > cell.conductance(states[1])) std::swap(states[0], states[1]);
  constexpr std::size_t samples = 256;
  double last = cell.conductance(states[0]);
  for (std::size_t k = 1; k <= samples; ++k) {
    const double share = static_cast<double>(k) / samples;
    const double next = cell.conductance(std::lerp(states[0], states[1], share));
    if (!(next > last))
      throw InputError("table", "states", fmt::format("[{}, {}]", states[0], states[1]),
                       fmt::format("the conductance at the read voltage must grow or fall with the state throughout, "
                                   "but does not at the state {}: it would not determine what a pulse does",
                                   std::lerp(states[0], states[1], share)));
    last = next;
  }
  return states;
}

/// The state between two that has a conductance.
double state_of(const Cell& cell, const std::array<double, 2>& states, double conductance) {
  const auto excess = [&](double state) { return cell.conductance(state) - conductance; };
  const auto [low, high] = std::minmax(states[0], states[1]);
  const double at_low = excess(low);
  const double at_high = excess(high);
  if (at_low == 0 || at_high == 0) return at_low == 0 ? low : high;
  std::uintmax_t iterations = 200;
  const auto [a, b] = boost::math::tools::toms748_solve(excess, low, high, at_low, at_high,
                                                        boost::math::tools::eps_tolerance<double>(52), iterations);
  return a + (b - a) / 2;
}

PulseTable table_of(const TablePlan& plan, Cell& cell) {
  const auto states = ends(plan, cell);
  const double lowest = cell.conductance(states[0]);
  const double highest = cell.conductance(states[1]);
  PulseTable table;
  for (std::size_t k = 0; k < plan.nodes; ++k) {
    const double share = static_cast<double>(k) / static_cast<double>(plan.nodes - 1);
    const double state = k == 0                ? states[0]
                         : k + 1 == plan.nodes ? states[1]
                                               : state_of(cell, states, std::lerp(lowest, highest, share));
    table.state.push_back(state);
    table.conductance.push_back(cell.conductance(state));
    for (const auto polarity : {up, down}) {
      const double after = cell.after(state, polarity);
      table.state_after[polarity].push_back(after);
      table.conductance_after[polarity].push_back(cell.conductance(after));
      table.cut[polarity].push_back(cell.is_cut(after, polarity));
    }
  }
  return table;
}

/// The sum of the changes over all nodes [S].
double change(const PulseTable& table, PulseTable::Polarity polarity) {
  const auto& after = table.conductance_after[polarity];
  return std::transform_reduce(after.begin(), after.end(), table.conductance.begin(), 0.0, std::plus(), std::minus());
}

Cell nominal_cell(const TablePlan& plan, const IntegrationOptions& options) {
  const Scenario& scenario = plan.sweep.scenario;
  return {plan, scenario.device, scenario.source, options};
}
Cell nominal_cell(const TablePlan& plan) { return nominal_cell(plan, plan.sweep.scenario.options); }

/// The largest difference of a change to that at a hundredth of the tolerances [S]; NaN if they are as tight as double
/// precision admits already.
double numerical_error(const TablePlan& plan, const PulseTable& table) {
  const auto options = tighter(plan.sweep.scenario.options);
  if (!options) return missing;
  Cell cell = nominal_cell(plan, *options);
  double largest = 0;
  for (std::size_t k = 0; k < table.state.size(); ++k)
    for (const auto polarity : {up, down})
      largest = std::max(largest, std::abs(cell.conductance(cell.after(table.state[k], polarity)) -
                                           table.conductance_after[polarity][k]));
  return largest;
}

/// The conductance before and after each pulse of a series.
std::vector<double> series(Cell& cell, double& state, PulseTable::Polarity polarity, std::size_t pulses) {
  std::vector<double> conductances{cell.conductance(state)};
  for (std::size_t k = 0; k < pulses; ++k) {
    state = cell.after(state, polarity);
    conductances.push_back(cell.conductance(state));
  }
  return conductances;
}

using Polarities = std::vector<std::int8_t>;

/// Runs of one polarity after the other, of random lengths, so that they go through the whole range.
Polarities runs(const TablePlan& plan) {
  constexpr std::uint64_t longest_run = 100;
  RandomStream random(plan.sweep.seed, 0, Purpose::order);
  Polarities all;
  for (std::int8_t sign = 1; all.size() < plan.sequence; sign = static_cast<std::int8_t>(-sign))
    all.insert(all.end(), 1 + random.below(longest_run), sign);
  all.resize(plan.sequence);
  return all;
}

Polarities alternating(const TablePlan& plan) {
  Polarities all(plan.sequence, 1);
  for (std::size_t n = 1; n < all.size(); n += 2) all[n] = -1;
  return all;
}

Polarities at_random(const TablePlan& plan) {
  RandomStream random(plan.sweep.seed, 1, Purpose::order);
  Polarities all(plan.sequence);
  for (auto& sign : all) sign = random.below(2) == 0 ? 1 : -1;
  return all;
}

/// The pulses against which rules are held: first the sequence of the table.
std::vector<PulseHistory> histories_of(const TablePlan& plan, const PulseTable& table) {
  const double middle = table.state[table.state.size() / 2];
  std::vector<PulseHistory> all;
  const auto add = [&](PulseOrder order, Polarities polarities, double state) {
    all.push_back({std::string(pulse_order_names[static_cast<std::size_t>(order)]), std::move(polarities), state});
  };
  add(PulseOrder::runs, runs(plan), middle);
  if (!plan.orders) return all;
  add(PulseOrder::up, Polarities(plan.sequence, 1), table.state.front());
  add(PulseOrder::down, Polarities(plan.sequence, -1), table.state.back());
  add(PulseOrder::alternating, alternating(plan), middle);
  add(PulseOrder::random, at_random(plan), middle);
  if (!plan.polarities.empty()) add(PulseOrder::own, plan.polarities, middle);
  return all;
}

std::vector<double> changes(const PulseTable& table) {
  std::vector<double> all;
  for (const auto polarity : {up, down})
    for (std::size_t k = 0; k < table.conductance.size(); ++k)
      all.push_back(table.conductance_after[polarity][k] - table.conductance[k]);
  return all;
}

/// Creates the file of a table, with its axes and attributes.
void write_head(ResultFile& file, const TablePlan& plan) {
  const Scenario& scenario = plan.sweep.scenario;
  file.attribute("model", std::string(scenario.device.name()));
  file.attribute("drive_quantity", std::string(name_of(scenario.source.quantity)));
  file.attribute("series_resistance", scenario.source.series_resistance);
  file.attribute("read_voltage", plan.read_voltage);
  file.attribute("amplitude_up", plan.up.amplitude);
  file.attribute("amplitude_down", plan.down.amplitude);
  file.attribute("width", plan.up.width);
  file.attribute("rise", plan.up.rise);
  file.attribute("fall", plan.up.fall);
  file.attribute("forgets", std::string(scenario.device.properties().fades ? "yes" : "no"));
  file.axis("node", numbered<std::int64_t>(plan.nodes, 0), {"1", "node of the table"});
  file.axis("polarity", std::vector<std::string>{"up", "down"}, {"1", "direction of the pulse"});
  file.axis("pulse", numbered<std::int64_t>(plan.pulses + 1, 0), {"1", "pulses of a series so far"});
  file.axis("step", numbered<std::int64_t>(plan.sequence, 0), {"1", "pulse of the sequence"});
  if (plan.sweep.samples > 0)
    file.axis("sample", numbered<std::int64_t>(plan.sweep.samples, 0), {"1", "device that was drawn"});
}

class Writer {
 public:
  explicit Writer(ResultFile& file) : file_(file) {}
  void array(const std::string& name, const std::vector<std::string>& axes, const Caption& caption,
             const std::vector<double>& values, ResultFile::Kind kind = ResultFile::Kind::real) {
    file_.open_array(name, kind, axes, caption, kind == ResultFile::Kind::real ? missing : 0);
    file_.put(name, 0, values);
  }

 private:
  ResultFile& file_;
};

void write_table(ResultFile& file, const TablePlan& plan, const PulseTable& table) {
  Writer writer(file);
  const std::string unit = plan.sweep.scenario.device.unit();
  writer.array("conductance", {"node"}, {"S", "conductance at the read voltage, before the pulse"}, table.conductance);
  writer.array("gamma", {"node"}, {unit, "internal variable before the pulse"}, table.state);
  writer.array("conductance_change", {"polarity", "node"}, {"S", "change of the conductance by one pulse"},
               changes(table));
  std::vector<double> states;
  std::vector<double> bounds;
  for (const auto polarity : {up, down}) {
    states.insert(states.end(), table.state_after[polarity].begin(), table.state_after[polarity].end());
    bounds.insert(bounds.end(), table.cut[polarity].begin(), table.cut[polarity].end());
  }
  writer.array("gamma_after", {"polarity", "node"}, {unit, "internal variable after the pulse"}, states);
  writer.array("cut_by_bound", {"polarity", "node"}, {"1", "whether a bound of the state cuts the change"}, bounds,
               ResultFile::Kind::code);
  constexpr std::string_view words[] = {"no", "yes"};
  file.meanings("cut_by_bound", words);
}

/// Writes the series of equal pulses.
void write_series(ResultFile& file, const TablePlan& plan, const PulseTable& table) {
  Writer writer(file);
  Cell cell = nominal_cell(plan);
  double state = table.state.front();
  const auto rising = series(cell, state, up, plan.pulses);
  const auto falling = series(cell, state, down, plan.pulses);
  writer.array("potentiation", {"pulse"}, {"S", "conductance after pulses up, from the lowest node"}, rising);
  writer.array("depression", {"pulse"}, {"S", "conductance after pulses down, from the end of potentiation"}, falling);
}

/// Integrates histories, each in one thread.
void integrate(const TablePlan& plan, std::vector<PulseHistory>& histories, const Progress& progress) {
  std::uint64_t pulses = 0;
  for (const PulseHistory& history : histories) pulses += history.polarity.size();
  std::atomic<std::uint64_t> done = 0;
  const auto one = [&](std::uint64_t n, const std::atomic<bool>& stop) {
    Cell cell = nominal_cell(plan);
    PulseHistory& history = histories[n];
    double state = history.state;
    history.start = cell.conductance(state);
    history.conductance.reserve(history.polarity.size());
    for (const auto sign : history.polarity) {
      if (stop) return;
      state = cell.after(state, sign > 0 ? up : down);
      history.conductance.push_back(cell.conductance(state));
      ++done;
    }
  };
  const auto report = [&](double /*share of the histories*/) {
    progress(static_cast<double>(done) / static_cast<double>(pulses));
  };
  for_each_in_threads(histories.size(), threads_or_cores(plan.sweep.threads), [&] { return one; }, report);
}

/// Writes the sequence of the table.
void write_sequence(ResultFile& file, const PulseHistory& sequence) {
  Writer writer(file);
  file.attribute("sequence_start", sequence.start);
  writer.array("sequence_polarity", {"step"}, {"1", "+1 for a pulse up, -1 for one down"},
               {sequence.polarity.begin(), sequence.polarity.end()}, ResultFile::Kind::integer);
  writer.array("sequence_conductance", {"step"}, {"S", "conductance after the pulse"}, sequence.conductance);
}

/// Writes the tables of the devices that are drawn; those that are refused, or fail, stay NaN.
void write_samples(ResultFile& file, const TablePlan& plan, const Progress& progress) {
  const SweepPlan& sweep = plan.sweep;
  if (sweep.samples == 0) return;
  const std::size_t nodes = plan.nodes;
  std::vector<double> conductance(sweep.samples * nodes, missing);
  std::vector<double> change(sweep.samples * 2 * nodes, missing);
  const SweepNumbers nominal(sweep.scenario);
  const auto compute = [&](SweepNumbers& numbers, std::uint64_t n) {
    draw_trajectory(sweep, n, nominal, numbers);
    Cell cell(plan, sweep.scenario.device.with(numbers.parameters), source_of(sweep.scenario, numbers),
              sweep.scenario.options);
    const PulseTable table = table_of(plan, cell);
    std::ranges::copy(table.conductance, conductance.begin() + static_cast<std::ptrdiff_t>(n * nodes));
    std::ranges::copy(changes(table), change.begin() + static_cast<std::ptrdiff_t>(n * 2 * nodes));
  };
  const auto one_thread = [&] {
    return [&compute, numbers = nominal](std::uint64_t n, const std::atomic<bool>& /*stop*/) mutable {
      try {
        compute(numbers, n);
      } catch (const InputError&) {  // a draw that the device refuses
        return;
      } catch (const NumericalError&) {
        return;
      }
    };
  };
  for_each_in_threads(sweep.samples, threads_or_cores(sweep.threads), one_thread, progress);
  Writer writer(file);
  writer.array("sample_conductance", {"sample", "node"}, {"S", "conductance before the pulse"}, conductance);
  writer.array("sample_conductance_change", {"sample", "polarity", "node"},
               {"S", "change of the conductance by one pulse"}, change);
}

}  // namespace

PulseTable pulse_table(const TablePlan& plan) {
  Cell cell = nominal_cell(plan);
  PulseTable table = table_of(plan, cell);
  if (!(change(table, up) > 0) || !(change(table, down) < 0))
    throw InputError("table", "up", fmt::format("{}, down = {}", plan.up.amplitude, plan.down.amplitude),
                     "must make pulses that raise the conductance, and \"down\" pulses that lower it: exchange them, "
                     "or give a larger amplitude or width");
  return table;
}

double symmetry_point(const PulseTable& table) {
  constexpr double rounding = 1e-12;  // of the changes: they are differences of conductances
  const auto sum = [&](std::size_t k) {
    const double here = table.conductance[k];
    const double rise = table.conductance_after[up][k] - here;
    const double fall = table.conductance_after[down][k] - here;
    const double digits = std::numeric_limits<double>::epsilon() * here;
    return std::abs(rise + fall) <= rounding * (std::abs(rise) + std::abs(fall)) + 8 * digits ? 0.0 : rise + fall;
  };
  for (std::size_t k = 1; k < table.conductance.size(); ++k) {
    const double before = sum(k - 1);
    const double after = sum(k);
    if (before > 0 && after < 0)
      return std::lerp(table.conductance[k - 1], table.conductance[k], before / (before - after));
    if (before > 0 && after == 0 && k + 1 < table.conductance.size() && sum(k + 1) < 0) return table.conductance[k];
  }
  return missing;
}

namespace {
Tabulated write_all(const TablePlan& plan, const std::filesystem::path& output, const Progress& progress,
                    const std::string& command) {
  const auto begin = std::chrono::steady_clock::now();
  OutputTarget target(output);
  require_room(need_of(plan), plan.sweep.scenario.sizes, target.part());
  Tabulated done{.table = pulse_table(plan), .rules = {}, .map = {}, .numerical_error = 0, .seconds = 0};
  const Scenario& scenario = plan.sweep.scenario;
  ResultFile file(std::move(target), {scenario.title, scenario.text, plan.sweep.seed, false, inputs_of(plan, command)});
  try {
    write_head(file, plan);
    done.numerical_error = numerical_error(plan, done.table);
    file.attribute("numerical_error", done.numerical_error);
    write_table(file, plan, done.table);
    write_series(file, plan, done.table);
    file.attribute("symmetry_point", symmetry_point(done.table));
    auto histories = histories_of(plan, done.table);
    integrate(plan, histories, progress);
    write_sequence(file, histories.front());
    if (command == "validate") {
      done.rules = write_rules(file, done.table, histories, plan.rules);
      if (plan.map) done.map = write_map(file, plan, {done.table.state.front(), done.table.state.back()}, progress);
    }
    write_samples(file, plan, progress);
  } catch (...) {
    file.conclude(std::current_exception());
    throw;
  }
  file.conclude();
  done.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return done;
}
}  // namespace

Tabulated tabulate(const TablePlan& plan, const std::filesystem::path& output, const Progress& progress) {
  return write_all(plan, output, progress, "table");
}

Tabulated validate(const TablePlan& plan, const std::filesystem::path& output, const Progress& progress) {
  TablePlan whole = plan;
  whole.orders = true;
  return write_all(whole, output, progress, "validate");
}

}  // namespace memdyn

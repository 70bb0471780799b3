// SPDX-License-Identifier: MIT
#include "memdyn/run/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>

#include "core/long_vectors.hpp"
#include "core/quotient.hpp"
#include "drive/cutter.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/record/result_file.hpp"
#include "run/dry_run.hpp"
#include "run/estimate.hpp"
#include "run/run_inputs.hpp"
#include "run/threads.hpp"
#include "scenario/sweep_numbers.hpp"
#include "scenario/sweep_quantities.hpp"

namespace memdyn {
namespace {

/// A dataset of the file, with `width` values per trajectory.
struct SweptColumn {
  std::string name;
  std::size_t width;
  double fill;
};

/// The longest duration of a drive over all trajectories [s]; variations are drawn as the sweep will draw them.
double longest_drive(const SweepPlan& plan) {
  SweepNumbers numbers(plan.scenario);
  const SweepNumbers nominal = numbers;
  const auto lengthens = [&](const auto& one) {
    return std::ranges::any_of(one.slots, [&](const Slot& slot) {
      return slot.of_drive() && slot.units != unit_of(plan.scenario.source.quantity);
    });
  };
  const bool derived = std::ranges::any_of(plan.derived, lengthens);
  const bool drawn = std::ranges::any_of(plan.variations, lengthens) || (derived && !plan.variations.empty());
  const std::uint64_t count = drawn                                                  ? plan.trajectories()
                              : derived || std::ranges::any_of(plan.axes, lengthens) ? plan.grid_points()
                                                                                     : 1;
  if (!drawn && count == 1) return numbers.drive().duration();
  double longest = 0;
  for (std::uint64_t n = 0; n < count; ++n) {
    stop_if_interrupted();
    try {
      if (drawn) {
        draw_trajectory(plan, n, nominal, numbers);
      } else {
        set_grid_point(plan, n, numbers);
      }
      longest = std::max(longest, numbers.drive().duration());
    } catch (const InputError&) {
      continue;  // the sweep will give it the status `refused`
    }
  }
  return longest;
}

/// The end of the common time grid [s]; 0 if record.interval is not given. @param[out] need of the sweep
/// @throws InputError if the sweep needs more than there is
double end_of_grid(const SweepPlan& plan, const std::filesystem::path& part, Need& need) {
  const double interval = plan.scenario.recording.interval;
  // first without the grid, since finding the longest of so many drives can take long itself
  need = need_of(plan, threads_or_cores(plan.threads), 0);
  require_room(need, plan.scenario.sizes, part);
  if (interval == 0.0) return 0;
  const double last = longest_drive(plan) * (1 + 1e-12);
  need = need_of(plan, threads_or_cores(plan.threads), last / interval);
  require_room(need, plan.scenario.sizes, part);
  return last;
}

/// The common time grid [s]; empty if record.interval is not given. @throws InputError if the sweep needs more than
/// there is
std::vector<double> time_grid(const SweepPlan& plan, const std::filesystem::path& part) {
  const double interval = plan.scenario.recording.interval;
  Need need;
  const double last = end_of_grid(plan, part, need);
  if (interval == 0.0) return {};
  std::vector<double> grid;
  for (double at = 0; at <= last; at = static_cast<double>(grid.size()) * interval) {
    if (grid.size() % (1U << 16) == 0) stop_if_interrupted();
    grid.push_back(at);
  }
  return grid;
}

/// What is recorded on the time grid beside the variables.
struct OnGrid {
  const char *name, *units, *long_name;
};
constexpr OnGrid port_on_grid[] = {
    {"current", "A", "current"}, {"voltage", "V", "voltage"}, {"memristance", "ohm", "memristance V/I"}};

/// The axes of a quantity besides those of the sweep.
std::vector<std::string> axes_of(const SweepQuantity& quantity) {
  switch (quantity.along) {
    case SweepQuantity::variable:
      return {"variable"};
    case SweepQuantity::passage:
      return {"passage"};
    case SweepQuantity::part:
      return {"part"};
    case SweepQuantity::time:
      return {"reduce_time"};
    case SweepQuantity::time_variable:
      return {"reduce_time", "variable"};
    case SweepQuantity::trajectory:
      break;
  }
  return {};
}

/// The drive at a time [s]; at a breakpoint, within rounding, that of the segment that begins there.
double drive_at(const Waveform& drive, double time) {
  constexpr double rounding = 1e-12;
  const auto& starts = drive.starts();
  const auto after = std::upper_bound(starts.begin() + 1, starts.end() - 1, time * (1 + rounding));
  const auto index = static_cast<std::size_t>(after - starts.begin()) - 1;
  const Segment& segment = drive.segments()[index];
  return value(segment, std::clamp(time - starts[index], 0.0, duration(segment)));
}

/// The message of a trajectory that failed at a time [s].
std::string message(Failure status, double time) {
  return fmt::format("{} at t = {} s: {}", status_names[static_cast<std::size_t>(status)], time, text_of(status));
}

/// State shared by all threads: the file, and the trajectories that have not been assigned to a thread.
class SweepRun {
 public:
  SweepRun(const SweepPlan& plan, const std::vector<double>& grid, ResultFile& file) : plan(plan), file_(file) {
    const auto& scenario = plan.scenario;
    variables = scenario.gamma.size();
    parts = scenario.device.model().parts;
    for (const auto& quantity : sweep_quantity_table())
      if (std::ranges::count(plan.quantities, quantity.name) > 0) quantities.push_back(&quantity);
    for (const auto* quantity : quantities) needs |= quantity->needs;
    if (need(SweepQuantity::level)) level = plan.level;
    level.every = need(SweepQuantity::every_passage);
    write_head(grid);
    std::size_t row = 0;
    for (const SweptColumn& column : columns) row += column.width;
    const std::uint64_t shares = plan.trajectories() / (std::uint64_t{8} * threads_or_cores(plan.threads)) + 1;
    constexpr std::size_t most_numbers = 1 << 19;  // numbers in a block
    block_ = std::clamp<std::uint64_t>(std::min<std::uint64_t>(shares, most_numbers / row), 1, ResultFile::chunk);
    missing_ = {{0, plan.trajectories()}};
  }

  /// Assigns the next block of trajectories, [first, first + count); count is 0 at the end.
  std::pair<std::uint64_t, std::uint64_t> take() {
    const std::lock_guard lock(mutex_);
    while (!missing_.empty() && missing_.front().count == 0) missing_.pop_front();
    if (missing_.empty() || stopped()) return {0, 0};
    Range& range = missing_.front();
    const std::uint64_t count = std::min(block_, range.count);
    range.count -= count;
    return {std::exchange(range.first, range.first + count), count};
  }
  /// Copies the trajectories that an earlier run has finished. Those that were refused are tried again, because their
  /// messages are not in the file.
  void resume(const ResultReader& left, const Progress& progress) {
    std::vector<Source> sources;
    for (const SweptColumn& column : columns) {
      sources.push_back({column, left.stream(column.name), {}});
      if (sources.back().values.size() != plan.trajectories() * column.width)
        throw IoError(left.name() + ": " + column.name + " has another size than in this sweep");
    }
    missing_.clear();
    for (std::uint64_t first = 0; first < plan.trajectories(); first += block_) {
      for (Source& source : sources) source.block = source.values.next(block_ * source.column.width);
      const auto& status = sources.front().block;
      const auto kept = [&](std::uint64_t n) {
        return status[n] != static_cast<double>(Failure::not_run) && status[n] != static_cast<double>(Failure::refused);
      };
      for (std::uint64_t n = 0, end = 0; n < status.size(); n = end) {
        for (end = n + 1; end < status.size() && kept(end) == kept(n);) ++end;
        if (kept(n)) {
          keep(sources, first, n, end);
        } else if (!missing_.empty() && missing_.back().first + missing_.back().count == first + n) {
          missing_.back().count += end - n;
        } else {
          missing_.push_back({first + n, end - n});
        }
      }
      progress(share());
      constexpr std::size_t most_ranges = 4096;  // in memory
      if (statuses_.size() >= most_ranges) flush();
    }
    flush();
    report.resumed = finished_;
  }
  /// Writes the results of `count` trajectories from `first` on, and their status with the next flush(): values that
  /// are not yet in the file must not be declared valid. It may be called again for the same trajectories.
  /// @param values one array per column, count x width
  void write(std::uint64_t first, std::uint64_t count, const std::vector<std::vector<double>>& values) {
    const std::lock_guard lock(mutex_);
    for (std::size_t c = 1; c < columns.size(); ++c)
      file_.put(columns[c].name, first * columns[c].width, std::span(values[c]).first(count * columns[c].width));
    statuses_.insert_or_assign(first, std::vector(values[0].begin(), values[0].begin() + std::ptrdiff_t(count)));
  }
  /// Writes everything to the file: first the values, then the status of their trajectories.
  void flush() {
    const std::lock_guard lock(mutex_);
    if (statuses_.empty()) return;
    std::vector<std::string> names;
    for (const SweptColumn& column : columns) names.push_back(column.name);
    file_.flush(std::span(names).subspan(1));
    for (const auto& [first, values] : statuses_) file_.put(names.front(), first, values);
    statuses_.clear();
    file_.flush(std::span(names).first(1));
  }
  /// Once a second: makes the workers write what they have finished, and flushes what they have written.
  void keep_up() {
    const auto now = std::chrono::steady_clock::now();
    if (now - flushed_ < std::chrono::seconds(1)) return;
    flushed_ = now;
    flush();
    ++saves_;
  }
  /// The number of times that the workers had to write what they have finished.
  [[nodiscard]] std::uint64_t saves() const { return saves_.load(std::memory_order_relaxed); }
  /// Counts a trajectory that has ended. @param failure why it failed, if it did
  void count(Failure status, std::uint64_t trajectory, const std::string& failure) {
    ++finished_;
    const std::lock_guard lock(mutex_);
    ++report.of_status[static_cast<std::size_t>(status)];
    if (!failure.empty() && (report.first_failure.empty() || trajectory < report.first_failed)) {
      report.first_failure = failure;
      report.first_failed = trajectory;
    }
  }
  /// Keeps the largest current and power.
  void note_largest(const LaneOutcome& outcome) {
    const std::lock_guard lock(mutex_);
    report.largest_current = std::max(report.largest_current, outcome.largest_current);
    report.largest_power = std::max(report.largest_power, outcome.largest_power);
  }
  void fail(const std::exception_ptr& failure) {
    const std::lock_guard lock(mutex_);
    if (!report.failure) report.failure = failure;
    stop_ = true;
  }
  [[nodiscard]] bool stopped() const { return stop_; }
  [[nodiscard]] double share() const {
    return static_cast<double>(finished_) / static_cast<double>(plan.trajectories());
  }

  const SweepPlan& plan;
  std::size_t variables = 0, parts = 0;
  std::vector<const SweepQuantity*> quantities;
  std::vector<SweptColumn>
      columns;  ///< status, end_time, quantities, drawn and derived numbers, and last those on the time grid
  std::size_t on_grid = 0;                ///< index of gamma on the time grid
  std::vector<std::size_t> port_columns;  ///< those of `port_on_grid`; 0 if a swept number has that name
  std::size_t part_columns = 0;           ///< index of the voltages of parts; their currents follow
  std::size_t times = 0;                  ///< points of the common time grid, 0 for none
  unsigned needs = 0;                     ///< by all quantities; see SweepQuantity::Needs
  [[nodiscard]] bool need(SweepQuantity::Needs what) const { return (needs & what) != 0; }
  Level level;
  SweepReport report;

 private:
  /// Trajectories [first, first + count).
  struct Range {
    std::uint64_t first, count;
  };
  /// A column of the file of an earlier run.
  struct Source {
    const SweptColumn& column;
    ResultReader::Stream values;
    std::vector<double> block;  ///< those of a block of trajectories
  };

  /// Takes over trajectories [begin, end) of the block that begins with trajectory `first`.
  void keep(const std::vector<Source>& sources, std::uint64_t first, std::uint64_t begin, std::uint64_t end) {
    std::vector<std::vector<double>> values;
    for (const Source& source : sources) {
      const auto from = source.block.begin();
      const auto width = static_cast<std::ptrdiff_t>(source.column.width);
      values.emplace_back(from + std::ptrdiff_t(begin) * width, from + std::ptrdiff_t(end) * width);
    }
    write(first + begin, end - begin, values);
    for (std::uint64_t n = begin; n < end; ++n) {
      const double code = sources[0].block[n];
      if (!(code >= 0 && code < static_cast<double>(std::size(status_names))))
        throw IoError(fmt::format("status {} of trajectory {} has no meaning: the file is damaged", code, first + n));
      const auto status = static_cast<Failure>(static_cast<std::uint8_t>(code));
      const bool failed = status != Failure::none && status != Failure::absorbed;
      count(status, first + n, failed ? message(status, sources[1].block[n]) : "");
    }
  }
  /// Whether a swept, drawn or derived number has this name in the file.
  [[nodiscard]] bool is_swept(const std::string& name) const {
    const auto named = [&](const SweptNumber& number) { return number.name == name; };
    return std::ranges::any_of(plan.axes, named) || std::ranges::any_of(plan.variations, named) ||
           std::ranges::any_of(plan.derived, named);
  }
  void write_head(const std::vector<double>& grid) {
    const auto& scenario = plan.scenario;
    const std::string unit = scenario.device.unit();
    file_.attribute("model", std::string(scenario.device.name()));
    std::vector<std::string> axes;
    for (const auto& axis : plan.axes) {
      file_.axis(axis.name, axis.values, {axis.slot().units, axis.label()});
      axes.push_back(axis.name);
    }
    if (plan.samples > 1 || axes.empty()) {
      file_.axis("sample", numbered<std::int64_t>(plan.samples, 0), {"1", "random sample"});
      axes.emplace_back("sample");
    }
    file_.axis("variable", scenario.device.variable_names(), {"1", "internal variable"});
    file_.words("variable_unit", scenario.device.variable_units(), "variable", {"1", "unit of the variable"});
    const auto by_part = [](const auto* one) { return one->along == SweepQuantity::part; };
    if (plan.record_parts || std::ranges::any_of(quantities, by_part))
      file_.axis("part", part_names(scenario.device), {"1", "part of the circuit"});
    const auto open = [&](const std::string& name, ResultFile::Kind kind, const Caption& caption, std::size_t width,
                          double fill, const std::vector<std::string>& more = {}) {
      auto all = axes;
      all.insert(all.end(), more.begin(), more.end());
      file_.open_array(name, kind, all, caption, fill);
      columns.push_back({name, width, fill});
    };
    using Kind = ResultFile::Kind;
    open("status", Kind::code, {"1", "final status of the trajectory"}, 1, static_cast<double>(Failure::not_run));
    file_.meanings("status", status_names);
    open("end_time", Kind::real, {"s", "time at which the trajectory ended"}, 1, missing);
    if (need(SweepQuantity::times))
      file_.axis("reduce_time", plan.times, {"s", "time of the values that are recorded"});
    if (std::ranges::any_of(quantities, [](const auto* one) { return one->along == SweepQuantity::passage; }))
      file_.axis("passage", numbered<std::int64_t>(plan.level.timed, 1), {"1", "passage of the level"});
    for (const auto* quantity : quantities)
      open(quantity->name, Kind::real, {unit_of(*quantity, plan), quantity->long_name}, width_of(*quantity, plan),
           missing, axes_of(*quantity));
    const auto open_number = [&](const SweptNumber& number) {
      open(number.name, Kind::real, {number.slot().units, number.label()}, 1, missing);
    };
    for (const auto& variation : plan.variations) open_number(variation);
    for (const auto& derived : plan.derived) open_number(derived);
    if (!grid.empty()) {
      times = grid.size();
      file_.axis("time", grid, {"s", "time"});
      on_grid = columns.size();
      if (variables > 0)
        open("gamma", Kind::real, {unit, "internal variables"}, times * variables, missing, {"time", "variable"});
      for (const auto& [name, units, long_name] : port_on_grid) {
        port_columns.push_back(is_swept(name) ? 0 : columns.size());
        if (!is_swept(name)) open(name, Kind::real, {units, long_name}, times, missing, {"time"});
      }
      part_columns = columns.size();
      if (plan.record_parts) {
        open("part_voltage", Kind::real, {"V", "voltage across each part"}, times * parts, missing, {"time", "part"});
        open("part_current", Kind::real, {"A", "current through each part"}, times * parts, missing, {"time", "part"});
      }
    }
  }

  ResultFile& file_;
  std::uint64_t block_ = 1;
  std::list<Range> missing_;  ///< trajectories that are not assigned yet
  std::atomic<std::uint64_t> finished_ = 0, saves_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::map<std::uint64_t, std::vector<double>> statuses_;  ///< to be written with the next flush, by first trajectory
  std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

/// The trajectories of one thread. Numbers, device and waveform of a trajectory are made when a lane begins it.
class Worker final : public LaneSource {
 public:
  explicit Worker(SweepRun& run)
      : run_(run),
        plan_(run.plan),
        lanes_(lane_count(plan_.set)),
        numbers_(plan_.scenario),
        nominal_(numbers_),
        lane_(lanes_),
        drive_(std::make_shared<const Waveform>(nominal_.drive())),
        levels_(levels_of(driven(plan_.scenario.device, plan_.scenario.source))),
        turns_(looks_at_state(driven(plan_.scenario.device, plan_.scenario.source)) ||
               plan_.scenario.device.size() == 0) {
    const auto note = [&](const SweptNumber& number) {
      for (const Slot& slot : number.slots) {
        parameters_vary_ = parameters_vary_ || slot.kind == Slot::parameter;
        source_varies_ = source_varies_ || slot.kind == Slot::source;
        drive_varies_ = drive_varies_ || slot.of_drive();
      }
    };
    for (const auto& axis : plan_.axes) note(axis);
    for (const auto& variation : plan_.variations) note(variation);
    for (const auto& derived : plan_.derived) note(derived);
    for (const double number : nominal_.parameters) parameters_.insert(parameters_.end(), lanes_, number);
    for (const double number : nominal_.source) sources_.insert(sources_.end(), lanes_, number);
  }

  void work() {
    integrate_ensemble(plan_.set, plan_.scenario.device,
                       {.integration = plan_.scenario.options,
                        .integrals = run_.need(SweepQuantity::integrals),
                        .level = run_.level,
                        .source = plan_.scenario.source,
                        .most_steps = plan_.most_steps,
                        .transition = run_.need(SweepQuantity::transition) ? plan_.transition : Transition{},
                        .extremes = run_.need(SweepQuantity::extremes),
                        .parts = run_.need(SweepQuantity::part_integrals)},
                       *this);
    for (Block& block : blocks_) run_.write(block.first, block.count, block.values);
  }

  bool begin(std::size_t lane, double* gamma) override {
    while (true) {
      if (run_.stopped()) return false;
      if (current_ == nullptr || given_ == current_->count) {
        if (!next_block()) return false;
      }
      Lane& l = lane_[lane];
      l.block = current_;
      l.row = given_++;
      l.sample = l.sample_at = 0;
      l.at_times.clear();
      l.simulated.clear();
      l.cut = false;
      try {
        set_numbers(l);
        DrivenDevice device = start(l, lane);
        constexpr unsigned evaluated = SweepQuantity::port | SweepQuantity::read | SweepQuantity::parts |
                                       SweepQuantity::times | SweepQuantity::measured;
        if (run_.times > 0 || (run_.needs & evaluated) != 0) l.device.emplace(std::move(device));
      } catch (const InputError& error) {
        finish(l, Failure::refused, error.what());
        continue;
      }
      std::ranges::copy(numbers_.gamma, gamma);
      if (time_of_sample(l) <= 0.0) sample(lane, gamma);
      return true;
    }
  }
  const Piece* next_piece(std::size_t lane) override {
    save_if_due();
    lane_[lane].cut = run_.stopped();
    return lane_[lane].cut ? nullptr : lane_[lane].cutter->next();
  }
  [[nodiscard]] double next_sample(std::size_t lane) const override { return time_of_sample(lane_[lane]); }
  void sample(std::size_t lane, const double* gamma) override {
    save_if_due();
    Lane& l = lane_[lane];
    const double time = time_of_sample(l);
    const double input = l.device->input(gamma, drive_at(*l.drive, time));
    SweepSample now{.current = l.device->current(gamma, input),
                    .voltage = l.device->voltage(gamma, input),
                    .gamma = {gamma, gamma + run_.variables}};
    if (grid_time(l) == time) put_on_grid(l, now, input);
    const auto& measured = plan_.measured;
    while (measured_time(l) == time) l.simulated.push_back(value_of(measured.quantity, now));
    if (time_at(l) == time) {
      l.at_times.push_back(std::move(now));
      ++l.sample_at;
    }
  }
  void end(std::size_t lane, const LaneOutcome& outcome) override {
    Lane& l = lane_[lane];
    if (l.cut) return;
    auto& values = l.block->values;
    values[1][l.row] = outcome.time;
    if (outcome.failure == Failure::none) {
      const SweepOutcome all = with_port(l, outcome);
      run_.note_largest(outcome);
      for (std::size_t q = 0; q < run_.quantities.size(); ++q) {
        const std::size_t width = run_.columns[2 + q].width;
        run_.quantities[q]->write(all, width, &values[2 + q][l.row * width]);
      }
      finish(l, std::isnan(outcome.absorbed) ? Failure::none : Failure::absorbed, "");
    } else {
      finish(l, outcome.failure, message(outcome.failure, outcome.time));
    }
  }
  [[nodiscard]] bool stopping() const override { return run_.stopped(); }
  [[nodiscard]] const double* parameters() const override { return parameters_vary_ ? parameters_.data() : nullptr; }
  [[nodiscard]] const double* sources() const override { return source_varies_ ? sources_.data() : nullptr; }

 private:
  /// Trajectories whose results are written together; `open` of them have not ended yet.
  struct Block {
    std::uint64_t first, count, open;
    std::vector<std::vector<double>> values;  ///< one array per column, count x width
    bool changed = false;                     ///< trajectories have finished since it was written
  };
  struct Lane {
    Block* block = nullptr;
    std::uint64_t row = 0;
    std::size_t sample = 0, sample_at = 0;  ///< index of the next point of the time grid, and of the next reduce.times
    bool cut = false;
    std::optional<Cutter> cutter;
    std::optional<DrivenDevice> device;  ///< if states are to be evaluated
    std::shared_ptr<const Waveform> drive;
    std::vector<SweepSample> at_times;
    std::vector<double> simulated;  ///< the measured quantity at the measured times so far
    double last_drive = 0.0;        ///< at the end of the drive [A] or [V]
  };

  static constexpr double never = std::numeric_limits<double>::infinity();
  [[nodiscard]] double grid_time(const Lane& l) const {
    return l.sample < run_.times ? static_cast<double>(l.sample) * plan_.scenario.recording.interval : never;
  }
  [[nodiscard]] double time_at(const Lane& l) const {
    return run_.need(SweepQuantity::times) && l.sample_at < plan_.times.size() ? plan_.times[l.sample_at] : never;
  }
  [[nodiscard]] double measured_time(const Lane& l) const {
    return run_.need(SweepQuantity::measured) && l.simulated.size() < plan_.measured.times.size()
               ? plan_.measured.times[l.simulated.size()]
               : never;
  }
  /// The time at which the state is needed next [s]; infinite if it is not.
  [[nodiscard]] double time_of_sample(const Lane& l) const {
    return std::min({grid_time(l), time_at(l), measured_time(l)});
  }
  /// A quantity that Level::variable numbers.
  static double value_of(int quantity, const SweepSample& at) {
    switch (quantity) {
      case Level::memristance:
        return quotient(at.voltage, at.current);
      case Level::conductance:
        return quotient(at.current, at.voltage);
      case Level::current:
        return at.current;
      case Level::voltage:
        return at.voltage;
      default:
        return at.gamma[static_cast<std::size_t>(quantity)];
    }
  }
  void put_on_grid(Lane& l, const SweepSample& now, double input) {
    const std::size_t at = l.row * run_.times + l.sample++;
    auto& values = l.block->values;
    if (run_.variables > 0) std::ranges::copy(now.gamma, &values[run_.on_grid][at * run_.variables]);
    const double port[] = {now.current, now.voltage, quotient(now.voltage, now.current)};
    for (std::size_t k = 0; k < std::size(port); ++k)
      if (run_.port_columns[k] > 0) values[run_.port_columns[k]][at] = port[k];
    if (!plan_.record_parts) return;
    find_ports(l, now.gamma.data(), input);
    std::ranges::transform(ports_, &values[run_.part_columns][at * run_.parts], &PartPort<double>::voltage);
    std::ranges::transform(ports_, &values[run_.part_columns + 1][at * run_.parts], &PartPort<double>::current);
  }

  /// Adds what follows from the final state, and from the states on the way.
  [[nodiscard]] SweepOutcome with_port(const Lane& l, const LaneOutcome& outcome) {
    SweepOutcome all{.lane = outcome, .level = run_.level, .read_voltage = plan_.read_voltage, .at_times = l.at_times};
    if (run_.need(SweepQuantity::measured) && l.simulated.size() == plan_.measured.times.size())
      all.measured_error = measured_error(plan_.measured, l.simulated);
    if (run_.need(SweepQuantity::port)) {
      const double input = l.device->input(outcome.gamma, l.last_drive);
      all.current = l.device->current(outcome.gamma, input);
      all.voltage = l.device->voltage(outcome.gamma, input);
    }
    if (run_.need(SweepQuantity::parts)) {
      find_ports(l, outcome.gamma, l.device->input(outcome.gamma, l.last_drive));
      all.parts = ports_;
    }
    if (run_.need(SweepQuantity::read)) {
      const DrivenDevice read = l.device->under({Quantity::voltage});
      all.read_current = read.current(outcome.gamma, read.input(outcome.gamma, plan_.read_voltage));
    }
    return all;
  }

  /// Sets ports_ to the voltages and currents of all parts in a state under an input.
  void find_ports(const Lane& l, const double* gamma, double input) {
    ports_.resize(run_.parts);
    l.device->model().ports(gamma, input, ports_.data());
  }

  bool next_block() {
    const auto [first, count] = run_.take();
    if (count == 0) return false;
    Block& block = blocks_.emplace_back(Block{first, count, count, {}});
    for (const SweptColumn& column : run_.columns) block.values.emplace_back(count * column.width, column.fill);
    current_ = &block;
    given_ = 0;
    return true;
  }
  /// Sets the numbers of a lane's trajectory, and records those that were drawn or derived.
  void set_numbers(const Lane& l) {
    const std::uint64_t trajectory = l.block->first + l.row;
    draw_trajectory(plan_, trajectory, nominal_, numbers_);
    std::size_t column = 2 + run_.quantities.size();
    for (const auto& variation : plan_.variations) l.block->values[column++][l.row] = numbers_.at(variation.slot());
    for (const auto& derived : plan_.derived) l.block->values[column++][l.row] = numbers_.at(derived.slot());
  }
  /// Prepares the trajectory of a lane. @returns its device under its source
  DrivenDevice start(Lane& l, std::size_t lane) {
    const AnyDevice& nominal = plan_.scenario.device;
    const Source source = source_of(plan_.scenario, numbers_);
    DrivenDevice device = driven(parameters_vary_ ? nominal.with(numbers_.parameters) : nominal, source);
    check_state(device, numbers_.gamma);
    sources_[lane] = source.series_resistance;
    for (const std::size_t side : {0, 1}) sources_[(1 + side) * lanes_ + lane] = source.compliance[side];
    if (parameters_vary_) levels_ = levels_of(device);
    if (drive_varies_) drive_ = std::make_shared<const Waveform>(numbers_.drive());
    for (std::size_t p = 0; p < numbers_.parameters.size(); ++p)
      parameters_[p * lanes_ + lane] = numbers_.parameters[p];
    l.drive = drive_;
    l.cutter.emplace(drive_, levels_, turns_);
    l.last_drive = value(drive_->segments().back(), memdyn::duration(drive_->segments().back()));
    return device;
  }
  /// Writes what is finished of blocks that are under way.
  void save_if_due() {
    if (saves_ == run_.saves()) return;
    saves_ = run_.saves();
    for (Block& block : blocks_) {
      if (block.changed) run_.write(block.first, block.count, block.values);
      block.changed = false;
    }
  }
  void finish(Lane& l, Failure status, const std::string& failure) {
    Block& block = *l.block;
    block.changed = true;
    block.values[0][l.row] = static_cast<double>(status);
    run_.count(status, block.first + l.row, failure);
    if (--block.open > 0) return;
    run_.write(block.first, block.count, block.values);
    if (current_ == &block) current_ = nullptr;
    blocks_.remove_if([&](const Block& one) { return &one == &block; });
  }

  SweepRun& run_;
  const SweepPlan& plan_;
  std::size_t lanes_;
  SweepNumbers numbers_, nominal_;
  std::vector<Lane> lane_;
  std::shared_ptr<const Waveform> drive_;
  std::vector<double> levels_;
  bool turns_;  ///< the drive is also cut at the extrema of sines
  bool parameters_vary_ = false, source_varies_ = false, drive_varies_ = false;
  std::vector<double> parameters_, sources_;  ///< number x lane
  std::vector<PartPort<double>> ports_;
  std::list<Block> blocks_;
  Block* current_ = nullptr;
  std::uint64_t given_ = 0;
  std::uint64_t saves_ = 0;  ///< SweepRun::saves() when this worker wrote last
};

/// Creates the arrays of the file, and begins to append to it, with what an earlier run has left.
void start(ResultFile& file, const SweepPlan& plan, const std::vector<double>& grid, const Progress& progress,
           std::optional<SweepRun>& run) {
  try {
    file.attribute("instruction_set", std::string(name_of(plan.set)));
    file.attribute("provenance/threads", static_cast<double>(threads_or_cores(plan.threads)));
    run.emplace(plan, grid, file);
    const auto left = file.left();
    file.begin_appending();
    if (left) run->resume(*left, progress);
    file.take_over();
  } catch (...) {
    file.conclude(std::current_exception());
    throw;
  }
}

}  // namespace

Need require_sweepable(const SweepPlan& plan, const std::filesystem::path& part) {
  Need need;
  (void)end_of_grid(plan, part, need);
  return need;
}

std::uint64_t SweepReport::failed() const {
  std::uint64_t sum = 0;
  for (auto status = static_cast<std::size_t>(Failure::not_finite);
       status <= static_cast<std::size_t>(Failure::refused); ++status)
    sum += of_status[status];
  return sum;
}

SweepReport sweep(const SweepPlan& given, const std::filesystem::path& output, const Progress& progress,
                  OutputTarget::Left left) {
  const auto begin = std::chrono::steady_clock::now();
  SweepPlan plan = given;
  plan.set = set_for(plan.scenario.device, given.set);
  OutputTarget target(output, left);  // check the output before the time grid, which can take long
  const auto grid = time_grid(plan, target.part());
  ResultFile file(std::move(target), {plan.scenario.title, plan.scenario.text, plan.seed, true, inputs_of(plan)});
  std::optional<SweepRun> made;
  start(file, plan, grid, progress, made);
  SweepRun& run = *made;
  const auto fail = [&](const std::exception_ptr& why) { run.fail(why); };
  in_threads(
      threads_or_cores(plan.threads), [&] { Worker(run).work(); },
      [&] {
        if (run.stopped()) return;
        run.keep_up();
        progress(run.share());
      },
      fail);
  try {
    run.flush();
  } catch (...) {
    fail(std::current_exception());
  }
  SweepReport report = std::move(run.report);
  report.trajectories = plan.trajectories();
  const std::uint64_t finished = std::accumulate(report.of_status.begin(), report.of_status.end(), std::uint64_t{0});
  report.of_status[static_cast<std::size_t>(Failure::not_run)] = report.trajectories - finished;
  file.conclude(report.failure);
  report.place = file.place();
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace memdyn

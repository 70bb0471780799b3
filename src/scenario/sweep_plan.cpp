// SPDX-License-Identifier: MIT
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/text_file.hpp"
#include "device/text/expression.hpp"
#include "device/text/formula.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/device/text/text_device.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "scenario/csv_keys.hpp"
#include "scenario/need.hpp"
#include "scenario/read_scenario.hpp"
#include "scenario/sweep_numbers.hpp"
#include "scenario/sweep_quantities.hpp"

namespace memdyn {
namespace {

/// Default name of a dataset: "device.parameters.I_off" -> "I_off", "waveform[1].amplitude" -> "waveform_1_amplitude"
/// ("amplitude" if there is only one waveform), "initial.gamma[0]" -> "initial_gamma_0".
std::string name_of_key(std::string key, bool one_waveform) {
  for (const std::string prefix :
       {"device.parameters.", "drive.", one_waveform ? "waveform[0]." : "drive.", "parameters."})
    if (key.starts_with(prefix)) key = key.substr(prefix.size());
  std::string name;
  for (const char c : key)
    if (c != ']') name += c == '.' || c == '[' ? '_' : c;
  return name;
}

/// Reads the numbers that vary.
class Reader {
 public:
  /// @param role_in_network of the device of the plan in a network, whose numbers alone are read; empty if there is no
  /// network
  Reader(TomlSection& root, SweepPlan& plan, std::string role_in_network = "")
      : plan_(plan), role_(std::move(role_in_network)) {
    const std::string prefix = "device.";
    for (const auto& [key, slot] : sweep_slots(plan.scenario))
      slots_[!role_.empty() && key.starts_with(prefix) ? role_ + key.substr(prefix.size() - 1) : key] = slot;
    names_.insert(plan.quantities.begin(), plan.quantities.end());
    names_.insert({"status", "end_time", "sample", "variable", "variable_unit", "time", "gamma", "passage",
                   "reduce_time", "inputs", "part", "part_voltage", "part_current"});
    std::vector<std::pair<TomlSection, std::string>> derived;  // with the key of their expression
    if (root.has("sweep"))
      for (auto& section : root.sections("sweep")) {
        if (section.has("value"))
          derived.emplace_back(section, "sweep.value");
        else
          axis(section);
      }
    if (root.has("vary"))
      for (auto& section : root.sections("vary"))
        if (role_.empty() || keys_of(section).front().starts_with(role_ + ".")) {
          if (section.has("value"))
            derived.emplace_back(section, "vary.value");
          else
            variation(section);
        }
    for (auto& [section, key] : derived) derive(section, key);
    double points = static_cast<double>(plan.samples);
    for (const Range& range : ranges_) points *= static_cast<double>(range.count);
    for (const auto& axis : plan.axes) points *= axis.values.empty() ? 1.0 : static_cast<double>(axis.values.size());
    require_room({.what = fmt::format("{:.3g} trajectories", points), .steps = points}, plan.scenario.sizes);
    for (const Range& range : ranges_) plan_.axes[range.axis].values = range.values();
  }

  /// "file:line" of each axis.
  [[nodiscard]] const std::vector<std::string>& wheres() const { return wheres_; }

 private:
  /// The numbers of an axis without a list, which take memory only after their count has been allowed.
  struct Range {
    std::size_t axis;
    double from, to;
    std::uint64_t count;
    bool logarithmic;

    [[nodiscard]] std::vector<double> values() const {
      std::vector<double> values(count);
      for (std::uint64_t i = 0; i < count; ++i) {
        const double share = count == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(count - 1);
        values[i] = i + 1 == count && count > 1 ? to
                    : logarithmic               ? from * std::pow(to / from, share)
                                                : from + share * (to - from);
      }
      return values;
    }
  };

  std::pair<std::string, Slot> slot(TomlSection& section, const char* where, std::string key) {
    key = slot_key(key, plan_.scenario);
    const auto found = slots_.find(key);
    if (found == slots_.end()) {
      std::set<std::string> keys;
      for (const auto& [known, ignored] : slots_) keys.insert(known);
      section.refuse(where, (where == std::string_view("keys") ? fmt::format("\"{}\" ", key) : std::string()) +
                                "is not a number of this scenario" + suggestion(key, keys) +
                                (key.starts_with("drive.") ? " (a sweep can change only keys that [drive] gives: a "
                                                             "series_resistance above 0, a finite compliance)"
                                                           : ""));
    }
    return *found;
  }
  /// Reads `key` or `keys`, and the name. @param used the keys of the other tables of this kind
  void number(TomlSection& section, std::set<std::string>& used, SweptNumber& number) {
    const char* where = key_or_keys(section);
    for (const auto& one : keys_of(section)) {
      auto [key, slot] = this->slot(section, where, one);
      if (!used.insert(key).second)
        section.refuse(where, "is given twice; a number can have one [[sweep]] and one [[vary]]");
      if (!number.slots.empty() && slot.units != number.slot().units)
        section.refuse("keys", fmt::format("must have one unit: {} is in {}, but {} in {}", number.keys.front(),
                                           number.slot().units, key, slot.units));
      number.keys.push_back(std::move(key));
      number.slots.push_back(std::move(slot));
    }
    number.name = name(section, number.keys.front(), where);
  }
  std::string name(TomlSection& section, const std::string& key, const char* otherwise) {
    const std::string of_device = role_.empty() ? key : "device" + key.substr(role_.size());
    const auto name = section.text("name", name_of_key(of_device, plan_.scenario.parts.size() == 1));
    const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    constexpr std::size_t longest = 256;  // netCDF's NC_MAX_NAME
    const char* where = section.has("name") ? "name" : otherwise;
    if (name.empty() || name.size() > longest || !std::ranges::all_of(name, plain))
      section.refuse(where, fmt::format("a dataset's name must consist of letters, digits and underscores, at most {}; "
                                        "give another name",
                                        longest));
    if (!names_.insert(name).second) section.refuse(where, "is already the name of a dataset; give another name");
    return name;
  }

  /// Reads a number that an expression of the axes and the drawn numbers gives.
  void derive(TomlSection& section, const std::string& key_of_value) {
    for (const char* key : {"values", "from", "to", "count", "spacing", "distribution", "file", "column", "mean",
                            "deviation", "relative", "median", "sigma", "low", "high", "centre"})
      if (section.has(key)) section.refuse(key, "is used only without \"value\"; remove one of the two");
    DerivedNumber derived;
    number(section, swept_, derived);
    for (const auto& key : derived.keys)
      if (varied_.contains(key)) section.refuse("value", fmt::format("{} is drawn by a [[vary]] already", key));
    std::vector<std::string> names;
    const auto usable = [&](const SweptNumber& number) {
      names.push_back(number.name);
      derived.from.push_back(number.slot());
    };
    for (const auto& axis : plan_.axes) {
      if (varied_.contains(axis.keys.front())) continue;  // its value is drawn around that of the axis
      if (expression::is_reserved(axis.name))
        section.refuse(
            "value", fmt::format("{} has a meaning of its own in expressions; give that axis another name", axis.name));
      usable(axis);
    }
    for (const auto& variation : plan_.variations) usable(variation);
    if (names.empty())
      section.refuse("value", "needs a number that is swept or drawn; give another [[sweep]] or [[vary]]");
    try {
      Formula formula(key_of_value, section.text("value"), names);
      if (formula.constant())
        section.refuse("value", fmt::format("must depend on a number that is swept or drawn, one of {}; write a fixed "
                                            "number at its key",
                                            fmt::join(names, ", ")));
      derived.value = std::move(formula);
    } catch (const ExpressionError& error) {
      const std::string place = section.where("value", error.offset());
      throw InputError(fmt::format("{}: {}", place, error.text()), {place, "value", section.text("value")});
    }
    plan_.derived.push_back(std::move(derived));
  }

  void axis(TomlSection& section) {
    SweepAxis axis;
    number(section, swept_, axis);
    const char* listed = section.has("values") ? "values" : section.has("file") ? "file" : nullptr;
    if (listed != nullptr) {
      for (const char* key : {"from", "to", "count", "spacing", "file"})
        if (section.has(key) && std::string_view(key) != listed)
          section.refuse(key, fmt::format("is used only without \"{}\"; remove one of the two", listed));
      axis.values = std::string_view(listed) == "file" ? column(section) : section.numbers("values");
      if (axis.values.empty()) section.refuse("values", "needs at least one number");
    } else {
      const double from = section.number("from");
      const double to = section.number("to");
      const auto count = section.count("count", 0);
      const auto spacing = section.text("spacing", "linear");
      if (count < 1 || count > 10'000'000) section.refuse("count", "must be in 1 .. 1e7");
      if (spacing != "linear" && spacing != "log") section.refuse("spacing", "must be \"linear\" or \"log\"");
      if (spacing == "log" && (from == 0 || to == 0 || std::signbit(from) != std::signbit(to)))
        section.refuse("from", "and \"to\" must have the same sign, and neither may be 0, if spacing = \"log\"");
      if (!std::isfinite(spacing == "log" ? to / from : to - from))
        section.refuse("from", "is too far from \"to\" for double precision");
      ranges_.push_back({plan_.axes.size(), from, to, count, spacing == "log"});
    }
    plan_.scenario.sizes.push_back(
        section.size_key(listed != nullptr ? listed : "count",
                         static_cast<double>(listed != nullptr ? axis.values.size() : ranges_.back().count)));
    plan_.axes.push_back(std::move(axis));
    wheres_.push_back(section.where(""));
  }

  /// The numbers of a column of a CSV file, given by its name in the heading or by its number, from 1.
  static std::vector<double> column(TomlSection& section) {
    const auto file = section.file("file");
    CsvFormat format;
    if (section.is_text("column")) {
      format.columns = {section.text("column")};
    } else if (section.has("column")) {
      const auto number = section.count("column", 1);
      if (number < 1) section.refuse("column", "must be a name of the heading, or a number from 1");
      format.columns = {static_cast<std::size_t>(number)};
    }
    const CsvTable table = read_csv(file.text, file.shown, format);
    if (table.columns > 1)
      section.refuse("column", fmt::format("is needed, because the file has {} columns: a name of its heading, or a "
                                           "number from 1",
                                           table.columns));
    if (table.values.empty()) section.refuse("file", "has no row of numbers");
    return table.values;
  }

  static const char* centre_of(const std::string& kind) {
    return kind == "normal" ? "mean" : kind == "lognormal" ? "median" : "centre";
  }
  static bool is_whole(const std::string& key) {
    return key.ends_with(".count") || key.ends_with(".repeat") || key.ends_with(".levels");
  }

  /// Reads the distribution of a variation.
  static void distribution(TomlSection& section, const std::string& kind, Variation& v) {
    if (kind == "resample" || kind == "in_order") {
      section.only({"key", "keys", "name", "distribution", "file", "column"});
      v.distribution = kind == "resample" ? Variation::resample : Variation::in_order;
      v.column = column(section);
      v.file = section.text("file");
      return;
    }
    const bool relative = section.has("relative");
    TomlSection::Keys keys{"key", "keys", "name", "distribution", "low", "high"};
    for (const char* key : {"mean", "deviation", "relative"})
      if (kind == "normal") keys.emplace_back(key);
    for (const char* key : {"median", "sigma"})
      if (kind == "lognormal") keys.emplace_back(key);
    for (const char* key : {"centre", "relative"})
      if (kind == "uniform") keys.emplace_back(key);
    section.only(keys);
    const auto centre = [&](const char* key) {
      v.own_centre = section.has(key);
      if (v.own_centre) v.centre = section.number(key);
    };
    const auto spread = [&](const char* key) {
      v.spread = section.number(key);
      if (!(v.spread >= 0)) section.refuse(key, "must not be negative");
    };
    if (kind == "uniform" && !relative) {
      if (section.has("centre"))
        section.refuse("centre", "needs relative; without relative, low and high alone define the distribution");
      v.distribution = Variation::uniform;
      const double low = section.number("low");
      const double high = section.number("high");
      if (!(low <= high && std::isfinite(high - low)))
        section.refuse("low", "must not be above \"high\", and their difference must be finite");
      v.centre = low + (high - low) / 2;
      v.spread = (high - low) / 2;
      return;
    }
    v.low = section.number_or_infinity("low", -infinity);
    v.high = section.number_or_infinity("high", infinity);
    if (!(v.low < v.high)) section.refuse("low", "must be below \"high\"");
    if (kind == "lognormal") {
      v.distribution = Variation::lognormal;
      centre(centre_of(kind));
      return spread("sigma");
    }
    v.distribution = kind == "uniform" ? Variation::uniform : Variation::normal;
    centre(centre_of(kind));
    v.relative = relative;
    if (v.relative && kind == "normal" && section.has("deviation"))
      section.refuse("deviation", "cannot be combined with relative; remove one of the two");
    spread(v.relative ? "relative" : "deviation");
  }

  void variation(TomlSection& section) {
    Variation v;
    number(section, varied_, v);
    const std::set<std::string> kinds{"normal", "lognormal", "uniform", "resample", "in_order"};
    const auto kind = section.text("distribution");
    if (!kinds.contains(kind))
      section.refuse("distribution",
                     fmt::format("must be one of {}{}", fmt::join(kinds, ", "), suggestion(kind, kinds)));
    distribution(section, kind, v);
    for (std::size_t k = 0; k < v.keys.size(); ++k)
      if (v.slots[k].of_drive() && is_whole(v.keys[k]) && !v.of_column())
        section.refuse(key_or_keys(section),
                       "is a whole number, which cannot be drawn from a distribution; use [[sweep]] with values = "
                       "[...]");
    if (v.of_column()) {
      if (v.distribution == Variation::in_order && plan_.samples > v.column.size())
        section.refuse("file",
                       fmt::format("has {} rows, but run.samples is {}; with distribution = \"in_order\" sample n "
                                   "takes row n",
                                   v.column.size(), plan_.samples));
      plan_.variations.push_back(std::move(v));
      return;
    }
    const SweepNumbers numbers(plan_.scenario);
    for (std::size_t k = 0; k < v.keys.size(); ++k)
      if (!v.own_centre && !swept_.contains(v.keys[k]) && numbers.at(v.slots[k]) != numbers.at(v.slot()))
        section.refuse("keys", fmt::format("have different values in the scenario, {} and {}; give {}",
                                           numbers.at(v.slot()), numbers.at(v.slots[k]), centre_of(kind)));
    section.located([&] {
      RandomStream random(plan_.seed, 0, Purpose::variation);
      (void)v.draw(random, numbers.at(v.slot()));
    });
    plan_.variations.push_back(std::move(v));
  }

  SweepPlan& plan_;
  std::string role_;
  std::map<std::string, Slot> slots_;
  std::set<std::string> names_, swept_, varied_;
  std::vector<std::string> wheres_;
  std::vector<Range> ranges_;
};

/// The key of [reduce] without which a quantity cannot be recorded; empty if there is none.
std::string key_for(const SweepQuantity& quantity) {
  if (quantity.along == SweepQuantity::passage) return "passages";
  for (const auto& [needs, key] :
       {std::pair{SweepQuantity::level, "level"}, std::pair{SweepQuantity::read, "read_voltage"},
        std::pair{SweepQuantity::times, "times"}, std::pair{SweepQuantity::transition, "low"},
        std::pair{SweepQuantity::measured, "measured"}})
    if ((quantity.needs & needs) != 0) return key;
  return "";
}

/// Reads the quantities to record: those that are listed; or else the usual ones whose keys are given.
void read_quantities(std::optional<TomlSection>& section, SweepPlan& plan) {
  const auto given = [&](const std::string& key) { return key.empty() || (section && section->has(key)); };
  plan.quantities.clear();
  const auto of_state = [](const SweepQuantity& quantity) {
    return quantity.along == SweepQuantity::variable || quantity.along == SweepQuantity::time_variable;
  };
  const bool stateless = plan.scenario.device.size() == 0;
  if (!given("quantities")) {
    for (const auto& quantity : sweep_quantity_table())
      if (quantity.usual && given(key_for(quantity)) && !(stateless && of_state(quantity)))
        plan.quantities.emplace_back(quantity.name);
    return;
  }
  std::set<std::string> known, needed;
  for (const auto& quantity : sweep_quantity_table()) known.insert(quantity.name);
  plan.quantities = section->texts("quantities");
  for (const auto& name : plan.quantities) {
    const auto quantity = std::ranges::find(sweep_quantity_table(), name, &SweepQuantity::name);
    if (quantity == sweep_quantity_table().end())
      section->refuse("quantities",
                      fmt::format("\"{}\" is not one of {}{}", name, fmt::join(known, ", "), suggestion(name, known)));
    const auto key = key_for(*quantity);
    if (!given(key)) section->refuse("quantities", fmt::format("{} needs reduce.{}", name, key));
    if (quantity->along == SweepQuantity::part && plan.scenario.device.model().parts == 0)
      section->refuse("quantities", fmt::format("{} needs a device with parts, series or parallel", name));
    if (stateless && of_state(*quantity))
      section->refuse("quantities", fmt::format("{} needs a device with an internal variable", name));
    needed.insert(key);
  }
  for (const auto& [key, users] :
       {std::pair{"passages", "passage_time"}, std::pair{"read_voltage", "read_current and read_conductance"},
        std::pair{"times", "gamma_at, current_at, voltage_at, memristance_at and conductance_at"},
        std::pair{"low", "rise_time and fall_time"},
        std::pair{"measured", "measured_rms, measured_log_rms and measured_area"}})
    if (given(key) && !needed.contains(key))
      section->refuse(key, fmt::format("is used by {}, which reduce.quantities does not list", users));
}

using Names = std::map<std::string, int>;

/// Reads a key whose value is one of these names.
int read_one_of(TomlSection& section, const char* key, const std::string& otherwise, const Names& numbers) {
  const auto name = section.text(key, otherwise);
  std::set<std::string> names;
  for (const auto& [known, number] : numbers) names.insert(known);
  if (!names.contains(name))
    section.refuse(key, fmt::format("must be one of {}{}", fmt::join(names, ", "), suggestion(name, names)));
  return numbers.at(name);
}
/// The quantities of a trajectory and their numbers (Level::variable).
Names quantities_of(const AnyDevice& device) {
  Names all{{"memristance", Level::memristance},
            {"conductance", Level::conductance},
            {"current", Level::current},
            {"voltage", Level::voltage}};
  const auto variables = device.variable_names();
  for (std::size_t i = 0; i < variables.size(); ++i) all[variables[i]] = static_cast<int>(i);
  return all;
}

/// Reads the level: its value, the quantity that passes it, the direction and the number of passages to time.
void read_level(TomlSection& section, SweepPlan& plan) {
  if (!section.has("level")) {
    for (const char* key : {"direction", "passages"})
      if (section.has(key)) section.refuse(key, "needs reduce.level");
    if (section.has("of") && !section.has("low") && !section.has("high"))
      section.refuse("of", "needs reduce.level, or reduce.low and reduce.high");
    return;
  }
  Level& level = plan.level;
  level.value = section.number("level");
  level.variable = read_one_of(section, "of", "memristance", quantities_of(plan.scenario.device));
  level.direction = static_cast<Level::Direction>(
      read_one_of(section, "direction", "either",
                  {{"falling", Level::falling}, {"rising", Level::rising}, {"either", Level::either}}));
  constexpr std::uint64_t most_passages = 10'000;  // of each trajectory, in its row of the file
  level.timed = section.count("passages", 0);
  if (section.has("passages") && level.timed == 0) section.refuse("passages", "must be 1 or more");
  if (level.timed > most_passages) section.refuse("passages", fmt::format("must be at most {}", most_passages));
}

/// Reads the two values between which a rise and a fall are timed.
void read_transition(TomlSection& section, SweepPlan& plan) {
  if (section.has("low") != section.has("high"))
    section.refuse(section.has("low") ? "low" : "high", "needs the other of reduce.low and reduce.high");
  if (!section.has("low")) return;
  const double low = section.number("low");
  const double way = section.number("high") - low;
  if (!(way > 0 && std::isfinite(way))) section.refuse("low", "must be below reduce.high");
  constexpr double begin = 0.1;  // IEEE Std 181: from 10 % to 90 %
  constexpr double end = 0.9;
  plan.transition = {.variable = read_one_of(section, "of", "memristance", quantities_of(plan.scenario.device)),
                     .low = low + begin * way,
                     .high = low + end * way};
}

/// The end of the drive of the scenario itself [s].
double nominal_end(const SweepPlan& plan) { return waveform_of(plan.scenario).duration(); }

/// Reads the times at which trajectories are recorded.
void read_times(TomlSection& section, SweepPlan& plan) {
  if (!section.has("times")) return;
  constexpr std::size_t most_times = 10'000;  // of each trajectory, in its row of the file
  plan.times = section.numbers("times");
  if (plan.times.empty() || plan.times.size() > most_times)
    section.refuse("times", fmt::format("must be 1 to {} times", most_times));
  if (!(plan.times.front() >= 0 && plan.times.back() <= Waveform::largest))
    section.refuse("times", "must be in 0 .. 1e15 s");
  if (std::ranges::adjacent_find(plan.times, std::greater_equal<>()) != plan.times.end())
    section.refuse("times", "must rise from one to the next");
}

/// Reads the measurement to which trajectories are compared.
void read_measured(TomlSection& root, TomlSection& reduce, SweepPlan& plan) {
  if (!reduce.has("measured")) return;
  auto section = reduce.section("measured");
  SweepMeasurement& measured = plan.measured;
  const int quantity = read_one_of(section, "quantity", "current", quantities_of(plan.scenario.device));
  const CsvTable table = read_time_series(section, unit_of_level(quantity, plan.scenario.device), plan.scenario.notes);
  const auto file = section.file("file").shown;
  const std::size_t rows = table.lines.size();
  if (rows < 2) section.refuse("file", fmt::format("has {} rows; at least two are needed", rows));
  const double first = table.values[0];
  if (first != 0.0 && !section.has("start"))
    for (auto& waveform : root.sections("waveform"))
      if (waveform.is_text("file") && waveform.text("file") == section.text("file"))
        section.refuse("file",
                       fmt::format("is also the waveform, which begins with the first row of the file, at {} s; "
                                   "write start = 0, the time of the first row in the simulation",
                                   first));
  const double shift = section.has("start") ? section.number("start") - first : 0.0;
  for (std::size_t row = 0; row < rows; ++row) {
    if (row % (1U << 14) == 0) stop_if_interrupted();
    const double time = table.values[2 * row] + shift;
    if (!(time >= (row == 0 ? 0.0 : measured.times.back())))
      throw InputError(fmt::format("{}:{}", in_message(file), table.lines[row]), "time", fmt::format("{} s", time),
                       row == 0 ? "must not be negative; give reduce.measured.start, the time of the first row in the "
                                  "simulation"
                                : "must not be earlier than in the row above");
    measured.times.push_back(time);
    measured.values.push_back(table.values[2 * row + 1]);
  }
  constexpr double rounding = 1e-9;
  const double end = section.located([&] { return nominal_end(plan); });
  if (measured.times.back() > end * (1 + rounding))
    section.refuse("file", fmt::format("ends at {} s in the simulation, after the drive of the scenario, at {} s",
                                       measured.times.back(), end));
  for (double& time : measured.times) time = std::min(time, end);
  measured.quantity = quantity;
}

/// Refuses times that no trajectory reaches, because the drive ends before in all of them.
void check_times(TomlSection& root, const SweepPlan& plan) {
  if (plan.times.empty()) return;
  const auto lengthens = [](const SweptNumber& one) { return std::ranges::any_of(one.slots, &Slot::of_drive); };
  if (std::ranges::any_of(plan.axes, lengthens) || std::ranges::any_of(plan.variations, lengthens) ||
      std::ranges::any_of(plan.derived, lengthens))
    return;
  auto section = root.section("reduce");
  constexpr double rounding = 1e-9;
  if (const double end = nominal_end(plan); plan.times.back() > end * (1 + rounding))
    section.refuse("times", fmt::format("must not be after the end of the drive, at {} s", end));
}

/// Reads the voltage at which the final state is read.
void read_read_voltage(TomlSection& section, SweepPlan& plan) {
  if (!section.has("read_voltage")) return;
  plan.read_voltage = section.number("read_voltage");
  if (plan.read_voltage == 0.0 || std::abs(plan.read_voltage) > Waveform::largest)
    section.refuse("read_voltage", "must not be 0, and be in [-1e15, 1e15] V");
  const AnyDevice& device = plan.scenario.device;
  if (device.model().fixes_voltage)
    section.refuse("read_voltage", "cannot be applied: a capacitor across the device holds its voltage");
  if (device.model().fixes_current)
    section.refuse("read_voltage", "reads nothing: an inductor in series holds the current");
  if (const std::string why = several_answers(device, {Quantity::voltage}); !why.empty())
    section.refuse("read_voltage", fmt::format("does not determine a current: {}", why));
}

void read_reductions(TomlSection& root, SweepPlan& plan) {
  std::optional<TomlSection> section;
  if (root.has("reduce")) section.emplace(root.section("reduce"));
  if (section) {
    read_level(*section, plan);
    read_transition(*section, plan);
    read_times(*section, plan);
    read_measured(root, *section, plan);
    read_read_voltage(*section, plan);
  }
  read_quantities(section, plan);
}

/// Reads what is recorded of trajectories besides their variables.
void read_record(TomlSection section, SweepPlan& plan) {
  plan.record_parts = section.flag("parts", false);
  if (plan.record_parts && plan.scenario.device.model().parts == 0)
    section.refuse("parts", "needs a device with parts, series or parallel");
  if (plan.record_parts && !(plan.scenario.recording.interval > 0))
    section.refuse("parts", "needs record.interval: voltages and currents of parts are recorded on its grid");
}

/// Largest grid of which every point is checked before anything runs. In a larger grid a point that is not admissible
/// gets the status `refused` during the sweep.
constexpr std::uint64_t checked_points = 1'000'000;
void check_grid(const SweepPlan& plan, const std::vector<std::string>& wheres) {
  SweepNumbers numbers(plan.scenario);
  const auto of_drive = [](const SweptNumber& one) { return std::ranges::any_of(one.slots, &Slot::of_drive); };
  const bool drive_varies = std::ranges::any_of(plan.axes, of_drive) || std::ranges::any_of(plan.derived, of_drive);
  for (std::uint64_t point = 0; !plan.axes.empty() && point < plan.grid_points(); ++point) {
    stop_if_interrupted();
    try {
      set_grid_point(plan, point, numbers);
      check_state(driven(plan.scenario.device.with(numbers.parameters), source_of(plan.scenario, numbers)),
                  numbers.gamma);
      if (drive_varies || point == 0) (void)numbers.drive();
    } catch (const InputError& error) {
      std::string where;
      for (std::size_t a = 0; a < plan.axes.size(); ++a)
        where += fmt::format("{}{}: {} = {}", a == 0 ? "" : ", ", wheres[a], plan.axes[a].label(),
                             numbers.at(plan.axes[a].slot()));
      throw InputError(where + ": " + error.what(), {.place = where, .key = error.key(), .value = error.value()});
    }
  }
}

TomlSection::Keys sweep_keys() {
  TomlSection::Keys keys = scenario_keys();
  const auto more = variation_keys();
  keys.insert(keys.end(), more.begin(), more.end());
  keys.insert(keys.end(), {"sweep.key",
                           "sweep.keys",
                           "sweep.value",
                           "sweep.name",
                           "sweep.values",
                           "sweep.from",
                           "sweep.to",
                           "sweep.count",
                           "sweep.spacing",
                           "sweep.file",
                           "sweep.column",
                           "run.most_steps",
                           "reduce.quantities",
                           "reduce.level",
                           "reduce.of",
                           "reduce.direction",
                           "reduce.passages",
                           "reduce.read_voltage",
                           "reduce.low",
                           "reduce.high",
                           "reduce.times",
                           "reduce.measured.quantity",
                           "reduce.measured.start",
                           "record.parts"});
  for (const auto& key : time_series_keys()) keys.push_back("reduce.measured." + key);
  return keys;
}

/// Reads samples, seed and threads of [run].
void read_draws(TomlSection& run, SweepPlan& plan) {
  plan.samples = run.count("samples", 1);
  if (plan.samples == 0) run.refuse("samples", "must be 1 or more");
  if (run.has("samples")) plan.scenario.sizes.push_back(run.size_key("samples", static_cast<double>(plan.samples)));
  plan.seed = run.count("seed", 1);
  plan.threads = read_threads(run);
}

}  // namespace

std::vector<std::string> keys_of(TomlSection& section) {
  if (!section.has("keys")) return {section.text("key")};
  if (section.has("key")) section.refuse("keys", "is given together with key; remove one of the two");
  auto keys = section.texts("keys");
  if (keys.empty()) section.refuse("keys", "needs at least one key");
  return keys;
}

SweepPlan plan_of_device(const AnyDevice& device, const IntegrationOptions& options) {
  return {.scenario = {.title = {},
                       .text = {},
                       .device = device,
                       .gamma = {},
                       .source = {},
                       .drive = {},
                       .parts = {},
                       .options = options,
                       .recording = {}},
          .axes = {},
          .variations = {},
          .quantities = {},
          .level = {}};
}

TomlSection::Keys vary_keys() {
  return {"vary.key",       "vary.keys",     "vary.name",   "vary.distribution", "vary.mean",
          "vary.deviation", "vary.relative", "vary.median", "vary.sigma",        "vary.low",
          "vary.high",      "vary.centre",   "vary.file",   "vary.column",       "vary.value"};
}

TomlSection::Keys variation_keys() {
  auto keys = vary_keys();
  keys.insert(keys.end(), {"run.samples", "run.seed", "run.threads"});
  return keys;
}

namespace {
void require_of_device(TomlSection& root, const SweepPlan& plan) {
  for (const auto& variation : plan.variations)
    if (variation.slot().kind != Slot::parameter && variation.slot().kind != Slot::source)
      throw InputError(root.where("vary"), "key", variation.label(),
                       "is not a parameter of the device or a number of [drive], which alone can vary here");
}
}  // namespace

void read_variations(TomlSection& root, SweepPlan& plan) {
  if (root.has("run")) {
    auto run = root.section("run");
    read_draws(run, plan);
  }
  const Reader reader(root, plan);
  require_of_device(root, plan);
  if (plan.samples > 1 && plan.variations.empty())
    root.section("run").refuse("samples", "needs [[vary]]: without it all samples are the same");
}

void read_variations(TomlSection& root, SweepPlan& plan, const std::string& role) {
  const Reader reader(root, plan, role);
  require_of_device(root, plan);
  for (const auto& variation : plan.variations)
    if (variation.distribution == Variation::in_order)
      throw InputError(root.where("vary"), "distribution", "in_order",
                       "numbers the samples of a sweep, and a network has none: use resample");
}

SweepPlan read_sweep(const std::filesystem::path& path, const std::vector<std::string>& settings) {
  return read_sweep(TomlSection(path, settings));
}

SweepPlan read_sweep(TomlSection root) {
  refuse_other_files(root, {"sweep", "vary", "reduce", "initial", "waveform"});
  root.only(sweep_keys());
  SweepPlan plan{.scenario = read_scenario(root), .axes = {}, .variations = {}, .quantities = {}, .level = {}};
  (void)driven(plan.scenario.device, plan.scenario.source).admitted(plan.scenario.options.method);
  if (root.has("run")) {
    auto run = root.section("run");
    read_draws(run, plan);
    plan.most_steps = run.number_or_infinity("most_steps", plan.most_steps);
    if (!(plan.most_steps >= 1)) run.refuse("most_steps", "must be 1 or more");
  }
  read_reductions(root, plan);
  if (root.has("record")) read_record(root.section("record"), plan);
  plan.scenario.inputs = root.inputs();  // with the measurement
  const Reader reader(root, plan);
  check_times(root, plan);
  if (plan.axes.empty() && plan.variations.empty())
    throw InputError(root.shown() + ": has neither [[sweep]] nor [[vary]]; give at least one of them");
  if (plan.samples > 1 && plan.variations.empty())
    root.section("run").refuse("samples", "needs [[vary]]: without it all samples are the same");
  if (plan.grid_points() <= checked_points) check_grid(plan, reader.wheres());
  return plan;
}

double Variation::draw(RandomStream& random, double around) const {
  const double middle = own_centre ? centre : around;
  const double width = relative ? spread * std::abs(middle) : spread;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const double number = distribution == uniform     ? middle + width * random.uniform(-1, 1)
                          : distribution == lognormal ? middle * std::exp(width * random.normal())
                                                      : middle + width * random.normal();
    if (number >= low && number <= high) return number;
  }
  throw InputError("", label(), fmt::format("around {}", middle),
                   fmt::format("all of 1000 draws were outside [{}, {}]; widen low and high", low, high));
}

std::string SweptNumber::label() const { return fmt::format("{}", fmt::join(keys, ", ")); }

std::uint64_t SweepPlan::grid_points() const {
  std::uint64_t points = 1;
  for (const auto& axis : axes) points *= axis.values.size();
  return points;
}

std::vector<std::string> sweep_quantities() {
  std::vector<std::string> names;
  for (const auto& quantity : sweep_quantity_table()) names.emplace_back(quantity.name);
  return names;
}

}  // namespace memdyn

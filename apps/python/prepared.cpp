// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "core/suggestion.hpp"
#include "engine.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "record/rising.hpp"
#include "run/estimate.hpp"
#include "scenario/read_scenario.hpp"
#include "scenario/sweep_numbers.hpp"

namespace py = pybind11;

namespace memdyn::python {
namespace {

/// A scenario of `memdyn simulate` that runs often, with other numbers, into memory.
class Prepared {
 public:
  explicit Prepared(const Given& given) : Prepared(given.open()) {}

  explicit Prepared(const TomlSection& root)
      : initial_(form_of_initial(root)),
        scenario_(read(root)),
        need_(memory_of(scenario_, *scenario_.drive)),
        slots_(sweep_slots(scenario_)),
        nominal_(scenario_),
        drive_(nominal_.drive()) {}

  /// Runs it. @param numbers values of keys, for this run
  [[nodiscard]] py::dict run(const std::map<std::string, double>& given) const {
    std::optional<SweepNumbers> changed;
    if (!given.empty()) changed = nominal_;
    bool other_device = false, other_drive = false;
    std::set<std::string> names;
    for (const auto& [key, value] : given) {
      const auto& [name, one] = slot(key, value);
      if (!names.insert(name).second)
        throw InputError("Simulation.run", key, fmt::format("{}", value),
                         "is given twice: another key names the same number");
      changed->set({{}, {one}, {}}, value);
      other_device = other_device || one.kind == Slot::parameter;
      other_drive = other_drive || one.of_drive();
    }
    const SweepNumbers& numbers = changed ? *changed : nominal_;
    Columns columns;
    std::vector<double> gamma = numbers.gamma;
    Statistics statistics;
    {
      const Unlocked unlocked;
      const AnyDevice device = other_device ? scenario_.device.with(numbers.parameters) : scenario_.device;
      const DrivenDevice under = driven(device, source_of(scenario_, numbers));
      Integrator<DrivenDevice> integrator(under, scenario_.options);
      Recording recording = scenario_.recording;
      recording.emit = [&columns](const Sample& sample) { columns.add(sample); };
      recording.under_way = [](double /*time*/) { stop_if_interrupted(); };
      const Waveform drive = other_drive ? numbers.drive() : drive_;
      if (other_drive) {
        const Need need = memory_of(scenario_, drive);
        if (need.memory > need_.memory) require_room(need, scenario_.sizes, "");  // which asks the system
      }
      integrator.advance(gamma, drive, 0, &recording);
      statistics = integrator.statistics();
    }
    return columns.take(gamma, statistics);
  }
  /// Values of keys, by the keys that the scenario has for them. @throws InputError as run()
  [[nodiscard]] std::map<std::string, double> whole(const std::map<std::string, double>& given) const {
    std::map<std::string, double> all;
    for (const auto& [key, value] : given) {
      const auto& [name, number] = slot(key, value);
      std::string own = name;
      if (number.kind == Slot::initial && initial_ == Initial::number) own = "initial";
      if (number.kind == Slot::initial && initial_ == Initial::names)
        own = "initial." + scenario_.device.variable_names()[number.index];
      all[own] = value;
    }
    return all;
  }
  [[nodiscard]] std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& [key, slot] : slots_) all.push_back(key);
    return all;
  }
  /// What the scenario leaves open or may not mean.
  [[nodiscard]] std::vector<std::string> doubts() const { return doubts_of(scenario_); }
  [[nodiscard]] std::vector<std::string> variables() const { return scenario_.device.variable_names(); }

 private:
  /// How a scenario gives the initial state: a list, values by the names of variables (also if it gives none), or a
  /// number.
  enum class Initial { list, names, number };
  static Initial form_of_initial(TomlSection root) {
    if (root.has("initial") && !root.is_table("initial")) return Initial::number;
    return root.has("initial") && root.section("initial").has("gamma") ? Initial::list : Initial::names;
  }
  static Scenario read(const TomlSection& root) {
    const Unlocked unlocked;
    auto scenario = read_simulation(root);
    require_room(memory_of(scenario, *scenario.drive), scenario.sizes, "");
    return scenario;
  }
  /// Rows are held in memory, not written.
  static Need memory_of(const Scenario& scenario, const Waveform& drive) {
    Need need = need_of(scenario, drive);
    need.memory += need.disk;
    return need;
  }
  /// The rows of a run.
  struct Columns {
    std::vector<double> time, drive, current, voltage, gamma;
    std::vector<std::uint8_t> event;

    void add(const Sample& sample) {
      time.push_back(sample.time);
      drive.push_back(sample.drive);
      current.push_back(sample.current);
      voltage.push_back(sample.voltage);
      gamma.insert(gamma.end(), sample.gamma.begin(), sample.gamma.end());
      event.push_back(static_cast<std::uint8_t>(sample.event));
    }
    py::dict take(const std::vector<double>& end, const Statistics& statistics) {
      const auto rows = static_cast<py::ssize_t>(time.size());
      rise(time);
      py::dict all;
      all["time"] = array_of(std::move(time), {rows});
      all["drive"] = array_of(std::move(drive), {rows});
      all["current"] = array_of(std::move(current), {rows});
      all["voltage"] = array_of(std::move(voltage), {rows});
      all["gamma"] = array_of(std::move(gamma), {rows, static_cast<py::ssize_t>(end.size())});
      all["event"] = array_of(std::move(event), {rows});
      all["end"] = array_of(std::vector<double>(end), {static_cast<py::ssize_t>(end.size())});
      all["steps"] = statistics.accepted;
      return all;
    }
  };

  /// The number of a key, which may be shortened to its last part if that is unique, and its whole key.
  /// @param value that it is given, for messages @throws InputError if it names no number, or several
  [[nodiscard]] const std::pair<const std::string, Slot>& slot(const std::string& key, double value) const {
    if (const auto found = slots_.find(slot_key(key, scenario_)); found != slots_.end()) return *found;
    std::vector<std::string> fitting;
    std::set<std::string> all;
    const std::pair<const std::string, Slot>* one = nullptr;
    for (const auto& number : slots_) {
      all.insert(number.first);
      if (!number.first.ends_with("." + key)) continue;
      fitting.push_back(number.first);
      one = &number;
    }
    if (fitting.size() == 1) return *one;
    if (fitting.empty())
      throw InputError("Simulation.run", key, fmt::format("{}", value),
                       "is not a number of this scenario; Simulation.keys lists them" + suggestion(key, all));
    throw InputError("Simulation.run", key, fmt::format("{}", value),
                     fmt::format("may be any of {}; give the whole key", fmt::join(fitting, ", ")));
  }

  Initial initial_;
  Scenario scenario_;
  Need need_;  ///< of the scenario itself
  std::map<std::string, Slot> slots_;
  SweepNumbers nominal_;
  Waveform drive_;  ///< with these numbers
};

}  // namespace

void add_prepared(py::module_& module) {
  using namespace py::literals;
  py::class_<Prepared>(module, "Prepared")
      .def(py::init<const Given&>(), "given"_a)
      .def("run", &Prepared::run, "numbers"_a)
      .def("whole", &Prepared::whole, "numbers"_a)
      .def_property_readonly("keys", &Prepared::keys)
      .def_property_readonly("variables", &Prepared::variables)
      .def_property_readonly("doubts", &Prepared::doubts)
      .def_property_readonly_static("event_names", [](const py::object&) {
        return std::vector<std::string>(std::begin(event_names), std::end(event_names));
      });
}

}  // namespace memdyn::python

// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cmath>

#include "core/suggestion.hpp"
#include "device/text/equations_text.hpp"
#include "engine.hpp"
#include "memdyn/assess/conformance.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/report/gallery.hpp"
#include "memdyn/scenario/scenario.hpp"

namespace py = pybind11;

namespace memdyn::python {
namespace {

using Numbers = py::array_t<double, py::array::c_style | py::array::forcecast>;

/// A device with its functions over arrays.
class Device {
 public:
  explicit Device(AnyDevice device)
      : device_(std::move(device)),
        by_current_(driven(device_, Source{.quantity = Quantity::current})),
        by_voltage_(driven(device_, Source{.quantity = Quantity::voltage})),
        own_(driven(device_, Source{.quantity = device_.control()})) {}

  [[nodiscard]] const AnyDevice& any() const { return device_; }
  /// The voltage [V] of states under a current.
  [[nodiscard]] Numbers voltage(const Numbers& gamma, const Numbers& current) const {
    return over(gamma, current, {}, [&](const double* state, double drive, double* out) {
      *out = by_current_.voltage(state, by_current_.input(state, drive));
    });
  }
  /// The current [A] of states under a voltage.
  [[nodiscard]] Numbers current(const Numbers& gamma, const Numbers& voltage) const {
    return over(gamma, voltage, {}, [&](const double* state, double drive, double* out) {
      *out = by_voltage_.current(state, by_voltage_.input(state, drive));
    });
  }
  /// The rates of all variables under the device's own input.
  [[nodiscard]] Numbers drift(const Numbers& gamma, const Numbers& input) const {
    const auto n = static_cast<py::ssize_t>(device_.size());
    return over(gamma, input, {n}, [&](const double* state, double drive, double* out) {
      Regime<double> regime;
      for (std::size_t k = 0; k < own_.guards(); ++k) regime.push_back(own_.guard(k, state, drive) > 0);
      for (std::size_t i = 0; i < device_.size(); ++i)
        out[i] = own_.moves(i, regime) ? own_.drift(i, state, drive, regime) : 0.0;
    });
  }

 private:
  /// Calls `work(state, input, result)` for each state and input, broadcast against each other.
  /// @param gamma states, the last axis along the variables
  /// @param more axes of one result
  template <class Work>
  [[nodiscard]] Numbers over(const Numbers& gamma, const Numbers& input, std::vector<py::ssize_t> more,
                             const Work& work) const {
    const auto n = static_cast<py::ssize_t>(device_.size());
    if (gamma.ndim() < 1 || gamma.shape(gamma.ndim() - 1) != n)
      throw InputError("gamma: must have its last axis along the variables, of length " + std::to_string(n));
    py::ssize_t states = 1;
    for (py::ssize_t axis = 0; axis + 1 < gamma.ndim(); ++axis) states *= gamma.shape(axis);
    if (states != input.size()) throw InputError("gamma and input: must have the same number of elements");
    std::vector<py::ssize_t> shape(input.shape(), input.shape() + input.ndim());
    py::ssize_t width = 1;
    for (const py::ssize_t length : more) width *= length;
    shape.insert(shape.end(), more.begin(), more.end());
    Numbers out(shape);
    const double* from = gamma.data();
    const double* drive = input.data();
    double* to = out.mutable_data();
    constexpr py::ssize_t interval = 1024;
    const Unlocked unlocked;
    for (py::ssize_t k = 0; k < states; ++k) {
      if (k % interval == 0) stop_if_interrupted();
      work(from + k * n, drive[k], to + k * width);
    }
    return out;
  }

  AnyDevice device_;
  DrivenDevice by_current_, by_voltage_, own_;
};

/// A value of a parameter from Python. @throws InputError if it is of another type than the default
ParameterValue value_of(const std::string& model, const Parameter& parameter, const py::handle& given) {
  const auto refuse = [&](const char* remedy) {
    throw InputError(model, parameter.field.key, py::str(given).cast<std::string>(), remedy);
  };
  ParameterValue value = parameter.value;
  if (std::holds_alternative<std::string>(value)) {
    if (!py::isinstance<py::str>(given)) refuse("must be a text");
    value = given.cast<std::string>();
  } else if (std::holds_alternative<bool>(value) || std::holds_alternative<std::optional<bool>>(value)) {
    if (!py::isinstance<py::bool_>(given)) refuse("must be True or False");
    if (std::holds_alternative<bool>(value)) {
      value = given.cast<bool>();
    } else {
      value = std::optional<bool>(given.cast<bool>());
    }
  } else {
    try {
      if (std::holds_alternative<double>(value)) {
        value = given.cast<double>();
      } else {
        value = given.cast<std::vector<double>>();
      }
    } catch (const py::cast_error&) {
      refuse(std::holds_alternative<double>(value) ? "must be a number" : "must be a list of numbers");
    }
  }
  return value;
}

Device from_model(const std::string& name, const py::dict& parameters) {
  const auto* entry = find_model(name);
  if (entry == nullptr) {
    std::set<std::string> names;
    for (const auto& one : catalogue()) names.emplace(one.name);
    throw InputError(
        "Device", "model", name,
        "is not a model (models() lists them); a file is read by Device.from_file" + suggestion(name, names));
  }
  std::vector<ParameterValue> values;
  for (const auto& parameter : entry->parameters) values.push_back(parameter.value);
  for (const auto& [key, given] : parameters) {
    const auto text = py::str(key).cast<std::string>();
    std::set<std::string> keys;
    std::size_t at = 0;
    for (std::size_t p = 0; p < entry->parameters.size(); ++p) {
      keys.emplace(entry->parameters[p].field.key);
      if (text == entry->parameters[p].field.key) at = p + 1;
    }
    if (at == 0)
      throw InputError(name, text, py::str(given).cast<std::string>(),
                       "is not one of its parameters" + suggestion(text, keys));
    values[at - 1] = value_of(name, entry->parameters[at - 1], given);
  }
  return Device(entry->make(values));
}

/// A device from the root of a file: a parameter set, a composite, or a device written as text.
Device from_file(const Given& given) {
  const Unlocked unlocked;
  return Device(read_parameter_set(given.open()));
}

/// Fills in range and meaning of a number, where the device declares them.
void declare(py::dict& number, const Device& device, const std::string& key) {
  const auto add = [&](double low, double high, const std::string& meaning) {
    number["low"] = low;
    number["high"] = high;
    number["meaning"] = meaning;
  };
  if (const auto* entry = find_entry(device.any()); entry != nullptr)
    for (const auto& [field, value] : entry->parameters)
      if (key == field.key || key.starts_with(std::string(field.key) + "["))
        return add(field.low, field.high, field.meaning);
  if (const auto* text = device.any().definition<TextDevice>(); text != nullptr)
    for (const auto& one : text->description().parameters)
      if (key == one.name) return add(one.low, one.high, one.meaning);
}

/// The numbers, then the words and switches.
py::list parameters_of(const Device& device) {
  py::list all;
  for (const auto& number : device.any().numbers()) {
    py::dict one;
    one["name"] = number.key;
    one["unit"] = number.unit;
    one["value"] = number.value;
    declare(one, device, number.key);
    all.append(one);
  }
  const auto* entry = find_entry(device.any());
  if (entry == nullptr) return all;
  const auto values = entry->values(device.any());
  for (std::size_t p = 0; p < values.size(); ++p) {
    if (std::holds_alternative<double>(values[p]) || std::holds_alternative<std::vector<double>>(values[p])) continue;
    py::dict one;
    one["name"] = entry->parameters[p].field.key;
    one["unit"] = "";
    one["value"] = values[p];
    one["meaning"] = entry->parameters[p].field.meaning;
    all.append(one);
  }
  return all;
}

/// The equations, as `memdyn devices` shows them; empty for a circuit.
std::string summary_of(const Device& device) {
  if (const auto* entry = find_entry(device.any()); entry != nullptr) return std::string(entry->summary);
  const auto* text = device.any().definition<TextDevice>();
  return text == nullptr ? std::string() : equations_text(text->description());
}

py::list variables_of(const Device& device) {
  py::list all;
  const auto& model = device.any().model();
  for (std::size_t i = 0; i < device.any().size(); ++i) {
    py::dict one;
    one["name"] = device.any().variable_names()[i];
    one["unit"] = device.any().variable_units()[i];
    one["lower"] = model.lower[i];
    one["upper"] = model.upper[i];
    all.append(one);
  }
  return all;
}

py::list check(const Device& device, const py::object& report_progress) {
  const auto progress = progress_of(report_progress);
  std::vector<Verdict> verdicts;
  {
    const Unlocked unlocked;
    verdicts = conformance(device.any(), progress);
  }
  py::list all;
  constexpr const char* words[] = {"holds", "fails", "not claimed"};
  for (const Verdict& verdict : verdicts)
    all.append(py::make_tuple(verdict.test, words[static_cast<int>(verdict.outcome)], verdict.detail));
  return all;
}

/// The loops and the switching times that `memdyn gallery` measures.
py::dict measure(const Device& device, const py::object& report_progress) {
  const auto progress = progress_of(report_progress);
  Fingerprint measured;
  {
    const Unlocked unlocked;
    measured = fingerprint(std::string(device.any().name()), device.any(), progress);
  }
  py::dict all;
  all["amplitude"] = measured.amplitude;
  all["series_resistance"] = measured.source.series_resistance;
  all["frequency"] = measured.frequency;
  py::list loops;
  for (std::size_t n = 0; n < measured.loops.size() && measured.failure.empty(); ++n) {
    Loop& loop = measured.loops[n];
    py::dict one;
    one["frequency"] = Fingerprint::multiples[n] * measured.frequency;
    one["area"] = loop.area;
    one["swing"] = loop.swing;
    const auto rows = static_cast<py::ssize_t>(loop.voltage.size());
    one["voltage"] = array_of(std::move(loop.voltage), {rows});
    one["current"] = array_of(std::move(loop.current), {rows});
    loops.append(one);
  }
  all["loops"] = loops;
  py::list switching;
  for (const Switching& one : measured.switching) switching.append(one.time);
  all["switching_times"] = switching;
  all["failure"] = measured.failure;
  return all;
}

}  // namespace

void add_device(py::module_& module) {
  using namespace py::literals;
  module.def("models", [] {
    py::dict all;
    for (const auto& entry : catalogue())
      if (!entry.element) all[py::str(std::string(entry.name))] = std::string(entry.summary);
    return all;
  });
  py::class_<Device>(module, "Device")
      .def(py::init(&from_model), "model"_a, "parameters"_a)
      .def(py::init(&from_file), "given"_a)
      .def_property_readonly("name", [](const Device& device) { return std::string(device.any().name()); })
      .def_property_readonly("control",
                             [](const Device& device) { return std::string(name_of(device.any().control())); })
      .def_property_readonly("typical_input", [](const Device& device) { return device.any().typical_input(); })
      .def_property_readonly("parameters", parameters_of)
      .def_property_readonly("variables", variables_of)
      .def_property_readonly("guards", [](const Device& device) { return device.any().guard_names(); })
      .def_property_readonly("summary", summary_of)
      .def("voltage", &Device::voltage, "gamma"_a, "current"_a)
      .def("current", &Device::current, "gamma"_a, "voltage"_a)
      .def("drift", &Device::drift, "gamma"_a, "input"_a)
      .def("check", check, "progress"_a)
      .def("fingerprint", measure, "progress"_a);
}

}  // namespace memdyn::python

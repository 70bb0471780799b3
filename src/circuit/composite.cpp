// SPDX-License-Identifier: MIT
#include "memdyn/circuit/composite.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "memdyn/core/error.hpp"

namespace memdyn {
namespace {

using Part = Composite::Part;

bool admissible(const std::string& label) {
  return !label.empty() && std::ranges::all_of(label, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

/// The largest finite magnitude of the other port quantity at the typical input, with all variables low or all high:
/// the current of a voltage-controlled device, the voltage of a current-controlled one.
double typical_answer(const AnyDevice& device) {
  const Model<double>& model = device.model();
  const double u = device.typical_input();
  double most = 0.0;
  for (const bool high : {false, true}) {
    std::vector<double> gamma;
    for (std::size_t i = 0; i < device.size(); ++i) {
      const double bound = high ? model.upper[i] : model.lower[i];
      gamma.push_back(std::isfinite(bound) ? bound : high ? model.scale[i] : -model.scale[i]);
    }
    const double answer =
        std::abs(model.control == Quantity::voltage ? model.current(gamma.data(), u) : model.voltage(gamma.data(), u));
    if (std::isfinite(answer)) most = std::max(most, answer);
  }
  return most;
}

std::vector<Part> checked(Coupling coupling, std::vector<Part> parts) {
  const std::string where(name_of(coupling));
  std::set<std::string> labels;
  std::size_t variables = 0;
  std::size_t fixing = 0;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    std::string& label = parts[k].label;
    if (label.empty()) label = fmt::format("part_{}", k + 1);
    if (!admissible(label))
      throw InputError(where, "label", fmt::format("\"{}\"", label), "must consist of letters, digits and underscores");
    if (!labels.insert(label).second)
      throw InputError(where, "label", fmt::format("\"{}\"", label), "is given twice; each part needs its own");
    variables += parts[k].device.size();
    fixing += parts[k].device.model().fixes_voltage ? 1 : 0;
    const Quantity shared = coupling == Coupling::series ? Quantity::current : Quantity::voltage;
    if (const Property grows = parts[k].device.properties().grows;
        !grows.holds && parts[k].device.control() != shared && !parts[k].device.model().ohmic)
      throw InputError(where, label, fmt::format("controlled by its {}", name_of(parts[k].device.control())),
                       fmt::format("for one {} it has several {}s ({}); use the other coupling", name_of(shared),
                                   name_of(parts[k].device.control()), grows.why));
  }
  if (variables == 0)
    throw InputError(where, "parts", fmt::format("{} without a variable", parts.size()),
                     "needs a part with an internal variable; replace resistors alone by their total, resistor = ...");
  if (coupling == Coupling::parallel && fixing > 1)
    throw InputError(where, "parts", fmt::format("{} capacitors in parallel", fixing),
                     "share one voltage and thus one variable; give one capacitor with their total capacitance");
  return parts;
}

/// True if a device is or contains a capacitor.
bool stores(const AnyDevice& device) {
  const auto* composite = device.definition<Composite>();
  return device.model().fixes_voltage ||
         (composite != nullptr &&
          std::ranges::any_of(composite->parts(), [](const Part& part) { return stores(part.device); }));
}

}  // namespace

Composite::Composite(Coupling coupling, std::vector<Part> parts)
    : coupling_(coupling), parts_(checked(coupling, std::move(parts))) {
  std::vector<CompositeModel<double>::Part> models;
  for (const Part& part : parts_) models.push_back({part.device.shared_model(), part.reversed});
  model = std::make_shared<CompositeModel<double>>(coupling_, models);
}

std::vector<std::string> Composite::variable_names() const {
  std::vector<std::string> all;
  for (const Part& part : parts_)
    for (const auto& name : part.device.variable_names()) all.push_back(part.label + "." + name);
  return all;
}

std::vector<std::string> Composite::variable_units() const {
  std::vector<std::string> all;
  for (const Part& part : parts_) {
    const auto units = part.device.variable_units();
    all.insert(all.end(), units.begin(), units.end());
  }
  return all;
}

std::vector<std::string> Composite::guard_names() const {
  std::vector<std::string> all;
  for (const Part& part : parts_)
    for (const auto& name : part.device.guard_names()) all.push_back(part.label + "." + name);
  return all;
}

Properties Composite::properties() const {
  Properties all;
  for (const Part& part : parts_) {
    const Properties own = part.device.properties();
    for (auto property : {&Properties::passive, &Properties::pinched, &Properties::leaves_bounds, &Properties::grows})
      if ((all.*property).holds) all.*property = own.*property;
    all.fades = all.fades || own.fades;
    all.smoothness = std::min(all.smoothness, own.smoothness);
  }
  if (coupling_ == Coupling::parallel && std::ranges::any_of(parts_, [](const Part& p) { return stores(p.device); }))
    all.fades = true;  // it discharges through the other parts
  return all;
}

double Composite::typical_input() const {
  const Quantity shared = coupling_ == Coupling::series ? Quantity::current : Quantity::voltage;
  double most = 0.0;
  for (const Part& part : parts_) {
    if (part.device.size() == 0 || part.device.model().fixes_voltage) continue;
    most = std::max(most, part.device.control() == shared ? part.device.typical_input() : typical_answer(part.device));
  }
  if (!(most > 0.0)) return std::nan("");
  if (coupling_ == Coupling::series || !model->fixes_voltage) return most;
  double current = 0.0;  // through the other parts at that voltage
  for (const Part& part : parts_)
    if (part.device.control() == Quantity::voltage) {
      current += typical_answer(part.device);
    } else if (!part.device.model().fixes_voltage) {
      current +=
          part.device.size() == 0 ? most / part.device.model().memristance(nullptr) : part.device.typical_input();
    }
  return current;
}

std::vector<AnyDevice::Number> Composite::numbers() const {
  std::vector<AnyDevice::Number> all;
  for (const Part& part : parts_)
    for (const auto& number : part.device.numbers())
      all.push_back({part.label + "." + number.key, number.unit, number.value});
  return all;
}

AnyDevice Composite::with(const std::vector<double>& numbers) const {
  std::vector<Part> parts = parts_;
  auto next = numbers.begin();
  for (Part& part : parts) {
    const auto count = static_cast<std::ptrdiff_t>(part.device.numbers().size());
    part.device = part.device.with({next, next + count});
    next += count;
  }
  return couple(coupling_, std::move(parts));
}

AnyDevice couple(Coupling coupling, std::vector<Composite::Part> parts) {
  return AnyDevice(std::make_shared<Composite>(coupling, std::move(parts)));
}

}  // namespace memdyn

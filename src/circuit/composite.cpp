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

/// True if the current and the voltage of a device are independent of one another, as one of them follows from the
/// state.
bool fixes_one(const Model<double>& model) { return model.fixes_voltage || model.fixes_current; }

/// @throws InputError if more than one part fixes the quantity that all parts share, or one fixes it to a constant
void require_one_shared(Coupling coupling, const std::vector<Part>& parts) {
  const bool series = coupling == Coupling::series;
  const std::string where(name_of(coupling));
  std::size_t fixing = 0;
  for (const Part& part : parts) {
    if (!(series ? part.device.model().fixes_current : part.device.model().fixes_voltage)) continue;
    ++fixing;
    if (part.device.size() == 0)
      throw InputError(where, part.label, std::string(part.device.name()),
                       series ? "fixes the current of all parts in series, which the drive then cannot change; put a "
                                "resistor in parallel with it"
                              : "fixes the voltage of all parts in parallel, which the drive then cannot change; put a "
                                "resistor in series with it");
  }
  if (fixing > 1)
    throw InputError(
        where, "parts", fmt::format("{} {}", fixing, series ? "inductors in series" : "capacitors in parallel"),
        series ? "share one current and thus one variable; give one inductor with their total inductance"
               : "share one voltage and thus one variable; give one capacitor with their total capacitance");
}

std::vector<Part> checked(Coupling coupling, std::vector<Part> parts) {
  const std::string where(name_of(coupling));
  std::set<std::string> labels;
  for (std::size_t k = 0; k < parts.size(); ++k) {
    std::string& label = parts[k].label;
    if (label.empty()) label = fmt::format("part_{}", k + 1);
    if (!admissible(label))
      throw InputError(where, "label", fmt::format("\"{}\"", label), "must consist of letters, digits and underscores");
    if (!labels.insert(label).second)
      throw InputError(where, "label", fmt::format("\"{}\"", label), "is given twice; each part needs its own");
    const Quantity shared = coupling == Coupling::series ? Quantity::current : Quantity::voltage;
    if (const Property grows = parts[k].device.properties().grows;
        !grows.holds && parts[k].device.control() != shared && !parts[k].device.model().ohmic &&
        !parts[k].device.model().fixes_current)
      throw InputError(where, label, fmt::format("controlled by its {}", name_of(parts[k].device.control())),
                       fmt::format("for one {} it has several {}s ({}); use the other coupling", name_of(shared),
                                   name_of(parts[k].device.control()), grows.why));
  }
  if (parts.empty()) throw InputError(where, "parts", "none", "needs at least one part");
  require_one_shared(coupling, parts);
  return parts;
}

/// True if `is` holds for a device, or for a part within it.
template <class Is>
bool has_part(const AnyDevice& device, const Is& is) {
  const auto* composite = device.definition<Composite>();
  return is(device) || (composite != nullptr && std::ranges::any_of(composite->parts(), [&](const Part& part) {
                          return has_part(part.device, is);
                        }));
}
bool has_capacitor(const AnyDevice& device) {
  return has_part(device, [](const AnyDevice& one) { return one.model().fixes_voltage && one.size() > 0; });
}
bool has_source_or_store(const AnyDevice& device) {
  return has_part(device, [](const AnyDevice& one) { return fixes_one(one.model()); });
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

std::vector<std::string> Composite::part_names() const {
  std::vector<std::string> all;
  for (const Part& part : parts_) {
    all.push_back(part.label);
    for (const auto& name : memdyn::part_names(part.device)) all.push_back(part.label + "." + name);
  }
  return all;
}

Properties Composite::properties() const {
  Properties all;
  const Quantity shared = coupling_ == Coupling::series ? Quantity::current : Quantity::voltage;
  for (const Part& part : parts_) {
    const Properties own = part.device.properties();
    for (auto property : {&Properties::passive, &Properties::pinched, &Properties::leaves_bounds})
      if ((all.*property).holds) all.*property = own.*property;
    if (all.grows.holds && !fixes_one(part.device.model())) all.grows = own.grows;
    // where the shared quantity is 0, the other one may not be
    const bool driven = part.device.control() != shared && part.device.size() > 0 && has_source_or_store(part.device);
    all.fades = all.fades || own.fades || driven;
    all.smoothness = std::min(all.smoothness, own.smoothness);
  }
  const bool discharges = coupling_ == Coupling::series
                              ? model->fixes_current
                              : std::ranges::any_of(parts_, [](const Part& p) { return has_capacitor(p.device); });
  all.fades = all.fades || discharges;
  return all;
}

double Composite::typical_input() const {
  const bool series = coupling_ == Coupling::series;
  const Quantity shared = series ? Quantity::current : Quantity::voltage;
  double most = 0.0;
  for (const Part& part : parts_) {
    if (part.device.size() == 0 || fixes_one(part.device.model())) continue;
    most = std::max(most, part.device.control() == shared ? part.device.typical_input() : typical_answer(part.device));
  }
  if (!(most > 0.0)) return std::nan("");
  if (model->control == shared) return most;
  double others = 0.0;  // the current through the parts that do not fix their voltage, or the voltage across the others
  for (const Part& part : parts_) {
    const Model<double>& one = part.device.model();
    if (fixes_one(one)) continue;
    if (part.device.size() == 0 && one.ohmic) {
      others += series ? most * one.memristance(nullptr) : most / one.memristance(nullptr);
    } else {
      others += part.device.control() == shared ? typical_answer(part.device) : part.device.typical_input();
    }
  }
  return others;
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

std::vector<std::string> part_names(const AnyDevice& device) {
  const auto* composite = device.definition<Composite>();
  return composite == nullptr ? std::vector<std::string>{} : composite->part_names();
}

AnyDevice couple(Coupling coupling, std::vector<Composite::Part> parts) {
  return AnyDevice(std::make_shared<Composite>(coupling, std::move(parts)));
}

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/parameters.hpp"
#include "memdyn/scalar/scalar.hpp"
#include "memdyn/scalar/series.hpp"

namespace memdyn {

/// A parameter as its model declares it, and its default.
struct Parameter {
  Field field;
  ParameterValue value;
};

/// A model as a program finds it at run time.
struct CatalogueEntry {
  std::string_view name;
  std::string_view summary;                           ///< one line, then the equations
  bool element;                                       ///< a part of circuits, not a memristor by itself
  std::string_view type;                              ///< AnyDevice::type() of its devices
  std::vector<Parameter> parameters;                  ///< in the order of the model's fields
  std::vector<std::vector<ParameterValue>> variants;  ///< values with which the conformance tests run as well
  /// A device with these values, one per parameter. @throws InputError naming key, value and range
  AnyDevice (*make)(const std::vector<ParameterValue>& values);
  /// The values of a device of this entry, one per parameter.
  std::vector<ParameterValue> (*values)(const AnyDevice& device);
  /// The model over dual numbers, for exact derivatives, and over Taylor series.
  std::shared_ptr<const Model<Derivatives>> (*over_duals)(const AnyDevice& device);
  std::shared_ptr<const Model<Series<double>>> (*over_series)(const AnyDevice& device);

  /// A device with all defaults.
  [[nodiscard]] AnyDevice device() const;
};

/// All models: those of the library, and those that a program added.
[[nodiscard]] const std::deque<CatalogueEntry>& catalogue();
/// The entry of a name; null if there is none.
[[nodiscard]] const CatalogueEntry* find_model(std::string_view name);
/// The entry of a device's type; null if it is not in the catalogue, or no single model.
[[nodiscard]] const CatalogueEntry* find_entry(const AnyDevice& device);
/// Adds an entry. Call it before the first thread is started. @throws InputError if the name is taken
void add_to_catalogue(CatalogueEntry entry);

namespace detail {
template <class Parameters>
std::vector<ParameterValue> values_of(const Parameters& parameters) {
  std::vector<ParameterValue> values;
  Parameters::fields(parameters, [&](const Field&, const auto& value) { values.emplace_back(value); });
  return values;
}
}  // namespace detail

/// The entry of a device type.
template <class D>
  requires DeviceFor<D, double>
[[nodiscard]] CatalogueEntry entry_of(bool element = false) {
  CatalogueEntry entry{
      .name = D::name,
      .summary = D::summary,
      .element = element,
      .type = typeid(D).name(),
      .parameters = {},
      .variants = {},
      .make =
          [](const std::vector<ParameterValue>& values) {
            typename D::Parameters parameters;
            auto next = values.begin();
            D::Parameters::fields(parameters,
                                  [&]<class Value>(const Field&, Value& value) { value = std::get<Value>(*next++); });
            return AnyDevice(D(parameters));
          },
      .values = [](const AnyDevice& device) { return detail::values_of(device.get_if<D>()->parameters()); },
      .over_duals = [](const AnyDevice& device) { return model_of<Derivatives>(*device.get_if<D>()); },
      .over_series = [](const AnyDevice& device) { return model_of<Series<double>>(*device.get_if<D>()); }};
  const typename D::Parameters defaults;
  D::Parameters::fields(defaults,
                        [&](const Field& field, const auto& value) { entry.parameters.push_back({field, value}); });
  if constexpr (requires { D::variants(); })
    for (const auto& variant : D::variants()) entry.variants.push_back(detail::values_of(variant));
  return entry;
}

/// Adds a device type of your own: scenarios and commands find it by its name, it is integrated by every method with
/// exact derivatives, and sweeps run it one trajectory at a time, as no packs are compiled for it.
/// @throws InputError if its name is taken
template <class D>
void add_model() {
  add_to_catalogue(entry_of<D>());
}

}  // namespace memdyn

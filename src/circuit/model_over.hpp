// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/device/text/text_device.hpp"

namespace memdyn {

/// Whether the catalogue has a type over this scalar; packs are compiled for the models of the library alone.
template <class T>
inline constexpr bool from_catalogue = std::is_same_v<T, Derivatives> || std::is_same_v<T, Series<double>>;

/// Whether model_over<T>() has an answer.
template <class T>
[[nodiscard]] bool exists_over(const AnyDevice& device) {
  if (const auto* composite = device.definition<Composite>())
    return std::ranges::all_of(composite->parts(), [](const auto& part) { return exists_over<T>(part.device); });
  if (std::is_same_v<T, double> || device.definition<TextDevice>() != nullptr) return true;
  if constexpr (from_catalogue<T>) return find_entry(device) != nullptr;
  bool listed = false;
  for_each_model_and_element([&]<class D>() { listed = listed || device.get_if<D>() != nullptr; });
  return listed;
}

/// A device as a Model over the scalar T: double, a pack of the instruction set that is compiled for (the same device
/// in all lanes), a dual number, or a series of doubles or packs.
/// @throws InputError unless exists_over<T>(device)
template <class T>
[[nodiscard]] std::shared_ptr<const Model<T>> model_over(const AnyDevice& device) {
  std::shared_ptr<const Model<T>> model;
  if constexpr (std::is_same_v<T, double>) {
    model = device.shared_model();
  } else if (const auto* composite = device.definition<Composite>()) {
    std::vector<typename CompositeModel<T>::Part> parts;
    for (const auto& part : composite->parts()) parts.push_back({model_over<T>(part.device), part.reversed});
    model = std::make_shared<CompositeModel<T>>(composite->coupling(), parts);
  } else if (const auto* text = device.definition<TextDevice>()) {
    const std::vector<T> numbers(text->values().begin(), text->values().end());
    model = std::make_shared<TextModel<T>>(text->equations(), numbers.data());
  } else if constexpr (from_catalogue<T>) {
    if (const CatalogueEntry* entry = find_entry(device)) {
      if constexpr (std::is_same_v<T, Derivatives>) {
        model = entry->over_duals(device);
      } else {
        model = entry->over_series(device);
      }
    }
  } else {
    const auto take = [&]<class D>() {
      const D* one = device.get_if<D>();
      if (one == nullptr) return;
      if constexpr (lanes<T> == 1) {  // parameters need no derivatives
        model = model_of<T>(*one);
      } else {
        using Wide = typename D::template With<NumberOf<T>>;
        model = model_of<T>(Wide(spread<typename Wide::Parameters>(one->parameters())));
      }
    };
    for_each_model_and_element(take);
  }
  if (model == nullptr)
    throw InputError(std::string(device.name()), "model", "your own",
                     from_catalogue<T> ? "is not in the catalogue: add it with add_model()"
                                       : "has no packs of lanes: choose the instruction set \"scalar\"");
  return model;
}

}  // namespace memdyn

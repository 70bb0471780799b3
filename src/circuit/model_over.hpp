// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/device/text/text_device.hpp"

namespace memdyn {

/// Whether a device is a model of the list (models.hpp), a text device, or a composite of these: only such devices
/// exist over every scalar.
[[nodiscard]] inline bool is_listed(const AnyDevice& device) {
  if (const auto* composite = device.definition<Composite>())
    return std::ranges::all_of(composite->parts(), [](const auto& part) { return is_listed(part.device); });
  bool found = device.definition<TextDevice>() != nullptr;
  for_each_model_and_element([&]<class D>() { found = found || device.get_if<D>() != nullptr; });
  return found;
}

/// A device as a Model over the scalar T: double, a pack of the instruction set that is compiled for (the same device
/// in all lanes), a dual number, or a series of doubles or packs.
/// @throws InputError unless is_listed(device) or T is double
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
    if (model == nullptr)
      throw InputError(std::string(device.name()), "model", "your own",
                       "is not in the list of models (models.hpp) for which packs of lanes are compiled: add it there, "
                       "or choose the instruction set \"scalar\"");
  }
  return model;
}

}  // namespace memdyn

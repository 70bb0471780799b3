// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/composite.hpp"
#include "memdyn/device/models.hpp"
#include "memdyn/device/text_device.hpp"

namespace memdyn {

/// A device behind the interface of another scalar than double: a pack of the instruction set that is compiled for, all
/// lanes alike, or a dual number.
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
        using Wide = typename D::template With<T>;
        model = model_of<T>(Wide(spread<typename Wide::Parameters>(one->parameters())));
      }
    };
    for_each_model_and_element(take);
  }
  return model;
}

}  // namespace memdyn

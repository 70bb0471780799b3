// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <type_traits>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/models.hpp"

namespace memdyn {

/// A device behind the interface of another scalar than double: a pack of the instruction set that is compiled for, all
/// lanes alike, or a dual number.
template <class T>
[[nodiscard]] std::shared_ptr<const Model<T>> model_over(const AnyDevice& device) {
  std::shared_ptr<const Model<T>> model;
  if constexpr (std::is_same_v<T, double>) {
    model = device.shared_model();
  } else {
    for_each_model([&]<class D>() {
      const D* one = device.get_if<D>();
      if (one == nullptr) return;
      if constexpr (lanes<T> == 1) {  // parameters need no derivatives
        model = model_of<T>(*one);
      } else {
        using Wide = typename D::template With<T>;
        model = model_of<T>(Wide(spread<typename Wide::Parameters>(one->parameters())));
      }
    });
  }
  return model;
}

}  // namespace memdyn

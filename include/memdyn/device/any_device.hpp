// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include "memdyn/device/model.hpp"

namespace memdyn {

/// A device of any model, as a value. All code except the inner loops of the integrators uses it.
class AnyDevice {
 public:
  /// A numeric parameter.
  struct Number {
    std::string key;  ///< with an index if the parameter is a list: "I_gamma[1]"
    std::string unit;
    double value;
  };
  /// The definition of a device: one class for the models of the list, one for each other kind of definition.
  struct Definition {
    virtual ~Definition() = default;
    /// Identifies the class: the type name of a model, or a word that is not a type name.
    [[nodiscard]] virtual std::string_view kind() const = 0;
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual std::vector<std::string> variable_names() const = 0;
    [[nodiscard]] virtual std::vector<std::string> variable_units() const = 0;
    /// One unique name per guard: its number and, if it depends on the input alone, the condition under which it is
    /// positive ("guard 0: voltage > 0.16 V").
    [[nodiscard]] virtual std::vector<std::string> guard_names() const;
    [[nodiscard]] virtual Properties properties() const = 0;
    /// An input magnitude that moves the state; NaN if the guards imply one.
    [[nodiscard]] virtual double typical_input() const = 0;
    [[nodiscard]] virtual std::vector<Number> numbers() const = 0;
    [[nodiscard]] virtual AnyDevice with(const std::vector<double>& numbers) const = 0;
    std::shared_ptr<const Model<double>> model;
  };

  explicit AnyDevice(std::shared_ptr<const Definition> definition) : one_(std::move(definition)) {}
  template <class D>
    requires DeviceFor<D, double>
  AnyDevice(D device) : one_(std::make_shared<Holder<D>>(std::move(device))) {}  // NOLINT: implicit from any model

  [[nodiscard]] std::string_view name() const { return one_->name(); }
  [[nodiscard]] std::vector<std::string> variable_units() const { return one_->variable_units(); }
  /// The unit of all variables if they share one, else "1".
  [[nodiscard]] std::string unit() const {
    const auto units = variable_units();
    return !units.empty() && std::ranges::count(units, units.front()) == std::ssize(units) ? units.front() : "1";
  }
  [[nodiscard]] std::vector<std::string> variable_names() const { return one_->variable_names(); }
  /// In the order of a regime; the guards of a source are not included.
  [[nodiscard]] std::vector<std::string> guard_names() const { return one_->guard_names(); }
  [[nodiscard]] std::size_t size() const { return model().scale.size(); }
  [[nodiscard]] Quantity control() const { return model().control; }
  [[nodiscard]] Properties properties() const { return one_->properties(); }
  /// An input magnitude [A] or [V] that moves the state: typical_input() of the model, else 1.5 times the largest drive
  /// level of its guards, else 1e-4 A or 1 V.
  [[nodiscard]] double typical_input() const {
    if (const double own = one_->typical_input(); !std::isnan(own)) return own;
    if (const double farthest = farthest_level(model()); farthest > 0.0) return 1.5 * farthest;
    return control() == Quantity::current ? 1e-4 : 1.0;
  }
  /// The numeric parameters, in the order of the model's fields.
  [[nodiscard]] std::vector<Number> numbers() const { return one_->numbers(); }
  /// This device with other numeric parameters, in that order. @throws InputError naming key, value and range
  [[nodiscard]] AnyDevice with(const std::vector<double>& numbers) const {
    if (numbers.size() != model().numbers)
      throw InputError(std::string(name()), "numbers", fmt::format("{} of them", numbers.size()),
                       fmt::format("must be {}, one per numeric parameter", model().numbers));
    return one_->with(numbers);
  }
  /// The type-erased model that integrators use.
  [[nodiscard]] const Model<double>& model() const { return *one_->model; }
  [[nodiscard]] std::shared_ptr<const Model<double>> shared_model() const { return one_->model; }
  /// Identifies the type of the device: the type name of a model, or a word that is not a type name.
  [[nodiscard]] std::string_view type() const { return one_->kind(); }
  /// The device itself if it is a D, else null. Types are compared by name, because object files for different
  /// instruction sets hold separate type information.
  template <class D>
  [[nodiscard]] const D* get_if() const {
    return one_->kind() == typeid(D).name() ? &static_cast<const Holder<D>*>(one_.get())->device : nullptr;
  }
  /// Its definition if that is a D, else null; compared by kind().
  template <class D>
    requires std::derived_from<D, Definition>
  [[nodiscard]] const D* definition() const {
    return one_->kind() == D::own_kind ? static_cast<const D*>(one_.get()) : nullptr;
  }

 private:
  template <class D>
  struct Holder final : Definition {
    D device;

    explicit Holder(D one) : device(std::move(one)) { this->model = model_of<double>(device); }
    [[nodiscard]] std::string_view kind() const override { return typeid(D).name(); }
    [[nodiscard]] std::string_view name() const override { return D::name; }
    [[nodiscard]] std::vector<std::string> variable_names() const override {
      std::vector<std::string> names;
      for (std::size_t i = 0; i < device.size(); ++i) names.push_back(device.variable_name(i));
      return names;
    }
    [[nodiscard]] std::vector<std::string> variable_units() const override {
      return std::vector<std::string>(device.size(), device.unit());
    }
    [[nodiscard]] Properties properties() const override { return device.properties(); }
    [[nodiscard]] double typical_input() const override {
      if constexpr (requires { device.typical_input(); }) return device.typical_input();
      return std::nan("");
    }
    [[nodiscard]] std::vector<Number> numbers() const override {
      std::vector<Number> all;
      D::Parameters::fields(device.parameters(), [&]<class Value>(const Field& field, const Value& value) {
        if constexpr (std::is_same_v<Value, double>) {
          all.push_back({field.key, field.unit, value});
        } else if constexpr (std::is_same_v<Value, std::vector<double>>) {
          for (std::size_t i = 0; i < value.size(); ++i)
            all.push_back({fmt::format("{}[{}]", field.key, i), field.unit, value[i]});
        }
      });
      return all;
    }
    [[nodiscard]] AnyDevice with(const std::vector<double>& numbers) const override {
      auto own = device.parameters();
      auto next = numbers.begin();
      for_each_number(own, [&](double& number) { number = *next++; });
      return D(own);
    }
  };

  std::shared_ptr<const Definition> one_;
};

}  // namespace memdyn

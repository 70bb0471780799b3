// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

union ut_unit;

namespace memdyn {

/// A unit of measurement, by UDUNITS; or any, which is what zero has, and everything whose units are not checked.
class Unit {
 public:
  Unit() = default;  ///< any
  /// @param text as UDUNITS reads it: "m/s", "m2 V-1 s-1", "kohm"
  /// @throws InputError if it is not understood, or if UDUNITS's own table of units cannot be read
  explicit Unit(const std::string& text);
  /// That of pure numbers.
  [[nodiscard]] static Unit one();

  [[nodiscard]] bool any() const { return held_ == nullptr; }
  /// In the terms of base units, not of any.
  [[nodiscard]] std::string text() const;
  /// The same, scale included; whatever one of them is, if the other is any.
  [[nodiscard]] bool same(const Unit& other) const;
  /// How many of `other` one of these is; NaN where they measure different things.
  [[nodiscard]] double in(const Unit& other) const;

  [[nodiscard]] Unit times(const Unit& other) const;
  [[nodiscard]] Unit over(const Unit& other) const;
  /// @throws InputError if the power has no unit: V^0.5
  [[nodiscard]] Unit to(double power) const;

 private:
  explicit Unit(ut_unit* owned);
  std::shared_ptr<ut_unit> held_;
};

}  // namespace memdyn

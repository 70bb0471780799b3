// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

union ut_unit;

namespace memdyn {

/// A unit of measurement (UDUNITS), or the unchecked unit "any": that of the number 0, and of all values if units are
/// not checked.
class Unit {
 public:
  Unit() = default;  ///< any
  /// @param text in the notation of UDUNITS: "m/s", "m2 V-1 s-1", "kohm"
  /// @throws InputError if it is not a unit, or if the table of units of UDUNITS cannot be read
  explicit Unit(const std::string& text);
  /// The unit of pure numbers.
  [[nodiscard]] static Unit one();

  [[nodiscard]] bool any() const { return held_ == nullptr; }
  /// The unit in terms of base units; must not be any().
  [[nodiscard]] std::string text() const;
  /// True if the units are equal, scale factor included. An unchecked unit (`any()`) equals every unit.
  [[nodiscard]] bool same(const Unit& other) const;
  /// The factor that converts this unit to `other`; NaN if their dimensions differ.
  [[nodiscard]] double in(const Unit& other) const;

  [[nodiscard]] Unit times(const Unit& other) const;
  [[nodiscard]] Unit over(const Unit& other) const;
  /// The unit raised to a power. @throws InputError if the result is not a unit: V^0.5
  [[nodiscard]] Unit to(double power) const;

 private:
  explicit Unit(ut_unit* owned);
  std::shared_ptr<ut_unit> held_;
};

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#include "device/text/units.hpp"

#include <udunits2.h>

#include <cmath>

#include "memdyn/core/error.hpp"

namespace memdyn {
namespace {

/// The table of units of this thread. UDUNITS is not thread-safe, so each thread has its own table.
ut_system* table() {
  struct Table {
    Table() {
      ut_set_error_message_handler(ut_ignore);
      system = ut_read_xml(nullptr);
      if (system == nullptr)
        throw InputError(
            "units cannot be checked, because UDUNITS does not find its table; install libudunits2-data, or set the "
            "environment variable UDUNITS2_XML_PATH to the table");
      // the spelling that this program writes
      ut_unit* ohm = ut_get_unit_by_name(system, "ohm");
      ut_map_name_to_unit("Ohm", UT_ASCII, ohm);
      ut_free(ohm);
    }
    ~Table() { ut_free_system(system); }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    ut_system* system;
  };
  thread_local const Table own;
  return own.system;
}

}  // namespace

Unit::Unit(ut_unit* owned) : held_(owned, ut_free) {}

Unit::Unit(const std::string& text) : Unit(ut_parse(table(), text.c_str(), UT_UTF8)) {
  if (held_ == nullptr)
    throw InputError(
        "is no unit of UDUNITS; write for example \"m/s\", \"m2 V-1 s-1\", \"kohm\", or \"1\" for a pure number");
}

Unit Unit::one() { return Unit(ut_get_dimensionless_unit_one(table())); }

std::string Unit::text() const {
  if (const double pure = in(one()); !std::isnan(pure))
    return pure == 1.0 ? "a pure number" : fmt::format("{:.6g} times a pure number", pure);
  char buffer[200];
  const int length = ut_format(held_.get(), buffer, sizeof buffer, UT_UTF8);
  return length > 0 ? std::string(buffer, static_cast<std::size_t>(length)) : "?";
}

double Unit::in(const Unit& other) const {
  const std::unique_ptr<cv_converter, void (*)(cv_converter*)> converter(
      ut_get_converter(held_.get(), other.held_.get()), cv_free);
  if (converter == nullptr) return std::nan("");
  return cv_convert_double(converter.get(), 1.0) - cv_convert_double(converter.get(), 0.0);
}

bool Unit::same(const Unit& other) const {
  constexpr double rounding = 1e-9;
  return any() || other.any() || std::abs(in(other)-1.0) < rounding;
}

Unit Unit::times(const Unit& other) const {
  return any() || other.any() ? Unit() : Unit(ut_multiply(held_.get(), other.held_.get()));
}

Unit Unit::over(const Unit& other) const {
  return any() || other.any() ? Unit() : Unit(ut_divide(held_.get(), other.held_.get()));
}

Unit Unit::to(double power) const {
  if (any()) return {};
  for (int root = 1; root <= 6; ++root) {
    const double raised = power * root;
    if (raised != std::round(raised) || std::abs(raised) > 100) continue;
    const Unit whole(ut_raise(held_.get(), static_cast<int>(raised)));
    Unit result(root == 1 ? whole : Unit(ut_root(whole.held_.get(), root)));
    if (!result.any()) return result;
  }
  throw InputError(fmt::format("({})^{:.6g} is no unit: divide by a quantity of the same unit first", text(), power));
}

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <utility>

#include "memdyn/assess/conformance.hpp"

namespace memdyn {

/// The largest of some numbers, and a description of where it was found.
class Worst {
 public:
  template <class Where>
  void look(double size, const Where& where) {
    if (!std::isnan(size_) && !(size <= size_)) {  // a NaN is kept
      size_ = size;
      where_ = where();
    }
  }
  void look(double size) {
    look(size, [] { return std::string(); });
  }
  [[nodiscard]] double size() const { return size_; }
  [[nodiscard]] const std::string& where() const { return where_; }
  [[nodiscard]] Verdict verdict(std::string test, double bound, const std::string& what) const {
    const bool good = size_ <= bound;
    return {
        std::move(test), good ? Verdict::Outcome::holds : Verdict::Outcome::fails,
        fmt::format("{} {:.1e} (at most {:.1e}){}", what, size_, bound, good || where_.empty() ? "" : ", " + where_)};
  }

 private:
  double size_ = 0.0;
  std::string where_;
};

}  // namespace memdyn

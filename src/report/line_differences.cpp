// SPDX-License-Identifier: MIT
#include "report/line_differences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace memdyn {
namespace {

/// Lengths of the longest common subsequences of the ends a[i..] and b[j..].
class Table {
 public:
  Table(const std::vector<std::string>& a, const std::vector<std::string>& b)
      : width_(b.size() + 1), lengths_((a.size() + 1) * width_, 0) {
    for (std::size_t i = a.size(); i-- > 0;)
      for (std::size_t j = b.size(); j-- > 0;)
        at(i, j) = a[i] == b[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
  }
  std::uint32_t& at(std::size_t i, std::size_t j) { return lengths_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> lengths_;
};

}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> line_differences(const std::string& a, const std::string& b) {
  constexpr std::size_t most_pairs = 25'000'000;  // 100 MB; beyond that, the parts that differ are listed as they are
  auto left = lines_of(a);
  auto right = lines_of(b);
  std::size_t same = 0;
  while (same < std::min(left.size(), right.size()) && left[same] == right[same]) ++same;
  left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(same));
  right.erase(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(same));
  while (!left.empty() && !right.empty() && left.back() == right.back()) left.pop_back(), right.pop_back();
  const bool aligned = left.empty() || (right.size() + 1) <= most_pairs / (left.size() + 1);
  Table table = aligned ? Table(left, right) : Table({}, {});
  std::vector<std::string> all;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < left.size() || j < right.size()) {
    const bool both = i < left.size() && j < right.size();
    if (aligned && both && left[i] == right[j]) {
      ++i, ++j;
    } else if (i < left.size() && (!both || !aligned || table.at(i + 1, j) >= table.at(i, j + 1))) {
      all.push_back(fmt::format("- {}: {}", same + i + 1, left[i]));
      ++i;
    } else {
      all.push_back(fmt::format("+ {}: {}", same + j + 1, right[j]));
      ++j;
    }
  }
  return all;
}

}  // namespace memdyn

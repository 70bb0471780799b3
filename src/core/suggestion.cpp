// SPDX-License-Identifier: MIT
#include "memdyn/core/suggestion.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "memdyn/core/message.hpp"

namespace memdyn {
namespace {

std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j)
      diagonal = std::exchange(
          row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + static_cast<std::size_t>(a[i - 1] != b[j - 1])}));
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(const std::string& given, const std::set<std::string>& names) {
  if (given.size() > longest_value) return "";  // not misspelt; and the distance of long texts takes long
  std::string best;
  std::size_t least = std::max<std::size_t>(2, given.size() / 2);
  for (const auto& name : names)
    if (const auto d = distance(given, name); d <= least && (best.empty() || d < least)) {
      best = name;
      least = d;
    }
  return best.empty() ? "" : "; did you mean \"" + in_message(best) + "\"?";
}

}  // namespace memdyn

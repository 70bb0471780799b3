// SPDX-License-Identifier: MIT
#include "core/suggestion.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>
#include <vector>

#include "core/message.hpp"

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

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// "gamma" of "initial.gamma[0]".
std::string last_of(const std::string& name) {
  const auto dot = name.rfind('.');
  const std::string last = dot == std::string::npos ? name : name.substr(dot + 1);
  return last.substr(0, last.find('['));
}

constexpr std::size_t most_named = 3;  // if more names are equally near, only the first is suggested

}  // namespace

std::string suggestion(const std::string& given, const std::set<std::string>& names) {
  if (given.size() > longest_value) return "";        // not a misspelt name, and the distance would take long
  using Score = std::pair<std::size_t, std::size_t>;  // letters, then case
  const std::string plain = lower(given);
  const std::size_t most = std::min(std::max<std::size_t>(2, given.size() / 2), given.size() - (given.empty() ? 0 : 1));
  Score least{most, given.size() + most};
  std::vector<std::string> best;
  const auto take = [&](const std::string& name, const Score& score) {
    if (score < least) best.clear();
    if (score <= least) best.push_back(name);
    least = std::min(least, score);
  };
  for (const auto& name : names) {
    take(name, {distance(plain, lower(name)), distance(given, name)});
    const std::string last = last_of(name);
    if (last != name && distance(plain, lower(last)) <= given.size() / 4)
      take(name, {distance(plain, lower(last)), distance(given, last)});
  }
  if (best.size() > most_named) best.resize(1);
  std::string text;
  for (const auto& name : best) text += (text.empty() ? "; did you mean \"" : " or \"") + in_message(name) + '"';
  return text.empty() ? "" : text + "?";
}

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#include "report/stored_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>
#include <string_view>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/record/result_reader.hpp"
#include "report/isolated.hpp"

namespace memdyn {
namespace {

/// Texts of any bytes, each after its length.
std::string packed(const std::vector<std::string>& texts) {
  std::string all;
  for (const auto& text : texts) {
    const std::uint64_t size = text.size();
    all.append(reinterpret_cast<const char*>(&size), sizeof size);
    all += text;
  }
  return all;
}

std::vector<std::string> unpacked(std::string_view all) {
  std::vector<std::string> texts;
  for (std::uint64_t size = 0; all.size() >= sizeof size;) {
    std::memcpy(&size, all.data(), sizeof size);
    all.remove_prefix(sizeof size);
    texts.emplace_back(all.substr(0, size));
    all.remove_prefix(std::min<std::uint64_t>(size, all.size()));
  }
  return texts;
}

/// An attribute as a text that gives every digit.
std::string in_digits(const AttributeValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
          return held;
        } else {
          return held.empty() ? "" : fmt::format("{}", held.front());
        }
      },
      value);
}

/// In the child: command, scenario file, scenario, origin; the count of options, and each with its name; each file with
/// its name.
std::vector<std::string> read(const ResultReader& file) {
  const std::string group = "inputs";
  if (!file.has(group) || file.text(group, "command").empty())
    throw IoError(file.name() +
                  ": does not keep the inputs of its run, as files of format 1.3 and later do; run its "
                  "scenario anew (\"memdyn info --json\" shows it)");
  std::vector<std::string> all{
      file.text(group, "command"), file.text(group, "scenario_file"), file.text("/", "scenario"),
      fmt::format("{}, commit {}, {}", file.text("/", "software"), file.text("/", "commit"), file.text("/", "build"))};
  const auto names = file.attributes(group);
  const bool seeded = std::ranges::binary_search(file.attributes("/"), "seed");
  all.push_back(fmt::format("{}", names.size() + (seeded ? 1 : 0)));
  for (const auto& name : names) all.insert(all.end(), {name, in_digits(file.attribute(group, name))});
  if (seeded) all.insert(all.end(), {"seed", in_digits(file.attribute("/", "seed"))});
  if (!file.has(group + "/file")) return all;
  const auto files = file.strings(group + "/file");
  const auto texts = file.strings(group + "/text", files.size());
  for (std::size_t i = 0; i < files.size(); ++i) all.insert(all.end(), {files[i], texts[i]});
  return all;
}

std::uint64_t whole(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw std::invalid_argument("is not a whole number");
  return number;
}

}  // namespace

const std::string& StoredRun::option(const std::string& name) const {
  const auto found = options.find(name);
  if (found == options.end())
    throw IoError(fmt::format("{}: the attribute {} of inputs is missing; the file may be damaged", result, name));
  return found->second;
}

std::uint64_t StoredRun::count(const std::string& name, std::uint64_t low, std::uint64_t high) const {
  const std::string& text = option(name);
  try {
    if (const auto number = whole(text); number >= low && number <= high) return number;
  } catch (const std::invalid_argument&) {  // refused below
  }
  throw IoError(fmt::format("{}: the attribute {} of inputs is {}, but must be a whole number in {} .. {}", result,
                            name, in_message(text), low, high));
}

StoredRun stored_run(const std::filesystem::path& path, const Progress& progress) {
  const std::string name = in_message(path.string());
  const auto all =
      unpacked(isolated(name, [&](const Progress& /*alive*/) { return packed(read(ResultReader(path))); }, progress));
  StoredRun run{.command = all.at(0),
                .file = all.at(1),
                .scenario = all.at(2),
                .texts = {},
                .options = {},
                .origin = all.at(3),
                .result = name};
  std::size_t at = 5;
  for (auto left = whole(all.at(4)); left > 0; --left, at += 2)
    run.options.insert_or_assign(all.at(at), all.at(at + 1));
  for (; at < all.size(); at += 2) run.texts.push_back({all.at(at), all.at(at + 1)});
  return run;
}

}  // namespace memdyn

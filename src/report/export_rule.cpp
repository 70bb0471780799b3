// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/message.hpp"
#include "core/suggestion.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/report/inspection.hpp"
#include "record/whole_file.hpp"
#include "report/isolated.hpp"
#include "report/rules/rule.hpp"

namespace memdyn {
namespace {

using Json = nlohmann::ordered_json;
using rules::Measured;
using rules::read_measured;

/// The differences of the rule to the integrated sequence, as shares of the range: the largest, their root mean square,
/// and those after some numbers of pulses.
Json errors_of(const Measured& device, rules::Rule& rule) {
  rule.start(device.sequence_start);
  double largest = 0;
  double squares = 0;
  Json after;
  for (std::size_t k = 0; k < device.sequence.size(); ++k) {
    rule.pulse(device.sequence_up[k] ? rules::up : rules::down);
    const double error = (rule.conductance() - device.sequence[k]) / device.range();
    largest = std::max(largest, std::abs(error));
    squares += error * error;
    if (const auto count = k + 1; count == 1 || count == 10 || count == 100 || count == 1000 || count == 10'000)
      after[fmt::format("{}", count)] = error;
  }
  return {{"pulses", device.sequence.size()},
          {"largest", largest},
          {"rms", std::sqrt(squares / static_cast<double>(device.sequence.size()))},
          {"after_pulses", after}};
}

const rules::Format& format_of(const std::string& name) {
  const auto found = std::ranges::find(rules::formats(), name, &rules::Format::name);
  if (found == rules::formats().end()) {
    const auto names = rule_formats();
    throw InputError(
        "export", "--format", '"' + name + '"',
        fmt::format("must be csv, {}{}", fmt::join(names, ", "), suggestion(name, {names.begin(), names.end()})));
  }
  return *found;
}

/// The files of an export as one text, to leave the child process.
std::string files_of(const ResultReader& file, const rules::Format& format) {
  const Measured device = read_measured(file);
  std::vector<std::string> notes;
  auto files = format.write(device, notes);
  Json report{{"format", format.name},
              {"consumer", format.consumer},
              {"device", in_message(device.title)},
              {"conductance_lowest_S", device.lowest()},
              {"conductance_highest_S", device.conductance.back()},
              {"notes", notes}};
  if (format.read != nullptr) report["error_of_the_rule_in_ranges"] = errors_of(device, *format.read(files));
  Json all;
  for (const auto& one : files) all["files"][one.name] = one.text;
  all["report"] = std::move(report);
  return all.dump();
}

}  // namespace

std::vector<std::string> rule_formats() {
  std::vector<std::string> names;
  for (const auto& format : rules::formats()) names.emplace_back(format.name);
  return names;
}

std::string export_rule(const std::filesystem::path& file, const std::string& format,
                        const std::filesystem::path& folder, const Progress& progress) {
  const rules::Format& chosen = format_of(format);
  const auto all = Json::parse(isolated(
      in_message(file.string()), [&](const Progress& /*alive*/) { return files_of(ResultReader(file), chosen); },
      progress));
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw IoError(in_message(folder.string()) + ": cannot be created: " + failed.message());
  std::string words;
  for (const auto& [name, text] : all.at("files").items()) {
    write_whole(folder / name, text.get<std::string>());
    words += in_message((folder / name).string()) + '\n';
  }
  const Json& report = all.at("report");
  write_whole(folder / "report.json", report.dump(1) + '\n');
  words += in_message((folder / "report.json").string()) + '\n';
  if (const auto errors = report.find("error_of_the_rule_in_ranges"); errors != report.end())
    words += fmt::format(
        "{}, driven with {} pulses by its own rule, differs from the integrated conductance by at most {:.2g} "
        "of the range, {:.2g} (rms)\n",
        report.at("consumer").get<std::string>(), errors->at("pulses").get<std::size_t>(),
        errors->at("largest").get<double>(), errors->at("rms").get<double>());
  for (const auto& note : report.at("notes")) words += "note: " + note.get<std::string>() + '\n';
  return words;
}

}  // namespace memdyn

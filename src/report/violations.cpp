// SPDX-License-Identifier: MIT
// The rules of the file format, include/memdyn/record/README.md.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>
#include <set>

#include "core/message.hpp"
#include "device/text/units.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/report/inspection.hpp"
#include "record/handle.hpp"
#include "report/isolated.hpp"
#include "report/result_info.hpp"

namespace memdyn {
namespace {

using Type = ResultReader::Type;

/// What a kind of file must hold.
struct Required {
  std::vector<std::string> datasets;
  std::vector<std::string> attributes;
};

/// @param complete a training that did not finish has none of its summary
Required required_of(ResultKind kind, double version, bool complete) {
  switch (kind) {
    case ResultKind::simulation: {
      Required all{{"time", "drive", "current", "voltage", "memristance", "event", "variable", "variable_unit"},
                   {"model", "drive_quantity", "series_resistance", "compliance_negative", "compliance_positive"}};
      constexpr double first_with_rows = 1.2;
      if (version >= first_with_rows) all.attributes.emplace_back("rows");
      return all;
    }
    case ResultKind::sweep: {
      Required all{{"status", "end_time", "variable", "variable_unit"}, {"model"}};
      if (complete) all.attributes.emplace_back("instruction_set");
      return all;
    }
    case ResultKind::training:
      if (!complete) return {};
      return {{"gate", "realization", "epoch", "weight", "total_error", "weight_initial", "weight_final", "accuracy"},
              {"pulses", "drive_quantity"}};
    case ResultKind::universality:
      return {{"target", "activation", "output", "hidden", "realization", "epoch", "total_error", "deep_error",
               "deep_floor"},
              {}};
    case ResultKind::table:
      if (!complete) return {};
      return {{"node", "polarity", "pulse", "step", "conductance", "gamma", "conductance_change", "gamma_after",
               "cut_by_bound", "potentiation", "depression", "sequence_polarity", "sequence_conductance"},
              {"model", "drive_quantity", "series_resistance", "read_voltage", "amplitude_up", "amplitude_down",
               "width", "rise", "fall", "forgets", "numerical_error", "sequence_start"}};
    case ResultKind::study:
      return {{"value", "gate", "realization", "epoch", "total_error", "reference_total_error", "epochs_to_success",
               "weight_divergence", "rule_weight_change", "success_share", "rule_success_share", "limit_last",
               "limit_certain", "limit_violated"},
              {"key", "solved", "required_share"}};
    case ResultKind::unknown:
      break;
  }
  return {};
}

/// Arrays of codes, which must state their meanings.
bool is_code(const std::string& name, double version) {
  constexpr double first_with_guards = 1.1;  // before, `regime` is a number with a bit for each guard
  const std::string leaf = name.substr(name.rfind('/') + 1);
  return leaf == "event" || leaf == "phase" || leaf == "status" || leaf == "cut_by_bound" ||
         (leaf == "regime" && version >= first_with_guards);
}

/// Goes over the rules, and notes what does not hold.
class Check {
 public:
  Check(const ResultReader& file, const Progress& progress)
      : file_(file), names_(file.datasets()), progress_(progress) {}

  std::vector<std::string> run() {
    root();
    std::uint64_t values = 0;
    for (const auto& name : names_) values += values_of(file_, name);
    ReadProgress reading(values, progress_);
    for (const auto& name : names_) {
      captions(name);
      axes(name);
      codes(name, reading);
    }
    for (const auto& name : names_)
      if (name == "time" || name.ends_with("/time")) times(name);
    required();
    return std::move(found_);
  }

 private:
  void note(const std::string& where, const std::string& what) {
    constexpr std::size_t most = 1000;  // a damaged file has no end of them
    if (found_.size() < most) found_.push_back(in_message(where) + ": " + what);
  }

  /// A text attribute of the root, or of the group of provenance.
  std::string provenance(const std::string& name) {
    const auto value = text("/", name);
    return value.empty() && file_.has("provenance") ? text("provenance", name) : value;
  }

  std::string text(const std::string& object, const std::string& name) {
    try {
      return file_.text(object, name);
    } catch (const IoError&) {
      note(object, "the attribute " + name + " must be a single text");
      return {};
    }
  }

  void root() {
    if (const auto format = text("/", "format"); format != hdf5::result_format)
      note("/",
           fmt::format("the attribute format must be \"{}\", but is \"{}\"", hdf5::result_format, in_message(format)));
    const auto version = text("/", "format_version");
    if (!std::regex_match(version, std::regex("[0-9]{1,3}(\\.[0-9]{1,3})?")))
      note("/", "the attribute format_version must be a number such as 1.2, but is \"" + in_message(version) + '"');
    version_ = std::strtod(version.c_str(), nullptr);
    constexpr double first_with_build = 1.3;
    std::vector<const char*> origin{"software", "commit"};
    if (version_ >= first_with_build) origin.push_back("build");
    for (const char* name : origin)
      if (provenance(name).empty()) note("/", fmt::format("the attribute {} is missing or empty", name));
    if (const auto created = provenance("created");
        !std::regex_match(created.substr(0, 40), std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")))
      note("/", "the attribute created must be a time in UTC such as 2026-01-31T12:00:00Z, but is \"" +
                    in_message(created) + '"');
    const auto attributes = file_.attributes("/");
    for (const char* name : {"title", "scenario"})
      if (!std::ranges::binary_search(attributes, name)) note("/", fmt::format("the attribute {} is missing", name));
    const auto complete = text("/", "complete");
    if (complete != "yes" && complete != "no")
      note("/", "the attribute complete must be \"yes\" or \"no\", but is \"" + in_message(complete) + '"');
    complete_ = complete == "yes";
  }

  void captions(const std::string& name) {
    const auto units = text(name, "units");
    if (units.empty()) {
      note(name, "the attribute units is missing; write \"1\" for a pure number");
    } else {
      unit(name, units);
    }
    if (text(name, "long_name").empty()) note(name, "the attribute long_name is missing or empty");
    const auto type = file_.type(name);
    if (type == Type::other) note(name, "holds neither numbers nor texts");
    if (name.ends_with("variable_unit") && type == Type::text && file_.shape(name).size() == 1)
      for (const auto& word : file_.strings(name)) unit(name, word);
  }

  void unit(const std::string& name, const std::string& units) {
    try {
      (void)Unit(units);
    } catch (const InputError& error) {
      note(name, '"' + in_message(units) + "\" " + error.what());
    }
  }

  void axes(const std::string& name) {
    if (file_.is_axis(name)) {
      if (file_.shape(name).size() != 1) note(name, "is an axis, but does not have one dimension");
      return;
    }
    const auto shape = file_.shape(name);
    const auto axes = file_.axes(name);
    if (axes.size() != shape.size())
      note(name, fmt::format("has {} dimensions, but {} axes", shape.size(), axes.size()));
    for (std::size_t k = 0; k < std::min(axes.size(), shape.size()); ++k) {
      const auto path = file_.path_of_axis(name, axes[k]);
      if (!file_.has(path)) {
        note(name, fmt::format("its axis {} is not in the file", in_message(axes[k])));
      } else if (const auto length = file_.shape(path); length != std::vector{shape[k]}) {
        note(name, fmt::format("has {} values along {}, but that axis has {}", shape[k], in_message(axes[k]),
                               length.empty() ? 0 : length.front()));
      }
    }
  }

  void codes(const std::string& name, ReadProgress& reading) {
    const auto attributes = file_.attributes(name);
    const bool has = std::ranges::binary_search(attributes, "flag_values");
    if (!has && is_code(name, version_)) note(name, "holds codes, but flag_values and flag_meanings are missing");
    if (!has) return;
    const auto meanings = meanings_of(file_, name);
    const auto count =
        std::visit([](const auto& values) { return values.size(); }, file_.attribute(name, "flag_values"));
    if (meanings.size() != count)
      note(name, fmt::format("has {} flag_values, but {} flag_meanings", count, meanings.size()));
    std::set<double> known;
    for (const auto& [value, word] : meanings) known.insert(value);
    if (values_of(file_, name) == 0) return;
    std::uint64_t strange = 0;
    double first = 0;
    scan(file_, name, reading, [&](std::uint64_t /*first*/, std::span<const double> values) {
      for (const double value : values)
        if (!known.contains(value) && strange++ == 0) first = value;
    });
    if (strange > 0) note(name, fmt::format("{} values have no meaning, the first is {}", strange, first));
  }

  /// Times do not decrease within a realization, and increase strictly from version 2 on.
  void times(const std::string& name) {
    constexpr double first_strict = 2.0;
    if (values_of(file_, name) == 0) return;
    const std::string group = name.substr(0, name.size() - 4);
    std::vector<ResultReader::Stream> runs;  // a training begins at 0 for each of these
    for (const char* part : {"gate", "realization"})
      if (const auto path = group + part;
          !group.empty() && file_.has(path) && values_of(file_, path) == values_of(file_, name))
        runs.push_back(file_.stream(path));
    auto stream = file_.stream(name);
    double before = -std::numeric_limits<double>::infinity();
    std::vector<double> run_before(runs.size(), std::nan(""));
    for (std::uint64_t row = 0; row < stream.size(); progress_(1)) {
      const auto& block = stream.next(block_of_values);
      std::vector<std::vector<double>> of_run;
      for (auto& run : runs) of_run.push_back(run.next(block_of_values));
      for (std::size_t k = 0; k < block.size(); ++k, ++row) {
        bool begins = row == 0;
        for (std::size_t r = 0; r < runs.size(); ++r)
          begins |= of_run[r][k] != std::exchange(run_before[r], of_run[r][k]);
        const bool rises = version_ >= first_strict ? block[k] > before : block[k] >= before;
        if (!std::isfinite(block[k])) return note(name, fmt::format("row {} is {}, not a time", row, block[k]));
        if (!begins && !rises)
          return note(name, fmt::format("time does not increase: {} s in row {} after {} s", block[k], row, before));
        before = block[k];
      }
    }
  }

  void required() {
    const ResultKind kind = kind_of(file_);
    if (kind == ResultKind::unknown && complete_)
      note("/", "is neither a simulation (drive, voltage), a sweep (status, end_time) nor a training (total_error)");
    Required all = required_of(kind, version_, complete_);
    const bool stateless = file_.has("variable") && file_.shape("variable") == std::vector<std::size_t>{0};
    if (kind == ResultKind::simulation && !stateless) all.datasets.emplace_back("gamma");
    for (const auto& name : all.datasets)
      if (!file_.has(name)) note("/", fmt::format("a {} must have the dataset {}", name_of(kind), name));
    const auto attributes = file_.attributes("/");
    for (const auto& name : all.attributes)
      if (!std::ranges::binary_search(attributes, name))
        note("/", fmt::format("a {} must have the attribute {}", name_of(kind), name));
  }

  const ResultReader& file_;
  std::vector<std::string> names_;
  const Progress& progress_;
  double version_ = 0;
  bool complete_ = false;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> violations(const std::filesystem::path& file, const Progress& progress) {
  const std::string lines = isolated(
      in_message(file.string()),
      [&](const Progress& alive) {
        const ResultReader reader(file);
        return fmt::format("{}", fmt::join(Check(reader, alive).run(), "\n"));
      },
      progress);
  std::vector<std::string> found;
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find('\n', at), lines.size());
    found.push_back(lines.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

}  // namespace memdyn

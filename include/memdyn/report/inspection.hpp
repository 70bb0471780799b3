// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "memdyn/run/simulation.hpp"

namespace memdyn {

// What result files hold. All functions read in a child process, because libhdf5 crashes or loops on some damaged
// files; memory does not depend on the size of arrays. They throw IoError if a file cannot be read, and whatever
// `progress` throws, which is called with the share that is done.

/// What a file is, in words or as JSON: title, provenance, axes, datasets with units and ranges, codes counted by
/// meaning, attributes.
enum class Form { text, json };
[[nodiscard]] std::string describe(
    const std::filesystem::path& file, Form form = Form::text, const Progress& progress = [](double) {});

/// What does not hold of the file format (include/memdyn/record/README.md); empty if all does.
[[nodiscard]] std::vector<std::string> violations(
    const std::filesystem::path& file, const Progress& progress = [](double) {});

/// The differences of two files. Provenance that differs between equal runs (commit, date, host, times) is listed, and
/// makes no difference.
struct Comparison {
  bool equal = true;   ///< to the last bit
  std::string report;  ///< in words, or as JSON
};
[[nodiscard]] Comparison compare(
    const std::filesystem::path& a, const std::filesystem::path& b, const Progress& progress = [](double) {},
    Form form = Form::text);

/// Writes a table as CSV (RFC 4180) with units in the heading, beside its name until it is whole: the rows of a
/// simulation, the trajectories of a sweep, or the errors of a training. README.md of data/scenarios describes it.
/// @param dataset a dataset, or a group with rows along its `time`; empty for the table of the kind of file
/// @throws InputError if there is no such dataset
void export_csv(
    const std::filesystem::path& file, const std::string& dataset, const std::filesystem::path& output,
    const Progress& progress = [](double) {});

/// The formats of training simulators in which export_rule() writes a table of "memdyn table".
[[nodiscard]] std::vector<std::string> rule_formats();
/// Writes the files that a training simulator reads for a device, and report.json, which says how far the simulator's
/// own rule, applied to what was written, departs from the integrated device over the sequence of the table, and what
/// the format loses. data/scenarios/README.md describes the formats.
/// @returns the names of the files and that report, in words
/// @throws InputError for another format, or a device that the format cannot hold; IoError if the file is no table
std::string export_rule(
    const std::filesystem::path& file, const std::string& format, const std::filesystem::path& folder,
    const Progress& progress = [](double) {});

}  // namespace memdyn

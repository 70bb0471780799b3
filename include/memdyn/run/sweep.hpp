// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include "memdyn/record/output_target.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/sweep_plan.hpp"

namespace memdyn {

struct SweepReport {
  std::uint64_t trajectories = 0;                                  ///< number requested
  std::array<std::uint64_t, std::size(status_names)> of_status{};  ///< by Failure
  double seconds = 0;                                              ///< wall time [s]
  std::string first_failure;       ///< message of the failed trajectory with the lowest number; empty if none failed
  std::uint64_t first_failed = 0;  ///< the number of that trajectory
  /// Of the trajectories that this run has integrated, if some quantity is an integral, an extreme of the memristance
  /// or of the port, as are some of the usual ones; else 0.
  double largest_current = 0, largest_power = 0;  ///< [A], [W]
  std::uint64_t resumed = 0;                      ///< trajectories that an earlier run had finished
  std::exception_ptr failure;                     ///< why the sweep ended early (Interrupted, IoError)
  std::filesystem::path place;  ///< file with the results: the output, or a file beside it if the sweep ended early
  [[nodiscard]] std::uint64_t failed() const;
  [[nodiscard]] std::uint64_t absorbed() const { return of_status[static_cast<std::size_t>(Failure::absorbed)]; }
};

/// Runs a sweep and writes a result file. A failed trajectory is recorded as such, and the others continue. Memory use
/// does not depend on the number of trajectories. The file replaces an older one when the sweep is finished. If the
/// sweep ends early, the finished trajectories are in a file beside it (SweepReport::place).
///
/// A sweep that is resumed takes the finished trajectories from the part that an earlier run of the same sweep has left
/// beside the output, and integrates the others; without such a part it integrates all. The result is the same, to the
/// last bit, as that of a sweep that was not interrupted, on any number of threads.
/// @param left what becomes of such a part
/// @throws InputError if the sweep needs more memory or disk space than there is
/// @throws IoError if the file cannot be created, or the part is one of another sweep; later failures are in the report
SweepReport sweep(const SweepPlan& plan, const std::filesystem::path& output, const Progress& progress,
                  OutputTarget::Left left = OutputTarget::Left::replaced);

}  // namespace memdyn

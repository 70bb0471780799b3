// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace memdyn {

/// Writes a result file from the part that a killed run left. The part is only read. The result holds every row,
/// trajectory and epoch that the run had saved, with the same bits as the result of a whole run; trajectories that were
/// not saved have the status `not_run`, and their values are NaN. Its attribute `complete` is "no", except if the run
/// was killed between its last write and the renaming of the part. README.md of this folder documents what else differs
/// for trainings.
/// @returns what was saved, in words: "1234 rows"
/// @throws IoError if the part is being written, is not a file of Memdyn, or holds no results
/// @throws InputError, IoError as the constructor of OutputTarget for `output`
std::string recover(const std::filesystem::path& part, const std::filesystem::path& output);

}  // namespace memdyn

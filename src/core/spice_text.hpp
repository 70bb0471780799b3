// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace memdyn {

/// Where a number stands: in text of SPICE, or in a table that other programs may have written, too.
enum class SpiceText : std::uint8_t { netlist, table };

/// Parses a whole text as a number without a suffix: infinity if it is out of the range of a double, nothing if it is
/// not a number.
[[nodiscard]] std::optional<double> plain_number(std::string_view text);
/// The same with a suffix of SPICE (f p n u m k meg g t mil) and a unit after it (s, v, a, ...), in any case of
/// letters. In a table the suffix M alone is nothing: it is 1e-3 in SPICE, and 1e6 elsewhere. "1a" is nothing anywhere:
/// it is 1e-18 in ngspice, and an ampere in LTspice.
[[nodiscard]] std::optional<double> spice_number(std::string_view text, SpiceText where);

/// A breakpoint of PWL text: time, value, and the line of the file, from 1.
struct SpicePoint {
  double time, value;
  std::size_t line;
};
/// True if a text is PWL text of SPICE: the word PWL is in its first line that is no comment.
[[nodiscard]] bool is_pwl(std::string_view text);
/// Reads the breakpoints of one `PWL(t0 v0 t1 v1 ...)`, with commas or blanks between them and further lines that may
/// begin with +. The value before the first time is held from t = 0, as in SPICE: that is a breakpoint, too. Refused
/// are times that begin with + (an increment in LTspice, not in ngspice), repetitions and other options, and further
/// sources. @param file its name in messages
/// @throws InputError naming file, line, column and remedy; Interrupted
[[nodiscard]] std::vector<SpicePoint> read_pwl(std::string_view text, const std::string& file);

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace toml {
inline namespace v3 {
class table;
}  // namespace v3
}  // namespace toml

namespace memdyn {

/// A TOML file, with keys that are set from outside.
struct TomlDocument {
  std::shared_ptr<const toml::table> table;  ///< the source of a node is its file, or the setting that it is from
  std::string text;  ///< of the file, with the settings in their places and listed on top: it reads as `table`
};

/// Reads the text of a TOML file.
/// @param name of the file in messages, not yet escaped
/// @param settings "KEY=VALUE", where KEY is a path ("device.parameters.R_on", "waveform[1].amplitude",
/// "initial.gamma[0]") and VALUE is a value of TOML, or a text without quotes. A key that the file lacks is added.
/// @throws InputError for a syntax error or a setting that cannot be made
[[nodiscard]] TomlDocument read_document(const std::string& text, const std::string& name,
                                         const std::vector<std::string>& settings = {});

}  // namespace memdyn

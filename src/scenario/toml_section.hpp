// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/message.hpp"
#include "core/suggestion.hpp"
#include "core/text_file.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/dynamics/options.hpp"

namespace toml {
inline namespace v3 {
class node;
class table;
}  // namespace v3
}  // namespace toml

namespace memdyn {

/// A table of a TOML file that is read key by key, after only() has refused unknown keys. Every error is an InputError
/// that names file, line, key, value and remedy.
class TomlSection {
 public:
  using Keys = std::vector<std::string>;

  /// The root of a file. @throws IoError, InputError for a syntax error
  explicit TomlSection(const std::filesystem::path& file);

  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] bool is_number(const std::string& key) const;
  /// A finite number.
  [[nodiscard]] double number(const std::string& key);
  [[nodiscard]] double number(const std::string& key, double otherwise) { return has(key) ? number(key) : otherwise; }
  /// A number that may be `inf` or `-inf`.
  [[nodiscard]] double number_or_infinity(const std::string& key);
  [[nodiscard]] double number_or_infinity(const std::string& key, double otherwise) {
    return has(key) ? number_or_infinity(key) : otherwise;
  }
  /// A whole number from 0 to `most`.
  [[nodiscard]] std::uint64_t count(const std::string& key, std::uint64_t otherwise,
                                    std::uint64_t most = std::numeric_limits<std::int64_t>::max());
  [[nodiscard]] bool flag(const std::string& key, bool otherwise);
  [[nodiscard]] std::string text(const std::string& key);
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise) {
    return has(key) ? text(key) : otherwise;
  }
  /// Finite numbers.
  [[nodiscard]] std::vector<double> numbers(const std::string& key);
  [[nodiscard]] std::vector<double> numbers_or_infinities(const std::string& key);
  [[nodiscard]] std::vector<std::string> texts(const std::string& key);
  [[nodiscard]] std::vector<std::uint64_t> counts(const std::string& key);
  /// A path, relative to the folder of the file.
  [[nodiscard]] std::filesystem::path path(const std::string& key);
  /// The name of the file without its extension.
  [[nodiscard]] std::string stem() const { return file_.stem().string(); }
  /// "file:line" of a key, or of the section if it lacks the key.
  [[nodiscard]] std::string where(const std::string& key) const;
  /// "file:line:column" of a character in the string value of a key; of the beginning of the value if the string has
  /// escapes or the value is not a string.
  [[nodiscard]] std::string where(const std::string& key, std::size_t offset) const;
  /// All keys, in the order of the file.
  [[nodiscard]] std::vector<std::string> keys() const;
  [[nodiscard]] bool is_table(const std::string& key) const;
  [[nodiscard]] bool is_text(const std::string& key) const;
  [[nodiscard]] TomlSection section(const std::string& key);
  [[nodiscard]] std::vector<TomlSection> sections(const std::string& key);

  /// Refuses the first key that is not in `keys`. It must be called before any value is read, because a misspelt key
  /// would otherwise be reported as a missing one. "drive.quantity" is a key of the table, or of the list of tables,
  /// "drive"; "device.*" leaves the check of that table to its own reader. `more` returns further keys for the
  /// suggestion. @throws InputError naming the nearest key
  void only(const Keys& keys, const std::function<Keys()>& more = {}) const;
  /// Throws an InputError about the value of a key.
  [[noreturn]] void refuse(const std::string& key, const std::string& remedy) const;
  /// Runs `make` and prefixes the message of an InputError with the place: that of `key`, of the key that the error
  /// concerns, or of the section.
  template <class Make>
  auto located(const Make& make, const std::string& key = "") const {
    try {
      return make();
    } catch (const InputError& error) {
      if (std::string_view(error.what()).starts_with(in_message(file_.string()))) throw;  // has a place already
      throw InputError(where(key.empty() ? known(error.key()) : key) + ": " + error.what(), error.key());
    }
  }

 private:
  TomlSection(std::shared_ptr<const toml::table> root, const toml::table* table, std::filesystem::path file,
              std::string name)
      : root_(std::move(root)), table_(table), file_(std::move(file)), name_(std::move(name)) {}
  const toml::node& need(const std::string& key) const;
  /// "I_gamma" for "I_gamma[1]" if the table has that key, else empty.
  [[nodiscard]] std::string known(const std::string& key) const;
  /// The end of a message about an unknown key: where the key could belong, or the keys of the table.
  /// @param at path from the section on which only() was called to this one
  [[nodiscard]] std::string remedy(const std::string& at, const std::string& given, const Keys& keys,
                                   const std::function<Keys()>& more) const;
  void only(const std::string& at, const Keys& keys, const std::function<Keys()>& more) const;

  std::shared_ptr<const toml::table> root_;
  const toml::table* table_;
  std::filesystem::path file_;
  std::string name_;  // name of the section with a trailing dot; empty for the root
};

/// Reads a device: `model` or `file` (a parameter set or a composite), and `parameters`; or `series` or `parallel`,
/// lists of parts.
[[nodiscard]] AnyDevice read_device(TomlSection& section);
/// Reads the section `integrate`: method, relative, absolute.
[[nodiscard]] IntegrationOptions read_options(TomlSection& root);

}  // namespace memdyn

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

/// A table of a TOML file that is read key by key, after only() has refused the keys that have no meaning there.
/// Every error is an InputError that names file, line, key, value and remedy.
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
  /// The same where `inf` and `-inf` have a meaning too.
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
  /// The name of the file, without its ending.
  [[nodiscard]] std::string stem() const { return file_.stem().string(); }
  /// "file:line" of a key, or of the section where it has none.
  [[nodiscard]] std::string where(const std::string& key) const;
  /// "file:line:column" of a character in the string of a key; of its beginning where it holds escapes, and for other
  /// values.
  [[nodiscard]] std::string where(const std::string& key, std::size_t offset) const;
  /// All keys, in the order of the file.
  [[nodiscard]] std::vector<std::string> keys() const;
  [[nodiscard]] bool is_table(const std::string& key) const;
  [[nodiscard]] bool is_text(const std::string& key) const;
  [[nodiscard]] TomlSection section(const std::string& key);
  [[nodiscard]] std::vector<TomlSection> sections(const std::string& key);

  /// Refuses the first key that is not among `keys`, before any value is read: a misspelt key is the reason why another
  /// one is missing. "drive.quantity" is a key of the table, or of the list of tables, "drive"; "device.*" leaves that
  /// table to its own reader. `more` gives further places for the suggestion. @throws InputError naming the nearest key
  void only(const Keys& keys, const std::function<Keys()>& more = {}) const;
  /// An error about the value of a key.
  [[noreturn]] void refuse(const std::string& key, const std::string& remedy) const;
  /// Runs `make` and puts the place before what it refuses: that of `key`, or of the key that the error is about, or of
  /// the section.
  template <class Make>
  auto located(const Make& make, const std::string& key = "") const {
    try {
      return make();
    } catch (const InputError& error) {
      if (std::string_view(error.what()).starts_with(in_message(file_.string()))) throw;  // it is located already
      throw InputError(where(key.empty() ? known(error.key()) : key) + ": " + error.what(), error.key());
    }
  }

 private:
  TomlSection(std::shared_ptr<const toml::table> root, const toml::table* table, std::filesystem::path file,
              std::string name)
      : root_(std::move(root)), table_(table), file_(std::move(file)), name_(std::move(name)) {}
  const toml::node& need(const std::string& key) const;
  /// "I_gamma" for "I_gamma[1]", if there is such a key here; else nothing.
  [[nodiscard]] std::string known(const std::string& key) const;
  /// Where a key that is not among `keys` could belong, for a message. @param at the tables from the caller of only()
  [[nodiscard]] std::string remedy(const std::string& at, const std::string& given, const Keys& keys,
                                   const std::function<Keys()>& more) const;
  void only(const std::string& at, const Keys& keys, const std::function<Keys()>& more) const;

  std::shared_ptr<const toml::table> root_;
  const toml::table* table_;
  std::filesystem::path file_;
  std::string name_;  // of the section, with its trailing dot; empty for the root
};

/// Keys `model` or `file` (a parameter set or a composite) and `parameters`; or `series` or `parallel`, lists of parts.
[[nodiscard]] AnyDevice read_device(TomlSection& section);
/// Section `integrate`: method, relative, absolute.
[[nodiscard]] IntegrationOptions read_options(TomlSection& root);

}  // namespace memdyn

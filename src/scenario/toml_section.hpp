// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/input_texts.hpp"
#include "core/message.hpp"
#include "core/suggestion.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/scenario/size_key.hpp"

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

  /// The root of a file, with settings; see read_document(). @throws IoError, InputError for a syntax error
  explicit TomlSection(const std::filesystem::path& file, const std::vector<std::string>& settings = {})
      : TomlSection(std::make_shared<InputTexts>(file.parent_path()), file.filename(), settings) {}
  /// The root of one of some texts; the settings change it.
  TomlSection(std::shared_ptr<InputTexts> texts, const std::filesystem::path& file,
              const std::vector<std::string>& settings = {});

  /// The root of this file with settings; this section does not change.
  [[nodiscard]] TomlSection with(const std::vector<std::string>& settings) const {
    return {std::make_shared<InputTexts>(*texts_), file_, settings};
  }

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
  /// A whole number, 0 or more.
  [[nodiscard]] std::uint64_t count(const std::string& key, std::uint64_t otherwise);
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
  /// The name of the file without its extension.
  [[nodiscard]] std::string stem() const { return file_.stem().string(); }
  /// The name of the file in messages.
  [[nodiscard]] std::string shown() const { return in_message(texts_->shown(file_)); }
  /// The name of the file, without its folder; its text; and the files that it names, and so on, as far as they have
  /// been read.
  [[nodiscard]] std::string name() const { return file_.string(); }
  [[nodiscard]] const std::string& text_of_file() const { return texts_->text(file_); }
  [[nodiscard]] std::vector<InputText> inputs() const { return texts_->others(file_); }

  /// A file that a key names: its name, as seen from the scenario, and in messages; and its text.
  struct Named {
    std::filesystem::path name;
    std::string shown;
    const std::string& text;
  };
  /// @throws IoError
  [[nodiscard]] Named file(const std::string& key);
  /// The root of the file that a key names.
  [[nodiscard]] TomlSection root_of(const std::string& key) { return {texts_, path(key)}; }
  /// "file:line" of a key, or of the section if it lacks the key.
  [[nodiscard]] std::string where(const std::string& key) const;
  /// "file:line:column" of a character in the string value of a key; of the beginning of the value if the string has
  /// escapes or the value is not a string.
  [[nodiscard]] std::string where(const std::string& key, std::size_t offset) const;
  /// All keys, in the order of the file.
  [[nodiscard]] std::vector<std::string> keys() const;
  [[nodiscard]] bool is_table(const std::string& key) const;
  [[nodiscard]] bool is_text(const std::string& key) const;
  /// A list whose first element is a text.
  [[nodiscard]] bool is_list_of_texts(const std::string& key) const;
  [[nodiscard]] TomlSection section(const std::string& key);
  [[nodiscard]] std::vector<TomlSection> sections(const std::string& key);

  /// Refuses the first key that is not in `keys`. It must be called before any value is read, because a misspelt key
  /// would otherwise be reported as a missing one. "drive.quantity" is a key of the table, or of the list of tables,
  /// "drive"; "device.*" leaves the check of that table to its own reader. `more` returns further keys for the
  /// suggestion. @throws InputError naming the nearest key
  void only(const Keys& keys, const std::function<Keys()>& more = {}) const;
  /// A number that sets the size of a run. @param divides the size is proportional to its reciprocal
  [[nodiscard]] SizeKey size_key(const std::string& key, double factor, bool divides = false) const;
  /// Throws an InputError about the value of a key.
  [[noreturn]] void refuse(const std::string& key, const std::string& remedy) const;
  /// Runs `make` and prefixes the message of an InputError with the place: that of `key`, of the key that the error
  /// concerns, or of the section.
  template <class Make>
  auto located(const Make& make, const std::string& key = "") const {
    try {
      return make();
    } catch (const InputError& error) {
      if (std::string_view(error.what()).starts_with(shown())) throw;  // has a place already
      const std::string place = where(key.empty() ? known(error.key()) : key);
      throw InputError(place + ": " + error.what(), {place, error.key(), error.value()});
    }
  }

 private:
  /// A table within this file.
  [[nodiscard]] TomlSection table_within(const toml::table* table, std::string name) const;
  /// Whether a value with this source has been set from outside.
  [[nodiscard]] bool of_setting(const std::shared_ptr<const std::string>& source) const {
    return source != nullptr && *source != texts_->shown(file_);
  }
  /// The name of a file that a key names, as seen from the scenario.
  [[nodiscard]] std::filesystem::path path(const std::string& key) { return file_.parent_path() / text(key); }
  const toml::node& need(const std::string& key) const;
  /// "I_gamma" for "I_gamma[1]" if the table has that key, else empty.
  [[nodiscard]] std::string known(const std::string& key) const;
  /// The end of a message about an unknown key: where the key could belong, or the keys of the table.
  /// @param at path from the section on which only() was called to this one
  [[nodiscard]] std::string remedy(const std::string& at, const std::string& given, const Keys& keys,
                                   const std::function<Keys()>& more) const;
  void only(const std::string& at, const Keys& keys, const std::function<Keys()>& more) const;

  std::shared_ptr<InputTexts> texts_;
  std::filesystem::path file_;  // as seen from the scenario
  std::shared_ptr<const toml::table> root_;
  const toml::table* table_;
  std::string name_;  // name of the section with a trailing dot; empty for the root
};

/// Reads a device: `model` or `file` (a parameter set or a composite), and `parameters`; or `series` or `parallel`,
/// lists of parts.
[[nodiscard]] AnyDevice read_device(TomlSection& section);
/// Reads a parameter set, a composite or a device written as text, as the function of this name that is given a path.
[[nodiscard]] AnyDevice read_parameter_set(TomlSection root);
/// Reads the section `integrate`: method, relative, absolute.
[[nodiscard]] IntegrationOptions read_options(TomlSection& root);

}  // namespace memdyn

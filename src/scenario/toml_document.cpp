// SPDX-License-Identifier: MIT
#include "scenario/toml_document.hpp"

#include <fmt/ranges.h>

// toml++ 3.3 asserts conditions that a malformed file ("[.x]") violates; it reports the error anyway.
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"

namespace memdyn {
namespace {

/// Refuses non-ASCII characters outside strings and comments: on these toml++ 3.3 reaches code that its authors marked
/// as unreachable.
void refuse_strays(const std::string& text, const std::string& file) {
  std::string_view quotes;  // the quotes that end the open string
  std::size_t i = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  while (i < text.size()) {
    const std::string_view rest = std::string_view(text).substr(i);
    const char c = rest.front();
    if (quotes.empty() && c == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else if (quotes.empty() && (c == '"' || c == '\'')) {
      quotes = rest.substr(0, rest.size() >= 3 && rest[1] == c && rest[2] == c ? 3 : 1);
      i += quotes.size();
    } else if (quotes.empty() && static_cast<unsigned char>(c) >= 0x80) {
      const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i), '\n');
      const std::string place = fmt::format("{}:{}", file, line);
      throw InputError(place + ": non-ASCII character outside quotes; put the text in quotes", {place});
    } else if (quotes.empty()) {
      ++i;
    } else if (c == '\\' && quotes.front() == '"') {
      i += 2;
    } else if (rest.starts_with(quotes)) {
      i += quotes.size();
      if (quotes.size() == 3)  // one or two additional quotes belong to the string
        while (i < text.size() && text[i] == quotes.front()) ++i;
      quotes = {};
    } else {
      if (c == '\n' && quotes.size() == 1) quotes = {};  // an unterminated string: the parser reports it
      ++i;
    }
  }
}

toml::table parse(const std::string& text, const std::string& name) {
  refuse_strays(text, in_message(name));
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    const std::string place = fmt::format("{}:{}", in_message(name), error.source().begin.line);
    throw InputError(fmt::format("{}: {}", place, error.description()), {place});
  }
}

/// A step of a path: a key, and the index of an element of its list.
struct Step {
  std::string key;
  std::optional<std::size_t> index;
};

/// A key that is set from outside, and its value.
class Setting {
 public:
  explicit Setting(const std::string& given) : given_(given), name_("--set " + given) {
    const auto sign = given.find('=');
    if (sign == std::string::npos || sign == 0) refuse("must have the form KEY=VALUE");
    if (std::ranges::any_of(given, [](unsigned char c) { return std::iscntrl(c) != 0; }))
      refuse("must not contain control characters");
    key_ = given.substr(0, sign);
    read_path();
    read_value(given.substr(sign + 1));
  }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] const std::vector<Step>& path() const { return path_; }
  /// The value as TOML.
  [[nodiscard]] const std::string& value() const { return value_; }
  /// A table with the value as its key `value`. The source of the value is this setting.
  [[nodiscard]] toml::table parsed() const { return parse("value = " + value_, name_); }
  [[noreturn]] void refuse(const std::string& remedy) const {
    throw InputError(fmt::format("{}: {}", in_message(name_), remedy), {in_message(name_), key_, value_});
  }

 private:
  void read_path() {
    const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
    std::size_t at = 0;
    while (true) {
      const auto end = std::min(key_.find('.', at), key_.size());
      std::string key = key_.substr(at, end - at);
      Step step;
      if (const auto bracket = key.find('['); bracket != std::string::npos) {
        std::size_t index = 0;
        const char* last = key.data() + key.size();
        const auto [stop, error] = std::from_chars(key.data() + bracket + 1, last, index);
        if (error != std::errc() || stop + 1 != last || *stop != ']')
          refuse("has an index that is not a number in brackets, as in waveform[0].amplitude");
        step.index = index;
        key.resize(bracket);
      }
      if (key.empty() || !std::ranges::all_of(key, plain))
        refuse("must have a key of letters, digits, underscores and dots, as in device.parameters.R_on");
      step.key = std::move(key);
      path_.push_back(std::move(step));
      if (end == key_.size()) return;
      at = end + 1;
    }
  }
  /// Stores a value of TOML as it is, and any other text in quotes, unless it begins like a list, a table or a text.
  void read_value(const std::string& given) {
    value_ = given;
    const bool open = given.find_first_of("[{\"'") == 0;
    try {
      if (parsed().size() == 1) return;
    } catch (const InputError&) {
      if (open) throw;
    }
    if (given.empty()) refuse("has no value; an empty text is KEY='\"\"'");
    value_ = '"';
    for (const char c : given) {
      if (c == '"' || c == '\\') value_ += '\\';
      value_ += c;
    }
    value_ += '"';
  }

  std::string given_, name_, key_, value_;
  std::vector<Step> path_;
};

/// The list element of a step. @throws InputError if the list is too short, or the index is not given
toml::node& element(const Setting& setting, const Step& step, toml::node& node) {
  toml::array* list = node.as_array();
  const bool last = &step == &setting.path().back();
  if (!step.index && (list == nullptr || last)) return node;
  if (list == nullptr) setting.refuse(fmt::format("{} is not a list", step.key));
  if (!step.index && list->size() != 1)
    setting.refuse(fmt::format("there are {} of {}; name one, from {}[0] to {}[{}]", list->size(), step.key, step.key,
                               step.key, list->size() - 1));
  if (step.index.value_or(0) >= list->size())
    setting.refuse(fmt::format("there is no {}[{}]; the list has {}", step.key, *step.index, list->size()));
  return *list->get(step.index.value_or(0));
}

/// Sets a key of a document. Tables that are missing are added.
void set(const Setting& setting, toml::table& document) {
  toml::table* table = &document;
  for (const Step& step : setting.path()) {
    const bool last = &step == &setting.path().back();
    if (last && !step.index) {
      table->insert_or_assign(step.key, std::move(*setting.parsed().get("value")));
      return;
    }
    if (!table->contains(step.key)) {
      if (step.index) setting.refuse(fmt::format("there is no {}[{}]", step.key, *step.index));
      table->insert(step.key, toml::table());
    }
    toml::node& next = element(setting, step, *table->get(step.key));
    if (last) {
      toml::array& list = *table->get(step.key)->as_array();
      list.replace(list.cbegin() + static_cast<std::ptrdiff_t>(*step.index), std::move(*setting.parsed().get("value")));
      return;
    }
    table = next.as_table();
    if (table == nullptr) setting.refuse(fmt::format("{} is not a table", step.key));
  }
}

/// The position in a text of a line and a column of toml++, which count from 1; a column is a code point.
std::size_t position(const std::string& text, const toml::source_position& place) {
  std::size_t at = 0;
  for (toml::source_index line = 1; line < place.line; ++line) at = std::min(text.find('\n', at), text.size() - 1) + 1;
  for (toml::source_index column = 1; column < place.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  }
  return std::min(at, text.size());
}

/// The texts that may be `text` with a setting in its place: the value replaced, a line after the head of its table, or
/// the table at the end.
std::vector<std::string> edits(const Setting& setting, const std::string& text, toml::table& document) {
  std::vector<std::string> all;
  toml::node* node = &document;
  std::string head;  // of the table of the key
  for (const Step& step : setting.path()) {
    const bool last = &step == &setting.path().back();
    toml::table* table = node == nullptr ? nullptr : node->as_table();
    toml::node* next =
        table == nullptr || !table->contains(step.key) ? nullptr : &element(setting, step, *table->get(step.key));
    if (last && next != nullptr) {
      const auto begin = position(text, next->source().begin);
      const auto end = position(text, next->source().end);
      if (begin <= end) all.push_back(text.substr(0, begin) + setting.value() + text.substr(end));
    } else if (last && table != nullptr) {
      const auto line = setting.path().size() == 1 ? 0 : text.find('\n', position(text, table->source().begin));
      const auto after = line == std::string::npos ? text.size() : setting.path().size() == 1 ? 0 : line + 1;
      all.push_back(text.substr(0, after) + fmt::format("{} = {}\n", step.key, setting.value()) + text.substr(after));
    }
    if (last) {
      const std::string break_before = text.ends_with('\n') ? "" : "\n";
      all.push_back(fmt::format("{}{}[{}]\n{} = {}\n", text, break_before, head, step.key, setting.value()));
    }
    head += (head.empty() ? "" : ".") + step.key;
    node = next;
  }
  return all;
}

/// The text of a document with a setting in its place. If no edit of the text reads as it should, the document is
/// written anew, without its comments.
std::string edited(const Setting& setting, const std::string& text) {
  toml::table document = parse(text, setting.name());
  const std::vector<std::string> candidates = edits(setting, text, document);
  set(setting, document);
  for (const std::string& candidate : candidates) {
    try {
      if (parse(candidate, setting.name()) == document) return candidate;
    } catch (const InputError&) {
      continue;
    }
  }
  std::ostringstream out;
  out << toml::default_formatter{document} << '\n';
  return out.str();
}

}  // namespace

TomlDocument read_document(const std::string& text, const std::string& name, const std::vector<std::string>& settings) {
  TomlDocument document{nullptr, text};
  auto table = std::make_shared<toml::table>(parse(document.text, name));
  std::set<std::string> keys;
  std::string heads;
  for (const std::string& given : settings) {
    const Setting setting(given);
    if (!keys.insert(setting.key()).second) setting.refuse("sets a key that another --set sets; give it once");
    set(setting, *table);
    document.text = edited(setting, document.text);
    heads += fmt::format("# {}\n", setting.name());
  }
  constexpr std::string_view mark = "\xef\xbb\xbf";  // of UTF-8
  document.text.insert(document.text.starts_with(mark) ? mark.size() : 0, heads);
  document.table = std::move(table);
  return document;
}

}  // namespace memdyn

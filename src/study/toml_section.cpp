// SPDX-License-Identifier: MIT
#include "study/toml_section.hpp"

#include <fmt/ranges.h>

// toml++ 3.3 asserts what a malformed file ("[.x]") can break, and then tells it as an error all the same.
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "memdyn/device/composite.hpp"
#include "memdyn/device/models.hpp"
#include "study/text_definition.hpp"

namespace memdyn {
namespace {

std::string shown(const toml::node& node) {
  std::ostringstream out;
  out << toml::default_formatter{node};
  return out.str();
}

}  // namespace

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  const bool empty = std::filesystem::is_regular_file(file) && std::filesystem::file_size(file) == 0;
  if (!in || !(empty || text << in.rdbuf()))
    throw IoError(file.string() + ": cannot be read; check the name and the permissions");
  return text.str();
}

namespace {

/// Characters beyond ASCII have a place in strings and comments only. Elsewhere toml++ 3.3 runs into what its authors
/// held to be unreachable, so that they are refused before.
void refuse_strays(const std::string& text, const std::string& file) {
  std::string_view quotes;  // that end the string which is open
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
      throw InputError(fmt::format("{}:{}: a character beyond ASCII outside of quotes; put the text into quotes", file,
                                   1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i), '\n')));
    } else if (quotes.empty()) {
      ++i;
    } else if (c == '\\' && quotes.front() == '"') {
      i += 2;
    } else if (rest.starts_with(quotes)) {
      i += quotes.size();
      if (quotes.size() == 3)  // one or two quotes more belong to the string
        while (i < text.size() && text[i] == quotes.front()) ++i;
      quotes = {};
    } else {
      if (c == '\n' && quotes.size() == 1) quotes = {};  // not ended: the parser says so
      ++i;
    }
  }
}

}  // namespace

TomlSection::TomlSection(const std::filesystem::path& file) : file_(file) {
  const auto text = read_text(file);
  refuse_strays(text, file.string());
  try {
    root_ = std::make_shared<const toml::table>(toml::parse(text, file.string()));
  } catch (const toml::parse_error& error) {
    throw InputError(fmt::format("{}:{}: {}", file.string(), error.source().begin.line, error.description()));
  }
  table_ = root_.get();
}

std::string TomlSection::where(const std::string& key) const {
  const toml::node* node = key.empty() ? table_ : table_->get(key);
  const auto line = node == nullptr ? table_->source().begin.line : node->source().begin.line;
  return line == 0 ? file_.string() : fmt::format("{}:{}", file_.string(), line);
}

std::string TomlSection::where(const std::string& key, std::size_t offset) const {
  const toml::node* node = table_->get(key);
  const auto text = node == nullptr ? std::nullopt : node->value_exact<std::string>();
  if (!text) return where(key);
  const auto [begin, end, path] = node->source();
  const std::string_view before = std::string_view(*text).substr(0, offset);
  const auto lines = static_cast<toml::source_index>(std::ranges::count(*text, '\n'));
  const auto line = static_cast<toml::source_index>(std::ranges::count(before, '\n'));
  toml::source_index quotes = 3;
  toml::source_index skipped = 0;  // the line break after opening quotes
  if (begin.line == end.line) {
    const auto outside = end.column - begin.column - text->size();
    if (outside != 2 && outside != 6) return fmt::format("{}:{}:{}", file_.string(), begin.line, begin.column);
    quotes = static_cast<toml::source_index>(outside / 2);
  } else {
    skipped = end.line - begin.line - lines;
    if (skipped > 1) return fmt::format("{}:{}:{}", file_.string(), begin.line, begin.column);
  }
  const auto column = before.size() - (line == 0 ? 0 : before.rfind('\n') + 1);
  return fmt::format("{}:{}:{}", file_.string(), begin.line + line + skipped,
                     column + (line == 0 && skipped == 0 ? begin.column + quotes : 1));
}

std::vector<std::string> TomlSection::keys() const {
  std::vector<std::pair<toml::source_position, std::string>> all;
  for (const auto& [key, node] : *table_) all.emplace_back(key.source().begin, key.str());
  std::ranges::stable_sort(all, {}, [](const auto& one) { return std::pair(one.first.line, one.first.column); });
  std::vector<std::string> names;
  for (auto& one : all) names.push_back(std::move(one.second));
  return names;
}

bool TomlSection::is_table(const std::string& key) const {
  const toml::node* node = table_->get(key);
  return node != nullptr && node->is_table();
}

bool TomlSection::is_text(const std::string& key) const {
  const toml::node* node = table_->get(key);
  return node != nullptr && node->is_string();
}

bool TomlSection::has(const std::string& key) const {
  const_cast<TomlSection*>(this)->known_.insert(key);
  return table_->contains(key);
}

const toml::node& TomlSection::need(const std::string& key) {
  if (!has(key))
    throw InputError(where("") + ": " + name_ + key + " is missing" +
                     (name_.empty() ? "" : " in [" + name_.substr(0, name_.size() - 1) + "]"));
  return *table_->get(key);
}

void TomlSection::refuse(const std::string& key, const std::string& remedy) const {
  const toml::node* node = table_->get(key);
  throw InputError(where(key), name_ + key, node == nullptr ? "(missing)" : shown(*node), remedy);
}

bool TomlSection::is_number(const std::string& key) const { return has(key) && table_->get(key)->is_number(); }

double TomlSection::number(const std::string& key) {
  const auto value = need(key).value<double>();
  if (!value) refuse(key, "must be a number");
  return *value;
}

std::uint64_t TomlSection::count(const std::string& key, std::uint64_t otherwise) {
  if (!has(key)) return otherwise;
  const auto value = need(key).value_exact<std::int64_t>();
  if (!value || *value < 0) refuse(key, "must be a whole number, 0 or more");
  return static_cast<std::uint64_t>(*value);
}

bool TomlSection::flag(const std::string& key, bool otherwise) {
  if (!has(key)) return otherwise;
  const auto value = need(key).value_exact<bool>();
  if (!value) refuse(key, "must be true or false");
  return *value;
}

std::string TomlSection::text(const std::string& key) {
  const auto value = need(key).value_exact<std::string>();
  if (!value) refuse(key, "must be a string in quotes");
  return *value;
}

std::vector<double> TomlSection::numbers(const std::string& key) {
  const auto* array = need(key).as_array();
  std::vector<double> all;
  if (array != nullptr)
    for (const auto& node : *array)
      if (const auto value = node.value<double>()) all.push_back(*value);
  if (array == nullptr || all.size() != array->size()) refuse(key, "must be a list of numbers");
  return all;
}

std::vector<std::string> TomlSection::texts(const std::string& key) {
  const auto* array = need(key).as_array();
  std::vector<std::string> all;
  if (array != nullptr)
    for (const auto& node : *array)
      if (const auto value = node.value_exact<std::string>()) all.push_back(*value);
  if (array == nullptr || all.size() != array->size()) refuse(key, "must be a list of strings in quotes");
  return all;
}

std::vector<std::uint64_t> TomlSection::counts(const std::string& key) {
  std::vector<std::uint64_t> all;
  for (double value : numbers(key)) {
    if (!(value >= 0 && value < 1e15) || value != std::floor(value)) refuse(key, "must be whole numbers, 0 or more");
    all.push_back(static_cast<std::uint64_t>(value));
  }
  return all;
}

std::filesystem::path TomlSection::path(const std::string& key) { return file_.parent_path() / text(key); }

TomlSection TomlSection::section(const std::string& key) {
  const auto* table = need(key).as_table();
  if (table == nullptr) refuse(key, "must be a table: [" + name_ + key + "]");
  return {root_, table, file_, name_ + key + "."};
}

std::vector<TomlSection> TomlSection::sections(const std::string& key) {
  const auto* array = need(key).as_array();
  std::vector<TomlSection> all;
  if (array != nullptr)
    for (const auto& node : *array)
      if (const auto* table = node.as_table()) all.push_back({root_, table, file_, name_ + key + "."});
  if (array == nullptr || all.empty() || all.size() != array->size())
    refuse(key, "must be a list of tables: [[" + name_ + key + "]]");
  return all;
}

void TomlSection::finish() const {
  for (const auto& [key, node] : *table_) {
    const std::string given(key.str());
    if (!known_.contains(given))
      throw InputError(fmt::format("{}:{}: unknown key {}{}{}", file_.string(), node.source().begin.line, name_, given,
                                   suggestion(given, known_)));
  }
}

namespace {

template <class D>
D read_model(TomlSection* set, TomlSection* own) {
  typename D::Parameters parameters;
  for (TomlSection* section : {set, own})
    if (section != nullptr) {
      D::Parameters::fields(parameters, [&]<class Value>(const Field& field, Value& value) {
        if (!section->has(field.key)) return;
        if constexpr (std::is_same_v<Value, double>) {
          value = section->number(field.key);
        } else if constexpr (std::is_same_v<Value, bool>) {
          value = section->flag(field.key, value);
        } else if constexpr (std::is_same_v<Value, std::optional<bool>>) {
          value = section->flag(field.key, false);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          value = section->text(field.key);
        } else {
          value = section->numbers(field.key);
        }
      });
      section->finish();
    }
  const TomlSection* last = own != nullptr ? own : set;
  return last == nullptr ? D(parameters) : last->located([&] { return D(parameters); });
}

}  // namespace

namespace {

/// The model that `named` names, with the parameters of up to two tables: a later one overrides.
AnyDevice read_named(TomlSection& named, TomlSection* set, TomlSection* own) {
  const auto model = named.text("model");
  std::optional<AnyDevice> device;
  std::set<std::string> names;
  const auto look = [&]<class D>() {
    names.emplace(D::name);
    if (D::name == model) device = read_model<D>(set, own);
  };
  for_each_model_and_element(look);
  if (!device) named.refuse("model", "is not a model" + suggestion(model, names) + " (see \"memdyn devices\")");
  return *device;
}

AnyDevice read_kind(TomlSection& section, const std::vector<std::string>& kinds, int depth);

/// @param depth of composites and files in one another
AnyDevice read_set(TomlSection& file, TomlSection* own, int depth) {
  for (const char* key : {"title", "source", "doi", "notes"})
    if (file.has(key)) (void)file.text(key);
  AnyDevice device = [&] {
    if (file.has("series") || file.has("parallel")) {
      if (own != nullptr)
        throw InputError(own->where(""), "parameters", "of a composite",
                         "belong to its parts: set them there, or sweep them by their keys");
      return read_kind(file, {"series", "parallel"}, depth);
    }
    if (file.has("variable") || file.has("control") || file.has("port")) return read_text_device(file, own);
    if (!file.has("model"))
      file.refuse("model",
                  "stands in no file of a device: a parameter set has it beside [parameters], a composite has "
                  "series or parallel, a device written as text has control, [[variable]] and [port]");
    TomlSection set = file.section("parameters");
    return read_named(file, &set, own);
  }();
  file.finish();
  return device;
}

AnyDevice read_composite(TomlSection& section, Coupling coupling, int depth) {
  const std::string key(name_of(coupling));
  std::vector<Composite::Part> parts;
  for (TomlSection& part : section.sections(key)) {
    const std::string label = part.text("label", "");
    if (part.has("label") && label.empty()) part.refuse("label", "must be of letters, digits and underscores");
    const bool reversed = part.flag("reversed", false);
    parts.push_back({read_kind(part, {"model", "file", "series", "parallel", "resistor", "capacitor"}, depth + 1),
                     label, reversed});
    part.finish();
  }
  return section.located([&] { return couple(coupling, std::move(parts)); }, key);
}

/// What exactly one of the keys `kinds` describes; the section is not finished.
AnyDevice read_kind(TomlSection& section, const std::vector<std::string>& kinds, int depth) {
  std::string kind;
  for (const auto& one : kinds) {
    if (!section.has(one)) continue;
    if (!kind.empty())
      section.refuse(one, fmt::format("stands beside {}; give one of {}", kind, fmt::join(kinds, ", ")));
    kind = one;
  }
  if (kind.empty()) {
    if (!section.has("parameters")) section.finish();  // a misspelt key is what is missing
    section.refuse(kinds.front(), fmt::format("give one of {}", fmt::join(kinds, ", ")));
  }
  if (depth > 20) throw InputError(section.where(kind), kind, "...", "is more than 20 deep; does a file name itself?");
  if (kind == "series") return read_composite(section, Coupling::series, depth);
  if (kind == "parallel") return read_composite(section, Coupling::parallel, depth);
  if (kind == "resistor") {
    const double R = section.number(kind);
    return section.located([&] { return Resistor({.R = R}); });
  }
  if (kind == "capacitor") {
    const Capacitor::Parameters p{.C = section.number(kind), .V_scale = section.number("V_scale", 1.0)};
    return section.located([&] { return Capacitor(p); });
  }
  std::optional<TomlSection> own;
  if (section.has("parameters")) own.emplace(section.section("parameters"));
  TomlSection* more = own ? &*own : nullptr;
  if (kind == "model") return read_named(section, nullptr, more);
  TomlSection file(section.path("file"));
  return read_set(file, more, depth + 1);
}

}  // namespace

AnyDevice read_parameter_set(const std::filesystem::path& path) {
  TomlSection file(path);
  return read_set(file, nullptr, 0);
}

std::vector<std::pair<std::string, std::string>> words_of_parameter_set(const std::filesystem::path& path) {
  TomlSection file(path);
  std::vector<std::pair<std::string, std::string>> words;
  for (const char* key : {"title", "doi", "source", "notes"})
    if (file.has(key)) words.emplace_back(key, file.text(key));
  return words;
}

AnyDevice read_device(TomlSection& section) {
  AnyDevice device = read_kind(section, {"model", "file", "series", "parallel"}, 0);
  section.finish();
  if (device.size() == 0) section.refuse("model", "has no internal variable; it serves in series and parallel");
  return device;
}

}  // namespace memdyn

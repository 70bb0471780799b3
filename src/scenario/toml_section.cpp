// SPDX-License-Identifier: MIT
#include "scenario/toml_section.hpp"

#include <fmt/ranges.h>

// toml++ 3.3 asserts conditions that a malformed file ("[.x]") violates; it reports the error anyway.
#define TOML_ASSERT(expr) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <sstream>

#include "core/machine.hpp"
#include "core/message.hpp"
#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/device/models/capacitor.hpp"
#include "memdyn/device/models/current_source.hpp"
#include "memdyn/device/models/inductor.hpp"
#include "memdyn/device/models/resistor.hpp"
#include "memdyn/device/models/voltage_source.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "scenario/text_definition.hpp"
#include "scenario/toml_document.hpp"

namespace memdyn {
namespace {

/// Largest file: parsing it takes about a second, in which Ctrl-C has no effect.
constexpr std::size_t most_bytes = 8'000'000;

/// A value as a person writes it: numbers in their shortest form.
std::string written(const toml::node* node) {
  if (node == nullptr) return "(missing)";
  if (const auto number = node->value_exact<double>()) return fmt::format("{}", *number);
  if (const auto* list = node->as_array();
      list != nullptr && !list->empty() && std::ranges::none_of(*list, &toml::node::is_table)) {
    std::vector<std::string> all;
    for (const auto& one : *list) all.push_back(written(&one));
    return fmt::format("[ {} ]", fmt::join(all, ", "));
  }
  std::ostringstream out;
  out << toml::default_formatter{*node};
  std::string text = out.str();
  if (node->is_table() && !node->as_table()->is_inline()) return "{...}";
  return text.find('\n') == std::string::npos ? text : "[{...}]";
}

/// A value in messages; of a long one its beginning and its end.
std::string shown_value(const toml::node* node) {
  constexpr std::size_t longest = 60;  // bytes
  return in_message(written(node), longest);
}

}  // namespace

TomlSection::TomlSection(std::shared_ptr<InputTexts> texts, const std::filesystem::path& file,
                         const std::vector<std::string>& settings)
    : texts_(std::move(texts)), file_(file) {
  const std::string& text = texts_->text(file_);
  if (text.size() > most_bytes)
    throw InputError(fmt::format("{}: has {}; at most {} are read; is it a scenario or a device?", shown(),
                                 bytes_in_words(static_cast<double>(text.size())),
                                 bytes_in_words(static_cast<double>(most_bytes))));
  TomlDocument document = read_document(text, texts_->shown(file_), settings);
  if (!settings.empty()) texts_->replace(file_, document.text);
  root_ = std::move(document.table);
  table_ = root_.get();
}

TomlSection TomlSection::table_within(const toml::table* table, std::string name) const {
  TomlSection section = *this;
  section.table_ = table;
  section.name_ = std::move(name);
  return section;
}

std::string TomlSection::where(const std::string& key) const {
  const toml::node* node = key.empty() ? table_ : table_->get(key);
  const toml::source_region& source = node == nullptr ? table_->source() : node->source();
  if (of_setting(source.path)) return in_message(*source.path);
  return source.begin.line == 0 ? shown() : fmt::format("{}:{}", shown(), source.begin.line);
}

std::string TomlSection::where(const std::string& key, std::size_t offset) const {
  const toml::node* node = table_->get(key);
  if (node == nullptr) return where(key);
  const auto [begin, end, path] = node->source();
  if (of_setting(path)) return where(key);
  const auto text = node->value_exact<std::string>();
  if (!text) return fmt::format("{}:{}:{}", shown(), begin.line, begin.column);
  const std::string_view before = std::string_view(*text).substr(0, offset);
  const auto lines = static_cast<toml::source_index>(std::ranges::count(*text, '\n'));
  const auto line = static_cast<toml::source_index>(std::ranges::count(before, '\n'));
  toml::source_index quotes = 3;
  toml::source_index skipped = 0;  // the line break after opening quotes
  if (begin.line == end.line) {
    const auto outside = end.column - begin.column - text->size();
    if (outside != 2 && outside != 6) return fmt::format("{}:{}:{}", shown(), begin.line, begin.column);
    quotes = static_cast<toml::source_index>(outside / 2);
  } else {
    skipped = end.line - begin.line - lines;
    if (skipped > 1) return fmt::format("{}:{}:{}", shown(), begin.line, begin.column);
  }
  const auto column = before.size() - (line == 0 ? 0 : before.rfind('\n') + 1);
  return fmt::format("{}:{}:{}", shown(), begin.line + line + skipped,
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

bool TomlSection::is_list_of_texts(const std::string& key) const {
  const toml::node* node = table_->get(key);
  const auto* list = node == nullptr ? nullptr : node->as_array();
  return list != nullptr && !list->empty() && list->front().is_string();
}

bool TomlSection::has(const std::string& key) const { return table_->contains(key); }

std::string TomlSection::known(const std::string& key) const {
  const auto name = key.substr(0, key.find('['));
  return has(name) ? name : "";
}

const toml::node& TomlSection::need(const std::string& key) const {
  if (!has(key))
    throw InputError(where("") + ": " + in_message(name_ + key) + " is missing" +
                         (name_.empty() ? "" : " in [" + name_.substr(0, name_.size() - 1) + "]"),
                     {where(""), name_ + key});
  return *table_->get(key);
}

SizeKey TomlSection::size_key(const std::string& key, double factor, bool divides) const {
  return {where(key), name_ + key, shown_value(table_->get(key)), factor, divides};
}

void TomlSection::refuse(const std::string& key, const std::string& remedy) const {
  throw InputError(where(key), name_ + key, shown_value(table_->get(key)), remedy);
}

bool TomlSection::is_number(const std::string& key) const { return has(key) && table_->get(key)->is_number(); }

double TomlSection::number_or_infinity(const std::string& key) {
  const auto value = need(key).value<double>();
  if (!value || std::isnan(*value)) refuse(key, "must be a number");
  return *value;
}

double TomlSection::number(const std::string& key) {
  const double value = number_or_infinity(key);
  if (!std::isfinite(value)) refuse(key, "must be a finite number");
  return value;
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

std::vector<double> TomlSection::numbers_or_infinities(const std::string& key) {
  const auto* array = need(key).as_array();
  std::vector<double> all;
  if (array != nullptr)
    for (const auto& node : *array)
      if (const auto value = node.value<double>(); value && !std::isnan(*value)) all.push_back(*value);
  if (array == nullptr || all.size() != array->size()) refuse(key, "must be a list of numbers");
  return all;
}

std::vector<double> TomlSection::numbers(const std::string& key) {
  const auto all = numbers_or_infinities(key);
  if (!std::ranges::all_of(all, [](double value) { return std::isfinite(value); }))
    refuse(key, "must be a list of finite numbers");
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

TomlSection::Named TomlSection::file(const std::string& key) {
  const auto name = path(key);
  return {name, texts_->shown(name), texts_->text(name)};
}

TomlSection TomlSection::section(const std::string& key) {
  const auto* table = need(key).as_table();
  if (table == nullptr) refuse(key, "must be a table: [" + name_ + key + "]");
  return table_within(table, name_ + key + ".");
}

std::vector<TomlSection> TomlSection::sections(const std::string& key) {
  const auto* array = need(key).as_array();
  std::vector<TomlSection> all;
  if (array != nullptr)
    for (const auto& node : *array)
      if (const auto* table = node.as_table()) all.push_back(table_within(table, name_ + key + "."));
  if (array == nullptr || all.empty() || all.size() != array->size())
    throw InputError(
        where(key), name_ + key, array == nullptr && is_table(key) ? "a table" : "a value",
        fmt::format("must be a list of tables: write [[{}]], in double brackets, above the keys of each", name_ + key));
  return all;
}

void TomlSection::only(const Keys& keys, const std::function<Keys()>& more) const { only("", keys, more); }

void TomlSection::only(const std::string& at, const Keys& keys, const std::function<Keys()>& more) const {
  for (const auto& given : this->keys()) {
    const std::string path = at + given;
    const bool dotted = given.find('.') != std::string::npos;  // a quoted key with a dot is not a path
    const auto is = [&](const std::string& key) { return !dotted && (key == path || key == path + ".*"); };
    if (std::ranges::any_of(keys, is)) continue;
    const auto within = [&](const std::string& key) { return !dotted && key.starts_with(path + "."); };
    if (!std::ranges::any_of(keys, within))
      throw InputError(fmt::format("{}: unknown key {}{}{}", where(given), in_message(name_), in_message(given),
                                   remedy(at, given, keys, more)),
                       {where(given), given});
    const toml::node* node = table_->get(given);
    const auto descend = [&](const toml::node& one) {
      if (const auto* table = one.as_table()) table_within(table, name_ + given + ".").only(path + ".", keys, more);
    };
    descend(*node);
    if (const auto* list = node->as_array())
      for (const auto& one : *list) descend(one);
  }
}

std::string TomlSection::remedy(const std::string& at, const std::string& given, const Keys& keys,
                                const std::function<Keys()>& more) const {
  const std::string above =
      name_.substr(0, name_.size() - at.size());  // name of the section on which only() was called
  std::set<std::string> here, all;
  for (std::string key : keys) {
    if (key.ends_with(".*")) key.resize(key.size() - 2);
    const bool below = key.starts_with(at);
    const auto dot = key.find('.', at.size());
    if (below) here.insert(key.substr(at.size(), dot - at.size()));
    if (!below || dot != std::string::npos) all.insert(above + key);
  }
  all.insert(here.begin(), here.end());
  if (more)
    for (const auto& key : more()) all.insert(above + key);
  if (auto near = suggestion(given, all); !near.empty()) return near;
  return here.empty() ? "; this table has no keys" : fmt::format("; the keys here are {}", fmt::join(here, ", "));
}

namespace {

/// The keys of a model's parameters, each with the prefix `before`.
TomlSection::Keys parameter_keys(const CatalogueEntry& model, const std::string& before) {
  TomlSection::Keys keys;
  for (const Parameter& one : model.parameters) keys.push_back(before + one.field.key);
  return keys;
}

/// Reads a parameter; its value has the type that the model declares.
void read_parameter(TomlSection& section, const char* key, ParameterValue& value) {
  if (std::holds_alternative<double>(value)) {
    value = section.number(key);
  } else if (const bool* flag = std::get_if<bool>(&value)) {
    value = section.flag(key, *flag);
  } else if (std::holds_alternative<std::optional<bool>>(value)) {
    value = std::optional<bool>(section.flag(key, false));
  } else if (std::holds_alternative<std::string>(value)) {
    value = section.text(key);
  } else {
    value = section.numbers(key);
  }
}

/// A device of a model, with the parameters of up to two tables; `own` overrides `set`.
AnyDevice read_model(const CatalogueEntry& model, TomlSection* set, TomlSection* own) {
  std::vector<ParameterValue> values;
  for (const Parameter& one : model.parameters) values.push_back(one.value);
  std::optional<AnyDevice> device;  // made after each table, so that an error names the table that causes it
  for (TomlSection* section : {set, own})
    if (section != nullptr) {
      section->only(parameter_keys(model, ""));
      for (std::size_t p = 0; p < values.size(); ++p)
        if (const char* key = model.parameters[p].field.key; section->has(key))
          read_parameter(*section, key, values[p]);
      device = section->located([&] { return model.make(values); });
    }
  return device ? *device : model.make(values);
}

/// The keys "parameters.R_on", ... of the model or the file that a table names, without those of composites; empty if
/// the file cannot be read.
TomlSection::Keys keys_of_parameters(TomlSection section) {
  const std::string before = "parameters.";
  TomlSection::Keys keys;
  const auto of_model = [&](TomlSection& named) {
    if (!named.is_text("model")) return;
    if (const CatalogueEntry* model = find_model(named.text("model"))) keys = parameter_keys(*model, before);
  };
  of_model(section);
  try {
    if (!section.is_text("file")) return keys;
    TomlSection file = section.root_of("file");
    of_model(file);
    if (keys.empty() && file.is_table("parameters"))
      for (const auto& key : file.section("parameters").keys()) keys.push_back(before + key);
  } catch (const Error&) {  // the unknown key is reported first
  }
  return keys;
}

/// The model that `named` names, with the parameters of up to two tables; `own` overrides `set`.
AnyDevice read_named(TomlSection& named, TomlSection* set, TomlSection* own) {
  const auto name = named.text("model");
  if (const CatalogueEntry* model = find_model(name)) return read_model(*model, set, own);
  std::set<std::string> names;
  for (const CatalogueEntry& model : catalogue()) names.emplace(model.name);
  named.refuse("model", "is not a model" + suggestion(name, names) + " (see \"memdyn devices\")");
}

AnyDevice read_kind(TomlSection& section, const std::vector<std::string>& kinds, int depth);

/// The descriptive keys of a device file.
constexpr const char* words[] = {"title", "doi", "source", "notes"};

/// Reads a device file, with the parameters in `own` overriding its own.
/// @param depth nesting depth of composites and files
AnyDevice read_set(TomlSection& file, TomlSection* own, int depth) {
  const auto keys = [](TomlSection::Keys more) {
    more.insert(more.end(), std::begin(words), std::end(words));
    return more;
  };
  const TomlSection::Keys composite{"series.*", "parallel.*"};
  const TomlSection::Keys set{"model", "parameters.*"};
  const auto check_words = [&] {
    for (const char* key : words)
      if (file.has(key)) (void)file.text(key);
  };
  if (file.has("series") || file.has("parallel")) {
    file.only(keys(composite));
    check_words();
    if (own != nullptr)
      throw InputError(own->where(""), "parameters", "of a composite",
                       "belong to its parts; set them there, or sweep them by their keys");
    return read_kind(file, {"series", "parallel"}, depth);
  }
  if (file.has("variable") || file.has("control") || file.has("port")) {
    file.only(keys(text_device_keys()));
    check_words();
    return read_text_device(file, own);
  }
  if (!file.has("model")) {
    auto all = keys(text_device_keys());
    for (const auto& more : {composite, set}) all.insert(all.end(), more.begin(), more.end());
    file.only(all);
    file.refuse("model",
                "a device file needs one of: model and [parameters]; series or parallel; or control, [[variable]] and "
                "[port]");
  }
  file.only(keys(set));
  check_words();
  TomlSection parameters = file.section("parameters");
  return read_named(file, &parameters, own);
}

/// A key that gives an element of a composite by one number.
struct ElementKey {
  const char* key;
  const char* scale;  ///< key of the range of its variable; null if it has no variable
  AnyDevice (*make)(double value, std::optional<double> scale);
};
constexpr ElementKey element_keys[] = {
    {"resistor", nullptr, [](double R, std::optional<double>) -> AnyDevice { return Resistor({.R = R}); }},
    {"capacitor", "V_scale",
     [](double C, std::optional<double> scale) -> AnyDevice {
       return Capacitor({.C = C, .V_scale = scale.value_or(Capacitor::Parameters{}.V_scale)});
     }},
    {"inductor", "I_scale",
     [](double L, std::optional<double> scale) -> AnyDevice {
       return Inductor({.L = L, .I_scale = scale.value_or(Inductor::Parameters{}.I_scale)});
     }},
    {"voltage_source", nullptr, [](double E, std::optional<double>) -> AnyDevice { return VoltageSource({.E = E}); }},
    {"current_source", nullptr, [](double J, std::optional<double>) -> AnyDevice { return CurrentSource({.J = J}); }}};

AnyDevice read_composite(TomlSection& section, Coupling coupling, int depth) {
  const std::string key(name_of(coupling));
  std::vector<Composite::Part> parts;
  std::vector<std::string> kinds{"model", "file", "series", "parallel"};
  for (const ElementKey& one : element_keys) kinds.emplace_back(one.key);
  for (TomlSection& part : section.sections(key)) {
    TomlSection::Keys known{"model", "file", "parameters.*", "series.*", "parallel.*", "label", "reversed"};
    for (const ElementKey& one : element_keys)
      for (const char* name : {one.key, one.scale})
        if (name != nullptr) known.emplace_back(name);
    part.only(known, [&] { return keys_of_parameters(part); });
    const std::string label = part.text("label", "");
    if (part.has("label") && label.empty()) part.refuse("label", "must consist of letters, digits and underscores");
    const bool reversed = part.flag("reversed", false);
    parts.push_back({read_kind(part, kinds, depth + 1), label, reversed});
  }
  return section.located([&] { return couple(coupling, std::move(parts)); }, key);
}

/// The device that exactly one of the keys `kinds` describes.
AnyDevice read_kind(TomlSection& section, const std::vector<std::string>& kinds, int depth) {
  std::string kind;
  for (const auto& one : kinds) {
    if (!section.has(one)) continue;
    if (!kind.empty())
      section.refuse(one, fmt::format("is given together with {}; give only one of {}", kind, fmt::join(kinds, ", ")));
    kind = one;
  }
  if (kind.empty()) section.refuse(kinds.front(), fmt::format("give one of {}", fmt::join(kinds, ", ")));
  for (const ElementKey& one : element_keys)
    if (one.scale != nullptr && kind != one.key && section.has(one.scale))
      section.refuse(one.scale, fmt::format("belongs to {} {}", one.key[0] == 'i' ? "an" : "a", one.key));
  if (kind != "model" && kind != "file" && section.has("parameters"))
    section.refuse("parameters", "belong to a model or a file: set those of a composite in its parts");
  if (depth > 20)
    throw InputError(section.where(kind), kind, "...",
                     "is nested more than 20 deep; check whether a file refers to itself");
  if (kind == "series") return read_composite(section, Coupling::series, depth);
  if (kind == "parallel") return read_composite(section, Coupling::parallel, depth);
  for (const ElementKey& one : element_keys)
    if (kind == one.key) {
      const double value = section.number(kind);
      std::optional<double> scale;
      if (one.scale != nullptr && section.has(one.scale)) scale = section.number(one.scale);
      return section.located([&] { return one.make(value, scale); });
    }
  std::optional<TomlSection> own;
  if (section.has("parameters")) own.emplace(section.section("parameters"));
  TomlSection* more = own ? &*own : nullptr;
  if (kind == "model") return read_named(section, nullptr, more);
  TomlSection file = section.root_of("file");
  return read_set(file, more, depth + 1);
}

}  // namespace

AnyDevice read_parameter_set(const std::filesystem::path& path, const std::vector<std::string>& settings) {
  return read_parameter_set(TomlSection(path, settings));
}

AnyDevice read_parameter_set(TomlSection root) { return read_set(root, nullptr, 0); }

std::vector<std::pair<std::string, std::string>> words_of_parameter_set(const std::filesystem::path& path) {
  TomlSection file(path);
  std::vector<std::pair<std::string, std::string>> found;
  for (const char* key : words)
    if (file.has(key)) found.emplace_back(key, file.text(key));
  return found;
}

AnyDevice read_device(TomlSection& section) {
  section.only({"model", "file", "parameters.*", "series.*", "parallel.*"},
               [&] { return keys_of_parameters(section); });
  AnyDevice device = read_kind(section, {"model", "file", "series", "parallel"}, 0);
  const bool fixes = device.model().fixes_voltage || device.model().fixes_current;
  if (fixes && (device.size() == 0 || device.definition<Composite>() == nullptr))
    for (const char* key : {"model", "file", "series", "parallel"})
      if (section.has(key))
        section.refuse(
            key, fmt::format("is not a device by itself: {} can only be a part of series or parallel", device.name()));
  return device;
}

std::vector<RoleOfDevice> devices_of(const std::filesystem::path& path, const std::vector<std::string>& settings) {
  TomlSection file(path, settings);
  std::vector<RoleOfDevice> all;
  for (const char* role : {"device", "synapse", "node"})
    if (file.is_table(role)) {
      TomlSection section = file.section(role);
      all.push_back({role, read_device(section)});
    }
  if (all.empty()) all.push_back({"", read_set(file, nullptr, 0)});
  return all;
}

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "core/machine.hpp"
#include "device/text/time_expression.hpp"
#include "drive/waveform_rows.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/device/text/text_device.hpp"
#include "memdyn/dynamics/ensemble.hpp"
#include "scenario/csv_keys.hpp"
#include "scenario/need.hpp"
#include "scenario/read_scenario.hpp"

namespace memdyn {

/// A kind of waveform: its keys, and the function that makes it from their values. A key with a default is optional.
/// Two kinds may have one name, if they differ in the key `fwhm`.
/// Each of `count` repetitions, 1 if there is no such key, has at most `segments` segments.
struct WaveformKind {
  struct Key {
    const char* name;
    std::optional<double> otherwise = {};
  };
  const char* name;
  std::vector<Key> keys;
  double segments;
  Waveform (*make)(const double* numbers);  ///< null for a CSV file and for an expression

  [[nodiscard]] bool is_expression() const { return make == nullptr && !keys.empty(); }
  [[nodiscard]] bool is_csv() const { return make == nullptr && keys.empty(); }
  /// The keys of its numbers: its own, then those of every kind. The offset is one of its own if it has that key.
  [[nodiscard]] std::vector<Key> all() const {
    std::vector<Key> more = keys;
    const auto own = [&](const char* key) {
      return std::ranges::any_of(keys, [&](const Key& one) { return std::string_view(one.name) == key; });
    };
    if (!own("offset")) more.push_back({"offset", 0.0});
    more.insert(more.end(), {{"scale", 1.0}, {"repeat", 1.0}});
    return more;
  }
};

namespace {

std::size_t count_of(const char* key, double number) {
  if (!(number >= 0 && number < 1e9) || number != std::floor(number))
    throw InputError("waveform", key, fmt::format("{}", number), "must be a whole number, 0 or more");
  return static_cast<std::size_t>(number);
}
PulseShape shape(const double* n) { return {n[0], n[1], n[2], n[3], n[4]}; }
/// The shape of a pulse whose second number is its full width at half maximum [s].
PulseShape shape_of_fwhm(const double* n) {
  PulseShape one = shape(n);
  const double edges = (one.rise + one.fall) / 2;
  one.width = n[1] - edges;
  if (!(one.width > 0))
    throw InputError("waveform", "fwhm", fmt::format("{}", n[1]),
                     fmt::format("must be above (rise + fall)/2 = {} s", edges));
  return one;
}

const std::vector<WaveformKind>& kinds() {
  static const std::vector<WaveformKind> all{
      {"constant", {{"duration"}, {"value"}}, 1, [](const double* n) { return Waveform({Constant{n[0], n[1]}}); }},
      {"ramp", {{"duration"}, {"from"}, {"to"}}, 1, [](const double* n) { return Waveform({Ramp{n[0], n[1], n[2]}}); }},
      {"sine",
       {{"duration"}, {"amplitude"}, {"frequency"}, {"phase", 0.0}, {"offset", 0.0}},
       1,
       [](const double* n) { return Waveform({Sine{n[0], n[1], n[2], n[3], n[4]}}); }},
      {"chirp",
       {{"duration"}, {"amplitude"}, {"frequency"}, {"final_frequency"}, {"phase", 0.0}, {"offset", 0.0}},
       1,
       [](const double* n) { return Waveform({Chirp{n[0], n[1], n[2], n[3], n[4], n[5]}}); }},
      {"exponential",
       {{"duration"}, {"from"}, {"to"}, {"tau"}},
       1,
       [](const double* n) { return Waveform({Exponential{n[0], n[1], n[2], n[3]}}); }},
      {"pulse",
       {{"amplitude"}, {"width"}, {"rise", 0.0}, {"fall", 0.0}, {"base", 0.0}},
       3,
       [](const double* n) { return pulse(shape(n)); }},
      {"pulse",
       {{"amplitude"}, {"fwhm"}, {"rise", 0.0}, {"fall", 0.0}, {"base", 0.0}},
       3,
       [](const double* n) { return pulse(shape_of_fwhm(n)); }},
      {"pulse_train",
       {{"amplitude"}, {"width"}, {"rise", 0.0}, {"fall", 0.0}, {"base", 0.0}, {"period"}, {"count", 1.0}},
       4,
       [](const double* n) { return pulse_train(shape(n), n[5], count_of("count", n[6])); }},
      {"pulse_train",
       {{"amplitude"}, {"fwhm"}, {"rise", 0.0}, {"fall", 0.0}, {"base", 0.0}, {"period"}, {"count", 1.0}},
       4,
       [](const double* n) { return pulse_train(shape_of_fwhm(n), n[5], count_of("count", n[6])); }},
      {"triangle_sweep",
       {{"amplitude"}, {"period"}, {"count", 1.0}},
       3,
       [](const double* n) { return triangle_sweep(n[0], n[1], count_of("count", n[2])); }},
      {"sine_burst",
       {{"amplitude"}, {"frequency"}, {"cycles"}},
       1,
       [](const double* n) { return sine_burst(n[0], n[1], n[2]); }},
      {"sawtooth",
       {{"amplitude"}, {"period"}, {"count", 1.0}},
       2,
       [](const double* n) { return sawtooth(n[0], n[1], count_of("count", n[2])); }},
      {"staircase",
       {{"from"}, {"to"}, {"levels"}, {"width"}, {"rise", 0.0}},
       2,
       [](const double* n) { return staircase({n[0], n[1], count_of("levels", n[2]), n[3], n[4]}); }},
      {"biphasic",
       {{"amplitude"},
        {"width"},
        {"rise", 0.0},
        {"fall", 0.0},
        {"gap", 0.0},
        {"ratio", 1.0},
        {"period", 0.0},
        {"count", 1.0}},
       8,
       [](const double* n) { return biphasic({n[0], n[1], n[2], n[3], n[4], n[5], n[6]}, count_of("count", n[7])); }},
      {"spike",
       {{"amplitude"}, {"width"}, {"tail_amplitude"}, {"tau"}, {"tail_duration"}, {"rise", 0.0}, {"fall", 0.0}},
       4,
       [](const double* n) { return spike({n[0], n[1], n[2], n[3], n[4], n[5], n[6]}); }},
      {"expression", {{"duration"}}, 1, nullptr},
      {"csv", {}, 0, nullptr}};
  return all;
}

/// All keys of a [[waveform]] of this kind.
TomlSection::Keys keys_of(const WaveformKind& kind) {
  TomlSection::Keys keys{"kind", "group", "channel"};
  if (kind.is_csv()) keys.insert(keys.end(), time_series_keys().begin(), time_series_keys().end());
  if (kind.is_expression()) keys.insert(keys.end(), {"expression", "parameters.*"});
  for (const auto& key : kind.all()) keys.emplace_back(key.name);
  return keys;
}

/// Reads the expression of a [[waveform]] and its parameters: numbers, or tables with value and unit.
void read_expression(TomlSection& section, Quantity quantity, WaveformPart& part) {
  std::vector<TimeExpression::Parameter> parameters;
  if (section.has("parameters")) {
    auto table = section.section("parameters");
    for (const auto& name : table.keys()) {
      TimeExpression::Parameter one{.name = name, .value = 0.0, .unit = ""};
      if (table.is_table(name)) {
        auto own = table.section(name);
        own.only({"value", "unit"});
        one.value = own.number("value");
        one.unit = own.text("unit", "");
      } else {
        one.value = table.number(name);
      }
      part.parameters.emplace_back("parameters." + name, one.unit.empty() ? "1" : one.unit);
      parameters.push_back(std::move(one));
    }
  }
  const auto text = section.text("expression");
  try {
    part.expression = std::make_shared<const TimeExpression>(text, parameters, unit_of(quantity));
  } catch (const ExpressionError& error) {
    const std::string place = section.where("expression", error.offset());
    throw InputError(fmt::format("{}: {}", place, error.text()), {place, "expression", text});
  } catch (const InputError& error) {
    const std::string place = section.where("parameters");
    throw InputError(fmt::format("{}: {}", place, error.what()), {place, error.key(), error.value()});
  }
  for (const auto& one : parameters) part.numbers.push_back(one.value);
}

/// Reads a [[waveform]]. Adds the numbers that set the size of a run, and notes, to the scenario.
WaveformPart read_part(TomlSection& section, Scenario& scenario) {
  const auto name = section.text("kind");
  auto kind = std::ranges::find(kinds(), name, [](const WaveformKind& one) { return std::string(one.name); });
  if (kind == kinds().end()) {
    std::set<std::string> names;
    for (const auto& one : kinds()) names.insert(one.name);
    section.refuse("kind", fmt::format("must be one of {}{}", fmt::join(names, ", "), suggestion(name, names)));
  }
  if (section.has("fwhm") && std::next(kind) != kinds().end() && std::next(kind)->name == name) {
    if (section.has("width"))
      section.refuse("fwhm", "is given together with width; give one of them (fwhm = width + (rise + fall)/2)");
    ++kind;
  }
  section.only(keys_of(*kind));
  WaveformPart part{&*kind, {}, {}, section.text("group", ""), section.text("channel", "")};
  if (kind->is_csv()) {
    const CsvTable rows = read_time_series(section, unit_of(scenario.source.quantity), scenario.notes);
    part.file = waveform_of_rows(rows, section.file("file").shown);
  }
  for (const auto& key : kind->all())
    part.numbers.push_back(key.otherwise ? section.number(key.name, *key.otherwise) : section.number(key.name));
  if (kind->is_expression()) read_expression(section, scenario.source.quantity, part);
  for (const char* key : {"repeat", "count", "levels", "cycles"})
    if (section.has(key)) scenario.sizes.push_back(section.size_key(key, part.number(key, 1)));
  if (section.has("frequency") && section.has("duration"))
    scenario.sizes.push_back(section.size_key("frequency", part.number("frequency", 1) * part.number("duration", 1)));
  return part;
}

/// Reads the groups that the parts name, in their order. @throws InputError if the parts of a group do not follow one
/// another, or a group has no table or no parts
std::vector<WaveformGroup> read_groups(TomlSection& root, const std::vector<WaveformPart>& parts,
                                       std::vector<SizeKey>& sizes) {
  std::vector<WaveformGroup> groups;
  std::set<std::string> names;
  auto sections = root.sections("waveform");
  const auto tables = root.has("group") ? root.section("group").keys() : std::vector<std::string>();
  for (std::size_t n = 0; n < parts.size(); ++n) {
    const std::string& name = parts[n].group;
    if (name.empty() || (n > 0 && parts[n - 1].group == name)) continue;
    if (!names.insert(name).second)
      sections[n].refuse("group", "is interrupted: the entries of a group must follow one another");
    if (std::ranges::count(tables, name) == 0)
      sections[n].refuse("group", fmt::format("has no table; add [group.{}] with repeat, delay or scale", name));
    auto all = root.section("group");
    auto section = all.section(name);
    section.only({WaveformGroup::keys.begin(), WaveformGroup::keys.end()});
    WaveformGroup group{.name = name};
    for (std::size_t k = 0; k < group.numbers.size(); ++k)
      group.numbers[k] = section.number(WaveformGroup::keys[k], group.numbers[k]);
    section.located([&] {
      WaveformGroup once = group;  // long ones are made when their memory has been estimated
      if (count_of("repeat", group.repeat()) > 1) once.numbers[1] = 1;
      (void)once.make(Waveform({Constant{1.0, 0.0}}));
    });
    if (section.has("repeat")) sizes.push_back(section.size_key("repeat", group.repeat()));
    groups.push_back(std::move(group));
  }
  for (const auto& table : tables)
    if (!names.contains(table))
      root.section("group").refuse(table,
                                   fmt::format("has no waveform; give entries of [[waveform]] group = \"{}\"", table));
  return groups;
}

/// Reads the channels that the parts name, in their order. @throws InputError if some parts name one and others do not,
/// a group belongs to several, or a channel has no parts
std::vector<WaveformChannel> read_channels(TomlSection& root, const std::vector<WaveformPart>& parts) {
  std::vector<WaveformChannel> channels;
  auto sections = root.sections("waveform");
  std::map<std::string, std::string> channel_of;  // of a group
  for (std::size_t n = 0; n < parts.size(); ++n) {
    const auto& [name, group] = std::tie(parts[n].channel, parts[n].group);
    if (name.empty() != parts[0].channel.empty())
      sections[n].refuse(name.empty() ? "kind" : "channel",
                         "must name a channel if another waveform does: without it, nothing says when it begins");
    if (name.empty()) continue;
    if (!group.empty() && channel_of.try_emplace(group, name).first->second != name)
      sections[n].refuse("channel", fmt::format("must be that of the group, \"{}\"", channel_of[group]));
    if (std::ranges::find(channels, name, &WaveformChannel::name) == channels.end()) channels.push_back({name});
  }
  if (!root.has("channel")) return channels;
  auto all = root.section("channel");
  for (const auto& table : all.keys()) {
    const auto channel = std::ranges::find(channels, table, &WaveformChannel::name);
    if (channel == channels.end())
      all.refuse(table, fmt::format("has no waveform; give entries of [[waveform]] channel = \"{}\"", table));
    auto section = all.section(table);
    section.only({WaveformChannel::keys.begin(), WaveformChannel::keys.end()});
    for (std::size_t k = 0; k < channel->numbers.size(); ++k)
      channel->numbers[k] = section.number(WaveformChannel::keys[k], channel->numbers[k]);
  }
  return channels;
}

/// A waveform scaled and repeated. One of millions of segments takes long to copy.
Waveform repeated(Waveform one, double scale, double repeat) {
  const std::size_t count = count_of("repeat", repeat);
  if (count == 0) throw InputError("waveform", "repeat", "0", "must be at least 1");
  stop_if_interrupted();
  if (scale == 1 && count == 1) return one;
  return one.scale(scale).repeat(count);
}

void require_bounded(const char* what, const std::string& key, double number) {
  if (!(std::abs(number) <= Waveform::largest))
    throw InputError(what, key, fmt::format("{}", number), "must be finite and between -1e15 and 1e15");
}

}  // namespace

std::vector<std::string> WaveformPart::keys() const {
  std::vector<std::string> names;
  for (const auto& key : kind->all()) names.emplace_back(key.name);
  for (const auto& [name, unit] : parameters) names.push_back(name);
  return names;
}

std::string WaveformPart::unit(const std::string& key, Quantity quantity) const {
  for (const char* value : {"amplitude", "value", "from", "to", "base", "offset", "tail_amplitude"})
    if (key == value) return unit_of(quantity);
  for (const char* time : {"duration", "width", "fwhm", "rise", "fall", "period", "tau", "gap", "tail_duration"})
    if (key == time) return "s";
  for (const auto& [name, unit] : parameters)
    if (key == name) return unit;
  return key == "frequency" || key == "final_frequency" ? "Hz" : key == "phase" ? "rad" : "1";
}

double WaveformPart::number(const std::string& key, double otherwise) const {
  const auto names = keys();
  const auto found = std::ranges::find(names, key);
  return found == names.end() ? otherwise : numbers[static_cast<std::size_t>(found - names.begin())];
}

double WaveformPart::segments() const {
  const double each =
      file         ? static_cast<double>(file->segments().size())
      : expression ? static_cast<double>(expression->count(numbers[0], std::span(numbers).last(parameters.size())))
                   : kind->segments;
  return each * number("count", 1) * number("levels", 1) * number("repeat", 1);
}

double segments_of(std::span<const WaveformPart> parts, std::span<const WaveformGroup> groups) {
  double segments = 0;
  for (const auto& part : parts) {
    const auto group = std::ranges::find(groups, part.group, &WaveformGroup::name);
    segments += part.segments() * (group == groups.end() ? 1.0 : group->repeat());
  }
  return segments;
}

namespace {

/// Refuses waveforms of so many segments that making them takes more memory than there is.
void require_memory(std::span<const WaveformPart> parts, std::span<const WaveformGroup> groups) {
  constexpr double few = 1e5;  // fits in any memory
  // while one is scaled and repeated; a sum of channels keeps its terms and its stretches as well
  const double copies = parts.front().channel.empty() ? 3 : 30;
  const double segments = segments_of(parts, groups);
  if (!(segments > few)) return;
  std::vector<SizeKey> sizes;
  for (const auto& part : parts)
    for (const char* key : {"repeat", "count", "levels"})
      if (const double number = part.number(key, 0); number > 0)
        sizes.push_back({"waveform", key, fmt::format("{}", number), number});
  for (const auto& group : groups)
    sizes.push_back({"group." + group.name, "repeat", fmt::format("{}", group.repeat()), group.repeat()});
  require_room({.what = fmt::format("{:.3g} segments", segments),
                .memory = copies * segments * static_cast<double>(sizeof(Segment) + sizeof(double))},
               sizes);
}

/// Refuses numbers of a part for which no waveform should be tried.
void require_bounded(const WaveformPart& part) {
  const auto large =
      std::ranges::find_if(part.numbers, [](double one) { return !(std::abs(one) <= Waveform::largest); });
  if (large != part.numbers.end())
    require_bounded("waveform", part.keys()[static_cast<std::size_t>(large - part.numbers.begin())], *large);
  require_memory({&part, 1}, {});
}

/// True for a file that is neither raised, scaled nor repeated: it has been checked, and one of millions of rows takes
/// long to copy.
bool is_as_read(const WaveformPart& part) {
  return part.file && std::ranges::equal(part.numbers, std::array{0.0, 1.0, 1.0});  // offset, scale, repeat
}

/// Checks all parts: first the sizes of each and of all, so that nothing large is made in vain.
/// @param sections of the parts @throws InputError with the place of the part
void check_parts(const TomlSection& root, const std::vector<TomlSection>& sections, const Scenario& scenario) {
  for (std::size_t n = 0; n < sections.size(); ++n) sections[n].located([&] { require_bounded(scenario.parts[n]); });
  root.located([&] { require_memory(scenario.parts, scenario.groups); }, "waveform");
  for (std::size_t n = 0; n < sections.size(); ++n)
    if (!is_as_read(scenario.parts[n])) (void)sections[n].located([&] { return scenario.parts[n].make(); });
}

}  // namespace

Waveform WaveformPart::make() const {
  require_bounded(*this);
  const std::size_t own = numbers.size() - parameters.size();
  Waveform one = file         ? *file
                 : expression ? Waveform(expression->segments(numbers[0], std::span(numbers).last(parameters.size())))
                              : kind->make(numbers.data());
  const bool raised = own == kind->keys.size() + 3;  // by an offset that is not the kind's own
  if (const double offset = raised ? numbers[kind->keys.size()] : 0.0; offset != 0.0) one = one.raise(offset);
  return repeated(std::move(one), numbers[own - 2], numbers[own - 1]);
}

Waveform WaveformGroup::make(const Waveform& one) const {
  const auto& [scale, repeat, delay] = numbers;
  for (std::size_t n = 0; n < numbers.size(); ++n) require_bounded("group", keys[n], numbers[n]);
  if (!(delay >= 0)) throw InputError("group", "delay", fmt::format("{}", delay), "must not be negative");
  const Waveform all = repeated(one, scale, repeat);
  return delay > 0 ? all.shift(delay) : all;
}

namespace {
/// The parts of a channel and their groups, one after another.
Waveform sequence_of(const std::vector<const WaveformPart*>& parts, const std::vector<WaveformGroup>& groups) {
  std::vector<Segment> all;
  for (std::size_t n = 0; n < parts.size();) {
    const std::string& name = parts[n]->group;
    Waveform made = parts[n]->make();
    for (++n; !name.empty() && n < parts.size() && parts[n]->group == name; ++n) made = made.then(parts[n]->make());
    if (const auto group = std::ranges::find(groups, name, &WaveformGroup::name); group != groups.end())
      made = group->make(made);
    all.insert(all.end(), made.segments().begin(), made.segments().end());
  }
  return Waveform(std::move(all));
}
}  // namespace

Waveform waveform_of(const std::vector<WaveformPart>& parts, const std::vector<WaveformGroup>& groups,
                     const std::vector<WaveformChannel>& channels) {
  if (parts.size() == 1 && groups.empty() && channels.empty()) return parts[0].make();
  require_memory(parts, groups);
  if (channels.empty()) {
    std::vector<const WaveformPart*> all;
    for (const auto& part : parts) all.push_back(&part);
    return sequence_of(all, groups);
  }
  double first = channels.front().start();
  for (const auto& channel : channels) {
    for (std::size_t n = 0; n < channel.keys.size(); ++n)
      require_bounded("channel", channel.keys[n], channel.numbers[n]);
    first = std::min(first, channel.start());
  }
  std::vector<Waveform> added;
  for (const auto& channel : channels) {
    std::vector<const WaveformPart*> own;
    for (const auto& part : parts)
      if (part.channel == channel.name) own.push_back(&part);
    const Waveform one = sequence_of(own, groups).scale(channel.numbers[1]);
    added.push_back(channel.start() > first ? one.shift(channel.start() - first) : one);
  }
  return sum_of(added);
}

std::vector<std::string> warnings(const AnyDevice& device) {
  std::vector<std::string> all;
  const auto numbers = device.numbers();
  for (const auto& on : numbers) {
    if (on.key != "R_on" && !on.key.ends_with(".R_on")) continue;  // in a part of a composite: "label.R_on"
    const auto off = std::ranges::find(numbers, on.key.substr(0, on.key.size() - 2) + "off", &AnyDevice::Number::key);
    if (off != numbers.end() && on.value >= off->value)
      all.push_back(fmt::format("{}: {} = {} Ohm is not below {} = {} Ohm, contrary to convention", device.name(),
                                on.key, on.value, off->key, off->value));
  }
  return all;
}

std::string start_warning(const AnyDevice& device, const std::vector<double>& gamma) {
  constexpr double close = 1e-6;  // share of the range: a film's thickness, where the variable is normalised, is closer
  const Property leaves = device.properties().leaves_bounds;
  if (leaves.holds) return "";
  for (std::size_t i = 0; i < gamma.size(); ++i)
    for (const double bound : {device.model().lower[i], device.model().upper[i]})
      if (const double off = std::abs(gamma[i] - bound); off > 0.0 && off < close * device.model().scale[i])
        return fmt::format(
            "{}: {} starts at {}, within a millionth of its range from the bound {}, which may hold it ({}); is the "
            "start "
            "in the unit of the variable, {}?",
            device.name(), device.variable_names()[i], gamma[i], bound, leaves.why,
            device.variable_units()[i] == "1" ? "a number without a unit" : device.variable_units()[i]);
  return "";
}

std::string with_unit(double number, const std::string& unit) {
  return unit == "1" ? fmt::format("{:.6g}", number) : fmt::format("{:.6g} {}", number, unit);
}

std::string absorption_warning(const AnyDevice& device, const std::string& what) {
  const Property leaves = device.properties().leaves_bounds;
  return fmt::format(
      "{}: a bound has absorbed {}: the drift vanishes there, and the deviation that would bring the variable back is "
      "below double precision and the tolerance; do not trust the results after that time{}",
      device.name(), what, leaves.holds ? std::string() : fmt::format(" ({})", leaves.why));
}

IntegrationOptions read_options(TomlSection& root) {
  IntegrationOptions options;
  if (!root.has("integrate")) return options;
  auto section = root.section("integrate");
  const auto method = section.text("method", std::string(name_of(options.method)));
  const auto* found = std::find(std::begin(method_names), std::end(method_names), method);
  if (found == std::end(method_names))
    section.refuse("method", fmt::format("must be one of {}{}", fmt::join(method_names, ", "),
                                         suggestion(method, {std::begin(method_names), std::end(method_names)})));
  options.method = static_cast<Method>(found - std::begin(method_names));
  options.relative = section.number("relative", options.relative);
  options.absolute = section.number("absolute", options.absolute);
  section.located([&] { options.validate(); });
  return options;
}

Source read_source(TomlSection& root, const AnyDevice& device) {
  Source source = native_source(device);
  if (!root.has("drive")) return source;
  auto section = root.section("drive");
  const auto quantity = section.text("quantity", std::string(name_of(source.quantity)));
  const auto* found = std::ranges::find(quantity_names, quantity);
  if (found == std::end(quantity_names)) section.refuse("quantity", "must be current or voltage");
  source.quantity = static_cast<Quantity>(found - std::begin(quantity_names));
  source.series_resistance = section.number("series_resistance", 0);
  if (!(source.series_resistance >= 0 && source.series_resistance <= 1e15))
    section.refuse("series_resistance", "must be in [0, 1e15] Ohm");
  if (source.quantity == Quantity::voltage && source.series_resistance == 0.0 && device.model().fixes_voltage)
    section.refuse("quantity",
                   "a voltage source cannot drive a capacitor directly: give series_resistance, or use \"current\"");
  if (source.quantity == Quantity::current && device.model().fixes_current)
    section.refuse("quantity",
                   "a current source cannot drive an inductor in series, whose voltage would be infinite where the "
                   "current jumps: use \"voltage\", or put a resistor in parallel with all other parts");
  if (section.has("compliance")) {
    const char* unit = source.quantity == Quantity::voltage ? "A" : "V";
    if (section.is_number("compliance")) {
      source.compliance.fill(section.number_or_infinity("compliance"));
    } else {
      const auto limits = section.numbers_or_infinities("compliance");
      if (limits.size() != 2)
        section.refuse("compliance",
                       "must be one number, or two: the magnitudes of the negative and the positive limit");
      std::ranges::copy(limits, source.compliance.begin());
    }
    for (const double limit : source.compliance)
      if (!(limit > 0))
        section.refuse("compliance", fmt::format("must be above 0 {} (inf: no limit); limits are magnitudes", unit));
    if (source.quantity == Quantity::current && source.series_resistance == 0.0 && device.model().fixes_voltage &&
        std::ranges::any_of(source.compliance, [](double limit) { return std::isfinite(limit); }))
      section.refuse("compliance",
                     "the source cannot limit the voltage of a capacitor directly: give series_resistance");
    if (device.model().fixes_current &&
        std::ranges::any_of(source.compliance, [](double limit) { return std::isfinite(limit); }))
      section.refuse("compliance",
                     "the source cannot limit the current of an inductor in series: put a resistor in parallel with "
                     "all other parts");
  }
  if (const std::string why = several_answers(device, source); !why.empty())
    section.refuse(
        "quantity",
        fmt::format(
            "must be {}, without compliance{}: {}. A capacitor in parallel (an inductor in series) makes the solution "
            "unique",
            name_of(device.control()), device.control() == Quantity::voltage ? " or series_resistance" : "", why));
  return source;
}

unsigned read_threads(TomlSection& run) {
  const auto threads = run.count("threads", 0);
  if (threads > most_threads) run.refuse("threads", fmt::format("must be in 0 .. {}", most_threads));
  return static_cast<unsigned>(threads);
}

void refuse_other_files(const TomlSection& root, const std::vector<std::string_view>& known) {
  for (const auto& [table, command] :
       {std::pair{"study", "validate"}, std::pair{"sweep", "sweep"}, std::pair{"vary", "sweep"},
        std::pair{"reduce", "sweep"}, std::pair{"network", "train\" or, with [study], \"memdyn validate"},
        std::pair{"table", "table"}, std::pair{"synapse", "train"}, std::pair{"initial", "simulate"},
        std::pair{"waveform", "simulate"}})
    if (root.has(table) && std::ranges::count(known, table) == 0)
      root.refuse(table, fmt::format("belongs to \"memdyn {}\"; run this file with that command", command));
}

TomlSection::Keys scenario_keys() {
  TomlSection::Keys keys{"title",
                         "device.*",
                         "initial.gamma",
                         "initial.*",
                         "drive.quantity",
                         "drive.series_resistance",
                         "drive.compliance",
                         "integrate.method",
                         "integrate.relative",
                         "integrate.absolute",
                         "record.steps",
                         "record.interval",
                         "group.*",
                         "channel.*"};
  std::set<std::string> waveform;
  for (const auto& kind : kinds())
    for (const auto& key : keys_of(kind)) waveform.insert("waveform." + key);
  keys.insert(keys.end(), waveform.begin(), waveform.end());
  return keys;
}

namespace {

/// The state that a variable has if the scenario gives none: the middle of its range; if the range is infinite, the
/// value in it that is closest to 0.
double usual_start(const Model<double>& model, std::size_t i) {
  const double lower = model.lower[i];
  const double upper = model.upper[i];
  return std::isfinite(lower) && std::isfinite(upper) ? lower + 0.5 * (upper - lower) : std::clamp(0.0, lower, upper);
}

/// The initial state: `initial` alone is a number; [initial] has the list `gamma`, or the variables by their names.
class InitialState {
 public:
  InitialState(TomlSection& root, const AnyDevice& device)
      : device_(device), names_(device.variable_names()), gamma_(names_.size(), std::nan("")) {
    if (names_.empty() && root.has("initial"))
      root.refuse("initial", "is of no use: the device has no internal variable; remove it");
    if (root.is_table("initial")) {
      read_table(root.section("initial"));
    } else if (root.has("initial")) {
      read_number(root, "initial");
    }
    fill();
  }
  [[nodiscard]] const std::vector<double>& gamma() const { return gamma_; }
  [[nodiscard]] const std::string& note() const { return note_; }

 private:
  void read_table(TomlSection section) {
    TomlSection::Keys keys{names_.begin(), names_.end()};
    keys.emplace_back("gamma");
    section.only(keys);
    if (section.has("gamma")) {
      for (const auto& key : section.keys())
        if (key != "gamma") section.refuse(key, "is given together with gamma; give the variables by one of them");
      if (section.is_number("gamma")) return read_number(section, "gamma");
      gamma_ = section.numbers("gamma");
      return;
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      TomlSection at = section;  // a part of a composite is a table within: "left.w"
      std::string key = names_[i];
      for (auto dot = key.find('.'); dot != std::string::npos && at.is_table(key.substr(0, dot)); dot = key.find('.')) {
        at = at.section(key.substr(0, dot));
        key.erase(0, dot + 1);
      }
      if (at.has(key)) gamma_[i] = at.number(key);
    }
  }
  void read_number(TomlSection& section, const std::string& key) {
    if (names_.size() != 1)
      section.refuse(key, fmt::format("must be a list of {} numbers, or give the variables by name: {}", names_.size(),
                                      fmt::join(names_, ", ")));
    gamma_[0] = section.number(key);
  }
  void fill() {
    std::vector<std::string> without, taken;
    for (std::size_t i = 0; i < names_.size() && gamma_.size() == names_.size(); ++i) {
      if (!std::isnan(gamma_[i])) continue;
      gamma_[i] = usual_start(device_.model(), i);
      without.push_back(names_[i]);
      taken.push_back(with_unit(gamma_[i], device_.variable_units()[i]));
    }
    if (!without.empty())
      note_ =
          fmt::format("no initial state is given for {}; taken: {} (the middle of the range, or 0 if it is infinite)",
                      fmt::join(without, ", "), fmt::join(taken, ", "));
  }

  const AnyDevice& device_;
  std::vector<std::string> names_;
  std::vector<double> gamma_;
  std::string note_;
};

}  // namespace

Scenario read_scenario(TomlSection& root) {
  auto device_section = root.section("device");
  Scenario scenario{.title = root.text("title", root.stem()),
                    .text = root.text_of_file(),
                    .device = read_device(device_section),
                    .gamma = {},
                    .source = {},
                    .drive = {},
                    .parts = {},
                    .options = read_options(root),
                    .recording = {.emit = {}, .lines = StraightLines()}};
  const InitialState initial(root, scenario.device);
  scenario.gamma = initial.gamma();
  if (!initial.note().empty()) scenario.notes.push_back(initial.note());
  scenario.source = read_source(root, scenario.device);
  const auto waveforms = root.sections("waveform");
  for (auto section : waveforms) scenario.parts.push_back(read_part(section, scenario));
  scenario.groups = read_groups(root, scenario.parts, scenario.sizes);
  scenario.channels = read_channels(root, scenario.parts);
  check_parts(root, waveforms, scenario);
  if (root.has("record")) {
    auto record = root.section("record");
    Recording& recording = scenario.recording;
    recording.interval = record.number("interval", 0);
    if (record.has("interval") && !(recording.interval > 0 && std::isfinite(recording.interval)))
      record.refuse("interval", "must be finite and above 0 s");
    recording.steps = record.flag("steps", !record.has("interval"));
    if (record.has("interval") || record.has("steps")) recording.lines.reset();
    if (record.has("interval")) {
      const bool as_read = scenario.parts.size() == 1 && scenario.groups.empty() && scenario.channels.empty() &&
                           is_as_read(scenario.parts[0]);
      const double duration = as_read ? scenario.parts[0].file->duration()
                                      : root.located([&] { return waveform_of(scenario).duration(); }, "waveform");
      scenario.sizes.push_back(record.size_key("interval", duration / recording.interval, true));
    }
  }
  scenario.file = root.name();
  scenario.inputs = root.inputs();
  const bool table = root.is_table("initial");
  (table ? root.section("initial") : root)
      .located([&] { check_state(driven(scenario.device, scenario.source), scenario.gamma); }, table ? "" : "initial");
  return scenario;
}

Scenario read_simulation(const std::filesystem::path& path, const std::vector<std::string>& settings) {
  return read_simulation(TomlSection(path, settings));
}

Scenario read_simulation(TomlSection root) {
  refuse_other_files(root, {"initial", "waveform"});
  root.only(scenario_keys());
  Scenario scenario = read_scenario(root);
  scenario.drive = root.located([&] { return waveform_of(scenario); }, "waveform");
  return scenario;
}

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#include "memdyn/scenario/training_plan.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "learn/dataset_of.hpp"
#include "learn/roles.hpp"
#include "scenario/csv_keys.hpp"
#include "scenario/read_scenario.hpp"
#include "scenario/toml_section.hpp"

namespace memdyn {

double points_of_grid(const TrainingPlan& plan) {
  return plan.grid == 0 ? 0.0 : std::pow(static_cast<double>(plan.grid), static_cast<double>(plan.tasks[0].table.n_in));
}

namespace {

/// Reads the device of `key`, if the key is given; it must be of model D.
template <class D>
void read_into(TomlSection& root, const std::string& key, D& device) {
  if (!root.has(key)) return;
  auto section = root.section(key);
  const AnyDevice any = read_device(section);
  if (const D* right = any.get_if<D>()) {
    device = *right;
  } else {
    root.refuse(key, fmt::format("must be a device of the model \"{}\"", D::name));
  }
}

double read_t_read(TomlSection& section, double otherwise) {
  const double t_read = section.number("t_read", otherwise);
  if (!(t_read > 0 && t_read <= Waveform::largest)) section.refuse("t_read", "must be a time in (0, 1e15] s");
  return t_read;
}

NodeActivation read_activation(TomlSection& section, const std::string& key) {
  const auto name = section.text(key, std::string(node_activation_names[0]));
  const auto* named = std::ranges::find(node_activation_names, name);
  if (named == std::end(node_activation_names))
    section.refuse(key, fmt::format("must be one of {}", fmt::join(node_activation_names, ", ")));
  return static_cast<NodeActivation>(named - std::begin(node_activation_names));
}

/// The amplitude of a crossbar's pulses, and the key that gives it and names its quantity.
struct Amplitude {
  std::string key;
  Quantity quantity;
  double value;  ///< [A] or [V]
};

/// Reads the key "update_voltage" or "update_current" for the pulses "update".
/// @param bare a key that does not name the quantity; it is refused
std::optional<Amplitude> read_amplitude(TomlSection& section, const std::string& pulses, const std::string& bare,
                                        const AnyDevice& device) {
  const auto key_of = [&](Quantity quantity) { return fmt::format("{}_{}", pulses, name_of(quantity)); };
  if (std::ranges::count(section.keys(), bare) > 0)
    section.refuse(bare,
                   fmt::format("does not state its quantity: write {} [A] or {} [V]; the model's own input is a {}",
                               key_of(Quantity::current), key_of(Quantity::voltage), name_of(device.control())));
  std::optional<Amplitude> found;
  for (const Quantity quantity : {Quantity::current, Quantity::voltage}) {
    const std::string key = key_of(quantity);
    if (!section.has(key)) continue;
    if (found) section.refuse(key, fmt::format("give either {} or {}", found->key, key));
    found = Amplitude{key, quantity, section.number(key)};
    if (!(std::abs(found->value) <= Waveform::largest))
      section.refuse(key, fmt::format("must be in [-1e15, 1e15] {}", unit_of(quantity)));
  }
  return found;
}

void read_amplitudes(TomlSection& section, CrossbarSynapse& crossbar) {
  const auto update = read_amplitude(section, "update", "amplitude", crossbar.device);
  if (update) {
    if (!(update->value > 0.0))
      section.refuse(update->key, fmt::format("must be above 0 {}", unit_of(update->quantity)));
    crossbar.quantity = update->quantity;
    crossbar.amplitude = update->value;
  }
  if (const auto read = read_amplitude(section, "read", "read_amplitude", crossbar.device)) {
    if (read->quantity != crossbar.quantity)
      section.refuse(read->key, fmt::format("update pulses prescribe the {0} ({1}): write read_{0} [{2}], or give "
                                            "update_{3} as well",
                                            name_of(crossbar.quantity), update ? update->key : "the model's own input",
                                            unit_of(crossbar.quantity), name_of(read->quantity)));
    crossbar.read_amplitude = read->value;
  }
}

/// Refuses devices that a network of this kind does not have.
void refuse_devices(const TomlSection& root, const std::string& kind) {
  const std::vector<std::string> own = kind == "single-layer" ? std::vector<std::string>{"device"}
                                       : kind == "multilayer" ? std::vector<std::string>{"synapse", "node"}
                                                              : std::vector<std::string>{"synapse"};
  for (const char* role : {"device", "synapse", "node"})
    if (root.has(role) && std::ranges::count(own, role) == 0)
      throw InputError(fmt::format("{}: unknown key {}; the devices of a {} network are {}", root.where(role), role,
                                   kind, fmt::join(own, " and ")));
}

/// Reads how wanted changes become pulses.
void read_update(TomlSection& section, CrossbarSynapse& crossbar) {
  const auto name = section.text("update", std::string(update_names[0]));
  const auto* named = std::ranges::find(update_names, name);
  if (named == std::end(update_names))
    section.refuse("update", fmt::format("must be one of {}{}", fmt::join(update_names, ", "),
                                         suggestion(name, {std::begin(update_names), std::end(update_names)})));
  crossbar.update = static_cast<Update>(named - std::begin(update_names));
  const auto only_for = [&](const char* key, std::initializer_list<Update> updates) {
    if (!section.has(key)) return false;
    if (std::ranges::find(updates, crossbar.update) == updates.end())
      section.refuse(key, fmt::format("has no effect with update = \"{}\"; remove it", name));
    return true;
  };
  PulseUpdate& pulses = crossbar.pulses;
  if (only_for("pulse_width", {Update::pulses, Update::sign, Update::write_verify}) ||
      crossbar.update != Update::programmed)
    pulses.width = section.number("pulse_width");
  if (only_for("negative_amplitude", {Update::pulses, Update::sign, Update::write_verify}))
    pulses.negative = section.number("negative_amplitude");
  if (only_for("most_pulses", {Update::pulses, Update::write_verify}))
    pulses.most = section.count("most_pulses", pulses.most);
  if (only_for("tolerance", {Update::write_verify})) pulses.tolerance = section.number("tolerance");
  if (only_for("rounding", {Update::pulses})) {
    const auto rounding = section.text("rounding");
    if (rounding != "nearest" && rounding != "stochastic")
      section.refuse("rounding", "must be \"nearest\" or \"stochastic\"");
    pulses.stochastic = rounding == "stochastic";
  }
}

/// The keys of the generator in every network. "offset" is refused by a message that names its successors.
const TomlSection::Keys generator_keys{"rise",           "fall",   "rest",         "offset_current",
                                       "offset_voltage", "offset", "width_jitter", "amplitude_error"};

/// Reads what the generator makes of the pulses, whose quantity is given. @param device that is pulsed
void read_generator(TomlSection& section, Generator& generator, Quantity quantity, const AnyDevice& device) {
  generator.rise = section.number("rise", 0.0);
  generator.fall = section.number("fall", 0.0);
  generator.rest = section.number("rest", 0.0);
  generator.amplitude_error = section.number("amplitude_error", 0.0);
  generator.width_jitter = section.number("width_jitter", 0.0);
  if (const auto offset = read_amplitude(section, "offset", "offset", device)) {
    if (offset->quantity != quantity)
      section.refuse(offset->key, fmt::format("the pulses prescribe the {0}: write offset_{0} [{1}]", name_of(quantity),
                                              unit_of(quantity)));
    generator.offset = offset->value;
  }
  section.located([&] { generator.validate(); });
}

Network read_crossbar(TomlSection& root, TomlSection& section) {
  TomlSection::Keys keys{"kind",         "weight_range",  "update_current", "update_voltage", "read_current",
                         "read_voltage", "t_read",        "update",         "pulse_width",    "negative_amplitude",
                         "most_pulses",  "rounding",      "tolerance",      "adc_bits",       "adc_range",
                         "amplitude",    "read_amplitude"};  // these two are refused later, by a message that names
                                                             // their successors
  keys.insert(keys.end(), generator_keys.begin(), generator_keys.end());
  section.only(keys);
  auto synapse = root.section("synapse");
  Network network;
  network.kind = NetworkKind::crossbar;
  CrossbarSynapse& crossbar = network.crossbar = {.device = read_device(synapse)};
  crossbar.weight_range = section.number("weight_range", crossbar.weight_range);
  read_amplitudes(section, crossbar);
  network.t_read = read_t_read(section, network.t_read);
  crossbar.converter.bits = section.count("adc_bits", crossbar.converter.bits);
  if (section.has("adc_range") && crossbar.converter.bits == 0)
    section.refuse("adc_range", "has no effect without adc_bits; remove it");
  crossbar.converter.range = section.number("adc_range", crossbar.converter.range);
  if (section.has("adc_range") && !(crossbar.converter.range > 0.0))
    section.refuse("adc_range", "must be in (0, 1e15]");
  read_update(section, crossbar);
  section.located([&] { crossbar.validate(); });
  read_generator(section, network.generator, crossbar.quantity, crossbar.device);
  return network;
}

Network read_network(TomlSection& root) {
  auto section = root.section("network");
  const auto kind = section.text("kind");
  const auto* named = std::ranges::find(network_kind_names, kind);
  if (named == std::end(network_kind_names))
    section.refuse("kind", fmt::format("must be one of {}", fmt::join(network_kind_names, ", ")));
  refuse_devices(root, kind);
  if (kind == "crossbar") return read_crossbar(root, section);
  TomlSection::Keys keys{"kind", "reading", "coding", "t_read"};
  keys.insert(keys.end(), generator_keys.begin(), generator_keys.end());
  if (kind == "multilayer") keys.insert(keys.end(), {"layers", "hidden", "output"});
  section.only(keys);
  const auto chosen = section.located([&] { return reading(section.text("reading", "canonical")); });
  Network network = paper_network(kind == "multilayer", chosen);
  const bool multilayer = network.kind == NetworkKind::multilayer;
  if (!(multilayer ? chosen.multilayer : chosen.single_layer))
    section.refuse("reading", "does not apply to a " + kind + " perceptron");
  const auto coding = section.text("coding", "width");
  if (coding != "width" && coding != "amplitude") section.refuse("coding", "must be \"width\" or \"amplitude\"");
  network.coding = coding == "width" ? Coding::width : Coding::amplitude;
  network.t_read = read_t_read(section, network.t_read);
  if (multilayer) {
    if (section.has("layers")) {
      network.layers.clear();
      for (auto n : section.counts("layers")) network.layers.push_back(n);
      if (network.layers.size() < 2 || std::ranges::count(network.layers, 0U) > 0)
        section.refuse("layers", "needs at least two sizes (inputs and outputs), each 1 or more, such as [2, 2, 1]");
    }
    read_into(root, "synapse", network.synapse);
    read_into(root, "node", network.node);
    network.hidden = read_activation(section, "hidden");
    network.output = read_activation(section, "output");
    section.located([&] { network.validate_activations(); });
    if (!network.node.parameters().shifted)
      section.refuse("kind", "its nodes need node.parameters.shifted = true, because a bias can have either sign");
    for (std::size_t l = 1; l < network.layers.size(); ++l) {
      const double start = std::sqrt(6.0 / static_cast<double>(network.layers[l - 1] + network.layers[l]));
      const double most = network.synapse.parameters().B * std::min(network.synapse.upper(0), network.node.upper(0));
      if (start > most)
        section.refuse("kind", fmt::format("initial weights reach {}, but B D/2 of the devices is {}: increase "
                                           "synapse.parameters.B",
                                           start, most));
    }
  } else {
    read_into(root, "device", network.window);
  }
  read_generator(section, network.generator, Quantity::current, multilayer ? AnyDevice(network.node) : network.window);
  return network;
}

/// The keys of [data] with a file.
TomlSection::Keys file_keys() {
  TomlSection::Keys keys{"learning_rate",       "file",    "task", "targets", "label", "standardize",
                         "standardize_targets", "held_out"};
  keys.insert(keys.end(), csv_keys().begin(), csv_keys().end());
  return keys;
}

/// Reads the table of [data]: its targets are the last columns, or the classes that a column of text names.
Dataset read_table_of_data(TomlSection& section, std::vector<std::string>& notes) {
  CsvFormat format = read_csv_format(section);
  format.needs_heading = true;
  if (section.has("label")) {
    if (section.has("targets")) section.refuse("targets", "is given together with label; give one of them");
    if (section.is_text("label")) {
      format.label = section.text("label");
    } else {
      const auto number = section.count("label", 0);
      if (number == 0) section.refuse("label", "must be the name of a column, or its number, from 1");
      format.label = static_cast<std::size_t>(number);
    }
    if (std::ranges::count(format.columns, *format.label) > 0)
      section.refuse("columns", "are the inputs; remove the label from them");
  }
  const auto file = section.file("file");
  const CsvTable table = read_csv(file.text, file.shown, format);
  if (!table.note.empty()) notes.push_back(table.note);
  return format.label ? dataset_of_labels(table, file.shown)
                      : dataset_of_columns(table, file.shown, section.count("targets", 1));
}

void read_tasks(TomlSection& root, TrainingPlan& plan) {
  auto section = root.section("data");
  const double rate = section.number("learning_rate", 0.1);
  if (!(rate > 0 && rate <= 1e6)) section.refuse("learning_rate", "must be in (0, 1e6]");
  if (section.has("gate") == section.has("file")) section.refuse("gate", "give either gate or file");
  section.only(section.has("gate") ? TomlSection::Keys{"learning_rate", "gate", "samples"} : file_keys());
  LearningTask task;
  task.learning_rate = rate;
  if (section.has("gate")) {
    task.name = section.text("gate");
    task.table = section.located([&] { return gate(task.name); });
    task.draw = section.count("samples", 100);
    if (task.draw == 0) section.refuse("samples", "must be 1 or more");
  } else {
    const auto file = section.file("file");
    task.name = file.name.stem().string();
    task.draw = 0;
    task.table = read_table_of_data(section, plan.notes);
    task.standardize = section.flag("standardize", false);
    const auto kind = section.text("task", "classification");
    if (kind != "classification" && kind != "regression")
      section.refuse("task", "must be \"classification\" or \"regression\"");
    task.regression = kind == "regression";
    if (task.regression && section.has("label"))
      section.refuse("label", "gives classes by name, but task = \"regression\" has numbers as targets");
    task.standardize_targets = section.flag("standardize_targets", false);
    if (task.standardize_targets && !task.regression)
      section.refuse("standardize_targets", "applies to numbers, not to classes: write task = \"regression\" as well");
    task.held_out = section.number("held_out", 0);
    const auto rows = static_cast<double>(task.table.rows());
    if (!(task.held_out >= 0 && std::round(task.held_out * rows) < rows))
      section.refuse("held_out", "must be a fraction in [0, 1) that leaves at least one row to learn");
  }
  if (plan.network.kind == NetworkKind::crossbar) {
    plan.network.layers = {task.table.n_in, task.table.n_out};
    const double start = std::sqrt(6.0 / static_cast<double>(task.table.n_in + task.table.n_out));
    if (start > plan.network.crossbar.weight_range)
      root.section("network").refuse("weight_range",
                                     fmt::format("initial weights reach {}; must be at least that", start));
  }
  const std::size_t n_in = plan.network.sizes().front();
  const std::size_t n_out = plan.network.sizes().back();
  if (task.table.n_in != n_in || task.table.n_out != n_out)
    throw InputError(section.has("file") ? in_message(section.file("file").shown) : task.name, "columns",
                     fmt::format("{} inputs, {} targets", task.table.n_in, task.table.n_out),
                     fmt::format("the network has {} inputs and {} outputs", n_in, n_out));
  plan.tasks.push_back(std::move(task));
}

/// Reads the parameters that are drawn for each device.
void read_spreads(TomlSection& root, TrainingPlan& plan) {
  if (!root.has("vary")) return;
  const auto devices = devices_of(plan.network);
  for (auto& section : root.sections("vary")) {
    for (const auto& key : keys_of(section)) {
      std::vector<std::string> own;
      for (const auto& [role, device] : devices) own.push_back(role + ".parameters");
      if (std::ranges::none_of(own, [&](const auto& prefix) { return key.starts_with(prefix + "."); }))
        section.refuse(key_or_keys(section), fmt::format("{}can vary in a training only if it is a number of {}",
                                                         section.has("keys") ? key + " " : "", fmt::join(own, " or ")));
      if (key == "device.parameters.learning_rate")
        section.refuse(key_or_keys(section), "is the variable that data.learning_rate sets, the same in all devices");
    }
  }
  for (const auto& [role, device] : devices) {
    SweepPlan draws = plan_of_device(device, plan.options);
    draws.seed = plan.seed;
    read_variations(root, draws, role);
    if (!draws.variations.empty()) plan.spreads.push_back({role, std::move(draws)});
  }
  plan.network.devices_vary = true;
  if (plan.twin && plan.network.kind == NetworkKind::crossbar)
    root.section("run").refuse("twin",
                               "looks pulses up in the table of one device, but [[vary]] makes them differ: "
                               "leave out one of the two");
}

/// The keys of recorded trajectories.
constexpr const char* recording_keys[] = {"realizations", "epochs", "from", "to", "interval"};

/// Reads the times at which the recorded trajectories have rows.
void read_recorded_times(TomlSection& record, TrainingPlan& plan) {
  plan.record_from = record.number("from", plan.record_from);
  plan.record_to = record.number_or_infinity("to", plan.record_to);
  plan.record_interval = record.number("interval", plan.record_interval);
  if (!(plan.record_from >= 0)) record.refuse("from", "is a time since the training began: must be 0 s or more");
  if (!(plan.record_to > plan.record_from))
    record.refuse("to", fmt::format("must be after record.from = {} s", plan.record_from));
  if (!record.has("interval")) return;
  if (!(plan.record_interval > 0)) record.refuse("interval", "must be above 0 s");
  if (plan.twin)
    record.refuse("interval", "a discrete twin knows the states before and after a pulse only: leave interval out");
}

/// Reads the realizations and epochs whose trajectories are recorded.
void read_recording(TomlSection& root, TrainingPlan& plan) {
  if (!root.has("record")) return;
  auto record = root.section("record");
  plan.record_weights = record.flag("weights", false);
  plan.record_accuracy = record.flag("accuracy", false);
  if (plan.record_accuracy && plan.tasks[0].regression)
    record.refuse("accuracy", "needs classes, but task = \"regression\" has numbers as targets");
  const auto given = [&](const char* key) { return record.has(key); };
  const bool others = given("grid") || given("weights") || given("accuracy");
  if (others && std::ranges::none_of(recording_keys, given)) return;
  read_recorded_times(record, plan);
  plan.record_realizations = record.counts("realizations");
  if (record.is_text("epochs")) {
    constexpr std::size_t most_epochs = 10'000'000;
    if (record.text("epochs") != "all") record.refuse("epochs", "must be a list of epochs, or \"all\"");
    if (plan.epochs > most_epochs)
      record.refuse("epochs", fmt::format("must be a list if there are more than {}", most_epochs));
    for (std::uint64_t epoch = 1; epoch <= plan.epochs; ++epoch) plan.record_epochs.push_back(epoch);
  } else {
    plan.record_epochs = record.counts("epochs");
    std::ranges::sort(plan.record_epochs);
  }
  for (auto r : plan.record_realizations)
    if (r >= plan.realizations) record.refuse("realizations", fmt::format("must be below {}", plan.realizations));
  for (auto e : plan.record_epochs)
    if (e == 0 || e > plan.epochs) record.refuse("epochs", fmt::format("must be in 1 .. {}", plan.epochs));
}

/// Reads the number of points per input of the grid on which a trained network is evaluated.
void read_grid(TomlSection& root, TrainingPlan& plan) {
  const LearningTask& task = plan.tasks[0];
  const std::size_t n_in = task.table.n_in;
  if (task.regression) plan.grid = n_in == 1 ? 201 : n_in == 2 ? 41 : 0;
  if (!root.has("record")) return;
  auto record = root.section("record");
  if (!record.has("grid")) return;
  if (!task.regression) record.refuse("grid", "needs numbers as targets: write task = \"regression\" in [data]");
  plan.grid = record.count("grid", plan.grid);
  if (plan.grid == 1) record.refuse("grid", "must be 2 or more, or 0 for no grid");
}

/// The numbers that set the size of a training.
std::vector<SizeKey> sizes_of(TomlSection& root, const TrainingPlan& plan) {
  std::vector<SizeKey> sizes;
  const auto add = [&](const char* table, const char* key, double factor) {
    if (!root.has(table)) return;
    if (const TomlSection section = root.section(table); section.has(key))
      sizes.push_back(section.size_key(key, factor));
  };
  double weights = 0;
  const auto layers = plan.network.sizes();
  for (std::size_t l = 1; l < layers.size(); ++l)
    weights += (static_cast<double>(layers[l - 1]) + 1) * static_cast<double>(layers[l]);
  const LearningTask& task = plan.tasks.front();
  add("network", "layers", weights);
  add("data", "samples", static_cast<double>(task.draw));
  add("data", "file", static_cast<double>(task.table.rows()));
  add("run", "realizations", static_cast<double>(plan.realizations));
  add("run", "epochs", static_cast<double>(plan.epochs));
  add("record", "grid", points_of_grid(plan));
  return sizes;
}

TomlSection::Keys training_keys() {
  return {"title",
          "device.*",
          "synapse.*",
          "node.*",
          "network.kind",
          "network.layers",
          "network.hidden",
          "network.output",
          "network.reading",
          "network.coding",
          "network.t_read",
          "network.weight_range",
          "network.update_current",
          "network.update_voltage",
          "network.read_current",
          "network.read_voltage",
          "network.update",
          "network.pulse_width",
          "network.negative_amplitude",
          "network.most_pulses",
          "network.rounding",
          "network.tolerance",
          "network.adc_bits",
          "network.adc_range",
          "network.rise",
          "network.fall",
          "network.rest",
          "network.offset_current",
          "network.offset_voltage",
          "network.amplitude_error",
          "network.width_jitter",
          "network.offset",     // read_generator() refuses this one,
          "network.amplitude",  // read_crossbar() refuses these two and names their successors
          "network.read_amplitude",
          "data.gate",
          "data.samples",
          "data.file",
          "data.task",
          "data.targets",
          "data.held_out",
          "data.standardize",
          "data.standardize_targets",
          "data.learning_rate",
          "integrate.method",
          "integrate.relative",
          "integrate.absolute",
          "run.realizations",
          "run.epochs",
          "run.seed",
          "run.threads",
          "run.twin",
          "run.strict",
          "record.realizations",
          "record.epochs",
          "record.from",
          "record.to",
          "record.interval",
          "record.grid",
          "record.weights",
          "record.accuracy"};
}

}  // namespace

TrainingPlan read_training(const std::filesystem::path& scenario, const std::vector<std::string>& settings) {
  return read_training(TomlSection(scenario, settings));
}

TrainingPlan read_training(TomlSection root, bool studied) {
  std::vector<std::string_view> tables{"network", "synapse", "vary"};
  TomlSection::Keys keys = training_keys();
  if (studied) {
    tables.emplace_back("study");
    keys.insert(keys.end(), {"study.key", "study.values", "study.rule", "study.unit", "study.solved", "study.share"});
  }
  refuse_other_files(root, tables);
  for (const auto& key : file_keys()) keys.push_back("data." + key);
  for (const auto& key : vary_keys()) keys.push_back(key);
  root.only(keys);
  TrainingPlan plan;
  plan.title = root.text("title", root.stem());
  plan.text = root.text_of_file();
  plan.file = root.name();
  plan.network = read_network(root);
  read_tasks(root, plan);
  plan.options = read_options(root);
  plan.options.require_explicit(root.shown());
  auto run = root.section("run");
  plan.realizations = run.count("realizations", 10);
  plan.epochs = run.count("epochs", 1000);
  for (const char* key : {"realizations", "epochs"})
    if (run.has(key) && run.count(key, 1) == 0) run.refuse(key, "must be 1 or more");
  plan.seed = run.count("seed", 1);
  plan.threads = read_threads(run);
  read_grid(root, plan);
  plan.sizes = sizes_of(root, plan);
  plan.twin = run.flag("twin", false);
  if (plan.twin && plan.network.kind == NetworkKind::crossbar && plan.network.crossbar.update == Update::programmed)
    run.refuse("twin", std::string(no_crossbar_twin));
  root.section("network").located([&] { plan.network.validate_generator(plan.twin); });
  read_spreads(root, plan);
  plan.strict = run.flag("strict", false);
  read_recording(root, plan);
  plan.inputs = root.inputs();
  return plan;
}

}  // namespace memdyn

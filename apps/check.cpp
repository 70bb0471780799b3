// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>

#include "command.hpp"
#include "core/message.hpp"
#include "memdyn/assess/conformance.hpp"
#include "memdyn/assess/event_check.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/scenario/scenario.hpp"

namespace memdyn::app {
namespace {

/// Prints the report. @returns the number of failed tests
int report(const std::string& title, const AnyDevice& device, bool only_failures) {
  const auto verdicts = conformance(device, progress_line("checking " + title));
  int failures = 0;
  for (const Verdict& verdict : verdicts) failures += verdict.outcome == Verdict::Outcome::fails ? 1 : 0;
  fmt::print("{}: {}\n", in_message(title), failures == 0 ? "conforms" : fmt::format("{} tests FAIL", failures));
  for (const Verdict& verdict : verdicts)
    if (!only_failures || verdict.outcome == Verdict::Outcome::fails) {
      constexpr const char* words[] = {"holds", "FAILS", "not claimed"};
      fmt::print("  {:<12}{:<52}{}\n", words[static_cast<int>(verdict.outcome)], verdict.test,
                 in_message(verdict.detail));
    }
  return failures;
}

/// The parameters that differ from the defaults: "window = biolek, p = 2".
std::string differences(const CatalogueEntry& model, const std::vector<ParameterValue>& values) {
  std::vector<std::string> all;
  for (std::size_t p = 0; p < values.size(); ++p)
    if (const std::string text = text_of(values[p]); text != text_of(model.parameters[p].value))
      all.push_back(fmt::format("{} = {}", model.parameters[p].field.key, text));
  return fmt::format("{}", fmt::join(all, ", "));
}

/// Reports on a model with default parameters and on its variants. @returns the number of failed tests
int report(const CatalogueEntry& model, bool only_failures) {
  const AnyDevice device = model.device();
  warn(device);
  int failures = report(std::string(model.name), device, only_failures);
  for (const auto& variant : model.variants)
    failures +=
        report(fmt::format("{}, {}", model.name, differences(model, variant)), model.make(variant), only_failures);
  return failures;
}

/// Prints the result of check_events(), and the first failed case as a scenario. @returns the number of failures
int report_events(std::uint64_t cases, std::uint64_t seed, std::uint64_t first) {
  const EventReport found = check_events(cases, seed, first, progress_line("checking events"));
  fmt::print("events: {} cases (seed {}, from {}), {} compared, with {} events\n", cases, seed, first, found.compared,
             found.switches);
  fmt::print("  skipped: {} sensitive, {} without a solution, {} unclear\n", found.sensitive, found.undefined,
             found.unclear);
  fmt::print("  {} slide: one trajectory and lanes differ by {:.3g} x tolerance (at most {:g})\n", found.sliding,
             found.slid, most_error);
  fmt::print("  largest error: {:.3g} x tolerance x amplification (at most {:g}), {}\n", found.worst, most_error,
             found.where.empty() ? "nowhere" : in_message(found.where));
  fmt::print("  single trajectories and one lane differ by {:.3g} in the same measure (at most {:g})\n", found.apart,
             most_apart);
  const bool few = 2 * found.compared < cases;
  if (few) fmt::print("  FAILS  fewer than half of the cases could be compared\n");
  for (const auto& failure : found.failures) fmt::print("  FAILS  {}\n", in_message(failure.what));
  if (!found.failures.empty()) {
    const auto& [what, device, scenario] = found.failures.front();
    if (!device.empty()) fmt::print("\n# device.toml of the first failure\n{}", device);
    fmt::print("\n# scenario of the first failure, for memdyn simulate\n{}", scenario);
  }
  return static_cast<int>(found.failures.size()) + (few ? 1 : 0);
}

}  // namespace

void add_check(CLI::App& program) {
  struct Arguments {
    std::vector<std::string> devices, settings;
    bool quiet = false, dry = false;
    std::uint64_t events = 0, seed = 1, first = 0;
  };
  auto* command =
      program.add_subcommand("check", "test that models and parameter sets have the properties that they declare");
  auto given = std::make_shared<Arguments>();
  command->add_option("device", given->devices, "models or device files (TOML); all models if none")
      ->type_name("DEVICE");
  add_settings(*command, given->settings);
  command->add_flag("-q,--quiet", given->quiet, "print only the tests that fail");
  command->add_flag("--dry-run", given->dry, "read the devices, print what would be tested, and stop");
  auto* events = command->add_option("--events", given->events,
                                     "instead, test the integrators: integrate this many random devices that switch by "
                                     "every method and compare with a plain integration in fixed steps");
  events->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  command->add_option("--seed", given->seed, "seed of the random devices")->needs(events);
  command->add_option("--first", given->first, "index of the first random device, from 0")->needs(events);
  add_examples(
      *command,
      "  memdyn check vteam                                     one model with all its options\n"
      "  memdyn check data/devices/text/volatile.toml           your device\n"
      "  memdyn check --quiet                                   all models; print only tests that fail\n"
      "  memdyn check --events 300                              the integrators, on 300 random devices that switch");
  command->callback([given] {
    const auto is_model = [](const std::string& device) { return find_model(device) != nullptr; };
    require_file("check", given->settings, !given->devices.empty() && std::ranges::none_of(given->devices, is_model));
    if (given->events > 0) {
      if (!given->devices.empty())
        throw InputError("check", "--events", fmt::format("{}", given->events),
                         "draws random devices; remove the device argument");
      if (given->dry) {
        fmt::print("events: {} cases (seed {}, from {}) would be compared; nothing was run\n", given->events,
                   given->seed, given->first);
        return;
      }
      if (report_events(given->events, given->seed, given->first) > 0)
        throw Error("some integrations of random devices failed");
      return;
    }
    std::set<std::string> models;
    std::vector<std::string> devices = given->devices;
    for (const CatalogueEntry& model : catalogue()) {
      if (model.element && model.device().size() > 0) continue;  // it is tested within circuits
      models.emplace(model.name);
      if (given->devices.empty()) devices.emplace_back(model.name);
    }
    std::map<std::string, AnyDevice> sets;
    for (const auto& device : devices) {
      if (models.contains(device)) continue;
      if (!std::filesystem::exists(device)) refuse_device("check", device, models);
      const AnyDevice& set = sets.emplace(device, read_parameter_set(device, given->settings)).first->second;
      warn(set);
    }
    int failures = 0;
    for (const auto& device : devices) {
      if (given->dry) {
        fmt::print("{}: would be tested; nothing was run\n", in_message(device));
      } else if (const auto set = sets.find(device); set != sets.end()) {
        failures += report(device, set->second, given->quiet);
      } else {
        failures += report(*find_model(device), given->quiet);
      }
    }
    if (failures > 0) throw Error(fmt::format("{} conformance tests failed", failures));
  });
}

}  // namespace memdyn::app

// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "command.hpp"
#include "memdyn/core/message.hpp"
#include "memdyn/device/models.hpp"
#include "memdyn/study/conformance.hpp"
#include "memdyn/study/scenario.hpp"

namespace memdyn::app {
namespace {

/// Prints the report; tells how many tests failed.
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

/// Which parameters are not the defaults: "window = biolek, p = 2".
template <class Parameters>
std::string differences(const Parameters& given) {
  const auto texts = [](const Parameters& parameters) {
    std::vector<std::string> all;
    Parameters::fields(parameters, [&](const Field& field, const auto& value) {
      all.push_back(fmt::format("{} = {}", field.key, text_of(value)));
    });
    return all;
  };
  std::vector<std::string> all = texts(given);
  const std::vector<std::string> defaults = texts({});
  std::erase_if(all, [&](const std::string& one) { return std::ranges::count(defaults, one) > 0; });
  return fmt::format("{}", fmt::join(all, ", "));
}

/// Reports on a model with its defaults, and on its variants.
template <class D>
int report(bool only_failures) {
  const D device;
  warn(device);
  int failures = report(std::string(D::name), device, only_failures);
  if constexpr (requires { D::variants(); })
    for (const auto& variant : D::variants())
      failures += report(fmt::format("{}, {}", D::name, differences(variant)), D(variant), only_failures);
  return failures;
}

}  // namespace

void add_check(CLI::App& program) {
  struct Arguments {
    std::vector<std::string> devices;
    bool quiet = false;
  };
  auto* command = program.add_subcommand("check", "hold device models and parameter sets to what they promise");
  auto given = std::make_shared<Arguments>();
  command->add_option("device", given->devices, "models (memdyn devices) or parameter sets (TOML); all models if none");
  command->add_flag("-q,--quiet", given->quiet, "show the tests that fail only");
  command->callback([given] {
    int failures = 0;
    const auto all = given->devices.empty();
    std::set<std::string> models;
    for_each_model([&]<class D>() {
      models.emplace(D::name);
      if (all) failures += report<D>(given->quiet);
    });
    for (const auto& device : given->devices) {
      bool model = false;
      for_each_model([&]<class D>() {
        if (D::name != device) return;
        model = true;
        failures += report<D>(given->quiet);
      });
      if (!model && !std::filesystem::exists(device)) refuse_device("check", device, models);
      if (model) continue;
      const AnyDevice set = read_parameter_set(device);
      warn(set);
      failures += report(device, set, given->quiet);
    }
    if (failures > 0) throw Error(fmt::format("{} tests of conformance fail", failures), 3);
  });
}

}  // namespace memdyn::app

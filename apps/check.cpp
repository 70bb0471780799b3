// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "command.hpp"
#include "memdyn/device/models.hpp"
#include "memdyn/study/conformance.hpp"
#include "memdyn/study/scenario.hpp"

namespace memdyn::app {
namespace {

/// Prints the report; tells how many tests failed.
int report(const std::string& title, const AnyDevice& device, bool only_failures) {
  warn(device);
  const auto verdicts = conformance(device, progress_line("checking " + title));
  int failures = 0;
  for (const Verdict& verdict : verdicts) failures += verdict.outcome == Verdict::Outcome::fails ? 1 : 0;
  fmt::print("{}: {}\n", title, failures == 0 ? "conforms" : fmt::format("{} tests FAIL", failures));
  for (const Verdict& verdict : verdicts)
    if (!only_failures || verdict.outcome == Verdict::Outcome::fails) {
      constexpr const char* words[] = {"holds", "FAILS", "not claimed"};
      fmt::print("  {:<12}{:<52}{}\n", words[static_cast<int>(verdict.outcome)], verdict.test, verdict.detail);
    }
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
    for_each_model([&]<class D>() {
      if (all) failures += report(std::string(D::name), D(), given->quiet);
    });
    for (const auto& device : given->devices) {
      bool model = false;
      for_each_model([&]<class D>() {
        if (D::name != device) return;
        model = true;
        failures += report(device, D(), given->quiet);
      });
      if (!model && !std::filesystem::exists(device))
        throw InputError("check", "device", device, "is neither a model (\"memdyn devices\" lists them) nor a file");
      if (!model) failures += report(device, read_parameter_set(device), given->quiet);
    }
    if (failures > 0) throw Error(fmt::format("{} tests of conformance fail", failures), 3);
  });
}

}  // namespace memdyn::app

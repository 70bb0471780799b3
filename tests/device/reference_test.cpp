// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>

#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/run/simulation.hpp"

namespace memdyn::test_device_reference {

namespace {

/// A row of reference/final_states.csv; reference/solve.py explains the columns.
struct Reference {
  double final;        ///< [unit of the variable]
  double uncertainty;  ///< relative to the variable's scale
  double sensitivity;  ///< amplification of a displacement by the end of the drive
};

/// Reads the references, keyed by case and variable.
std::map<std::pair<std::string, std::size_t>, Reference> read_references(const std::filesystem::path& path) {
  std::map<std::pair<std::string, std::size_t>, Reference> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string name, variable, final, uncertainty, sensitivity;
    for (std::string* cell : {&name, &variable, &final, &uncertainty, &sensitivity}) std::getline(cells, *cell, ',');
    rows[{name, std::stoul(variable)}] = {std::stod(final), std::stod(uncertainty), std::stod(sensitivity)};
  }
  return rows;
}

}  // namespace

TEST_CASE("final states agree with independent solutions") {
  const auto method = GENERATE(Method::dopri5, Method::fehlberg78);
  const std::filesystem::path folder = MEMDYN_REFERENCE;
  const auto references = read_references(folder / "final_states.csv");
  std::size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    auto simulation = read_simulation(entry.path());
    simulation.options = {method, 1e-12, 1e-14};
    Integrator<DrivenDevice> integrator(driven(simulation.device, simulation.source), simulation.options);
    integrator.advance(simulation.gamma, *simulation.drive);
    const std::string name = entry.path().stem();
    for (std::size_t i = 0; i < simulation.gamma.size(); ++i) {
      CAPTURE(name, i, simulation.gamma[i]);
      const auto found = references.find({name, i});
      REQUIRE(found != references.end());
      const Reference& reference = found->second;
      const double scale = simulation.device.model().scale[i];
      const double error = std::abs(simulation.gamma[i] - reference.final) / scale;
      // the tolerance bounds the error of one step, the sensitivity bounds its amplification, and a hundred steps may
      // err in the same direction: 1e-10 of the range for a variable that does not amplify errors
      const double a_step = 1e-12 * std::max(1.0, std::abs(reference.final) / scale);
      CHECK(error <= 100 * (a_step + reference.uncertainty) * std::max(1.0, reference.sensitivity));
      ++compared;
    }
  }
  CHECK(compared == references.size());
}

}  // namespace memdyn::test_device_reference

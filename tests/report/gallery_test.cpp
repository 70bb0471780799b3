// SPDX-License-Identifier: MIT
#include "memdyn/report/gallery.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <filesystem>

#include "memdyn/scenario/scenario.hpp"

namespace memdyn::test_report_gallery {

using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {
Fingerprint of(const std::string& set) {
  return fingerprint(set, read_parameter_set(std::filesystem::path(MEMDYN_DATA) / "devices" / (set + ".toml")),
                     [](double) {});
}
}  // namespace

TEST_CASE("a loop closes as the frequency grows", "[gallery]") {
  const auto set = GENERATE("strukov_2008", "lehtonen_laiho_2010");
  const Fingerprint found = of(set);
  INFO(set << ": " << found.failure);
  const auto area = [&](std::size_t n) { return found.loops[n].area; };
  REQUIRE_THAT(found.loops[1].swing, WithinAbs(0.5, 1e-2));
  REQUIRE(area(1) > 0.1);
  // proportional to 1/frequency if the state hardly moves
  REQUIRE_THAT(area(3) / area(2), WithinAbs(0.1, 0.04));
}

TEST_CASE("switching times are those of the closed form", "[gallery]") {
  // HP drift without a window: 80 % of the range at mu_v R_on I/D^2 = 1/s
  const Fingerprint found = of("strukov_2008");
  REQUIRE_THAT(found.amplitude, WithinRel(1e-4, 1e-12));
  REQUIRE(found.switching[0].rises);
  REQUIRE(!found.switching[1].rises);
  for (const Switching& way : found.switching) REQUIRE_THAT(way.time, WithinRel(0.8, 1e-6));
}

TEST_CASE("a device whose current diverges is measured with a resistance in series", "[gallery]") {
  const Fingerprint found = of("pickett_2009");
  REQUIRE(found.failure.empty());
  REQUIRE(found.source.series_resistance > 100);
  REQUIRE(found.loops[1].area > 0.1);
}

}  // namespace memdyn::test_report_gallery

// SPDX-License-Identifier: MIT
#include "memdyn/assess/universality.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

#include "assess/polynomial_floor.hpp"
#include "memdyn/record/result_reader.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_assess_universality {

using Catch::Matchers::WithinRel;

namespace {
UniversalityPlan small_plan() {
  UniversalityPlan plan;
  plan.hidden = {2, 4};
  plan.deep = {2, 2};
  plan.realizations = 3;
  plan.epochs = 110;
  return plan;
}

UniversalityResult tested(const UniversalityPlan& plan, const std::string& name) {
  ResultFile file(scratch(name), {"universality", "", {}});
  return test_universality(plan, [](double) {}, file);
}

bool equal(const std::vector<double>& a, const std::vector<double>& b) {
  return std::ranges::equal(a, b, [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}
}  // namespace

TEST_CASE("floors agree with those that SciPy finds") {
  std::ifstream table(std::string(MEMDYN_REFERENCE) + "/polynomial_floors.csv");
  std::string line;
  std::getline(table, line);
  REQUIRE(line == "target,degree,linear,square");
  const auto targets = approximation_targets();
  std::size_t rows = 0;
  for (; std::getline(table, line); ++rows) {
    std::ranges::replace(line, ',', ' ');
    std::istringstream cells(line);
    std::string name;
    unsigned degree = 0;
    double linear = 0, square = 0;
    cells >> name >> degree >> linear >> square;
    const auto target = std::ranges::find(targets, name, &ApproximationTarget::name);
    REQUIRE(target != targets.end());
    CAPTURE(name, degree);
    CHECK_THAT(polynomial_floor(target->table, degree, NodeActivation::linear), WithinRel(linear, 1e-9));
    CHECK_THAT(polynomial_floor(target->table, degree, NodeActivation::square), WithinRel(square, 1e-9));
    CHECK(std::isnan(polynomial_floor(target->table, degree, NodeActivation::rectified)));
  }
  CHECK(rows == 2 * targets.size());
}

TEST_CASE("no network of square nodes has an error below the floor, and the file holds what was computed") {
  const auto plan = small_plan();
  const auto result = tested(plan, "universality.h5");
  REQUIRE_FALSE(result.failure);
  CHECK(plan.evaluated().size() == 100);
  CHECK(plan.evaluated().back() == plan.epochs);
  const auto decided = claims(plan, result);
  CHECK(decided.size() == 2 * approximation_targets().size());  // the others need longer trainings
  for (const Claim& claim : decided) {
    CAPTURE(claim.statement, claim.measured);
    CHECK(claim.holds);
    CHECK(claim.measured < 100);
  }
  const ResultReader file(scratch("universality.h5"));
  using Names = std::vector<std::string>;
  CHECK(file.axes("total_error") == Names{"target", "activation", "hidden", "realization", "epoch"});
  CHECK(file.axes("floor") == Names{"target", "activation", "output"});
  CHECK(file.strings("activation") == Names{"square", "rectified"});
  CHECK(file.strings("target") == Names{"sine", "step", "franke"});
  CHECK(equal(file.numbers("total_error"), result.total_error));
  CHECK(equal(file.numbers("final_error"), result.final_error));
  CHECK(equal(file.numbers("deep_error"), result.deep_error));
  CHECK(equal(file.numbers("floor"), result.floor));
  CHECK(std::ranges::none_of(result.total_error, [](double e) { return std::isnan(e); }));
  CHECK(std::ranges::none_of(result.deep_error, [](double e) { return std::isnan(e); }));
  // the last epoch of `total_error` is `final_error` with a linear output
  const std::size_t widths = plan.hidden.size(), epochs = plan.evaluated().size();
  for (std::size_t pair = 0; pair < 3 * 2; ++pair)
    for (std::size_t i = 0; i < widths * plan.realizations; ++i)
      CHECK(result.total_error[(pair * widths * plan.realizations + i) * epochs + epochs - 1] ==
            result.final_error[(pair * 2 + UniversalityPlan::linear_output) * widths * plan.realizations + i]);
}

TEST_CASE("a test of universality does not depend on threads, and its twin agrees") {
  auto plan = small_plan();
  plan.threads = 1;
  const auto one = tested(plan, "one.h5");
  plan.threads = 3;
  const auto three = tested(plan, "three.h5");
  CHECK(one.total_error == three.total_error);
  CHECK(one.final_error == three.final_error);
  CHECK(one.deep_error == three.deep_error);
  CHECK(one.pulses == three.pulses);
  plan.twin = true;
  const auto twin = tested(plan, "twin.h5");
  for (std::size_t i = 0; i < one.final_error.size(); ++i)
    CHECK_THAT(twin.final_error[i], WithinRel(one.final_error[i], 1e-6));  // rounding, amplified by the training
}

TEST_CASE("a test of universality that is stopped keeps what is finished") {
  auto plan = small_plan();
  plan.epochs = 4000;
  plan.threads = 1;
  ResultFile file(scratch("stopped.h5"), {"universality", "", {}});
  const auto result = test_universality(
      plan,
      [](double share) {
        if (share > 0.1) throw Interrupted();
      },
      file);
  REQUIRE(result.failure);
  CHECK_THROWS_AS(std::rethrow_exception(result.failure), Interrupted);
  CHECK(std::ranges::any_of(result.final_error, [](double e) { return std::isfinite(e); }));
  CHECK(std::ranges::any_of(result.final_error, [](double e) { return std::isnan(e); }));
  const ResultReader part(scratch("stopped.h5.part"));
  CHECK(equal(part.numbers("final_error"), result.final_error));
}

}  // namespace memdyn::test_assess_universality

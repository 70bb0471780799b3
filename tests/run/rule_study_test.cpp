// SPDX-License-Identifier: MIT
// Trainings by an update rule beside trainings of integrated devices.
#include "run/rule_study.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "memdyn/record/result_reader.hpp"
#include "memdyn/report/inspection.hpp"
#include "memdyn/run/training.hpp"
#include "report/result_info.hpp"
#include "scenario/read_scenario.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_run_rule_study {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinAbs;
using Catch::Matchers::WithinRel;

namespace {

constexpr std::size_t realizations = 12, epochs = 60;
const std::vector<double> offsets{1e-4, 1e-2, 0.3};

const std::string training =
    "[network]\nkind = \"single-layer\"\n[data]\ngate = \"OR\"\n[run]\nrealizations = 12\nepochs = 60\nseed = 3\n";
std::string study(const std::string& keys) { return training + "[study]\n" + keys; }
const std::string of_offset =
    "key = \"network.offset_current\"\nunit = \"A\"\nsolved = 5.0\nshare = 0.7\nvalues = [1e-4, 1e-2, 0.3]\n";

RuleStudyPlan read(const std::string& text) { return read_rule_study(TomlSection(written("study.toml", text))); }

/// The file of the study of offsets, and its results.
struct Studied {
  RuleStudyResult result;
  ResultReader file;
};
Studied studied() {
  const auto path = scratch("study.h5");
  auto result = study_rule(read(study(of_offset)), path, silent);
  return {std::move(result), ResultReader(path)};
}

TrainingResult trained(const std::vector<std::string>& settings) {
  return train(read_training(written("alone.toml", training), settings), silent);
}

}  // namespace

TEST_CASE("the confidence of a share is Wilson's interval") {
  // Brown, Cai, DasGupta 2001: the solutions p of (share - p)² = z² p (1 - p) / n
  for (const auto& [count, all] :
       {std::pair<std::size_t, std::size_t>{0, 10}, {10, 10}, {1, 10}, {95, 100}, {37, 81}}) {
    const Share share = share_of(count, all);
    const auto n = static_cast<double>(all);
    CHECK(share.share == static_cast<double>(count) / n);
    CHECK(share.low >= 0);
    CHECK(share.high <= 1);
    for (const double p : {share.low, share.high}) {
      const double distance = share.share - p;
      CHECK_THAT(distance * distance, WithinAbs(1.959963984540054 * 1.959963984540054 * p * (1 - p) / n, 1e-15));
    }
    if (count > 0) CHECK(share.low < share.share);
    if (count < all) CHECK(share.high > share.share);
  }
}

TEST_CASE("a study trains with each value what a training with that value trains") {
  const auto [result, file] = studied();
  CHECK(kind_of(file) == ResultKind::study);
  CHECK(file.numbers("value") == offsets);
  CHECK(file.text("value", "units") == "A");
  const auto errors = file.numbers("total_error", {offsets.size(), 1, realizations, epochs});
  for (std::size_t v = 0; v < offsets.size(); ++v) {
    const auto alone = trained({fmt::format("network.offset_current={}", offsets[v])});
    CHECK(std::ranges::equal(alone.total_error,
                             std::span(errors).subspan(v * realizations * epochs, realizations * epochs)));
  }
  CHECK(file.numbers("rule_total_error", {1, realizations, epochs}) == trained({"run.twin=true"}).total_error);
  CHECK(file.numbers("reference_total_error", {1, realizations, epochs}) == trained({}).total_error);
}

TEST_CASE("shares, epochs and differences of weights are those of the trainings") {
  const auto [result, file] = studied();
  const auto by_rule = trained({"run.twin=true", "record.weights=true"});
  for (std::size_t v = 0; v < offsets.size(); ++v) {
    const auto alone = trained({fmt::format("network.offset_current={}", offsets[v]), "record.weights=true"});
    std::size_t successes = 0;
    std::size_t predicted = 0;
    double squares = 0;
    double change = 0;
    for (std::size_t r = 0; r < realizations; ++r) {
      const bool success = alone.total_error[(r + 1) * epochs - 1] < 5.0;
      successes += success ? 1 : 0;
      predicted += success == (by_rule.total_error[(r + 1) * epochs - 1] < 5.0) ? 1 : 0;
      for (std::size_t w = 0; w < alone.weights; ++w) {
        const std::size_t at = r * alone.weights + w;
        squares += std::pow(alone.weight_final[at] - by_rule.weight_final[at], 2);
        change += std::pow(by_rule.weight_final[at] - by_rule.weight_initial[at], 2);
      }
      std::size_t first = 0;
      while (first < epochs && !(alone.total_error[r * epochs + first] < 5.0)) ++first;
      const double stored = file.numbers("epochs_to_success", {offsets.size(), 1, realizations})[v * realizations + r];
      if (first == epochs)
        CHECK(std::isnan(stored));
      else
        CHECK(stored == static_cast<double>(first + 1));
    }
    const StudiedTask& task = result.values[v][0];
    CHECK(task.succeeded.share == share_of(successes, realizations).share);
    CHECK(task.predicted.low == share_of(predicted, realizations).low);
    CHECK_THAT(task.divergence, WithinRel(std::sqrt(squares / change), 1e-12));
    CHECK(file.numbers("predicted_share", {offsets.size(), 1})[v] == task.predicted.share);
    CHECK(file.numbers("success_share_high", {offsets.size(), 1})[v] == task.succeeded.high);
  }
}

TEST_CASE("the rule predicts its own trainings, and not those whose offset exceeds the thresholds") {
  const auto [result, file] = studied();
  CHECK(result.reference[0].predicted.share == 1);
  CHECK(result.reference[0].divergence < 1e-10);
  CHECK(result.rule[0].succeeded.share > 0.9);
  // an offset of 0.3 A is beyond every update, of at most 0.15 A: nothing is learnt
  CHECK(result.values[2][0].succeeded.share < 0.1);
  CHECK(result.values[0][0].divergence < result.values[1][0].divergence);
  CHECK(result.values[1][0].divergence < result.values[2][0].divergence);
  const RuleLimit& limit = result.limits[0];
  REQUIRE(limit.last);
  CHECK(*limit.last < 2);
  CHECK(limit.violated == std::optional<std::size_t>(2));
  CHECK(file.numbers("limit_last") == std::vector{offsets[*limit.last]});
  CHECK(file.numbers("limit_violated") == std::vector{0.3});
}

TEST_CASE("a study that means nothing is refused") {
  const auto refused = [](const std::string& text, const std::string& words) {
    CAPTURE(text);
    CHECK_THROWS_WITH(read(text), ContainsSubstring(words));
  };
  refused(study("key = \"run.epochs\"\nvalues = [1, 2]\n"), "must be a number of [network]");
  refused(study("key = \"network.fall\"\nvalues = []\n"), "must be 1 to 1000 numbers");
  refused(study("key = \"network.fall\"\nvalues = [1e-3, 1e-3]\n"), "must all be different");
  refused(study("key = \"network.fal\"\nvalues = [1e-3]\n"), "did you mean \"fall\"");
  refused(study("key = \"network.fall\"\nvalues = [-1.0]\n"), "fall = -1: must be");
  refused(study("key = \"network.fall\"\nunit = \"second of arcs\"\nvalues = [1.0]\n"), "is no unit of UDUNITS");
  refused(study("key = \"network.fall\"\nvalues = [1.0]\nshare = 1\n"), "must be between 0 and 1");
  refused(study("key = \"network.fall\"\nvalues = [1.0]\nsolved = 0\n"), "must be above 0");
  refused(study("values = [1.0]\n"), "study.key is missing");
  refused(study("key = \"network.fall\"\nvalues = [1.0]\nlimit = 1\n"), "unknown key study.limit");
  refused(
      "[network]\nkind = \"crossbar\"\n[synapse]\nmodel = \"vteam\"\n[data]\ngate = \"OR\"\n[run]\n[study]\nkey = "
      "\"network.rest\"\nvalues = [1.0]\n",
      "no closed form is valid for every model");
  CHECK_THROWS_WITH(read_training(written("study.toml", study(of_offset))), ContainsSubstring("memdyn validate"));
}

TEST_CASE("a study of which a training is refused begins none") {
  const auto plan =
      read(training +
           "[[vary]]\nkey = \"device.parameters.I_gamma[0]\"\ndistribution = \"normal\"\nrelative = 1e-3\n"
           "[study]\nkey = \"vary[0].relative\"\nvalues = [1e-3, 5.0]\n");
  const auto path = scratch("refused.h5");
  CHECK_THROWS_WITH(study_rule(plan, path, silent),
                    ContainsSubstring("study.values = 5: ") && ContainsSubstring("I_gamma"));
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(std::filesystem::exists(path.string() + ".part"));
}

TEST_CASE("the table of a study has a row for each value, and the shares of each task") {
  const auto study = studied();
  const auto table = scratch("study.csv");
  export_csv(scratch("study.h5"), "", table, silent);
  std::ifstream file(table);
  std::string heading;
  std::getline(file, heading);
  CHECK_THAT(heading, ContainsSubstring("value [A]") && ContainsSubstring("success_share(OR)"));
  std::size_t rows = 0;
  for (std::string row; std::getline(file, row);) ++rows;
  CHECK(rows == offsets.size());
}

}  // namespace memdyn::test_run_rule_study

// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>

#include "memdyn/core/error.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/learn/reading.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/report/inspection.hpp"
#include "memdyn/run/sweep.hpp"
#include "memdyn/run/training.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_run_resume {

using Catch::Matchers::ContainsSubstring;
namespace fs = std::filesystem;

namespace {
constexpr auto resumed = OutputTarget::Left::resumed;

/// Interrupts a run when a share of it is done.
Progress until(double share) {
  return [share](double done) {
    if (done >= share) throw Interrupted();
  };
}

/// Runs until it is interrupted: on a busy machine a run may end before its progress is asked for.
template <class Run>
auto interrupted(const Run& run) {
  auto result = run();
  for (int attempt = 0; attempt < 20 && !result.failure; ++attempt) result = run();
  REQUIRE(result.failure);
  return result;
}

/// A device that is destroyed at t = 1/x0, of which some trajectories fail, some are refused and some are absorbed.
SweepPlan mixed_sweep() {
  (void)written("blow_up.device.toml",
                "control = \"voltage\"\n[[variable]]\nname = \"x\"\nscale = 1\nlower = -1\ndrift = \"x*x\"\n"
                "[port]\nmemristance = \"1e3\"\n[properties]\nfades = true\n");
  return read_sweep(written("mixed.sweep.toml",
                            "[device]\nfile = \"blow_up.device.toml\"\n[initial]\ngamma = [1]\n"
                            "[[waveform]]\nkind = \"constant\"\nduration = 1\nvalue = 1\n"
                            "[[vary]]\nkey = \"initial.gamma[0]\"\ndistribution = \"uniform\"\nlow = -2\nhigh = 1.2\n"
                            "[record]\ninterval = 0.25\n[run]\nsamples = 30000\nseed = 3\n"));
}
}  // namespace

TEST_CASE("a sweep that is resumed ends with the result of an uninterrupted one, and the same report") {
  SweepPlan plan = mixed_sweep();
  const auto whole = scratch("whole.h5"), cut = scratch("cut.h5");
  const auto reference = sweep(plan, whole, silent);
  REQUIRE(reference.failed() > 0);
  REQUIRE(reference.of_status[static_cast<std::size_t>(Failure::refused)] > 0);
  std::uint64_t before = 0;
  for (const double share : {0.2, 0.5, 0.8}) {  // interrupted three times
    CAPTURE(share);
    const auto part = interrupted([&] { return sweep(plan, cut, until(share), resumed); });
    before = part.resumed;
    CHECK(fs::exists(scratch("cut.h5.part")));
  }
  plan.threads = 3;
  const auto rest = sweep(plan, cut, silent, resumed);
  CHECK(rest.resumed > before);
  CHECK(rest.of_status == reference.of_status);
  CHECK(rest.first_failed == reference.first_failed);
  CHECK(rest.first_failure == reference.first_failure);
  CHECK(compare(whole, cut).equal);
  CHECK(!fs::exists(scratch("cut.h5.part")));
  CHECK(!fs::exists(scratch("cut.h5.part.resumed")));
}

TEST_CASE("what a run of another scenario, or with another instruction set, has left is not resumed, and stays") {
  SweepPlan plan = mixed_sweep();
  plan.set = InstructionSet::scalar;
  const auto output = scratch("other.h5"), part = scratch("other.h5.part");
  (void)interrupted([&] { return sweep(plan, output, until(0.2)); });
  const auto size = fs::file_size(part);
  SweepPlan other = plan;
  other.scenario.text += "# another\n";
  CHECK_THROWS_WITH(sweep(other, output, silent, resumed),
                    ContainsSubstring("left by a run of another scenario") && ContainsSubstring("is unchanged"));
  other = plan;
  other.set = InstructionSet::baseline;
  CHECK_THROWS_WITH(sweep(other, output, silent, resumed), ContainsSubstring("--instruction-set"));
  CHECK(fs::file_size(part) == size);
  CHECK(!fs::exists(scratch("other.h5.part.resumed")));
  CHECK(sweep(plan, output, silent, resumed).resumed > 0);
}

TEST_CASE("a training that is resumed ends with the result of an uninterrupted one, and the same calibration") {
  TrainingPlan plan;
  const std::string kind = GENERATE("single layer", "multilayer", "multilayer, recorded",
                                    "one realization, held-out rows", "crossbar", "crossbar, stochastic pulses");
  CAPTURE(kind);
  plan.title = kind;
  plan.tasks.push_back({.name = "OR", .table = gate("OR"), .draw = 20});
  plan.tasks.push_back({.name = "AND", .table = gate("AND"), .draw = 20});
  plan.realizations = 21;
  plan.epochs = 1500;
  if (kind.starts_with("crossbar")) {
    plan.network.kind = NetworkKind::crossbar;
    plan.network.layers = {2, 1};
    plan.network.crossbar.device = AnyDevice(Vteam());
    plan.network.crossbar.amplitude = 1.0;
    plan.realizations = 5;
    plan.epochs = 60;
    if (kind != "crossbar") {
      plan.epochs = 2000;  // its epochs are short, and progress is asked for every 5 ms
      plan.network.crossbar.amplitude = 0.07;
      plan.network.crossbar.update = Update::pulses;
      plan.network.crossbar.pulses = {.width = 4e-9, .negative = 0.21, .stochastic = true};
    }
  } else {
    plan.network = paper_network(kind != "single layer", reading("canonical"));
  }
  if (kind == "multilayer, recorded") {
    plan.record_realizations = {0, 3};
    plan.record_epochs = {1, 2, 40};
  }
  if (kind == "one realization, held-out rows") {
    plan.realizations = 1;
    plan.epochs = 8000;
    for (auto& task : plan.tasks) {
      task.draw = 0;
      task.held_out = 0.25;
    }
  }
  const auto train_to = [&](const fs::path& output, const Progress& progress) {
    ResultFile file(OutputTarget(output, resumed), {plan.title, "", plan.seed, true});
    auto result = train(plan, progress, &file);
    write_training(file, plan, result);
    return result;
  };
  const auto whole = scratch("whole_training.h5"), cut = scratch("cut_training.h5");
  const auto reference = train_to(whole, silent);
  REQUIRE(!reference.failure);
  double before = 0;
  for (const double share : {0.2, 0.6}) {
    CAPTURE(share);
    plan.threads = share < 0.5 ? 1 : 3;
    before = interrupted([&] { return train_to(cut, until(share)); }).resumed;
  }
  plan.threads = 2;
  const auto rest = train_to(cut, silent);
  REQUIRE(!rest.failure);
  CHECK(rest.resumed > before);
  CHECK(rest.pulses == reference.pulses);
  CHECK(rest.updates == reference.updates);
  CHECK(describe(rest.calibration) == describe(reference.calibration));
  CHECK(compare(whole, cut).equal);
}

}  // namespace memdyn::test_run_resume

// SPDX-License-Identifier: MIT
// The estimate of what a run needs, compared with what runs take; and refusals of runs that need more than there is.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <string>

#include "core/machine.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/run/sweep.hpp"
#include "memdyn/run/training.hpp"
#include "run/estimate.hpp"
#include "support/scratch.hpp"
#include "support/silent.hpp"

namespace memdyn::test_run_room {

using Catch::Matchers::ContainsSubstring;

namespace {

const std::string simulation = R"toml([device]
model = "hp-window"
[initial]
gamma = [0.5]
[[waveform]]
kind = "sine"
amplitude = 1e-4
frequency = 0.1
duration = 10
)toml";
const std::string varied = simulation + R"toml([[vary]]
key = "waveform.amplitude"
distribution = "normal"
relative = 0.1
[run]
samples = 1000
)toml";
const std::string training = R"toml([network]
kind = "multilayer"
layers = [2, 30, 1]
[data]
gate = "XOR"
samples = 20
[run]
realizations = 20
epochs = 100
)toml";

std::string exchanged(std::string text, const std::string& piece, const std::string& by) {
  const auto at = text.find(piece);
  REQUIRE(at != std::string::npos);
  return text.replace(at, piece.size(), by);
}

/// The size of a file and of an estimate agree: the estimate is a lower bound, and not far off. Fixed parts of a file
/// (attributes, chunks that are not full) take at most `fixed` bytes. Pulses of a training have three rows or more, of
/// which the estimate counts two, and it counts the pulses of reads alone.
void check(double estimate, const std::filesystem::path& file, double fixed) {
  const auto size = static_cast<double>(std::filesystem::file_size(file));
  CAPTURE(estimate, size);
  CHECK(estimate <= size);
  CHECK(size <= 3 * estimate + fixed);
}

constexpr double fixed = 600e3;

}  // namespace

TEST_CASE("the estimate of a simulation is the size of its file") {
  const auto scenario = read_simulation(written("room.toml", simulation + "[record]\ninterval = 1e-4\n"));
  const auto output = scratch("room.h5");
  (void)simulate(scenario, output, silent);
  check(need_of(scenario).disk, output, fixed);
}

TEST_CASE("the estimate of a sweep is the size of its file") {
  const auto* record = GENERATE("", "[record]\ninterval = 0.1\n");
  const auto plan = read_sweep(written("room.toml", varied + record));
  const double times = *record == '\0' ? 0 : 100;
  const auto output = scratch("room.h5");
  (void)sweep(plan, output, silent);
  check(need_of(plan, 1, times).disk, output, fixed);
}

TEST_CASE("the estimate of a training is the size of its file") {
  const auto* record = GENERATE("", "[record]\nrealizations = [0]\nepochs = [1, 7]\n");
  const auto plan = read_training(written("room.toml", training + record));
  const auto output = scratch("room.h5");
  ResultFile file(output, {plan.title, plan.text, plan.seed});
  write_training(file, plan, train(plan, silent, &file));
  check(need_of(plan, 1).disk, output, fixed);
}

TEST_CASE("a run that needs more than there is, is refused at the key that makes it large") {
  const auto output = scratch("large.h5");
  const auto simulated = [&](const std::string& text) {
    return simulate(read_simulation(written("large.toml", text)), output, silent);
  };
  const auto swept = [&](const std::string& text) {
    return sweep(read_sweep(written("large.toml", text)), output, silent);
  };
  const auto trained = [&](const std::string& text) {
    const auto plan = read_training(written("large.toml", text));
    ResultFile file(output, {plan.title, plan.text, plan.seed});
    return train(plan, silent, &file);
  };
  CHECK_THROWS_WITH(simulated(simulation + "[record]\ninterval = 1e-30\n"),
                    ContainsSubstring("large.toml:11: record.interval = 1e-30: 1e+31 rows need at least ") &&
                        ContainsSubstring("increase it, or write to another disk"));
  CHECK_THROWS_WITH(swept(exchanged(varied, "1000", "1000000000000000000")),
                    ContainsSubstring("large.toml:15: run.samples = 1000000000000000000: 1e+18 trajectories need at "
                                      "least 1e+18 steps, and more than 1e+16 would take years; decrease it"));
  CHECK_THROWS_WITH(swept(exchanged(varied, "1000", "1000000000000")),
                    ContainsSubstring("large.toml:15: run.samples = 1000000000000: 1e+12 trajectories need"));
  CHECK_THROWS_WITH(swept(varied + "[record]\ninterval = 1e-20\n"),
                    ContainsSubstring("large.toml:17: record.interval = 1e-20: 1e+03 trajectories with 1"));
  const auto axis = [](const char* key) {
    return fmt::format("[[sweep]]\nkey = \"{}\"\nfrom = 1e-5\nto = 1e-4\ncount = 1000000\n", key);
  };
  CHECK_THROWS_WITH(swept(simulation + axis("waveform.amplitude") + axis("waveform.frequency")),
                    ContainsSubstring("sweep.count = 1000000: 1e+12 trajectories need"));
  CHECK_THROWS_WITH(trained(exchanged(training, "[2, 30, 1]", "[2, 1000000000, 1]")),
                    ContainsSubstring("large.toml:3: network.layers = [ 2, 1000000000, 1 ]: 20 trainings of 4e+09"));
  CHECK_THROWS_WITH(trained(exchanged(training, "samples = 20", "samples = 1000000000000")),
                    ContainsSubstring("large.toml:6: data.samples = 1000000000000: 20 trainings"));
  CHECK_THROWS_WITH(trained(exchanged(training, "realizations = 20", "realizations = 9000000000000000000")),
                    ContainsSubstring("large.toml:8: run.realizations = 9000000000000000000: 9e+18 trainings"));
  CHECK_THROWS_WITH(trained(exchanged(training, "epochs = 100", "epochs = 9000000000000000000")),
                    ContainsSubstring("large.toml:9: run.epochs = 9000000000000000000: 20 trainings"));
  CHECK_FALSE(std::filesystem::exists(output));
  CHECK_FALSE(std::filesystem::exists(output.string() + ".part"));
}

TEST_CASE("segments that do not fit into memory are refused at their count") {
  const double segment = sizeof(Segment) + sizeof(double);
  const auto repeat = static_cast<std::uint64_t>(std::min(9e8, available_memory() / segment));
  if (3 * segment * static_cast<double>(repeat) <= available_memory()) SKIP("this machine has memory for all of them");
  const auto text = simulation + fmt::format("repeat = {}\n", repeat);
  CHECK_THROWS_WITH(read_simulation(written("large.toml", text)),
                    ContainsSubstring(fmt::format("large.toml:10: waveform: repeat = {}", repeat)) &&
                        ContainsSubstring("segments need about"));
}

}  // namespace memdyn::test_run_room

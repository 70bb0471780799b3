// SPDX-License-Identifier: MIT
#include <cstring>

#include "benchmarks.hpp"
#include "memdyn/core/instruction_set.hpp"
#include "memdyn/core/version.hpp"

namespace memdyn::benchmarks {

benchmark::internal::Benchmark* add(Side side) {
  const std::string name = side.name;
  const bool wall = side.clock == Side::Clock::wall;
  auto* registered = benchmark::RegisterBenchmark(
      name.c_str(), [side = std::move(side), error = std::nan("")](benchmark::State& state) mutable {
        if (std::isnan(error)) {
          side.run();
          error = side.error();
          if (!(error <= side.tolerance)) {
            state.SkipWithError(
                ("error " + std::to_string(error) + " is beyond " + std::to_string(side.tolerance)).c_str());
            error = std::nan("");
            return;
          }
        }
        for (auto _ : state) side.run();
        state.counters["items"] = side.items;
        state.counters["error"] = error;
        if (side.counters)
          for (const auto& [key, value] : side.counters()) state.counters[key] = value;
      });
  registered->MeasureProcessCPUTime();
  return wall ? registered->UseRealTime() : registered;
}

}  // namespace memdyn::benchmarks

int main(int count, char** arguments) {
  using namespace memdyn::benchmarks;
  const bool quick = count > 1 && std::strcmp(arguments[1], "--quick") == 0;
  if (quick) {
    --count;
    ++arguments;
  }
  for (const auto& comparison : {add_pulse, add_figures, add_ensemble, add_million_pulses, add_precision, add_floor,
                                 add_threads, add_simulations})
    comparison(quick);
  benchmark::AddCustomContext("memdyn", std::string(memdyn::version()) + " (" + memdyn::commit() + ")");
  benchmark::AddCustomContext("instruction_set", std::string(name_of(memdyn::default_instruction_set())));
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace memdyn {

/// Why a trajectory failed. The values are those of `status` in the files of sweeps, which alone have the last three:
/// `refused`, a drawn value was outside of what device, state or waveform accept; `not_run`, the sweep ended before;
/// `absorbed`, the trajectory came to its end, but a bound absorbed a variable on the way, so that its results must not
/// be trusted.
enum class Failure : std::uint8_t {
  none,
  not_finite,
  tolerance,
  switches_in_place,
  no_solution,
  runs_away,
  step_limit,
  refused,
  not_run,
  absorbed
};
/// Their names in files.
inline constexpr std::string_view status_names[] = {"done",        "not_finite", "tolerance",  "switches_in_place",
                                                    "no_solution", "runs_away",  "step_limit", "refused",
                                                    "not_run",     "absorbed"};

/// Describes a failure, with its remedy.
[[nodiscard]] constexpr std::string_view text_of(Failure failure) {
  switch (failure) {
    case Failure::none:
      return "done";
    case Failure::not_finite:
      return "the drift is not a finite number: check parameters and drive for an overflow or a division by zero";
    case Failure::tolerance:
      return "the tolerance cannot be reached: loosen integrate.relative and integrate.absolute";
    case Failure::switches_in_place:
      return "the device switches back and forth without advancing: several guards meet here, or voltage or current "
             "jumps, and no single state follows; write such guards as one, put a capacitor in parallel or a resistor "
             "in series, or make the switches gradual";
    case Failure::no_solution:
      return "no input of the device gives what the source prescribes in this state";
    case Failure::runs_away:
      return "the state runs away: it diverges within the resolution of time in double precision; bound the variable, "
             "or limit the drive";
    case Failure::step_limit:
      return "more steps than run.most_steps: raise it, or use method = \"auto\" if the device is stiff";
    case Failure::refused:
      return "a drawn value is outside of what device, state or waveform accept";
    case Failure::not_run:
      return "the sweep ended before this trajectory";
    case Failure::absorbed:
      return "a bound absorbed a variable: do not trust what follows";
  }
  return "";
}

}  // namespace memdyn

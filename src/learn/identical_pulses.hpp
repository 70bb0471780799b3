// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "memdyn/dynamics/integrator.hpp"
#include "memdyn/learn/network.hpp"

namespace memdyn {

/// The pulses of one width and one amplitude for each polarity, by which a crossbar changes the state of a device if it
/// does not program each pulse: how far one of them moves the state from the middle of its range, and, for the twin,
/// what it does to any state.
class IdenticalPulses {
 public:
  /// @param generator of the pulses that the twin looks up; the numbers of pulses are those of rectangular ones
  /// @param middle the state whose weight is 0
  /// @throws InputError if the pulses do not move that state, or both move it the same way; for the twin of a device
  /// without bounds, or of a volatile one
  IdenticalPulses(const CrossbarSynapse& synapse, const Generator& generator, const DrivenDevice& device,
                  const IntegrationOptions& options, double middle, bool twin);

  [[nodiscard]] double width() const { return width_; }
  /// The drive [A] or [V] of a pulse that raises (or lowers) the state.
  [[nodiscard]] double drive(bool up) const { return drives_[up ? 1 : 0]; }
  /// The number of pulses for a change of the state: the nearest whole one, or, with a random number in [0, 1), one of
  /// the two nearest, so that the mean is right. At most `most`.
  [[nodiscard]] std::uint64_t count(double change, std::uint64_t most) const;
  [[nodiscard]] std::uint64_t count(double change, std::uint64_t most, double random) const;
  /// The state after a pulse: by straight lines between the changes from `nodes` states, which were integrated. Where a
  /// bound cuts the change, it is that of the nearest node where none does, and the bound cuts the sum.
  [[nodiscard]] double after(double state, bool up) const;

  static constexpr std::size_t nodes = 1001;

 private:
  [[nodiscard]] std::vector<double> changes(Integrator<DrivenDevice>& integrator, const Generator& generator,
                                            bool up) const;

  double width_, lower_, upper_;
  std::array<double, 2> drives_{}, steps_{};    ///< for down, up; lengths of the steps from the middle
  std::array<std::vector<double>, 2> changes_;  ///< of the twin
};

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "memdyn/dynamics/driven_device.hpp"
#include "memdyn/dynamics/integrator.hpp"

using State = std::vector<double>;

/// The final state of a trajectory that begins at `gamma`.
inline State run(const memdyn::DrivenDevice& device, State gamma, const memdyn::Waveform& drive,
                 const memdyn::IntegrationOptions& options, memdyn::Statistics* statistics = nullptr,
                 memdyn::Recording* recording = nullptr) {
  memdyn::Integrator<memdyn::DrivenDevice> integrator(device, options);
  integrator.advance(gamma, drive, 0, recording);
  if (statistics != nullptr) *statistics = integrator.statistics();
  return gamma;
}

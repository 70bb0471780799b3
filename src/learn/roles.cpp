// SPDX-License-Identifier: MIT
#include "learn/roles.hpp"

namespace memdyn {

std::vector<std::pair<std::string, AnyDevice>> devices_of(const Network& network) {
  if (network.kind == NetworkKind::single_layer) return {{"device", network.window}};
  if (network.kind == NetworkKind::crossbar) return {{"synapse", network.crossbar.device}};
  return {{"synapse", network.synapse}, {"node", network.node}};
}

std::vector<std::size_t> roles_of_devices(const Network& network) {
  if (network.kind == NetworkKind::single_layer) return {0};
  const std::size_t of_biases = network.kind == NetworkKind::multilayer ? 1 : 0;
  const auto sizes = network.sizes();
  std::vector<std::size_t> roles;
  for (std::size_t l = 1; l < sizes.size(); ++l) {
    roles.insert(roles.end(), sizes[l - 1] * sizes[l], 0);
    roles.insert(roles.end(), sizes[l], of_biases);
  }
  return roles;
}

}  // namespace memdyn

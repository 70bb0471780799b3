// SPDX-License-Identifier: MIT
#include "device/text/equations_text.hpp"

#include <fmt/format.h>

#include <utility>

#include "core/message.hpp"

namespace memdyn {

std::string equations_text(const TextDescription& device) {
  constexpr const char* ports[] = {"memristance", "voltage", "current"};
  std::string text = fmt::format("  {}: the {}, its input\n", device.control == Quantity::current ? "i" : "v",
                                 name_of(device.control));
  for (const auto& one : device.variables)
    text += fmt::format("  d{}/dt = {}\n    {} in {}..{} {}\n", one.name, one.drift, one.name,
                        one.lower.empty() ? "-inf" : one.lower, one.upper.empty() ? "inf" : one.upper,
                        in_message(one.unit));
  for (const auto& one : device.unknowns)
    text += fmt::format("  0 = {}\n    {} in {}..{} {}\n", one.equation, one.name, one.lower, one.upper,
                        in_message(one.unit));
  text += fmt::format("  {} = {}\n", ports[static_cast<int>(device.port)], device.port_expression);
  for (const auto& [title, list] : {std::pair{"let", &device.lets}, {"guard", &device.guards}})
    for (const auto& one : *list) text += fmt::format("  {} {} = {}\n", title, one.name, one.expression);
  return text;
}

}  // namespace memdyn

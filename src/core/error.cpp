// SPDX-License-Identifier: MIT
#include "memdyn/core/error.hpp"

#include "core/message.hpp"

namespace memdyn {

Error::Error(const std::string& message, int exit_status)
    : std::runtime_error(in_message(message, longest_message)), exit_status_(exit_status) {}

void Error::add(const std::string& more) {
  std::runtime_error::operator=(std::runtime_error(in_message(what() + more, longest_message)));
}

InputError::InputError(const std::string& where, const std::string& key, const std::string& value,
                       const std::string& remedy)
    : Error((where.empty() ? "" : where + ": ") + in_message(key) + " = " + in_message(value) + ": " + remedy, 2),
      key_(key) {}

NumericalError::NumericalError(const std::string& device, double time, const std::string& regime,
                               const std::string& what)
    : Error(what + fmt::format(" (device {}, t = {} s, regime {})", in_message(device), time, in_message(regime)), 3),
      device_(device),
      regime_(regime),
      time_(time) {}

}  // namespace memdyn

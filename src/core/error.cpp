// SPDX-License-Identifier: MIT
#include "memdyn/core/error.hpp"

#include "core/message.hpp"

namespace memdyn {

Error::Error(const std::string& message) : std::runtime_error(in_message(message, longest_message)) {}

void Error::add(const std::string& more) {
  std::runtime_error::operator=(std::runtime_error(in_message(what() + more, longest_message)));
}

InputError::InputError(const std::string& where, const std::string& key, const std::string& value,
                       const std::string& remedy)
    : Error((where.empty() ? "" : where + ": ") + in_message(key) + " = " + in_message(value) + ": " + remedy),
      key_(key) {}

NumericalError::NumericalError(const std::string& device, double time, const std::string& regime, Failure failure,
                               const std::string& what)
    : Error(fmt::format("{} (device {}, t = {} s, regime {})", what.empty() ? text_of(failure) : what,
                        in_message(device), time, in_message(regime))),
      device_(device),
      regime_(regime),
      time_(time),
      failure_(failure) {}

}  // namespace memdyn

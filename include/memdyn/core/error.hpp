// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace memdyn {

/// Everything that the library throws on purpose. `exit_status` is what the program returns for it.
class Error : public std::runtime_error {
 public:
  Error(const std::string& message, int exit_status) : std::runtime_error(message), exit_status_(exit_status) {}
  [[nodiscard]] int exit_status() const noexcept { return exit_status_; }

 private:
  int exit_status_;
};

/// The user's input cannot be used: says where, which key, which value, and what would be right.
class InputError : public Error {
 public:
  explicit InputError(const std::string& message, std::string key = {}) : Error(message, 2), key_(std::move(key)) {}
  /// "where: key = value: remedy"; an empty `where` is left out.
  InputError(const std::string& where, const std::string& key, const std::string& value, const std::string& remedy)
      : Error((where.empty() ? "" : where + ": ") + key + " = " + value + ": " + remedy, 2), key_(key) {}
  /// The key that the error is about; empty where there is no single one.
  [[nodiscard]] const std::string& key() const noexcept { return key_; }

 private:
  std::string key_;
};

/// The numerics failed: names device, time and regime.
class NumericalError : public Error {
 public:
  NumericalError(const std::string& device, double time, const std::string& regime, const std::string& what)
      : Error(what + fmt::format(" (device {}, t = {} s, regime {})", device, time, regime), 3),
        device_(device),
        regime_(regime),
        time_(time) {}
  [[nodiscard]] const std::string& device() const noexcept { return device_; }
  [[nodiscard]] const std::string& regime() const noexcept { return regime_; }
  [[nodiscard]] double time() const noexcept { return time_; }  ///< [s]

 private:
  std::string device_, regime_;
  double time_;
};

/// A file cannot be read or written.
class IoError : public Error {
 public:
  explicit IoError(const std::string& message) : Error(message, 4) {}
};

/// The user asked to stop (Ctrl-C); what was done until then has been kept.
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted; what was finished has been kept", 130) {}
};

}  // namespace memdyn

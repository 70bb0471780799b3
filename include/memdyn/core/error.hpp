// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace memdyn {

/// Everything that the library throws on purpose. `exit_status` is what the program returns for it. A message is one
/// line of at most `longest_message` bytes, without control characters, whatever it is made from: see in_message().
class Error : public std::runtime_error {
 public:
  Error(const std::string& message, int exit_status);
  [[nodiscard]] int exit_status() const noexcept { return exit_status_; }
  /// Adds to the message what is known where it is caught and thrown on.
  void add(const std::string& more);

 private:
  int exit_status_;
};

/// The user's input cannot be used: says where, which key, which value, and what would be right.
class InputError : public Error {
 public:
  explicit InputError(const std::string& message, std::string key = {}) : Error(message, 2), key_(std::move(key)) {}
  /// "where: key = value: remedy"; an empty `where` is left out.
  InputError(const std::string& where, const std::string& key, const std::string& value, const std::string& remedy);
  /// The key that the error is about; empty where there is no single one.
  [[nodiscard]] const std::string& key() const noexcept { return key_; }

 private:
  std::string key_;
};

/// The numerics failed: names device, time and regime.
class NumericalError : public Error {
 public:
  NumericalError(const std::string& device, double time, const std::string& regime, const std::string& what);
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

/// The user asked to stop (Ctrl-C).
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted", 130) {}
};

}  // namespace memdyn

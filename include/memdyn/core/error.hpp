// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "memdyn/core/failure.hpp"

namespace memdyn {

/// Base of every exception that the library throws deliberately. The message is one line of at most `longest_message`
/// bytes without control characters; in_message() ensures that.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message);
  /// Appends `more` to the message, for a caller that catches the error, knows more about it, and rethrows it.
  void add(const std::string& more);
};

/// The user's input is not valid. The message contains the place, the key, its value, and what to write instead.
class InputError : public Error {
 public:
  /// What an error concerns. Each member is empty where there is none.
  struct Subject {
    std::string place{};  ///< file and line, "loop.toml:12", the setting "--set KEY=VALUE", or the function
    std::string key{};    ///< the key with the error, if it concerns a single one
    std::string value{};  ///< its value as the message shows it
  };
  explicit InputError(const std::string& message) : Error(message) {}
  InputError(const std::string& message, Subject subject) : Error(message), subject_(std::move(subject)) {}
  /// Message "where: key = value: remedy"; an empty `where` is omitted.
  InputError(const std::string& where, const std::string& key, const std::string& value, const std::string& remedy);
  [[nodiscard]] const std::string& place() const noexcept { return subject_.place; }
  [[nodiscard]] const std::string& key() const noexcept { return subject_.key; }
  [[nodiscard]] const std::string& value() const noexcept { return subject_.value; }

 private:
  Subject subject_;
};

/// A numerical failure. The message contains device, time and regime.
class NumericalError : public Error {
 public:
  /// @param what replaces the text of the failure, for a caller that knows more; empty for text_of(failure)
  NumericalError(const std::string& device, double time, const std::string& regime, Failure failure,
                 const std::string& what = {});
  [[nodiscard]] Failure failure() const noexcept { return failure_; }
  [[nodiscard]] const std::string& device() const noexcept { return device_; }
  [[nodiscard]] const std::string& regime() const noexcept { return regime_; }
  [[nodiscard]] double time() const noexcept { return time_; }  ///< [s]

 private:
  std::string device_, regime_;
  double time_;
  Failure failure_;
};

/// A file cannot be read or written.
class IoError : public Error {
 public:
  using Error::Error;
};

/// The user asked to stop (Ctrl-C).
class Interrupted : public Error {
 public:
  Interrupted() : Error("interrupted") {}
};

}  // namespace memdyn

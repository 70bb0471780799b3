// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "support/scratch.hpp"

/// The device that a text describes.
inline memdyn::AnyDevice device_from(const std::string& text) {
  return memdyn::read_parameter_set(written("device.toml", text));
}

/// A variable of a device written as text.
struct TextVariable {
  std::string name;
  double lower, upper;
  std::string drift;
};
/// A device of 1 Ohm under a current.
/// @param tables the tables of parameters and guards, as in a file
inline memdyn::AnyDevice under_current(const std::string& tables, const std::vector<TextVariable>& variables) {
  std::string text = "control = \"current\"\n" + tables + "\n";
  for (const auto& [name, lower, upper, drift] : variables)
    text +=
        fmt::format("[[variable]]\nname = \"{}\"\nlower = {}\nupper = {}\ndrift = \"{}\"\n", name, lower, upper, drift);
  return device_from(text + "[port]\nmemristance = \"1\"\n");
}

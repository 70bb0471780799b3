// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "memdyn/device/any_device.hpp"
#include "memdyn/device/driven.hpp"
#include "memdyn/drive/waveform.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/dynamics/recording.hpp"

namespace memdyn {

struct WaveformKind;

/// One [[waveform]] of a scenario as it was read: its kind and its numbers, still to be made into a waveform.
struct WaveformPart {
  const WaveformKind* kind;
  std::vector<double> numbers;   ///< in the order of the kind's keys; then `scale` and `repeat`
  std::optional<Waveform> file;  ///< of kind "csv"

  /// The keys of the numbers, in their order.
  [[nodiscard]] std::vector<std::string> keys() const;
  /// UDUNITS, where the drive is a quantity; "1" for counts and factors.
  [[nodiscard]] static std::string unit(const std::string& key, Quantity quantity);
  /// @throws InputError
  [[nodiscard]] Waveform make() const;
};
/// The parts one after another.
[[nodiscard]] Waveform waveform_of(const std::vector<WaveformPart>& parts);

/// One device under one waveform.
struct Scenario {
  std::string title;
  std::string text;  ///< the file's own, for the result file
  AnyDevice device;
  std::vector<double> gamma;  ///< initial state, one value a variable
  Source source;
  std::optional<Waveform> drive;    ///< none in the plan of a sweep, which makes one from `parts` for each trajectory
  std::vector<WaveformPart> parts;  ///< of a scenario that was read from a file
  IntegrationOptions options;
  Recording recording;  ///< what to record; where to is known when it runs
};

/// Reads a scenario of `memdyn simulate` (data/scenarios/README.md lists its keys).
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] Scenario read_simulation(const std::filesystem::path& file);

/// A parameter set as in data/devices/. @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] AnyDevice read_parameter_set(const std::filesystem::path& file);

/// A device that a file describes, and its role there: "device", "synapse" or "node".
struct RoleOfDevice {
  std::string role;  ///< empty where the file is of a device alone
  AnyDevice device;
};
/// All devices of a scenario, or the one of a parameter set, a composite or a device written as text. @throws as above
[[nodiscard]] std::vector<RoleOfDevice> devices_of(const std::filesystem::path& file);

/// The words that such a file has about its device: `title`, `doi`, `source` and `notes` with their texts, as far as it
/// gives them. @throws as above
[[nodiscard]] std::vector<std::pair<std::string, std::string>> words_of_parameter_set(
    const std::filesystem::path& file);

/// What a user of the device should know before trusting its trajectories: memristances in the other order than
/// convention has them.
[[nodiscard]] std::vector<std::string> warnings(const AnyDevice& device);
/// What a user should know where a bound has absorbed a variable, with the remedy that the device knows of.
/// @param what has been absorbed: "x at t = 20 s"
[[nodiscard]] std::string absorption_warning(const AnyDevice& device, const std::string& what);

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memdyn/core/input_text.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/device/driven.hpp"
#include "memdyn/drive/waveform.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/dynamics/recording.hpp"
#include "memdyn/scenario/size_key.hpp"

namespace memdyn {

class TimeExpression;
struct WaveformKind;

/// One [[waveform]] of a scenario as it was read: its kind and its numbers. make() turns it into a waveform.
struct WaveformPart {
  const WaveformKind* kind;
  std::vector<double> numbers;   ///< in the order of keys()
  std::optional<Waveform> file;  ///< only for kind "csv"
  std::string group;             ///< name of its group; empty if it is in none
  std::string channel{};         ///< name of its channel; empty if there are no channels
  /// Only for kind "expression": its text, compiled, and its parameters with their units, whose values are the last of
  /// the numbers.
  std::shared_ptr<const TimeExpression> expression{};
  std::vector<std::pair<std::string, std::string>> parameters{};

  /// The keys of the numbers, in the same order.
  [[nodiscard]] std::vector<std::string> keys() const;
  /// Unit of a key in the notation of UDUNITS if the drive is `quantity`; "1" for counts and factors, and for
  /// parameters without a unit.
  [[nodiscard]] std::string unit(const std::string& key, Quantity quantity) const;
  /// A number by its key, or `otherwise` if this kind has no such key.
  [[nodiscard]] double number(const std::string& key, double otherwise) const;
  /// The number of segments that make() gives, at most.
  [[nodiscard]] double segments() const;
  /// @throws InputError; also if the segments do not fit into memory
  [[nodiscard]] Waveform make() const;
};
/// Parts that follow one another and are scaled, repeated and delayed together: [group.NAME] of a scenario.
struct WaveformGroup {
  static constexpr std::array<const char*, 3> keys{"scale", "repeat", "delay"};

  std::string name;
  std::array<double, 3> numbers{1.0, 1.0, 0.0};  ///< in the order of `keys`

  [[nodiscard]] double repeat() const { return numbers[1]; }
  /// @param one the waveform of its parts
  /// @throws InputError
  [[nodiscard]] Waveform make(const Waveform& one) const;
};
/// Parts that run beside those of other channels: [channel.NAME] of a scenario. The drive is the sum of all channels.
struct WaveformChannel {
  static constexpr std::array<const char*, 2> keys{"start", "scale"};

  std::string name;
  std::array<double, 2> numbers{0.0, 1.0};  ///< in the order of `keys`

  [[nodiscard]] double start() const { return numbers[0]; }
};
/// The unit of a key of a group or a channel in the notation of UDUNITS.
[[nodiscard]] inline const char* unit_of_key(std::string_view key) {
  return key == "start" || key == "delay" ? "s" : "1";
}
/// The waveforms of all parts and groups, one after another in each channel, and the sum of the channels. The time 0 is
/// the earliest start of a channel.
/// @throws InputError as WaveformPart::make()
[[nodiscard]] Waveform waveform_of(const std::vector<WaveformPart>& parts, const std::vector<WaveformGroup>& groups,
                                   const std::vector<WaveformChannel>& channels);

/// One device under one waveform.
struct Scenario {
  std::string title;
  std::string text;  ///< text of the scenario file, with the settings that replace its keys
  AnyDevice device;
  std::vector<double> gamma;  ///< initial state, one value per variable
  Source source;
  std::optional<Waveform> drive;    ///< none in the plan of a sweep, which makes one from `parts` for each trajectory
  std::vector<WaveformPart> parts;  ///< of a scenario that was read from a file
  IntegrationOptions options;
  Recording recording;  ///< what to record; the sink is set when the simulation runs
  std::string file{};   ///< name of the scenario file, without its folder; empty if it was not read from a file
  std::vector<InputText> inputs{};          ///< the files that the scenario names
  std::vector<SizeKey> sizes{};             ///< the numbers that set the size of the run
  std::vector<WaveformGroup> groups{};      ///< of `parts`
  std::vector<WaveformChannel> channels{};  ///< of `parts`, in the order of their first parts
  std::vector<std::string> notes{};         ///< what the file leaves open, and what was recognised in files it names
};

/// The waveform of the parts, groups and channels of a scenario. @throws InputError as WaveformPart::make()
[[nodiscard]] inline Waveform waveform_of(const Scenario& scenario) {
  return waveform_of(scenario.parts, scenario.groups, scenario.channels);
}

/// Reads a scenario of `memdyn simulate` (data/scenarios/README.md lists its keys).
/// @param settings keys that replace those of the file, or are added to them: "device.parameters.R_on=50"
/// @throws IoError, InputError naming file, line, key, value and remedy
[[nodiscard]] Scenario read_simulation(const std::filesystem::path& file,
                                       const std::vector<std::string>& settings = {});

/// Reads a parameter set as in data/devices/. @throws IoError, InputError naming file, line, key, value and remedy
/// @param settings see read_simulation()
[[nodiscard]] AnyDevice read_parameter_set(const std::filesystem::path& file,
                                           const std::vector<std::string>& settings = {});

/// A device described by a file, and its role there: "device", "synapse" or "node".
struct RoleOfDevice {
  std::string role;  ///< empty if the file describes only a device
  AnyDevice device;
};
/// All devices of a scenario, or the single device of a parameter set, a composite or a device written as text.
/// @throws IoError, InputError as read_parameter_set()
/// @param settings see read_simulation()
[[nodiscard]] std::vector<RoleOfDevice> devices_of(const std::filesystem::path& file,
                                                   const std::vector<std::string>& settings = {});

/// The keys `title`, `doi`, `source` and `notes` of a device file that are present, with their texts.
/// @throws IoError, InputError as read_parameter_set()
[[nodiscard]] std::vector<std::pair<std::string, std::string>> words_of_parameter_set(
    const std::filesystem::path& file);

/// Warnings about a device that a user should read before trusting its trajectories, such as memristances in the
/// reverse of the conventional order.
[[nodiscard]] std::vector<std::string> warnings(const AnyDevice& device);
/// A warning if a variable starts so close to a bound that absorbs it that its value may be in another unit; else
/// empty.
[[nodiscard]] std::string start_warning(const AnyDevice& device, const std::vector<double>& gamma);
/// A number with its unit: "1.5e-09 m"; without, if the unit is "1".
[[nodiscard]] std::string with_unit(double number, const std::string& unit);
/// The warning that a bound has absorbed a variable, with the remedy that the device gives.
/// @param what variable and time: "x at t = 20 s"
[[nodiscard]] std::string absorption_warning(const AnyDevice& device, const std::string& what);

}  // namespace memdyn

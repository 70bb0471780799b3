// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace memdyn {

/// The engines of devices of one kind of which each has parameters of its own. A controller computes its pulses for the
/// nominal device, and each pulse is integrated with the parameters of the device that it is sent to.
/// @tparam Engine an engine of doubles: PulseLanes, Integrator, or ClosedForm for a discrete twin
template <class Engine>
class OwnDevices {
 public:
  using Scalar = double;
  using Device = std::remove_cvref_t<decltype(std::declval<const Engine&>().device())>;
  using Make = std::function<Engine(const Device&)>;

  explicit OwnDevices(const Device& nominal, Make make) : nominal_(make(nominal)), make_(std::move(make)) {}

  [[nodiscard]] const Device& device() const { return nominal_.device(); }
  /// A device: its own, if set() has given it one.
  [[nodiscard]] const Device& device(std::size_t index) const {
    return has_own(index) ? own_[index]->device() : nominal_.device();
  }
  /// The engine of that device.
  [[nodiscard]] Engine& engine(std::size_t index) { return has_own(index) ? *own_[index] : nominal_; }
  void set(std::size_t index, const Device& device) {
    if (own_.size() <= index) own_.resize(index + 1);
    own_[index] = std::make_unique<Engine>(make_(device));
  }

 private:
  [[nodiscard]] bool has_own(std::size_t index) const { return index < own_.size() && own_[index] != nullptr; }

  Engine nominal_;
  Make make_;
  std::vector<std::unique_ptr<Engine>> own_;
};

}  // namespace memdyn

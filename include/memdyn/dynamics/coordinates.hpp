// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "memdyn/device/device.hpp"

namespace memdyn {

/// Converts between the state of a device and the coordinates in which it is integrated. A variable that has not moved
/// returns bit-identical.
class Coordinates {
 public:
  /// Converts a state to coordinates, in place.
  /// @param device a device in coordinates, or a model
  template <class D>
  void enter(const D& device, std::span<double> gamma) {
    begin_.clear();
    for (std::size_t i = 0; i < gamma.size(); ++i) {
      const double coordinate = device.coordinate(i, gamma[i]);
      begin_.emplace_back(gamma[i], coordinate);
      gamma[i] = coordinate;
    }
  }
  /// The state of variable i at a coordinate.
  template <class D>
  [[nodiscard]] double state(const D& device, std::size_t i, double coordinate) const {
    return coordinate == begin_[i].second ? begin_[i].first : device.state(i, coordinate);
  }
  /// Converts coordinates to a state, in place.
  template <class D>
  void leave(const D& device, std::span<double> gamma) const {
    for (std::size_t i = 0; i < gamma.size(); ++i) gamma[i] = state(device, i, gamma[i]);
  }

 private:
  std::vector<std::pair<double, double>> begin_;  ///< per variable: state and coordinate at enter()
};

/// Converts a state to the coordinates in which its device is integrated, for the lifetime of the object; the
/// destructor converts it back, also after an exception.
template <class D>
class InCoordinates {
  static constexpr bool possible = requires(const D device) { device.integrated(); };

 public:
  InCoordinates(const D& device, std::span<double> gamma, Coordinates& coordinates)
      : device_(device), gamma_(gamma), coordinates_(coordinates), differ_(is_transformed(device)) {
    if constexpr (possible)
      if (differ_) coordinates_.enter(device_, gamma_);
  }
  ~InCoordinates() {
    if constexpr (possible)
      if (differ_) coordinates_.leave(device_, gamma_);
  }
  InCoordinates(const InCoordinates&) = delete;
  InCoordinates& operator=(const InCoordinates&) = delete;
  InCoordinates(InCoordinates&&) = delete;
  InCoordinates& operator=(InCoordinates&&) = delete;

 private:
  const D& device_;
  std::span<double> gamma_;
  Coordinates& coordinates_;
  bool differ_;
};

/// The state at the given coordinates: `gamma` itself if the device has no other coordinates, else converted into
/// `room`.
template <class D>
[[nodiscard]] std::span<const double> state_of(const D& device, const Coordinates& coordinates,
                                               std::span<const double> gamma, std::vector<double>& room) {
  if constexpr (requires { device.integrated(); })
    if (is_transformed(device)) {
      room.assign(gamma.begin(), gamma.end());
      coordinates.leave(device, room);
      return room;
    }
  return gamma;
}

}  // namespace memdyn

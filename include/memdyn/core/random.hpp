// SPDX-License-Identifier: MIT
#pragma once

#include <Random123/philox.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

namespace memdyn {

/// Purpose of a stream of random numbers. Streams with different purposes are disjoint.
enum class Purpose : std::uint32_t {
  initial_weights = 1,
  samples = 2,
  order = 3,
  split = 4,
  variation = 5,
  rounding = 6,
  generator = 7
};

/// A counter-based stream (Philox4x64-10; Salmon et al. 2011, doi:10.1145/2063384.2063405), keyed by seed,
/// realization and purpose. The numbers do not depend on the number of threads or the order of work.
/// Satisfies std::uniform_random_bit_generator.
class RandomStream {
 public:
  using result_type = std::uint64_t;

  RandomStream(std::uint64_t seed, std::uint64_t realization, Purpose purpose) noexcept
      : key_{{seed, static_cast<std::uint64_t>(purpose)}}, counter_{{0, realization, 0, 0}} {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }

  result_type operator()() noexcept {
    if (used_ == 4) {
      block_ = r123::Philox4x64{}(counter_, key_);
      ++counter_[0];
      used_ = 0;
    }
    return block_[used_++];
  }

  /// Leaves out the next `count` numbers.
  void skip(std::uint64_t count) noexcept {
    for (; count > 0 && used_ < 4; --count) ++used_;
    counter_[0] += count / 4;
    for (count %= 4; count > 0; --count) (*this)();
  }

  /// Uniform in [0, 1), 53 bits.
  double uniform() noexcept { return static_cast<double>((*this)() >> 11) * 0x1.0p-53; }
  /// Uniform in [low, high).
  double uniform(double low, double high) noexcept { return low + (high - low) * uniform(); }
  /// Normal with mean 0 and standard deviation 1 (Box and Muller 1958, doi:10.1214/aoms/1177706645).
  double normal() noexcept {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }
  /// Uniform in 0 .. n-1, n > 0, with an unobservable bias of at most n/2^64.
  std::uint64_t below(std::uint64_t n) noexcept {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>((*this)()) * n) >> 64);
  }
  /// Fisher-Yates shuffle of a random-access range.
  template <class Range>
  void shuffle(Range& range) noexcept {
    for (std::uint64_t i = range.size(); i > 1; --i) std::swap(range[i - 1], range[below(i)]);
  }

 private:
  r123::Philox4x64::key_type key_;
  r123::Philox4x64::ctr_type counter_;
  r123::Philox4x64::ctr_type block_{};
  int used_ = 4;
};

}  // namespace memdyn

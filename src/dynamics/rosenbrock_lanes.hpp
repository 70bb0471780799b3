// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <utility>
#include <vector>

#include "memdyn/dynamics/rosenbrock.hpp"
#include "memdyn/scalar/lanes.hpp"

namespace memdyn::stepper {

/// Solves a system of n linear equations in each lane, by elimination with partial pivoting. A singular system gives
/// NaN.
template <class T>
class LinearLanes {
 public:
  /// @param matrix n x n, row by row
  void factorize(std::vector<T> matrix, std::size_t n) {
    using std::abs;
    size_ = n;
    matrix_ = std::move(matrix);
    swaps_.clear();
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t r = k + 1; r < n; ++r) {  // moves the largest of the column to the diagonal
        swaps_.push_back(abs(at(r, k)) > abs(at(k, k)));
        if (any(swaps_.back()))
          for (std::size_t c = 0; c < n; ++c) exchange(swaps_.back(), at(k, c), at(r, c));
      }
      for (std::size_t r = k + 1; r < n; ++r) {
        at(r, k) = at(r, k) / at(k, k);
        for (std::size_t c = k + 1; c < n; ++c) at(r, c) -= at(r, k) * at(k, c);
      }
    }
  }
  /// Solves for the right-hand side b, in place.
  void solve(std::vector<T>& b) const {
    std::size_t swap = 0;
    for (std::size_t k = 0; k < size_; ++k)
      for (std::size_t r = k + 1; r < size_; ++r) exchange(swaps_[swap++], b[k], b[r]);
    for (std::size_t r = 1; r < size_; ++r)
      for (std::size_t c = 0; c < r; ++c) b[r] -= at(r, c) * b[c];
    for (std::size_t r = size_; r-- > 0;) {
      for (std::size_t c = r + 1; c < size_; ++c) b[r] -= at(r, c) * b[c];
      b[r] = b[r] / at(r, r);
    }
  }

 private:
  static void exchange(const Mask<T>& where, T& a, T& b) {
    const T kept = a;
    a = select<>(where, b, a);
    b = select<>(where, kept, b);
  }
  [[nodiscard]] T& at(std::size_t r, std::size_t c) { return matrix_[r * size_ + c]; }
  [[nodiscard]] const T& at(std::size_t r, std::size_t c) const { return matrix_[r * size_ + c]; }

  std::size_t size_ = 0;
  std::vector<T> matrix_;
  std::vector<Mask<T>> swaps_;  ///< in the order in which they were made
};

/// The step of Rosenbrock4 in each lane, with the same coefficients, but not by odeint, whose stepper does not accept
/// packs.
template <class T>
class RosenbrockLanes {
 public:
  /// State, right-hand side and its derivatives at the start of a step.
  struct Begin {
    std::vector<T> x, dxdt;
    std::vector<T> jacobian;  ///< n x n, row by row
    std::vector<T> by_time;
  };

  /// Makes a step from `begin` at time t to `out` at t + h, with the embedded error estimate.
  /// @param rates rates(x, dxdt, t) sets dxdt; x and dxdt are `std::vector<T>`
  /// @param h above 0 in every lane
  template <class Rates>
  void step(const Rates& rates, const Begin& begin, const T& t, const T& h, std::vector<T>& out,
            std::vector<T>& error) {
    const Rodas4P2 c;
    const std::size_t n = begin.x.size();
    std::vector<T> matrix(n * n);
    const T diagonal = T(1.0 / c.gamma) / h;
    for (std::size_t k = 0; k < n * n; ++k) matrix[k] = (k % (n + 1) == 0 ? diagonal : T(0.0)) - begin.jacobian[k];
    system_.factorize(std::move(matrix), n);
    const T per_h = T(1.0) / h;
    for (auto& g : g_) g.resize(n);
    out.resize(n);
    error.resize(n);
    slope_ = begin.dxdt;
    const auto stage = [&](std::size_t k, double by_time, std::initializer_list<double> weights) {
      for (std::size_t i = 0; i < n; ++i) {
        T sum(0.0);
        std::size_t other = 0;
        for (const double weight : weights) sum += T(weight) * g_[other++][i];
        g_[k][i] = slope_[i] + T(by_time) * h * begin.by_time[i] + sum * per_h;
      }
      system_.solve(g_[k]);
    };
    const auto evaluate = [&](double at, std::initializer_list<double> weights) {
      for (std::size_t i = 0; i < n; ++i) {
        T sum = begin.x[i];
        std::size_t other = 0;
        for (const double weight : weights) sum += T(weight) * g_[other++][i];
        out[i] = sum;
      }
      rates(out, slope_, T(t + T(at) * h));
    };
    stage(0, c.d1, {});
    evaluate(c.c2, {c.a21});
    stage(1, c.d2, {c.c21});
    evaluate(c.c3, {c.a31, c.a32});
    stage(2, c.d3, {c.c31, c.c32});
    evaluate(c.c4, {c.a41, c.a42, c.a43});
    stage(3, c.d4, {c.c41, c.c42, c.c43});
    evaluate(1.0, {c.a51, c.a52, c.a53, c.a54});
    stage(4, 0.0, {c.c51, c.c52, c.c53, c.c54});
    evaluate(1.0, {c.a51, c.a52, c.a53, c.a54, 1.0});
    stage(5, 0.0, {c.c61, c.c62, c.c63, c.c64, c.c65});
    error = g_[5];
    for (std::size_t i = 0; i < n; ++i) out[i] += error[i];
  }
  /// The dense output of the last step, in the form of Rosenbrock4::dense().
  [[nodiscard]] std::pair<T, T> bend_and_twist(std::size_t i) const {
    const Rodas4P2 c;
    const double bend[] = {c.d21, c.d22, c.d23, c.d24, c.d25};
    const double twist[] = {c.d31, c.d32, c.d33, c.d34, c.d35};
    std::pair<T, T> both{T(0.0), T(0.0)};
    for (std::size_t k = 0; k < std::size(bend); ++k) {
      both.first += T(bend[k]) * g_[k][i];
      both.second += T(twist[k]) * g_[k][i];
    }
    return both;
  }

 private:
  LinearLanes<T> system_;
  std::array<std::vector<T>, 6> g_;
  std::vector<T> slope_;
};

}  // namespace memdyn::stepper

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

namespace memdyn::stepper {

/// A right-hand side with its derivatives: an object, and functions that are told of it. Good while the object is.
struct StiffRates {
  const void* object;
  void (*evaluate)(const void* object, const double* x, double* dxdt, double t);
  /// `jacobian`: n x n, row by row, ∂f_i/∂x_j; `by_time`: ∂f_i/∂t
  void (*differentiate)(const void* object, const double* x, double t, double* jacobian, double* by_time);
};

/// odeint's rosenbrock4: the L-stable method RODAS of order 4(3), Hairer and Wanner 1996, IV.7 and IV.10. Behind plain
/// pointers, as odeint's needs uBLAS, which before Boost 1.76 compiles up to C++17 only.
class Rosenbrock4 {
 public:
  static constexpr int control_order = 4;
  static constexpr int evaluations = 6;  ///< and one of the Jacobian

  Rosenbrock4();
  ~Rosenbrock4();
  Rosenbrock4(Rosenbrock4&&) noexcept;
  Rosenbrock4& operator=(Rosenbrock4&&) noexcept;

  /// One step of n numbers from x at t to `out` at t + h, with the embedded estimate of its error. A singular matrix
  /// gives what is not a number.
  void step(const StiffRates& rates, std::size_t n, const double* x, double t, double* out, double h, double* error);

 private:
  struct Odeint;
  std::unique_ptr<Odeint> odeint_;
};

}  // namespace memdyn::stepper

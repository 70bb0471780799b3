// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

namespace memdyn::stepper {

/// A right-hand side: an object, and a function that is told of it. Good while the object is.
struct PlainRates {
  const void* object;
  void (*evaluate)(const void* object, const double* x, double* dxdt, double t);
};

/// The right-hand side f and its derivatives where a step begins, n variables.
struct Linearised {
  const double* dxdt;      ///< n numbers f_i
  const double* jacobian;  ///< n x n, row by row, ∂f_i/∂x_j
  const double* by_time;   ///< n numbers ∂f_i/∂t
};

/// odeint's rosenbrock4 with the coefficients of RODAS4P2, Steinebach 2020 (doi:10.1007/978-3-030-53905-4_6): L-stable
/// and of order 4(3), also in a stiff variable that follows a drive. There odeint's own coefficients, RODAS of Hairer
/// and Wanner 1996, fall to order 2. Behind plain pointers, as odeint's needs uBLAS, which before Boost 1.76 compiles
/// up to C++17 only.
class Rosenbrock4 {
 public:
  /// Accepted steps of an explicit pair, or of this, before `auto` first tries one of the other; doubled after each
  /// try.
  static constexpr int steps_before_trial = 20;
  /// It takes over only if its step can be this much longer, as it costs about three times as much.
  static constexpr double reach = 10.0;
  static constexpr int control_order = 4;
  static constexpr int evaluations = 5;  ///< beside what the beginning is linearised with

  Rosenbrock4();
  ~Rosenbrock4();
  Rosenbrock4(Rosenbrock4&&) noexcept;
  Rosenbrock4& operator=(Rosenbrock4&&) noexcept;

  /// One step of n numbers from x at t to `out` at t + h, with the embedded estimate of its error. A singular matrix
  /// gives what is not a number.
  void step(const PlainRates& rates, std::size_t n, const double* x, const Linearised& begin, double t, double* out,
            double h, double* error);
  /// The dense output of the step that was made last, x0 + θ (x1 - x0) + θ (1 - θ) (bend + θ twist), of order 3. It
  /// does without the slopes at the ends, which in stiff variables magnify what is left of their errors.
  /// @param bend, twist n numbers each
  void dense(double* bend, double* twist);

 private:
  struct Odeint;
  std::unique_ptr<Odeint> odeint_;
};

}  // namespace memdyn::stepper

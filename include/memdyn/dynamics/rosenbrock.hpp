// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>

namespace memdyn::stepper {

/// A right-hand side: an object, and a function that is called with it. Valid during the lifetime of the object.
struct PlainRates {
  const void* object;
  void (*evaluate)(const void* object, const double* x, double* dxdt, double t);
};

/// The right-hand side f and its derivatives at the start of a step, for n variables.
struct Linearised {
  const double* dxdt;      ///< n numbers f_i
  const double* jacobian;  ///< n x n, row by row, ∂f_i/∂x_j
  const double* by_time;   ///< n numbers ∂f_i/∂t
};

/// The coefficients of RODAS4P2, Steinebach 2020 (doi:10.1007/978-3-030-53905-4_6), by odeint's names. In odeint's own
/// coefficients d4 has the wrong sign (Boost 1.74 to 1.83), which reduces the method to order 1 if f depends on time.
struct Rodas4P2 {
  static constexpr unsigned short stepper_order = 4;
  static constexpr unsigned short error_order = 3;
  const double gamma = 0.25;
  const double d1 = 0.25, d2 = -0.5, d3 = -0.189532918363016, d4 = 0.085612108792769;
  const double c2 = 0.75, c3 = 0.321448134013046, c4 = 0.519745732277726;
  const double a21 = 3.0;
  const double a31 = 0.906377755268814, a32 = -0.189707390391685;
  const double a41 = 3.758617027739064, a42 = 1.161741776019525, a43 = -0.849258085312803;
  const double a51 = 7.089566927282776, a52 = 4.573591406461604, a53 = -8.423496976860259, a54 = -0.959280113459775;
  const double c21 = -12.0;
  const double c31 = -6.354581592719008, c32 = 0.338972550544623;
  const double c41 = -8.575016317114033, c42 = -7.606483992117508, c43 = 12.22499765012482;
  const double c51 = -5.888975457523102, c52 = -8.157396617841821, c53 = 24.805546872612922, c54 = 12.790401512796979;
  const double c61 = -4.408651676063871, c62 = -6.692003137674639, c63 = 24.625568527593117, c64 = 16.627521966636085,
               c65 = -5.714285714285718;
  // coefficients of the dense output
  const double d21 = -5.323528268423303, d22 = -10.042123754867493, d23 = 17.175254928256965, d24 = -5.079931171878093,
               d25 = -0.016185991706112;
  const double d31 = 6.984505741529879, d32 = 6.914061169603662, d33 = -0.849178943070653, d34 = 18.104410789349338,
               d35 = -3.516963011559032;
};

/// odeint's rosenbrock4 with the coefficients of RODAS4P2, Steinebach 2020 (doi:10.1007/978-3-030-53905-4_6): L-stable
/// and of order 4(3), also in a stiff variable that follows a drive. In such a variable odeint's own coefficients,
/// RODAS of Hairer and Wanner 1996, fall to order 2. The interface uses plain pointers, because odeint's class needs
/// uBLAS, which before Boost 1.76 compiles up to C++17 only.
class Rosenbrock4 {
 public:
  /// Accepted steps before `auto` first tries a step of the other method (explicit pair or rosenbrock4); doubled after
  /// each try.
  static constexpr int steps_before_trial = 20;
  /// `auto` tries rosenbrock4 only if a displacement along the error of the pair changes the drift, times the length of
  /// the step, by at least this multiple of the displacement: the pair is stable up to about 3.
  static constexpr double least_stiffness = 1.0;
  /// rosenbrock4 takes over only if its step can be this many times longer, because it costs about three times as much.
  static constexpr double reach = 10.0;
  static constexpr int control_order = 4;
  static constexpr int evaluations = 5;  ///< per step, without those of Linearised

  Rosenbrock4();
  ~Rosenbrock4();
  Rosenbrock4(Rosenbrock4&&) noexcept;
  Rosenbrock4& operator=(Rosenbrock4&&) noexcept;

  /// Makes one step of n variables from x at t to `out` at t + h, with the embedded error estimate. A singular matrix
  /// gives NaN.
  void step(const PlainRates& rates, std::size_t n, const double* x, const Linearised& begin, double t, double* out,
            double h, double* error);
  /// The dense output of the last step, x0 + θ (x1 - x0) + θ (1 - θ) (bend + θ twist), of order 3. It does not use the
  /// slopes at the ends, because in stiff variables they magnify the errors that are left.
  /// @param bend, twist n numbers each
  void dense(double* bend, double* twist);

 private:
  struct Odeint;
  std::unique_ptr<Odeint> odeint_;
};

}  // namespace memdyn::stepper

// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <boost/numeric/odeint/stepper/stepper_categories.hpp>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "memdyn/dynamics/dense_step.hpp"
#include "memdyn/dynamics/options.hpp"
#include "memdyn/scalar/series.hpp"

namespace memdyn::stepper {

/// The order of the series for a tolerance: with a step of e^-2 of the radius of convergence it meets the tolerance at
/// the least cost (Jorba and Zou 2005, doi:10.1080/10586458.2005.10128904, section 3.1). Within 4 and 24.
[[nodiscard]] inline std::size_t taylor_order(double tolerance) {
  return static_cast<std::size_t>(std::clamp(std::ceil(1.0 - 0.5 * std::log(tolerance)), 4.0, 24.0));
}

/// A trajectory around a time t as Taylor polynomials: x_j(t + σ unit) = Σ c_jk σ^k, k up to the order. The unit of
/// time should be about the length of a step, so that the coefficients neither overflow nor underflow.
/// @tparam B double, or a pack of lanes
template <class B>
class TaylorSeries {
 public:
  explicit TaylorSeries(std::size_t order) : order_(order), tape_(order) {}
  [[nodiscard]] std::size_t order() const { return order_; }

  /// Computes the coefficients. The right-hand side is evaluated once, and its operations are recorded.
  /// @param rates rates(x, t, dxdt) sets dxdt; x and dxdt are `std::vector<Series<B>>`, t is a `Series<B>`
  /// @param x the state at t
  /// @param unit unit of time [s]
  template <class Rates>
  void expand(const Rates& rates, std::span<const B> x, const B& t, const B& unit) {
    unit_ = unit;
    coefficients_.resize(x.size() * (order_ + 1));
    time_.assign(order_ + 1, B(0.0));
    time_[0] = t;
    time_[1] = unit;
    x_.clear();
    for (std::size_t j = 0; j < x.size(); ++j) {
      own(j)[0] = x[j];
      x_.push_back(Series<B>::of(own(j)));
    }
    dxdt_.resize(x.size());
    tape_.clear();
    const typename SeriesTape<B>::InUse in_use(tape_);
    rates(std::as_const(x_), Series<B>::of(time_.data()), dxdt_);
    for (std::size_t n = 0; n < order_; ++n) {
      if (n > 0) tape_.run(n);
      for (std::size_t j = 0; j < x.size(); ++j)
        own(j)[n + 1] = unit * dxdt_[j][n] * B(1.0 / static_cast<double>(n + 1));
    }
  }

  [[nodiscard]] const B& unit() const { return unit_; }
  [[nodiscard]] std::span<const B> coefficients(std::size_t j) const {
    return std::span(coefficients_).subspan(j * (order_ + 1), order_ + 1);
  }
  [[nodiscard]] B value(std::size_t j, const B& sigma) const {
    const auto c = coefficients(j);
    B sum = c[order_];
    for (std::size_t k = order_; k-- > 0;) sum = sum * sigma + c[k];
    return sum;
  }
  /// Sets `curve` to x_j over a step of length σ, as a polynomial in the share of the step.
  void curve(std::size_t j, const B& sigma, Polynomial<B>& curve) const {
    const auto c = coefficients(j);
    curve.assign(c.begin(), c.end());
    B power(1.0);
    for (B& one : curve) {
      one *= power;
      power *= sigma;
    }
  }
  /// The error estimate at σ: the sum of the sizes of the last two terms, because one of them vanishes in an odd or
  /// even function. It bounds the terms left out if the terms decrease.
  [[nodiscard]] B error(std::size_t j, const B& sigma) const {
    using std::abs;
    const auto c = coefficients(j);
    B power = sigma;
    for (std::size_t k = 2; k < order_; ++k) power = power * sigma;
    return power * (abs(c[order_ - 1]) + abs(c[order_]) * sigma);
  }
  /// The σ at which the error estimate reaches the tolerance.
  [[nodiscard]] B reach(std::size_t j, const B& tolerated) const {
    using std::abs;
    const auto c = coefficients(j);
    const auto logarithm_of_reach = [&](std::size_t k) {
      return B(logarithm(B(B(0.49) * tolerated / abs(c[k]))) * B(1.0 / static_cast<double>(k)));
    };
    const B before = logarithm_of_reach(order_ - 1);
    const B last = logarithm_of_reach(order_);
    return exponential(select<>(before <= last || is_nan(before), before, last));  // a NaN stays
  }

 private:
  [[nodiscard]] B* own(std::size_t j) { return coefficients_.data() + j * (order_ + 1); }

  std::size_t order_;
  SeriesTape<B> tape_;
  B unit_ = B(1.0);
  std::vector<B> coefficients_;  ///< variable x order
  std::vector<B> time_;
  std::vector<Series<B>> x_, dxdt_;
};

/// The method as a model of odeint's concept of a dense-output stepper, for odeint's integrate functions. A system is
/// called with `std::vector<Series<double>>` for x and dx/dt, and a `Series<double>` for t.
class Taylor {
 public:
  using state_type = std::vector<double>;
  using deriv_type = state_type;
  using value_type = double;
  using time_type = double;
  using stepper_category = boost::numeric::odeint::dense_output_stepper_tag;

  /// The tolerated error of a step is absolute + relative |x|; both numbers are in (0, 1).
  Taylor(double absolute, double relative)
      : absolute_(absolute), relative_(relative), series_(taylor_order(std::max(absolute, relative))) {}

  /// @param dt the longest first step
  void initialize(const state_type& x, double t, double dt) {
    x_ = before_ = x;
    t_ = t_before_ = t;
    dt_ = dt;
  }
  /// @returns the times at the start and the end of the step
  template <class System>
  std::pair<double, double> do_step(System&& system) {
    series_.expand([&](const auto& x, const auto& t, auto& dxdt) { system(x, dxdt, t); }, std::span<const double>(x_),
                   t_, dt_);
    double sigma = 1.0;
    for (std::size_t j = 0; j < x_.size(); ++j)
      sigma = std::min(sigma, series_.reach(j, absolute_ + relative_ * std::abs(x_[j])));
    before_.swap(x_);
    x_.resize(before_.size());
    for (std::size_t j = 0; j < x_.size(); ++j) x_[j] = series_.value(j, sigma);
    t_before_ = t_;
    t_ += sigma * dt_;
    dt_ *= sigma * most_growth;
    return {t_before_, t_};
  }
  /// Evaluates the dense output at a time within the last step.
  void calc_state(double t, state_type& x) const {
    x.resize(x_.size());
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = series_.value(j, (t - t_before_) / series_.unit());
  }
  [[nodiscard]] const state_type& current_state() const { return x_; }
  [[nodiscard]] double current_time() const { return t_; }
  [[nodiscard]] const state_type& previous_state() const { return before_; }
  [[nodiscard]] double previous_time() const { return t_before_; }
  [[nodiscard]] double current_time_step() const { return dt_; }

  /// The longest step, as a multiple of the step before.
  static constexpr double most_growth = 4.0;
  /// Share of a piece: a series that does not reach farther is not used, as it starts close to a point where the drift
  /// has none.
  static constexpr double least_reach = 1e-9;

 private:
  double absolute_, relative_;
  TaylorSeries<double> series_;
  state_type x_, before_;
  double t_ = 0.0, t_before_ = 0.0, dt_ = 0.0;
};

}  // namespace memdyn::stepper

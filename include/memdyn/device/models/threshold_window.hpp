// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "memdyn/device/device.hpp"
#include "memdyn/device/parameters.hpp"

namespace memdyn {

/// The activation function g of a node: dimensionless output as a function of its net input.
enum class Activation { logistic, tanh, linear };
template <class T>
[[nodiscard]] T activate(Activation g, const T& net) {
  if (g == Activation::linear) return net;
  if (g == Activation::logistic) return T(1.0) / (T(1.0) + exponential(T(-net)));
  return T(2.0) / (T(1.0) + exponential(T(T(-2.0) * net))) - T(1.0);
}
/// dg/dnet as a function of the value O of g: O (1 - O), 1 - O^2, 1.
template <class T>
[[nodiscard]] T activation_slope(Activation g, const T& output) {
  if (g == Activation::linear) return T(1.0);
  return g == Activation::logistic ? T(output * (T(1.0) - output)) : T(T(1.0) - output * output);
}

/// One variable of a threshold-windowed memristor as a device: it drifts in a window of currents.
template <class P>
class WindowOf {
 public:
  static constexpr std::string_view name = "threshold-window";
  static constexpr bool coupled = false;
  static constexpr bool drift_depends_on_state = false;

  /// It drifts where `lower` < |I| <= `upper` [A].
  WindowOf(const P& lower, const P& upper, bool printed) : lower_(lower), upper_(upper), printed_(printed) {}

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t /*i*/, const Gamma& /*gamma*/, const T& current, const R& regime) const {
    const T negative = printed_ ? T(current - lower_) : T(current + lower_);
    return select<>(inside(regime, 0), T(current - lower_), select<>(inside(regime, 2), negative, T(0.0)));
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t /*i*/, const R& regime) const -> typename R::value_type {
    return inside(regime, 0) || inside(regime, 2);
  }
  /// I - lower, I - upper, -I - lower, -I - upper
  [[nodiscard]] static constexpr std::size_t guards() { return 4; }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& /*gamma*/, const T& current) const {
    return (k & 2) != 0 ? T(-current - edge(k)) : T(current - edge(k));
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return (k & 2) != 0 ? -edge(k) : edge(k); }
  [[nodiscard]] static double lower(std::size_t /*i*/) { return -infinity; }
  [[nodiscard]] static double upper(std::size_t /*i*/) { return infinity; }
  [[nodiscard]] static double scale(std::size_t /*i*/) { return 1.0; }

 private:
  [[nodiscard]] P edge(std::size_t k) const { return (k & 1) != 0 ? upper_ : lower_; }
  template <class R>
  [[nodiscard]] static auto inside(const R& regime, std::size_t side) -> typename R::value_type {
    return and_not(regime[side], regime[side + 1]);
  }
  P lower_, upper_;
  bool printed_;
};

/// The threshold-windowed memristor: the single-layer perceptron in one device.
///
/// Silva et al. 2020, Eq. 5-6. With n moving variables γ_1..γ_n (weights; the last is the bias weight) and one that
/// never drifts (the learning rate):
///
///   V   = V0 g((I + γ_n) / I0)                                g logistic, tanh or linear; V0 = 1 V, I0 = 1 A
///   γ̇_i = I - sign(I) I_γi   where I_γi < |I| <= I_γi + a      [1/s for I in A]
///       = 0                  elsewhere
///
/// Eq. 6 as printed has (I + I_b) in the second term; with I_b = -I_γ, as in Algorithm 1, that does not give the
/// correct update for negative currents. `printed` selects it for demonstration (I - I_γi there).
///
/// Guards: the four edges of each window, all in the current alone. Bounds: none.
/// Smoothness: smooth within every regime, discontinuous at the upper edge of a window.
template <class P>
class ThresholdWindowOf {
 public:
  template <class T>
  using With = ThresholdWindowOf<T>;
  static constexpr std::string_view name = "threshold-window";
  static constexpr std::string_view summary =
      "threshold-windowed memristor of n+2 variables: the single-layer perceptron in one device\n\n"
      "  V = V0 g((I + gamma_b) / I0)      g logistic, tanh or linear; V0 = 1 V, I0 = 1 A\n"
      "  dgamma_i/dt = I - sign(I) I_gamma_i where I_gamma_i < |I| <= I_gamma_i + a, else 0\n\n"
      "Silva et al. 2020, Eq. 5-6";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool coupled = false;
  static constexpr bool guards_depend_on_state = false;
  static constexpr bool drift_depends_on_state = false;

  struct Parameters {
    std::vector<P> I_gamma{20.0, 21.0, 22.0};
    P a = 0.5;
    P learning_rate = 0.1;
    std::string activation = "logistic";
    bool printed = false;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"I_gamma", "A", 0, 1e6, false, "lower edge of each window"}, p.I_gamma);
      visit(Field{"a", "A", 0, 1e6, false, "width of each window"}, p.a);
      visit(Field{"learning_rate", "1", 0, 1e6, true, "the variable that does not drift"}, p.learning_rate);
      visit(Field{"activation", "", 0, 0, true, "logistic, tanh or linear"}, p.activation);
      visit(Field{"printed", "", 0, 0, true, "second term of Eq. 6 as printed"}, p.printed);
    }
  };

  /// @throws InputError naming key, value and range; also if windows overlap, so that one current would move two
  /// variables
  explicit ThresholdWindowOf(const Parameters& p) : p_(validated<P>(name, p)) {
    if constexpr (std::is_same_v<P, double>) require_apart();
    activation_ = static_cast<Activation>(one_of(name, "activation", p_.activation, {"logistic", "tanh", "linear"}));
    for (const P& threshold : p_.I_gamma) windows_.emplace_back(threshold, threshold + p_.a, p_.printed);
    windows_.emplace_back(P(infinity), P(infinity), false);
  }
  ThresholdWindowOf() : ThresholdWindowOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] static std::vector<Parameters> variants() {
    return {{.activation = "tanh"}, {.activation = "linear"}, {.printed = true}};
  }
  [[nodiscard]] Activation activation() const { return activation_; }

  [[nodiscard]] std::size_t moving() const { return p_.I_gamma.size(); }
  [[nodiscard]] std::size_t size() const { return moving() + 1; }
  [[nodiscard]] std::string variable_name(std::size_t i) const {
    if (i == moving()) return "eta";
    return i + 1 == moving() ? "w_b" : fmt::format("w_{}", i + 1);
  }
  [[nodiscard]] static const char* unit() { return "1"; }

  [[nodiscard]] static Properties properties() {
    constexpr Property answers = lacks("its voltage g(I + gamma_b) does not follow the sign of the current");
    return {.passive = answers, .pinched = answers};
  }
  /// The voltage [V]; γ and I/I0 are dimensionless and not limited.
  template <class Gamma, class T>
  [[nodiscard]] T voltage(const Gamma& gamma, const T& current) const {
    return activate(activation_, T(current + gamma[moving() - 1]));
  }

  [[nodiscard]] const WindowOf<P>& alone(std::size_t i) const { return windows_[i]; }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& current, const R& regime) const {
    return i == moving() ? T(0.0) : windows_[i].drift(0, gamma, current, own(i, regime));
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t i, const R& regime) const -> typename R::value_type {
    return i == moving() ? typename R::value_type(false) : windows_[i].moves(0, own(i, regime));
  }

  /// Four guards per variable: those of its window.
  [[nodiscard]] std::size_t guards() const { return 4 * moving(); }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& gamma, const T& current) const {
    return windows_[k / 4].guard(k % 4, gamma, current);
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return windows_[k / 4].drive_level(k % 4); }

  [[nodiscard]] static double lower(std::size_t /*i*/) { return -infinity; }
  [[nodiscard]] static double upper(std::size_t /*i*/) { return infinity; }
  [[nodiscard]] static double scale(std::size_t /*i*/) { return 1.0; }

 private:
  void require_apart() const {
    auto thresholds = p_.I_gamma;
    std::ranges::sort(thresholds);
    for (std::size_t i = 1; i < thresholds.size(); ++i)
      if (thresholds[i] - thresholds[i - 1] < p_.a * (1 - 1e-9))
        throw InputError(std::string(name), "I_gamma", fmt::format("{} and {} A", thresholds[i - 1], thresholds[i]),
                         fmt::format("must be a = {} A apart or more; else the windows overlap", p_.a));
  }
  template <class R>
  [[nodiscard]] static auto own(std::size_t i, const R& regime) {
    return std::span(&regime[4 * i], 4);
  }

  Parameters p_;
  Activation activation_ = Activation::logistic;
  std::vector<WindowOf<P>> windows_;  ///< the last window, that of the learning rate, is beyond every current
};
using ThresholdWindow = ThresholdWindowOf<double>;

}  // namespace memdyn

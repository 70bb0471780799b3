// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "memdyn/device/models/threshold_window.hpp"

namespace memdyn {

/// One variable of the threshold-windowed memristor as a separate memristor. Such elements in series are equivalent to
/// the single-layer perceptron in one device.
///
/// Silva et al. 2020, Eq. 5-6, decomposed ("equivalent memristors"). In series all elements carry the current I; each
/// variable drifts in its own window, and only one element, the bias, has a voltage:
///
///   V = V0 g((I + γ) / I0)                               V0 = 1 V, I0 = 1 A; 0 where `activation` is "none"
///   γ̇ = I - sign(I) I_γ   where I_γ < |I| <= I_γ + a     [1/s for I in A]
///     = 0                 elsewhere
///
/// Weights have the activation "none". So does the learning rate, whose width a is 0, so that it never drifts.
/// `printed` as in ThresholdWindow. Guards: the four edges of its window, in the current alone. Bounds: none.
/// Smoothness: smooth within every regime, discontinuous at the upper edge.
template <class P>
class WeightWindowOf {
 public:
  template <class T>
  using With = WeightWindowOf<T>;
  static constexpr std::string_view name = "weight-window";
  static constexpr std::string_view summary =
      "one variable of the threshold-windowed memristor, an element of composites\n\n"
      "  V = V0 g((I + gamma) / I0)        g logistic, tanh, linear, or none: V = 0; V0 = 1 V, I0 = 1 A\n"
      "  dgamma/dt = I - sign(I) I_gamma   where I_gamma < |I| <= I_gamma + a, else 0\n\n"
      "Silva et al. 2020, Eq. 5-6";
  static constexpr Quantity control = Quantity::current;
  static constexpr bool coupled = false, guards_depend_on_state = false, drift_depends_on_state = false;

  struct Parameters {
    P I_gamma = 20.0;
    P a = 0.5;
    std::string activation = "none";
    bool printed = false;

    template <class Self, class Visit>
    static void fields(Self& p, Visit&& visit) {
      visit(Field{"I_gamma", "A", 0, 1e6, false, "lower edge of the window"}, p.I_gamma);
      visit(Field{"a", "A", 0, 1e6, true, "width of the window; 0: it never drifts"}, p.a);
      visit(Field{"activation", "", 0, 0, true, "none, logistic, tanh or linear"}, p.activation);
      visit(Field{"printed", "", 0, 0, true, "second term of Eq. 6 as printed"}, p.printed);
    }
  };

  /// @throws InputError naming key, value and range
  explicit WeightWindowOf(const Parameters& p)
      : p_(validated<P>(name, p)), window_(p.I_gamma, p.I_gamma + p.a, p.printed) {
    const std::size_t word = one_of(name, "activation", p_.activation, {"none", "logistic", "tanh", "linear"});
    answers_ = word > 0;
    if (answers_) activation_ = static_cast<Activation>(word - 1);
  }
  WeightWindowOf() : WeightWindowOf(Parameters{}) {}
  [[nodiscard]] const Parameters& parameters() const { return p_; }
  [[nodiscard]] Properties properties() const {
    if (!answers_) return {};
    constexpr Property answers = lacks("its voltage g(I + gamma) does not follow the sign of the current");
    return {.passive = answers, .pinched = answers};
  }

  [[nodiscard]] static constexpr std::size_t size() { return 1; }
  [[nodiscard]] static std::string variable_name(std::size_t /*i*/) { return "gamma"; }
  [[nodiscard]] static const char* unit() { return "1"; }

  /// The voltage [V].
  template <class Gamma, class T>
  [[nodiscard]] T voltage(const Gamma& gamma, const T& current) const {
    return answers_ ? activate(activation_, T(current + gamma[0])) : T(0.0);
  }
  template <class Gamma, class T, class R>
  [[nodiscard]] T drift(std::size_t i, const Gamma& gamma, const T& current, const R& regime) const {
    return window_.drift(i, gamma, current, regime);
  }
  template <class R>
  [[nodiscard]] auto moves(std::size_t i, const R& regime) const -> typename R::value_type {
    return window_.moves(i, regime);
  }
  [[nodiscard]] static constexpr std::size_t guards() { return WindowOf<P>::guards(); }
  template <class Gamma, class T>
  [[nodiscard]] T guard(std::size_t k, const Gamma& gamma, const T& current) const {
    return window_.guard(k, gamma, current);
  }
  [[nodiscard]] P drive_level(std::size_t k) const { return window_.drive_level(k); }
  [[nodiscard]] static double lower(std::size_t i) { return WindowOf<P>::lower(i); }
  [[nodiscard]] static double upper(std::size_t i) { return WindowOf<P>::upper(i); }
  [[nodiscard]] static double scale(std::size_t i) { return WindowOf<P>::scale(i); }

 private:
  Parameters p_;
  WindowOf<P> window_;
  bool answers_ = false;
  Activation activation_ = Activation::linear;
};
using WeightWindow = WeightWindowOf<double>;

}  // namespace memdyn

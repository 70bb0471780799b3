// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "memdyn/device/driven.hpp"
#include "memdyn/device/model.hpp"

namespace memdyn {

/// How the parts of a composite are connected.
enum class Coupling { series, parallel };
inline constexpr std::string_view coupling_names[] = {"series", "parallel"};
[[nodiscard]] constexpr std::string_view name_of(Coupling coupling) {
  return coupling_names[static_cast<int>(coupling)];
}

/// Coupled models as one model; its variables, guards and numeric parameters are those of its parts, one part after
/// another.
///
///   series     controlled by the current I that all parts share      V = Σ ± V_k(γ_k, ± I)
///   parallel   controlled by the voltage V that all parts share      I = Σ ± I_k(γ_k, ± V)
///
/// The sign is - for a reversed part. For a part whose own input is the other quantity, Driven solves for that input:
/// in closed form if the part is ohmic, else by bracketed root finding. A composite of ohmic parts is ohmic: E and R
/// add in series; in parallel 1/R = Σ 1/R_k and E/R = Σ ± E_k/R_k - Σ ± I_j, where the parts j fix their currents.
///
/// If one part of a parallel coupling fixes the voltage (a capacitor), the voltage follows from the state, V = E(γ),
/// and the composite is controlled by the current: the current that the other parts do not carry at V flows through
/// that part. If one part of a series fixes the current (an inductor), the current follows from the state, I = I(γ),
/// and the composite is controlled by the voltage: the voltage that the other parts do not take at I lies across that
/// part.
template <class T>
class CompositeModel final : public Model<T> {
 public:
  using Signs = typename Model<T>::Signs;
  struct Part {
    std::shared_ptr<const Model<T>> model;
    bool reversed;
  };

  /// @param parts at most one of them may fix the voltage of a parallel coupling, or the current of a series
  CompositeModel(Coupling coupling, const std::vector<Part>& parts) : coupling_(coupling) {
    const bool series = coupling == Coupling::series;
    const Quantity shared = series ? Quantity::current : Quantity::voltage;
    Together all;
    for (const Part& part : parts) {
      const Model<T>& model = *part.model;
      if (series ? model.fixes_current : model.fixes_voltage) fixing_ = parts_.size();
      this->transformed = this->transformed || model.transformed;
      all.ohmic = all.ohmic && (model.ohmic || (!series && model.fixes_current));
      all.fix_voltage = all.fix_voltage && model.fixes_voltage;
      all.fix_current = all.fix_current && model.fixes_current;
      this->parts += 1 + model.parts;
      parts_.push_back({part.model, Driven<T>(part.model, {shared, 0.0}), part.reversed, this->scale.size(),
                        this->levels.size(), this->numbers});
      owner_of_variable_.insert(owner_of_variable_.end(), model.scale.size(), parts_.size() - 1);
      owner_of_guard_.insert(owner_of_guard_.end(), model.levels.size(), parts_.size() - 1);
      for (auto list : {&Model<T>::lower, &Model<T>::upper, &Model<T>::scale})
        (this->*list).insert((this->*list).end(), (model.*list).begin(), (model.*list).end());
      for (const T& level : model.levels)
        this->levels.push_back(model.control != shared ? T(std::nan("")) : part.reversed ? T(-level) : level);
      this->numbers += model.numbers;
    }
    if (fixed()) this->levels.assign(this->levels.size(), T(std::nan("")));
    for (const Placed& part : parts_) {
      const Model<T>& model = *part.model;
      const bool own = model.control == shared || (fixed() && &part == &parts_[fixing_]);
      all.factored = all.factored && (model.scale.empty() || (model.factored && own));
      // with V = R I a current always determines the voltage; a voltage determines the current unless R = 0
      this->solves = this->solves || model.solves || !(own || (model.ohmic && (series || model.scale.empty())));
    }
    this->name = name_of(coupling);
    this->control = series != fixed() ? Quantity::current : Quantity::voltage;
    this->ohmic = series ? all.ohmic && !fixed() : fixed() || (all.ohmic && !all.fix_current);
    this->fixes_voltage = series ? all.fix_voltage : fixed();
    this->fixes_current = series ? fixed() : all.fix_current;
    this->factored = all.factored && !fixed();
  }

  [[nodiscard]] T voltage(const T* gamma, const T& u) const override {
    if (this->control == Quantity::voltage) return u;
    return coupling_ == Coupling::series ? rest(gamma, u) : held(gamma, u);
  }
  [[nodiscard]] T current(const T* gamma, const T& u) const override {
    if (this->control == Quantity::current) return u;
    return coupling_ == Coupling::parallel ? rest(gamma, u) : held(gamma, u);
  }
  [[nodiscard]] T memristance(const T* gamma) const override {
    if (fixed()) return T(coupling_ == Coupling::parallel ? 0.0 : std::nan(""));
    if (coupling_ == Coupling::parallel) return T(T(1.0) / conductance(gamma));
    T sum(0.0);
    for (const Placed& part : parts_) sum += part.model->memristance(gamma + part.variable);
    return sum;
  }
  [[nodiscard]] T open_voltage(const T* gamma) const override {
    if (fixed()) return shared(gamma, T(0.0));
    T sum(0.0);
    for (const Placed& part : parts_) {
      const T* state = gamma + part.variable;
      if (part.model->fixes_current) {
        sum -= part.turned(part.model->current(state, T(0.0)));
        continue;
      }
      const T own = part.turned(part.model->open_voltage(state));
      sum += coupling_ == Coupling::series ? own : T(own / part.model->memristance(state));
    }
    return coupling_ == Coupling::series ? sum : T(sum / conductance(gamma));
  }
  [[nodiscard]] T drift(std::size_t i, const T* gamma, const T& u, Signs regime) const override {
    const Placed& part = parts_[owner_of_variable_[i]];
    const T own = input(part, gamma, u);
    const T drift = part.model->drift(i - part.variable, gamma + part.variable, own, part.signs(regime));
    return this->solves ? T(drift + (own - own))
                        : drift;  // own - own makes the drift NaN if no input was found, in every regime
  }
  [[nodiscard]] T rate(std::size_t i, const T& u, Signs regime) const override {
    const Placed& part = parts_[owner_of_variable_[i]];
    return part.model->rate(i - part.variable, part.turned(u), part.signs(regime));
  }
  [[nodiscard]] T shape(std::size_t i, const T* gamma, Signs regime) const override {
    const Placed& part = parts_[owner_of_variable_[i]];
    return part.model->shape(i - part.variable, gamma + part.variable, part.signs(regime));
  }
  [[nodiscard]] Mask<T> moves(std::size_t i, Signs regime) const override {
    const Placed& part = parts_[owner_of_variable_[i]];
    return part.model->moves(i - part.variable, part.signs(regime));
  }
  [[nodiscard]] T guard(std::size_t k, const T* gamma, const T& u) const override {
    const Placed& part = parts_[owner_of_guard_[k]];
    return part.model->guard(k - part.guard, gamma + part.variable, input(part, gamma, u));
  }
  void ports(const T* gamma, const T& u, PartPort<T>* to) const override {
    for (const Placed& part : parts_) {
      const T* state = gamma + part.variable;
      const T own = input(part, gamma, u);
      PartPort<T>* const end = to + 1 + part.model->parts;
      *to = {part.model->voltage(state, own), part.model->current(state, own)};
      part.model->ports(state, own, to + 1);
      for (; to < end; ++to) *to = {part.turned(to->voltage), part.turned(to->current)};
    }
  }
  [[nodiscard]] std::shared_ptr<const Model<T>> with(const T* numbers) const override {
    std::vector<Part> parts;
    for (const Placed& part : parts_) parts.push_back({part.model->with(numbers + part.number), part.reversed});
    return std::make_shared<CompositeModel>(coupling_, parts);
  }
  [[nodiscard]] std::shared_ptr<const Model<T>> integrated() const override {
    std::vector<Part> parts;
    bool some = false;
    for (const Placed& part : parts_) {
      auto own = part.model->integrated();
      some = some || own != nullptr;
      parts.push_back({own != nullptr ? std::move(own) : part.model, part.reversed});
    }
    return some ? std::make_shared<CompositeModel>(coupling_, parts) : nullptr;
  }
  [[nodiscard]] T state(std::size_t i, const T& coordinate) const override {
    const Placed& part = parts_[owner_of_variable_[i]];
    return part.model->state(i - part.variable, coordinate);
  }
  [[nodiscard]] T coordinate(std::size_t i, const T& state) const override {
    const Placed& part = parts_[owner_of_variable_[i]];
    return part.model->coordinate(i - part.variable, state);
  }
  [[nodiscard]] std::string undefined(const T* gamma, const T& u, Signs regime) const override {
    for (const Placed& part : parts_)
      if (auto what = part.model->undefined(gamma + part.variable, input(part, gamma, u), part.signs(regime));
          !what.empty())
        return what;
    return {};
  }

 private:
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  /// What holds of all parts.
  struct Together {
    bool ohmic = true, fix_voltage = true, fix_current = true, factored = true;
  };
  struct Placed {
    std::shared_ptr<const Model<T>> model;
    Driven<T> driven;
    bool reversed;
    std::size_t variable, guard, number;  ///< index of the part's first variable, guard and numeric parameter

    /// Converts between the composite's sign convention and the part's.
    [[nodiscard]] T turned(const T& quantity) const { return reversed ? T(-quantity) : quantity; }
    [[nodiscard]] Signs signs(Signs regime) const { return regime.subspan(guard, model->levels.size()); }
  };

  /// True if a part fixes the voltage of a parallel coupling, or the current of a series.
  [[nodiscard]] bool fixed() const { return fixing_ != nobody; }
  /// The quantity that all parts share: `u`, unless a part fixes it.
  [[nodiscard]] T shared(const T* gamma, const T& u) const {
    if (!fixed()) return u;
    const Placed& part = parts_[fixing_];
    const T* state = gamma + part.variable;
    return part.turned(coupling_ == Coupling::series ? part.model->current(state, T(0.0))
                                                     : part.model->open_voltage(state));
  }
  /// The quantity that a part fixes; NaN if another part has no input for it.
  [[nodiscard]] T held(const T* gamma, const T& u) const {
    const T common = shared(gamma, u);
    if (!this->solves) return common;
    const T others = rest(gamma, common);
    return T(common + (others - others));
  }
  [[nodiscard]] T input(const Placed& part, const T* gamma, const T& u) const {
    if (fixed() && &part == &parts_[fixing_]) return part.turned(T(u - rest(gamma, shared(gamma, u))));
    return part.driven.input(gamma + part.variable, part.turned(shared(gamma, u)));
  }
  /// The sum, over all parts except one that fixes the shared quantity, of the other quantity: the voltages of a series
  /// at a current, or the currents of a parallel coupling at a voltage.
  [[nodiscard]] T rest(const T* gamma, const T& common) const {
    T sum(0.0);
    for (std::size_t k = 0; k < parts_.size(); ++k) {
      if (k == fixing_) continue;
      const Placed& part = parts_[k];
      const T* state = gamma + part.variable;
      const T own = part.driven.input(state, part.turned(common));
      sum += part.turned(coupling_ == Coupling::series ? part.model->voltage(state, own)
                                                       : part.model->current(state, own));
    }
    return sum;
  }
  [[nodiscard]] T conductance(const T* gamma) const {
    T sum(0.0);
    for (const Placed& part : parts_)
      if (!part.model->fixes_current) sum += T(T(1.0) / part.model->memristance(gamma + part.variable));
    return sum;
  }

  Coupling coupling_;
  std::vector<Placed> parts_;
  std::size_t fixing_ = nobody;  ///< index of the part that fixes the shared quantity
  std::vector<std::size_t> owner_of_variable_, owner_of_guard_;
};

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "learn/learner.hpp"
#include "learn/multilayer.hpp"
#include "learn/rules/closed_form.hpp"
#include "learn/single_layer.hpp"
#include "memdyn/core/interruption.hpp"

namespace memdyn {

/// Implements Learner, the interface shared by all instruction sets, with a controller over any scalar.
template <class Controller>
class LearnerOf final : public Learner {
  using T = typename Controller::T;

 public:
  explicit LearnerOf(Controller controller)
      : controller_(std::move(controller)),
        x_(controller_.n_in() * packs(), T(0.0)),
        target_(controller_.n_out() * packs(), T(0.0)),
        error_(packs(), T(0.0)) {}

  [[nodiscard]] std::size_t lanes() const override { return packs() * width; }
  [[nodiscard]] std::size_t weight_count() const override { return controller_.weight_count(); }
  void set_realization(std::size_t lane, std::uint64_t seed, std::uint64_t realization) override {
    controller_.set_realization(lane, seed, realization);
  }
  void set_device(std::size_t lane, std::size_t index, const AnyDevice& device) override {
    if constexpr (requires { controller_.set_device(index, lane, device); }) {
      controller_.set_device(index, lane, device);
    } else {
      throw std::logic_error("the devices of this learner are alike");
    }
  }
  void set_weights(const double* weights) override {
    for (std::size_t i = 0; i < weight_count(); ++i)
      for (std::size_t g = 0; g < packs(); ++g, weights += width) controller_.set_weight(i, g, load<T>(weights));
  }
  void get_weights(double* weights) const override {
    for (std::size_t i = 0; i < weight_count(); ++i)
      for (std::size_t g = 0; g < packs(); ++g, weights += width) memdyn::store(weights, controller_.weight(i, g));
  }
  void learn(const double* inputs, const double* targets, std::size_t rows, double* error) override {
    std::fill(error_.begin(), error_.end(), T(0.0));
    for (std::size_t row = 0; row < rows; ++row) {
      stop_if_interrupted();
      inputs = take(inputs, x_);
      targets = take(targets, target_);
      controller_.learn(x_, target_, error_);
    }
    give(error_, error);
  }
  void predict(const double* inputs, std::size_t rows, double* outputs) override {
    for (std::size_t row = 0; row < rows; ++row) {
      stop_if_interrupted();
      inputs = take(inputs, x_);
      controller_.predict(x_, target_);
      outputs = give(target_, outputs);
    }
  }
  [[nodiscard]] Calibration calibration(std::size_t used) const override { return controller_.calibration(used); }
  [[nodiscard]] double pulses(std::size_t lane) const override { return controller_.log().pulses(lane); }
  [[nodiscard]] double updates(std::size_t lane) const override { return controller_.log().updates(lane); }
  [[nodiscard]] double kappa() const override {
    if constexpr (requires { controller_.kappa(); }) return memdyn::lane(controller_.kappa(), 0);
    return 0.0;
  }
  [[nodiscard]] std::size_t state_count() override {
    std::size_t count = 0;
    const auto one_more = [&](const auto& /*number*/) { ++count; };
    controller_.each_number(0, one_more);
    controller_.each_margin(one_more);
    return count;
  }
  void get_state(std::size_t lane, double* state) override {
    const auto get = [&]<class Number>(const Number& number) {
      *state++ = memdyn::lane(number, lane % memdyn::lanes<Number>);
    };
    controller_.each_number(lane / width, get);
    controller_.each_margin(get);
  }
  void set_state(std::size_t lane, const double* state) override {
    controller_.each_number(
        lane / width, [&]<class Number>(Number& number) { set_lane(number, lane % memdyn::lanes<Number>, *state++); });
    controller_.each_margin([&](T& largest) {  // which packs share
      const double other = memdyn::lane(largest, lane % width);
      set_lane(largest, lane % width, std::max(other, *state++));
    });
  }
  void put_back(std::size_t lane, const double* state) override {
    controller_.each_variable(lane / width, [&](T& variable) { set_lane(variable, lane % width, *state++); });
  }
  void record_to(PulseTap* tap, std::size_t lane) override {
    controller_.log().tap = tap;
    controller_.log().tapped_lane = lane;
  }

 private:
  static constexpr std::size_t width = memdyn::lanes<T>;
  [[nodiscard]] std::size_t packs() const { return controller_.packs(); }
  // take() and give() copy to and from packs, and return a pointer behind the last number.
  static const double* take(const double* from, std::vector<T>& into) {
    for (T& one : into) {
      one = load<T>(from);
      from += width;
    }
    return from;
  }
  static double* give(const std::vector<T>& from, double* to) {
    for (const T& one : from) {
      memdyn::store(to, one);
      to += width;
    }
    return to;
  }

  Controller controller_;
  std::vector<T> x_, target_, error_;
};

/// Makes the learner of a single-layer or multilayer network. @param engine function that makes the engine of a device
template <class MakeEngine>
std::unique_ptr<Learner> learner_of(const Network& n, double learning_rate, std::size_t packs,
                                    const MakeEngine& engine) {
  if (n.kind == NetworkKind::multilayer) {
    using Controller = Multilayer<decltype(engine(n.synapse)), decltype(engine(n.node))>;
    return std::make_unique<LearnerOf<Controller>>(
        Controller(engine(n.synapse), engine(n.node),
                   {n.layers, learning_rate, n.synapse.parameters().B, n.t_read, n.coding, n.reading, n.hidden,
                    n.output, n.generator},
                   packs));
  }
  using Controller = SingleLayer<decltype(engine(n.window))>;
  return std::make_unique<LearnerOf<Controller>>(
      Controller(engine(n.window), {learning_rate, n.t_read, n.coding, n.reading, n.generator}, packs));
}

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#pragma once

#include <arkode/arkode_erkstep.h>
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>

#include <algorithm>
#include <array>
#include <boost/numeric/odeint.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>

namespace memdyn::benchmarks {

struct Tolerance {
  double relative, absolute;
  double longest = std::numeric_limits<double>::infinity();  ///< longest step [s]
};

/// A peer is a class with
///   system                    called as system(x, dxdt, t) on anything that is indexed by variable
///   advance(x, t, end, left)  integrates x from t to end, or ends early after the step for which left(x) holds
///   steps                     number of accepted steps so far
/// and keeps no state between calls of advance: the drive may jump between them.

/// Boost.Odeint's controlled Dormand-Prince stepper on a std::array.
template <class System, std::size_t N>
class OdeintPeer {
 public:
  using State = std::array<double, N>;
  OdeintPeer(System given, const Tolerance& t)
      : system(std::move(given)),
        longest_(t.longest),
        stepper_(boost::numeric::odeint::make_controlled<Stepper>(t.absolute, t.relative)) {}

  template <class Left>
  void advance(State& x, double t, double end, const Left& left) {
    stepper_.reset();
    double dt = end - t;  // the largest possible first step, and the cheapest if it is accepted
    while (t < end) {
      dt = std::min(dt, longest_);
      const bool last = t + dt * (1 + 1e-12) >= end;
      if (last) dt = end - t;
      if (stepper_.try_step(std::cref(system), x, t, dt) != boost::numeric::odeint::success) continue;
      ++steps;
      if (last || left(x)) return;
    }
  }

  System system;
  double steps = 0;

 private:
  using Stepper = boost::numeric::odeint::runge_kutta_dopri5<State>;
  double longest_;
  typename boost::numeric::odeint::result_of::make_controlled<Stepper>::type stepper_;
};

/// Common base of the SUNDIALS solvers: handles, and a loop of single steps that stops at `end`.
template <class System, std::size_t N>
class SundialsPeer {
 public:
  using State = std::array<double, N>;
  SundialsPeer(const SundialsPeer&) = delete;
  SundialsPeer& operator=(const SundialsPeer&) = delete;

  System system;
  double steps = 0;

 protected:
  explicit SundialsPeer(System given) : system(std::move(given)) {
    check(SUNContext_Create(nullptr, &context_));
    x_ = made(N_VNew_Serial(N, context_));
    result_ = made(N_VNew_Serial(N, context_));
  }
  ~SundialsPeer() {
    N_VDestroy(x_);
    N_VDestroy(result_);
    SUNContext_Free(&context_);
  }

  static void check(int flag) {
    if (flag < 0) throw std::runtime_error("SUNDIALS: error " + std::to_string(flag));
  }
  template <class Object>
  static Object* made(Object* object) {
    if (object == nullptr) throw std::runtime_error("SUNDIALS: out of memory");
    return object;
  }
  static int rates(double t, N_Vector x, N_Vector dxdt, void* self) {
    double* const out = NV_DATA_S(dxdt);
    static_cast<SundialsPeer*>(self)->system(NV_DATA_S(x), out, t);
    return 0;
  }
  /// @param restart resets the solver to (t, x_); @param step makes one step towards `end`
  template <class Left, class Restart, class Step>
  void walk(State& x, double t, double end, const Left& left, const Restart& restart, const Step& step) {
    std::copy(x.begin(), x.end(), NV_DATA_S(x_));
    check(restart(t));
    for (bool open = true; open;) {
      const int flag = step(&t);
      check(flag);
      ++steps;
      std::copy_n(NV_DATA_S(result_), N, x.begin());
      open = flag != CV_TSTOP_RETURN && t < end && !left(x);
    }
  }

  SUNContext context_ = nullptr;
  N_Vector x_ = nullptr, result_ = nullptr;
};

/// CVODE: CV_ADAMS with fixed-point iteration, or CV_BDF with Newton's and a dense matrix by differences.
template <class System, std::size_t N, int method>
class CvodePeer : public SundialsPeer<System, N> {
  using Base = SundialsPeer<System, N>;

 public:
  CvodePeer(System given, const Tolerance& t)
      : Base(std::move(given)), memory_(this->made(CVodeCreate(method, this->context_))) {
    N_VConst(0.0, this->x_);
    this->check(CVodeInit(memory_, Base::rates, 0.0, this->x_));
    this->check(CVodeSStolerances(memory_, t.relative, t.absolute));
    this->check(CVodeSetUserData(memory_, static_cast<Base*>(this)));
    this->check(CVodeSetMaxNumSteps(memory_, -1));
    if (std::isfinite(t.longest)) this->check(CVodeSetMaxStep(memory_, t.longest));
    if constexpr (method == CV_ADAMS) {
      iteration_ = this->made(SUNNonlinSol_FixedPoint(this->x_, 0, this->context_));
      this->check(CVodeSetNonlinearSolver(memory_, iteration_));
    } else {
      matrix_ = this->made(SUNDenseMatrix(N, N, this->context_));
      linear_ = this->made(SUNLinSol_Dense(this->x_, matrix_, this->context_));
      this->check(CVodeSetLinearSolver(memory_, linear_, matrix_));
    }
  }
  ~CvodePeer() {
    CVodeFree(&memory_);
    if (iteration_ != nullptr) SUNNonlinSolFree(iteration_);
    if (linear_ != nullptr) SUNLinSolFree(linear_);
    if (matrix_ != nullptr) SUNMatDestroy(matrix_);
  }
  template <class Left>
  void advance(typename Base::State& x, double t, double end, const Left& left) {
    this->walk(
        x, t, end, left,
        [&](double begin) {
          const int flag = CVodeReInit(memory_, begin, this->x_);
          return flag < 0 ? flag : CVodeSetStopTime(memory_, end);
        },
        [&](double* now) { return CVode(memory_, end, this->result_, now, CV_ONE_STEP); });
  }

 private:
  void* memory_;
  SUNNonlinearSolver iteration_ = nullptr;
  SUNMatrix matrix_ = nullptr;
  SUNLinearSolver linear_ = nullptr;
};

/// ARKODE's explicit Runge-Kutta stepper with the pair of Dormand and Prince.
template <class System, std::size_t N>
class ErkPeer : public SundialsPeer<System, N> {
  using Base = SundialsPeer<System, N>;

 public:
  ErkPeer(System given, const Tolerance& t)
      : Base(std::move(given)), memory_(this->made(ERKStepCreate(Base::rates, 0.0, this->x_, this->context_))) {
    N_VConst(0.0, this->x_);
    this->check(ERKStepSStolerances(memory_, t.relative, t.absolute));
    this->check(ERKStepSetUserData(memory_, static_cast<Base*>(this)));
    this->check(ERKStepSetTableNum(memory_, ARKODE_DORMAND_PRINCE_7_4_5));
    this->check(ERKStepSetMaxNumSteps(memory_, -1));
    if (std::isfinite(t.longest)) this->check(ERKStepSetMaxStep(memory_, t.longest));
  }
  ~ErkPeer() { ERKStepFree(&memory_); }
  template <class Left>
  void advance(typename Base::State& x, double t, double end, const Left& left) {
    this->walk(
        x, t, end, left,
        [&](double begin) {
          const int flag = ERKStepReInit(memory_, Base::rates, begin, this->x_);
          return flag < 0 ? flag : ERKStepSetStopTime(memory_, end);
        },
        [&](double* now) { return ERKStepEvolve(memory_, end, this->result_, now, ARK_ONE_STEP); });
  }

 private:
  void* memory_;
};

}  // namespace memdyn::benchmarks

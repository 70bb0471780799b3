// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <mutex>

#include "core/machine.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/instruction_set.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/core/version.hpp"

namespace py = pybind11;

namespace memdyn::python {
namespace {

std::atomic<bool> interrupted = false;
std::mutex handler;  ///< of what follows
int running = 0;
struct sigaction before{};
std::atomic<int> running_in_main = 0;  ///< of those, the scopes of the main thread: one or none

bool is_main_thread() { return ::gettid() == ::getpid(); }

/// Whether Ctrl-C does in Python what it does by default.
bool has_default_handler() {
  const auto signals = py::module_::import("signal");
  return signals.attr("getsignal")(SIGINT).is(signals.attr("default_int_handler"));
}

/// Takes over Ctrl-C while the library works: Python would only look at it when the work is done.
void catch_interrupt(int signal) {
  interrupted = true;
  if (running_in_main == 0) before.sa_handler(signal);  // the main thread of Python is interrupted, too
}

thread_local pid_t handles_signals =
    0;  ///< this process, in its main thread while a handler of the caller's is in place

/// Calls handlers of signals, twenty times a second. @throws what they raise
void call_handlers() {
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds period{50};
  static Clock::time_point next;
  const auto now = Clock::now();
  if (now < next || ::getpid() != handles_signals) return;  // a child, which fork() made, has no interpreter
  next = now + period;
  const py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

bool is_interrupted() {
  if (handles_signals != 0) call_handlers();
  return interrupted;
}

/// Translates the library's exceptions. They carry the attributes that the messages contain.
void translate(std::exception_ptr failure) {  // NOLINT(performance-unnecessary-value-param): pybind11 gives a value
  const auto raise = [](const char* name, const Error& error,
                        const std::vector<std::pair<const char*, py::object>>& more) {
    const py::object type = py::module_::import("memdyn._errors").attr(name);
    const py::object raised = type(error.what());
    for (const auto& [attribute, value] : more) raised.attr(attribute) = value;
    PyErr_SetObject(type.ptr(), raised.ptr());
  };
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const InputError& error) {
    raise("InputError", error,
          {{"place", py::str(error.place())}, {"key", py::str(error.key())}, {"value", py::str(error.value())}});
  } catch (const NumericalError& error) {
    raise("NumericalError", error,
          {{"device", py::str(error.device())},
           {"regime", py::str(error.regime())},
           {"time", py::float_(error.time())},
           {"failure", py::str(std::string(status_names[static_cast<std::size_t>(error.failure())]))}});
  } catch (const IoError& error) {
    raise("FileError", error, {});
  } catch (const Interrupted& error) {
    PyErr_SetString(PyExc_KeyboardInterrupt, error.what());
  } catch (const Error& error) {
    raise("Error", error, {});
  }
}

}  // namespace

TomlSection Given::open() const {
  auto all = std::make_shared<InputTexts>(folder);
  for (const auto& [file, content] : texts) all->add({file, content});
  if (text) all->add({name, *text});
  return {all, name, settings};
}

Unlocked::Unlocked() : takes_over_(has_default_handler()) {
  if (!takes_over_) {
    if (is_main_thread()) handles_signals = ::getpid();
    return;
  }
  const std::lock_guard lock(handler);
  if (is_main_thread()) ++running_in_main;
  if (running++ == 0) {
    interrupted = false;
    struct sigaction own{};
    own.sa_handler = catch_interrupt;
    sigaction(SIGINT, &own, &before);
  }
}
Unlocked::~Unlocked() {
  handles_signals = 0;
  if (!takes_over_) return;
  const std::lock_guard lock(handler);
  const bool ours = is_main_thread();
  if (ours) --running_in_main;
  if (--running > 0) return;
  sigaction(SIGINT, &before, nullptr);
  // it came too late for the run, and is for Python
  if (interrupted.exchange(false) && ours && std::uncaught_exceptions() == 0) PyErr_SetInterrupt();
}

Progress progress_of(const py::object& function) {
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds period{100};
  const auto next = std::make_shared<std::atomic<Clock::time_point>>(Clock::now() + period);
  PyObject* called = function.is_none() ? nullptr : function.ptr();  // the caller holds it during the run
  return [next, called](double share) {
    stop_if_interrupted();
    if (called == nullptr) return;
    const auto now = Clock::now();
    if (now < next->load() && share < 1) return;
    *next = now + period;
    const py::gil_scoped_acquire lock;
    py::reinterpret_borrow<py::function>(called)(share);
  };
}

PYBIND11_MODULE(_engine, module) {
  set_interruption(is_interrupted);
  py::register_exception_translator(translate);
  py::class_<Given>(module, "Given")
      .def(py::init([](std::string folder, std::string name, std::optional<std::string> text,
                       std::vector<std::pair<std::string, std::string>> texts, std::vector<std::string> settings) {
        return Given{std::move(folder), std::move(name), std::move(text), std::move(texts), std::move(settings)};
      }))
      .def(py::pickle(
          [](const Given& own) { return py::make_tuple(own.folder, own.name, own.text, own.texts, own.settings); },
          [](const py::tuple& own) {
            return Given{own[0].cast<decltype(Given::folder)>(), own[1].cast<decltype(Given::name)>(),
                         own[2].cast<decltype(Given::text)>(), own[3].cast<decltype(Given::texts)>(),
                         own[4].cast<decltype(Given::settings)>()};
          }));
  module.def("version", [] { return std::string(version()); }, "The version of Memdyn.");
  module.def(
      "instruction_set", [] { return std::string(name_of(default_instruction_set())); },
      "The widest instruction set of this processor, which sweeps and trainings use by default.");
  module.attr("most_threads") = most_threads;
  add_runs(module);
  add_device(module);
  add_prepared(module);
}

}  // namespace memdyn::python

// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <mutex>

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

/// Takes over Ctrl-C while the library works: Python would only look at it when the work is done.
void catch_interrupt(int /*signal*/) { interrupted = true; }
bool is_interrupted() { return interrupted; }

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

Unlocked::Unlocked() {
  const std::lock_guard lock(handler);
  if (running++ == 0) {
    interrupted = false;
    struct sigaction own{};
    own.sa_handler = catch_interrupt;
    sigaction(SIGINT, &own, &before);
  }
}
Unlocked::~Unlocked() {
  const std::lock_guard lock(handler);
  if (--running > 0) return;
  sigaction(SIGINT, &before, nullptr);
  // it came too late for the run, and is for Python
  if (interrupted.exchange(false) && std::uncaught_exceptions() == 0) PyErr_SetInterrupt();
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
      }));
  module.def("version", [] { return std::string(version()); }, "The version of Memdyn.");
  module.def(
      "instruction_set", [] { return std::string(name_of(default_instruction_set())); },
      "The widest instruction set of this processor, which sweeps and trainings use by default.");
  add_runs(module);
  add_device(module);
  add_prepared(module);
}

}  // namespace memdyn::python

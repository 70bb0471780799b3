// SPDX-License-Identifier: MIT
#include "engine.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
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
#include "scenario/csv_keys.hpp"

namespace py = pybind11;

namespace memdyn::python {
namespace {

std::atomic<bool> interrupted = false;
std::atomic<bool> delivered = false;  ///< some work has been told, and ends
std::mutex scopes;                    ///< protects the next two
int open_scopes = 0;
struct sigaction action_before{};   ///< of SIGINT, before the first scope was opened
std::atomic<int> open_in_main = 0;  ///< scopes of the main thread

bool is_main_thread() { return ::gettid() == ::getpid(); }

/// Whether Ctrl-C does in Python what it does by default.
bool has_default_handler() {
  const auto signals = py::module_::import("signal");
  return signals.attr("getsignal")(SIGINT).is(signals.attr("default_int_handler"));
}

/// Takes over Ctrl-C while the library works: Python would only look at it when the work is done.
void catch_interrupt(int signal) {
  interrupted = true;
  if (open_in_main == 0) action_before.sa_handler(signal);  // the main thread of Python is interrupted, too
}

/// This process, in its main thread while the caller's own handler of SIGINT is in place; else 0.
thread_local pid_t polling_process = 0;

/// Calls handlers of signals, twenty times a second. @throws what they raise
void call_handlers() {
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds period{50};
  static Clock::time_point next;
  const auto now = Clock::now();
  if (now < next || ::getpid() != polling_process) return;  // a child, which fork() made, has no interpreter
  next = now + period;
  const py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

bool is_interrupted() {
  if (polling_process != 0) call_handlers();
  if (interrupted) delivered = true;
  return interrupted;
}

/// A child that fork() makes has none of the scopes of other threads.
void begin_child() {
  if (open_scopes > 0) sigaction(SIGINT, &action_before, nullptr);
  open_scopes = 0;
  open_in_main = 0;
  interrupted = false;
  scopes.unlock();
}

/// The argument of Python for an option of the command line, without dashes; empty for that of settings.
std::string argument_of(std::string option) {
  if (option == "set") return "";
  if (option == "from" || option == "to") return option == "from" ? "start" : "end";
  std::ranges::replace(option, '-', '_');
  return option;
}

/// A text of an error with arguments of Python in place of options: "--set KEY=VALUE" becomes "KEY=VALUE", and "--from"
/// becomes "start". Commands in quotation marks stay.
std::string in_python(const std::string& text) {
  std::string all;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size();) {
    quoted = quoted != (text[at] == '"');
    const bool begins = at == 0 || text[at - 1] == ' ' || text[at - 1] == '(';
    const auto word = text.substr(at).starts_with("--") ? at + 2 : at;
    auto end = word;
    while (end < text.size() && (std::islower(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-')) ++end;
    if (quoted || !begins || word == at || end == word) {
      all += text[at++];
      continue;
    }
    const auto argument = argument_of(text.substr(word, end - word));
    all += argument;
    at = argument.empty() ? end + 1 : end;
  }
  return all;
}

/// Translates the library's exceptions. They carry the attributes that the messages contain.
void translate(std::exception_ptr failure) {  // NOLINT(performance-unnecessary-value-param): pybind11 gives a value
  const auto raise = [](const char* name, const Error& error,
                        const std::vector<std::pair<const char*, py::object>>& more) {
    const py::object type = py::module_::import("memdyn._errors").attr(name);
    const py::object raised = type(in_python(error.what()));
    for (const auto& [attribute, value] : more) raised.attr(attribute) = value;
    PyErr_SetObject(type.ptr(), raised.ptr());
  };
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const InputError& error) {
    raise("InputError", error,
          {{"place", py::str(in_python(error.place()))},
           {"key", py::str(in_python(error.key()))},
           {"value", py::str(error.value())}});
  } catch (const NumericalError& error) {
    raise("NumericalError", error,
          {{"device", py::str(error.device())},
           {"regime", py::str(error.regime())},
           {"time", py::float_(error.time())},
           {"failure", py::str(std::string(status_names[static_cast<std::size_t>(error.failure())]))}});
  } catch (const IoError& error) {
    const std::string message = error.what();
    raise("FileError", error, {{"place", py::str(message.substr(0, message.find(": ")))}});
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

Unlocked::Unlocked() : takes_over_(has_default_handler()), polled_before_(polling_process), released_(nullptr) {
  polling_process = !takes_over_ && is_main_thread() ? ::getpid() : 0;
  if (takes_over_) {
    const std::lock_guard lock(scopes);
    if (is_main_thread()) ++open_in_main;
    if (open_scopes++ == 0) {
      interrupted = false;
      delivered = false;
      struct sigaction own{};
      own.sa_handler = catch_interrupt;
      sigaction(SIGINT, &own, &action_before);
    }
  }
  released_ = PyEval_SaveThread();
}
Unlocked::~Unlocked() noexcept(false) {
  polling_process = polled_before_;
  bool late = false;
  if (takes_over_) {
    const std::lock_guard lock(scopes);
    const bool ours = is_main_thread();
    if (ours) --open_in_main;
    if (--open_scopes == 0) {
      sigaction(SIGINT, &action_before, nullptr);
      late = interrupted.exchange(false) && ours && !delivered;
    }
  }
  PyEval_RestoreThread(released_);
  if (late) PyErr_SetInterrupt();  // it came when the work no longer looked, and is for Python
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
  pthread_atfork([] { scopes.lock(); }, [] { scopes.unlock(); }, begin_child);
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
  module.attr("layout_keys") = csv_keys();
  add_runs(module);
  add_device(module);
  add_prepared(module);
}

}  // namespace memdyn::python

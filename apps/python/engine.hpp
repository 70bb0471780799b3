// SPDX-License-Identifier: MIT
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "memdyn/run/simulation.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "scenario/toml_section.hpp"

// The extension module memdyn._engine: what the package memdyn needs of the library. The package documents it.
namespace memdyn::python {

/// A scenario, or a device, as the package hands it over.
struct Given {
  std::string folder;                                      ///< where the files are that it names
  std::string name;                                        ///< of the file, or in messages
  std::optional<std::string> text;                         ///< none: it is read from the file
  std::vector<std::pair<std::string, std::string>> texts;  ///< files that exist in memory only: name, text
  std::vector<std::string> settings;                       ///< "KEY=VALUE"

  [[nodiscard]] TomlSection open() const;
};

/// A scope without the lock of the interpreter. Ctrl-C ends what the library does in it, as a KeyboardInterrupt, in the
/// main thread, too, if that waits. A handler of SIGINT that is the caller's own is called instead.
class Unlocked {
 public:
  Unlocked();
  /// When the interpreter ends, taking its lock ends a thread of Python by unwinding its stack.
  ~Unlocked() noexcept(false);
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  bool takes_over_;
  pid_t polled_before_;  ///< restored at the end, as a handler may open a scope within a scope
  PyThreadState* released_;
};

/// What a scenario leaves open or may not mean.
[[nodiscard]] std::vector<std::string> doubts_of(const Scenario& scenario);

/// Calls a function of Python, or none, at most ten times a second with the share that is done.
/// The result throws Interrupted after Ctrl-C.
[[nodiscard]] Progress progress_of(const pybind11::object& function);

/// An array that takes over the numbers, without a copy.
template <class T>
pybind11::array_t<T> array_of(std::vector<T> values, std::vector<pybind11::ssize_t> shape) {
  auto* held = new std::vector<T>(std::move(values));
  const pybind11::capsule owner(held, [](void* memory) { delete static_cast<std::vector<T>*>(memory); });
  return pybind11::array_t<T>(std::move(shape), held->data(), owner);
}

void add_runs(pybind11::module_& module);
void add_device(pybind11::module_& module);
void add_prepared(pybind11::module_& module);

}  // namespace memdyn::python

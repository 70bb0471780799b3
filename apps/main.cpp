// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <new>
#include <set>

#include "command.hpp"
#include "core/message.hpp"
#include "core/suggestion.hpp"
#include "memdyn/core/error.hpp"
#include "memdyn/core/interruption.hpp"
#include "memdyn/core/version.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "runs.hpp"

namespace memdyn::app {
namespace {
volatile std::sig_atomic_t stop = 0;
}

void catch_signals() {
  for (const int number : {SIGINT, SIGTERM})
    std::signal(number, [](int came) {
      stop = came;
      std::signal(came, SIG_DFL);
    });
  set_interruption([] { return interrupted() != 0; });
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit of a file's size then fails, and the error is reported
}
int interrupted() { return stop; }

std::function<void(double)> progress_line(const std::string& what) {
  using Clock = std::chrono::steady_clock;
  struct Line {
    bool terminal = isatty(STDERR_FILENO) != 0;
    Clock::time_point begin = Clock::now();
    Clock::time_point shown = begin;
    ~Line() {
      if (terminal) fmt::print(stderr, "\r\033[K");
    }
  };
  return [what, line = std::make_shared<Line>()](double share) {
    if (interrupted() != 0) throw Interrupted();
    if (!line->terminal) return;
    const auto now = Clock::now();
    if (now - line->shown < std::chrono::milliseconds(100)) return;
    line->shown = now;
    const double spent = std::chrono::duration<double>(now - line->begin).count();
    fmt::print(
        stderr, "\r\033[K{} {:3.0f} %, {}", in_message(what), 100 * share,
        share > 0 ? fmt::format("{:.0f} s left", spent * (1 - share) / share) : fmt::format("{:.0f} s so far", spent));
    std::fflush(stderr);
  };
}

void warn(const std::string& warning) {
  fmt::print(stderr, "memdyn: warning: {}\n", in_message(warning, longest_message));
}

void warn(const AnyDevice& device) {
  for (const auto& warning : warnings(device)) warn(warning);
}

void show(const std::vector<std::string>& notes) {
  for (const auto& note : notes) fmt::print(stderr, "memdyn: note: {}\n", in_message(note, longest_message));
}

void warn(const Scenario& scenario) {
  warn(scenario.device);
  show(scenario.notes);
  if (const auto warning = start_warning(scenario.device, scenario.gamma); !warning.empty()) warn(warning);
}

void warn(const TrainingPlan& plan) {
  show(plan.notes);
  if (plan.network.kind == NetworkKind::crossbar) warn(plan.network.crossbar.device);
}

// An unknown argument is reported first, because a misspelt argument also makes another one appear to be missing.
std::string usage_error(const CLI::App& program, const CLI::ParseError& error) {
  const auto unknown = program.remaining(true);
  if (unknown.empty()) return in_message(error.what(), longest_message);
  const auto chosen = program.get_subcommands();
  std::set<std::string> names;
  if (chosen.empty()) {
    for (const auto* command : program.get_subcommands({})) names.insert(command->get_name());
  } else {
    for (const auto* option : chosen.front()->get_options())
      for (const auto& name : option->get_lnames()) names.insert("--" + name);
  }
  const std::string given = unknown.front().substr(0, unknown.front().find('='));
  const bool option = given.starts_with('-');
  return InputError(fmt::format("{} is not {}{}{}", given,
                                option           ? "an option"
                                : chosen.empty() ? "a command"
                                                 : "an argument",
                                chosen.empty() ? "" : " of " + chosen.front()->get_name(), suggestion(given, names)))
      .what();
}

void add_examples(CLI::App& command, const std::string& examples) {
  add_examples(command, examples, "0 done, 2 usage or scenario, 3 numerical failure, 4 input/output");
}

void add_examples(CLI::App& command, const std::string& examples, const std::string& statuses) {
  command.footer("Examples:\n" + examples + "\nExit status: " + statuses + ", 130 interrupted (143: by SIGTERM).");
}

void add_resume(CLI::App& command, OutputTarget::Left& left) {
  command.add_flag_callback(
      "--resume", [&left] { left = OutputTarget::Left::resumed; },
      "go on with what a run with this output left when it was interrupted or killed (OUTPUT.part); without such a "
      "file, begin anew");
}

void add_settings(CLI::App& command, std::vector<std::string>& settings) {
  command
      .add_option("--set", settings,
                  "set a key of the file, as in --set device.parameters.R_on=50 or --set waveform[1].amplitude=2; "
                  "may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->take_all();
}

void require_file(const std::string& command, const std::vector<std::string>& settings, bool is_file) {
  if (!settings.empty() && !is_file)
    throw InputError(command, "--set", settings.front(), "sets a key of a file; give one");
}

void add_instruction_set(CLI::App& command, std::optional<InstructionSet>& set) {
  command
      .add_option_function<std::string>(
          "--instruction-set", [&set](const std::string& name) { set = instruction_set("--instruction-set", name); },
          "scalar, baseline, avx2 or avx512; default: the widest that this processor has")
      ->type_name("NAME");
}

void add_keep(CLI::App& command, bool& keep) {
  command.add_flag("--keep", keep, "refuse to replace a result that exists");
}

void refuse_to_replace(const std::filesystem::path& output, bool keep) {
  if (keep && std::filesystem::exists(std::filesystem::symlink_status(output)))
    throw IoError(in_message(output.string()) + ": exists, and --keep refuses to replace it; choose another name");
}

/// The exit status after an error; 3 for a numerical failure, and for a run that ended with failures.
int exit_status(const Error& error) {
  if (dynamic_cast<const InputError*>(&error) != nullptr) return 2;
  return dynamic_cast<const IoError*>(&error) != nullptr ? 4 : 3;
}

}  // namespace memdyn::app

int main(int argc, char** argv) {
  using namespace memdyn;
  CLI::App program("Memdyn: continuous-time dynamics of memristors, and of perceptrons made of them", "memdyn");
  try {
    program.set_version_flag("--version", version_text());
    program.require_subcommand(1);
    app::add_examples(program,
                      "  memdyn simulate data/scenarios/hp_sine.toml -o hp.h5\n"
                      "  memdyn plot hp.h5 -o hp_loop.svg --view loop\n"
                      "\"memdyn COMMAND --help\" shows the options of a command and its own examples.");
    app::add_simulate(program);
    app::add_sweep(program);
    app::add_train(program);
    app::add_table(program);
    app::add_validate(program);
    app::add_reproduce(program);
    app::add_plot(program);
    app::add_info(program);
    app::add_diff(program);
    app::add_export(program);
    app::add_devices(program);
    app::add_check(program);
    app::add_gallery(program);
    app::add_recover(program);
    app::add_rerun(program);
    app::add_new(program);
    app::add_completion(program);
    app::add_manual(program);
    app::catch_signals();
    program.parse(argc, argv);
  } catch (const CLI::RuntimeError& error) {  // a command that ends with a status of its own
    return error.get_exit_code();
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);
    fmt::print(stderr, "memdyn: {}\nRun with --help for more information.\n", app::usage_error(program, error));
    return 2;
  } catch (const Interrupted& error) {
    fmt::print(stderr, "memdyn: {}\n", error.what());
    return 128 + app::interrupted();
  } catch (const Error& error) {
    fmt::print(stderr, "memdyn: {}\n", error.what());
    return app::exit_status(error);
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "memdyn: not enough memory; close other programs, or make the run smaller\n");
    return 4;
  } catch (const std::exception& error) {
    fmt::print(stderr, "memdyn: {}\n", in_message(error.what(), longest_message));
    return 4;
  }
}

// SPDX-License-Identifier: MIT
#include "report/process.hpp"

#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "memdyn/core/error.hpp"
#include "report/hdf5_lock.hpp"
#include "report/pipe.hpp"

namespace memdyn {
namespace {

[[noreturn]] void fail(const std::string& program, const char* what) {
  throw IoError(program + ": " + what + ": " + std::generic_category().message(errno));
}

/// An unnamed temporary file with the input, positioned at its beginning.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
File input_file(const std::string& program, const std::string& input) {
  File file(std::tmpfile(), std::fclose);
  if (!file || std::fwrite(input.data(), 1, input.size(), file.get()) != input.size() || std::fflush(file.get()) != 0 ||
      std::fseek(file.get(), 0, SEEK_SET) != 0)
    fail(program, "cannot write its input to the folder for temporary files");
  return file;
}

std::vector<std::string> environment() {
  std::vector<std::string> all{"LC_ALL=C.UTF-8"};
  for (const char* name :
       {"PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "FONTCONFIG_SYSROOT"})
    if (const char* value = std::getenv(name)) all.push_back(std::string(name) + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

/// A running program in its own process group; the destructor kills the group unless wait() was called.
class RunningProgram {
 public:
  RunningProgram(std::vector<std::string> command, int input, int output, int errors) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // group 0: a group of its own
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    auto variables = environment();
    int failed = 0;
    with_hdf5_locked([&] {
      failed = posix_spawnp(&process_, command.front().c_str(), &actions, &attributes, pointers(command).data(),
                            pointers(variables).data());
    });
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed == ENOENT) throw IoError(command.front() + " is not installed");
    errno = failed;
    if (failed != 0) fail(command.front(), "cannot be started");
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram() {
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    (void)wait();
  }
  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t process_ = -1;
};

}  // namespace

Finished run(const std::vector<std::string>& command, const std::string& input, const Progress& progress) {
  const std::string& program = command.front();
  const File script = input_file(program, input);
  Pipe output(program), errors(program);
  RunningProgram child(command, ::fileno(script.get()), output.write.number(), errors.write.number());
  output.write.close();
  errors.write.close();
  Finished finished;
  std::array<std::string*, 2> into{&finished.output, &finished.errors};
  std::array<pollfd, 2> open{{{output.read.number(), POLLIN, 0}, {errors.read.number(), POLLIN, 0}}};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    progress(0);
    if (::poll(open.data(), open.size(), 100) <= 0) continue;  // timeout, or interrupted by a signal
    for (std::size_t k = 0; k < open.size(); ++k) {
      if (open[k].fd < 0 || open[k].revents == 0) continue;
      std::array<char, 65536> buffer{};
      const auto count = ::read(open[k].fd, buffer.data(), buffer.size());
      if (count > 0) into[k]->append(buffer.data(), static_cast<std::size_t>(count));
      if (count == 0) open[k].fd = -1;
      if (count < 0 && errno != EINTR) fail(program, "cannot read its output");
    }
  }
  finished.exit_status = child.wait();
  return finished;
}

}  // namespace memdyn

// SPDX-License-Identifier: MIT
#include "report/isolated.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <system_error>
#include <vector>

#include "core/message.hpp"
#include "memdyn/core/error.hpp"
#include "report/hdf5_lock.hpp"
#include "report/pipe.hpp"

namespace memdyn {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;  // their shadow memory is larger than any limit, and their reports go to stderr
#else
constexpr bool sanitized = false;
#endif

/// A message of the child: its kind, its size, and that many bytes.
enum class Kind : std::uint8_t { data, share, subject, input_error, io_error, end };
struct Head {
  Kind kind;
  std::uint64_t size;
};

class Child {
 public:
  explicit Child(pid_t process) : process_(process) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    (void)wait();
  }
  /// @returns the status of waitpid()
  int wait() {
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    process_ = -1;
    return status;
  }

 private:
  pid_t process_;
};

/// Starts the clock that ends a child which computes for too long without progress.
void restart_clock() {
  const itimerval limit{{0, 0}, {longest_silence, 0}};
  ::setitimer(ITIMER_PROF, &limit, nullptr);
}

/// Sets the limits of the child, and leaves signals of the terminal to its parent.
void confine(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // the parent has ended before the line above
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) std::signal(number, SIG_IGN);
  for (const int number : {SIGPROF, SIGSEGV, SIGABRT, SIGBUS, SIGFPE}) std::signal(number, SIG_DFL);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  if (!sanitized) {
    rlimit memory{};
    ::getrlimit(RLIMIT_AS, &memory);
    memory.rlim_cur = std::min<rlim_t>(memory.rlim_max, most_memory);
    ::setrlimit(RLIMIT_AS, &memory);
    if (const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0)
      ::dup2(nowhere, STDERR_FILENO);  // the last words of a C library that aborts
  }
  restart_clock();
}

void write_all(int pipe, const void* bytes, std::size_t size) {
  const auto* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const auto count = ::write(pipe, from, size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) ::_exit(1);  // the parent has gone
    from += count;
    size -= static_cast<std::size_t>(count);
  }
}

/// The numbers of the files that this process has open, above the standard streams.
std::vector<int> open_files() {
  std::vector<int> numbers;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", none))
    if (const int number = std::atoi(entry.path().filename().c_str()); number > STDERR_FILENO)
      numbers.push_back(number);
  return numbers;
}

/// Separates the files of the child from those of its parent, with which fork() makes them share a position and a lock
/// (flock). Files on disk are opened again under their numbers, for reading only: HDF5 reads a file that it holds open
/// under the number that it knows. All others are closed but for the standard streams and `kept`.
void separate_files(int kept) {
  for (const int number : open_files()) {
    if (number == kept) continue;
    struct stat kind{};
    const bool on_disk = ::fstat(number, &kind) == 0 && S_ISREG(kind.st_mode);
    const int own = on_disk ? ::open(fmt::format("/proc/self/fd/{}", number).c_str(), O_RDONLY | O_CLOEXEC) : -1;
    if (own < 0) {
      ::close(number);
    } else {
      ::dup3(own, number, O_CLOEXEC);
      ::close(own);
    }
  }
}

void send(int pipe, Kind kind, std::string_view bytes) {
  const Head head{kind, bytes.size()};
  write_all(pipe, &head, sizeof head);
  write_all(pipe, bytes.data(), bytes.size());
}

/// A function that restarts the clock, and passes the share on ten times a second.
Progress progress_to(int pipe) {
  using Clock = std::chrono::steady_clock;
  return [pipe, sent = Clock::time_point()](double share) mutable {
    restart_clock();
    const auto now = Clock::now();
    if (now - sent < std::chrono::milliseconds(100)) return;
    sent = now;
    send(pipe, Kind::share, {reinterpret_cast<const char*>(&share), sizeof share});
  };
}

/// The child. It ends without the exit handlers of the process that it is a copy of.
[[noreturn]] void work(const std::string& files, int pipe, const std::function<void(const Sender&)>& read) {
  try {
    read({[pipe](std::string_view bytes) { send(pipe, Kind::data, bytes); }, progress_to(pipe)});
    send(pipe, Kind::end, "");
  } catch (const InputError& error) {
    for (const std::string& text : {error.place(), error.key(), error.value()}) send(pipe, Kind::subject, text);
    send(pipe, Kind::input_error, error.what());
  } catch (const Error& error) {
    send(pipe, Kind::io_error, error.what());
  } catch (const std::bad_alloc&) {
    send(pipe, Kind::io_error,
         fmt::format("{}: reading takes more than {} GiB of memory; the file may be damaged, else read parts of it "
                     "(h5py, xarray)",
                     files, most_memory >> 30));
  } catch (const std::exception& error) {
    send(pipe, Kind::io_error, files + ": cannot be read: " + in_message(error.what()));
  }
  ::_exit(0);
}

/// Why a child ended without a last message.
IoError complaint(const std::string& files, int status) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
    return IoError(fmt::format("{}: the HDF5 library computes for more than {} s without a result: the file is damaged",
                               files, longest_silence));
  const std::string end =
      WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status)) : fmt::format("status {}", WEXITSTATUS(status));
  return IoError(fmt::format("{}: the HDF5 library crashes on it ({}): the file is damaged", files, end));
}

/// Receives the messages of the child.
class Receiver {
 public:
  Receiver(int pipe, const Progress& progress) : pipe_(pipe), progress_(progress) {}

  /// Reads `size` bytes. @returns false if the child has ended before
  bool read(char* into, std::size_t size) {
    while (size > 0) {
      progress_(share_);
      pollfd open{pipe_, POLLIN, 0};
      if (::poll(&open, 1, 100) <= 0) continue;  // timeout, or interrupted by a signal
      const auto count = ::read(pipe_, into, size);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      into += count;
      size -= static_cast<std::size_t>(count);
    }
    return true;
  }

  /// Receives until the last message. @returns false if it did not come
  bool receive(const std::function<void(std::string_view)>& take) {
    Head head{};
    while (read(reinterpret_cast<char*>(&head), sizeof head)) {
      if (head.size > most_memory) return false;  // the child has written over its own memory
      std::string bytes(head.size, '\0');
      if (!read(bytes.data(), bytes.size())) return false;
      switch (head.kind) {
        case Kind::data:
          take(bytes);
          break;
        case Kind::share:
          std::memcpy(&share_, bytes.data(), std::min(bytes.size(), sizeof share_));
          break;
        case Kind::subject:
          subject_.push_back(bytes);
          break;
        case Kind::input_error:
          subject_.resize(3);
          throw InputError(bytes, {.place = subject_[0], .key = subject_[1], .value = subject_[2]});
        case Kind::io_error:
          throw IoError(bytes);
        case Kind::end:
          return true;
      }
    }
    return false;
  }

 private:
  int pipe_;
  const Progress& progress_;
  double share_ = 0;
  std::vector<std::string> subject_;  ///< place, key and value of the error that follows
};

}  // namespace

void isolated(const std::string& files, const std::function<void(const Sender&)>& read,
              const std::function<void(std::string_view)>& take, const Progress& progress) {
  Pipe pipe(files);
  const pid_t parent = ::getpid();
  pid_t process = -1;
  int why = 0;
  // another thread may hold the lock otherwise: in the child it would never be released
  with_hdf5_locked([&] {
    process = ::fork();
    why = errno;
    if (process == 0) {
      separate_files(pipe.write.number());
      write_all(pipe.write.number(), "", 1);
      confine(parent);
      work(files, pipe.write.number(), read);
    }
    pipe.write.close();
    char closed = 0;
    while (process > 0 && ::read(pipe.read.number(), &closed, 1) < 0 && errno == EINTR) {
    }
  });
  if (process < 0)
    throw IoError(files + ": cannot be read in a process of its own: " + std::generic_category().message(why));
  Child child(process);
  if (!Receiver(pipe.read.number(), progress).receive(take)) throw complaint(files, child.wait());
  child.wait();
}

std::string isolated(const std::string& files, const std::function<std::string(const Progress&)>& read,
                     const Progress& progress) {
  std::string result;
  isolated(
      files, [&](const Sender& sender) { sender.send(read(sender.progress)); },
      [&](std::string_view bytes) { result += bytes; }, progress);
  return result;
}

}  // namespace memdyn

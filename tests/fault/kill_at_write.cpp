// SPDX-License-Identifier: MIT
// A library to be preloaded: kills the process before it writes for the n-th time to a file whose name ends in ".part",
// where n is the value of the environment variable KILL_AT_WRITE, and appends a byte to the file COUNT_WRITES, if that
// is given, for each such write.
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace {

bool is_part(int file) {
  std::array<char, 4096> target{};
  const ssize_t length = ::readlink(fmt::format("/proc/self/fd/{}", file).c_str(), target.data(), target.size());
  return length > 0 && std::string_view(target.data(), static_cast<std::size_t>(length)).ends_with(".part");
}

void count_write() {
  static long written = 0;
  if (const char* counter = std::getenv("COUNT_WRITES")) {
    const int file = ::open(counter, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    [[maybe_unused]] const ssize_t done = ::write(file, "w", 1);
    ::close(file);
  }
  const char* last = std::getenv("KILL_AT_WRITE");
  if (last != nullptr && written++ == std::atol(last)) ::raise(SIGKILL);
}

}  // namespace

// HDF5 writes with one of these two; in the C library they are the same function
extern "C" ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t at) {
  using Function = ssize_t (*)(int, const void*, size_t, off64_t);
  static const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "pwrite64"));
  if (is_part(file)) count_write();
  return real(file, bytes, count, at);
}
extern "C" ssize_t pwrite(int file, const void* bytes, size_t count, off_t at) {
  return pwrite64(file, bytes, count, at);
}

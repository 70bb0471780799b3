// SPDX-License-Identifier: MIT
#include "core/machine.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>

namespace memdyn {
namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();
/// More than any processor addresses; the largest allocation that is tried if nothing else is known.
constexpr double address_space = 0x1p47;

/// MemAvailable of the kernel.
double of_machine() {
  std::ifstream file("/proc/meminfo");
  std::string word;
  double kilobytes = 0;
  while (file >> word)
    if (word == "MemAvailable:" && file >> kilobytes) return 1024 * kilobytes;
  return unknown;
}

/// What the limit on the address space (ulimit -v) leaves.
double of_process() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return unknown;
  double pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return std::max(0.0, static_cast<double>(limit.rlim_cur) - pages * static_cast<double>(::sysconf(_SC_PAGESIZE)));
}

/// The number in a file of a control group; infinity for "max", or if there is no such file.
double number_in(const std::string& file) {
  double number = unknown;
  return std::ifstream(file) >> number ? number : unknown;
}

/// The cache of files [bytes] in the statistics of a control group, which the kernel gives back when memory is needed.
double cache_in(const std::string& statistics) {
  std::ifstream file(statistics);
  std::string word;
  double cache = 0;
  for (double number = 0; file >> word >> number;)
    if (word == "inactive_file" || word == "active_file") cache += number;
  return cache;
}

/// What the limit of the control group (of a container, or of a job of a cluster) leaves.
double of_control_group() {
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  double least = unknown;
  while (std::getline(file, line)) {  // "0::/path" (version 2), "7:memory:/path" (version 1)
    const auto path = line.find(":/");
    if (path == std::string::npos) continue;
    const auto left = [&](const char* folder, const char* limit, const char* used) {
      for (const std::string& group : {line.substr(path + 1), std::string()}) {  // in a container the root is its own
        const std::string at = folder + group + '/';
        if (const double most = number_in(at + limit); most < unknown)
          least = std::min(least, std::max(0.0, most - number_in(at + used) + cache_in(at + "memory.stat")));
      }
    };
    if (line.starts_with("0::")) left("/sys/fs/cgroup", "memory.max", "memory.current");
    if (line.find(":memory:") != std::string::npos)
      left("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes");
  }
  return least;
}

}  // namespace

double available_memory() { return std::min({of_machine(), of_process(), of_control_group(), address_space}); }

double available_disk(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  struct statvfs status{};
  if (::statvfs(folder.c_str(), &status) != 0) return unknown;
  return static_cast<double>(status.f_bavail) * static_cast<double>(status.f_frsize);
}

std::string bytes_in_words(double bytes) {
  constexpr std::string_view units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  constexpr double step = 1000;
  std::size_t unit = 0;
  for (; bytes >= step && unit + 1 < std::size(units); ++unit) bytes /= step;
  return fmt::format("{:.3g} {}", bytes, units[unit]);
}

}  // namespace memdyn

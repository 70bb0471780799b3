// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace memdyn {

/// The threads of a plan that asks for `asked`: 0 stands for all cores.
inline std::size_t threads_or_cores(unsigned asked) {
  return asked > 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

/// Runs `work` in `count` threads, and calls `progress` 200 times a second in this thread until all are done.
/// Exceptions of either are passed to `fail`, in the thread that threw; `fail` must make the other threads stop.
template <class Work, class Progress, class Fail>
void in_threads(std::size_t count, const Work& work, const Progress& progress, const Fail& fail) {
  const auto guarded = [&](const auto& each) {
    try {
      each();
    } catch (...) {
      fail(std::current_exception());
    }
  };
  std::mutex mutex;
  std::condition_variable done;
  std::size_t working = count;
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < count; ++t)
    threads.emplace_back([&] {
      guarded(work);
      const std::lock_guard lock(mutex);
      --working;
      done.notify_one();
    });
  std::unique_lock lock(mutex);
  while (!done.wait_for(lock, std::chrono::milliseconds(5), [&] { return working == 0; })) {
    lock.unlock();
    guarded(progress);
    lock.lock();
  }
}

}  // namespace memdyn

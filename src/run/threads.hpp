// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "memdyn/run/simulation.hpp"

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

/// Visits each of the numbers below `count` once, in `threads` threads. Each thread calls `make`, and with each of its
/// numbers what `make` returned, and with a flag that says when to give up. @throws the first exception of any, when
/// all threads have ended
template <class Make>
void for_each_in_threads(std::uint64_t count, std::size_t threads, const Make& make, const Progress& progress) {
  std::atomic<std::uint64_t> next = 0;
  std::atomic<bool> stop = false;
  std::exception_ptr failure;
  std::mutex failing;
  in_threads(
      threads,
      [&] {
        auto visit = make();
        for (std::uint64_t n = next++; n < count && !stop; n = next++) visit(n, stop);
      },
      [&] { progress(std::min(1.0, static_cast<double>(next) / static_cast<double>(count))); },
      [&](const std::exception_ptr& why) {
        const std::lock_guard lock(failing);
        if (!failure) failure = why;
        stop = true;
      });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace memdyn

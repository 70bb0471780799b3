// SPDX-License-Identifier: MIT
#pragma once

namespace memdyn {

/// Sets the function that decides whether the user has asked to stop, for example with Ctrl-C; null for none. Any
/// thread may call it, so it may only read a flag.
void set_interruption(bool (*asked)());

/// To be called about every millisecond by loops that can take long, in any thread. It costs a few nanoseconds.
/// @throws Interrupted if the user has asked to stop
void stop_if_interrupted();

}  // namespace memdyn

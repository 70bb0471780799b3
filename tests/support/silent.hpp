// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/run/simulation.hpp"

/// Shows no progress.
inline const memdyn::Progress silent = [](double /*done*/) {};

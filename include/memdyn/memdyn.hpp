// SPDX-License-Identifier: MIT
/// \file
/// All of the library's public interface.
#pragma once

// errors, and the version of the library
#include "memdyn/core/error.hpp"
#include "memdyn/core/version.hpp"
// devices: the published models, a device written as text, and couplings of devices
#include "memdyn/circuit/composite.hpp"
#include "memdyn/device/any_device.hpp"
#include "memdyn/device/catalogue.hpp"
#include "memdyn/device/models/models.hpp"
#include "memdyn/device/text/text_device.hpp"
// what drives them
#include "memdyn/drive/waveform.hpp"
#include "memdyn/dynamics/driven_device.hpp"
// one trajectory; many in lanes
#include "memdyn/dynamics/ensemble.hpp"
#include "memdyn/dynamics/integrator.hpp"
// files: scenarios that are read, and results that are written
#include "memdyn/record/recovery.hpp"
#include "memdyn/record/result_file.hpp"
#include "memdyn/record/result_reader.hpp"
#include "memdyn/run/prediction.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/run/sweep.hpp"
#include "memdyn/run/table.hpp"
#include "memdyn/run/training.hpp"
// judgement, pictures, and what files hold
#include "memdyn/assess/conformance.hpp"
#include "memdyn/assess/reproduction.hpp"
#include "memdyn/assess/universality.hpp"
#include "memdyn/report/gallery.hpp"
#include "memdyn/report/inspection.hpp"
#include "memdyn/report/plot.hpp"

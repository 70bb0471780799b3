// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/capacitor.hpp"
#include "memdyn/device/hp_drift.hpp"
#include "memdyn/device/hp_window.hpp"
#include "memdyn/device/lehtonen_laiho.hpp"
#include "memdyn/device/metastable_switch.hpp"
#include "memdyn/device/pershin_di_ventra.hpp"
#include "memdyn/device/rate_balance.hpp"
#include "memdyn/device/resistor.hpp"
#include "memdyn/device/simmons_tunnel.hpp"
#include "memdyn/device/stanford_rram.hpp"
#include "memdyn/device/synaptic_drift.hpp"
#include "memdyn/device/team.hpp"
#include "memdyn/device/threshold_window.hpp"
#include "memdyn/device/vteam.hpp"
#include "memdyn/device/weight_window.hpp"
#include "memdyn/device/yakopcic.hpp"

namespace memdyn {

template <class... D>
struct ModelList {};
/// The list of models: a new device is one header, and one name in this line.
using Models = ModelList<ThresholdWindow, HpDrift, SynapticDrift, HpWindow, LehtonenLaiho, SimmonsTunnel, Team, Vteam,
                         Yakopcic, StanfordRram, MetastableSwitch, PershinDiVentra, RateBalance>;
/// What composites are made of beside models, and what makes little sense alone.
using Elements = ModelList<Resistor, Capacitor, WeightWindow>;

/// Calls `visit.template operator()<D>()` for every model D of the list.
template <class List = Models, class Visit>
void for_each_model(const Visit& visit) {
  [&]<class... D>(ModelList<D...>) { (visit.template operator()<D>(), ...); }(List{});
}
/// The same, and then for every element.
template <class Visit>
void for_each_model_and_element(const Visit& visit) {
  for_each_model<Models>(visit);
  for_each_model<Elements>(visit);
}

}  // namespace memdyn

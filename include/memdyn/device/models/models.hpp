// SPDX-License-Identifier: MIT
#pragma once

#include "memdyn/device/models/capacitor.hpp"
#include "memdyn/device/models/current_source.hpp"
#include "memdyn/device/models/diode.hpp"
#include "memdyn/device/models/hp_drift.hpp"
#include "memdyn/device/models/hp_window.hpp"
#include "memdyn/device/models/inductor.hpp"
#include "memdyn/device/models/lehtonen_laiho.hpp"
#include "memdyn/device/models/metastable_switch.hpp"
#include "memdyn/device/models/mosfet.hpp"
#include "memdyn/device/models/pershin_di_ventra.hpp"
#include "memdyn/device/models/polynomial_resistor.hpp"
#include "memdyn/device/models/rate_balance.hpp"
#include "memdyn/device/models/resistor.hpp"
#include "memdyn/device/models/selector.hpp"
#include "memdyn/device/models/simmons_tunnel.hpp"
#include "memdyn/device/models/stanford_rram.hpp"
#include "memdyn/device/models/synaptic_drift.hpp"
#include "memdyn/device/models/team.hpp"
#include "memdyn/device/models/threshold_window.hpp"
#include "memdyn/device/models/voltage_source.hpp"
#include "memdyn/device/models/vteam.hpp"
#include "memdyn/device/models/weight_window.hpp"
#include "memdyn/device/models/yakopcic.hpp"

namespace memdyn {

template <class... D>
struct ModelList {};
/// The list of models. To add a model, write its header and add its name here.
using Models = ModelList<ThresholdWindow, HpDrift, SynapticDrift, HpWindow, LehtonenLaiho, SimmonsTunnel, Team, Vteam,
                         Yakopcic, StanfordRram, MetastableSwitch, PershinDiVentra, RateBalance>;
/// Elements of composites, which are rarely useful alone.
using Elements = ModelList<Resistor, Capacitor, Inductor, VoltageSource, CurrentSource, Diode, Selector, Mosfet,
                           PolynomialResistor, WeightWindow>;

/// Calls `visit.template operator()<D>()` for every model D of the list.
template <class List = Models, class Visit>
void for_each_model(const Visit& visit) {
  [&]<class... D>(ModelList<D...>) { (visit.template operator()<D>(), ...); }(List{});
}
/// Calls `visit` for every model and then for every element.
template <class Visit>
void for_each_model_and_element(const Visit& visit) {
  for_each_model<Models>(visit);
  for_each_model<Elements>(visit);
}

}  // namespace memdyn

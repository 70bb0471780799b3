// SPDX-License-Identifier: MIT
// Messages about invalid input: file, line, key, value and remedy.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/suggestion.hpp"
#include "memdyn/drive/waveform.hpp"
#include "memdyn/learn/dataset.hpp"
#include "memdyn/learn/network.hpp"
#include "memdyn/run/simulation.hpp"
#include "memdyn/run/sweep.hpp"
#include "memdyn/run/training.hpp"
#include "memdyn/scenario/scenario.hpp"
#include "support/scratch.hpp"

namespace memdyn::test_scenario_refusal {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

/// The message of an input error, from the name of the file on; "accepted" if there is no error.
template <class Read>
std::string answer(const Read& read) {
  try {
    (void)read();
  } catch (const InputError& error) {
    const std::string text = error.what();
    const std::string folder = scratch("").string();
    const auto at = text.find(folder);
    return at == std::string::npos ? text : text.substr(at + folder.size());
  }
  return "accepted";
}

/// A valid file with one piece replaced.
std::string exchanged(std::string text, const std::string& piece, const std::string& by) {
  const auto at = text.find(piece);
  REQUIRE(at != std::string::npos);
  return text.replace(at, piece.size(), by);
}

struct Wrong {
  const char *piece, *by, *answer;
};

const std::string simulation = R"toml(title = "good"
[device]
model = "stanford-rram"
[initial]
gamma = [1e-9]
[drive]
quantity = "voltage"
series_resistance = 10
[[waveform]]
kind = "pulse_train"
amplitude = 0.5
width = 1e-6
period = 2e-6
count = 2
[record]
interval = 1e-7
)toml";

const std::string swept = simulation + R"toml([[sweep]]
key = "device.parameters.Rth"
from = 1e3
to = 2e3
count = 2
[[vary]]
key = "waveform.amplitude"
distribution = "normal"
deviation = 0.1
[run]
samples = 2
[reduce]
level = 1e4
)toml";

const std::string training = R"toml([network]
kind = "crossbar"
weight_range = 10
[synapse]
model = "vteam"
[data]
gate = "OR"
samples = 10
[run]
realizations = 1
epochs = 2
)toml";

const std::string text_device = R"toml(control = "voltage"
[parameters]
a = { value = 2.0, unit = "1", range = [0, 3] }
V_t = 0.5
[let]
growth = "a*(v - V_t)"
[guards]
above = "v - V_t"
[[variable]]
name = "x"
lower = 0
upper = 1
drift = "when(above, growth, 0)"
[[variable]]
name = "y"
lower = 0
upper = "1 + a"
drift = "v"
[port]
memristance = "1e3/(0.1 + x)"
)toml";

}  // namespace

TEST_CASE("an unknown key is refused before a missing one, and the nearest key is named") {
  const Wrong one = GENERATE(values<Wrong>(
      {{"gamma = [1e-9]", "w = [1e-9]", "bad.toml:5: unknown key initial.w; the keys here are g, gamma"},
       {"gamma = [1e-9]", "Gamma = [1e-9]", "bad.toml:5: unknown key initial.Gamma; did you mean \"gamma\"?"},
       {"[initial]\ngamma = [1e-9]", "[begin]\ngamma = [1e-9]", "bad.toml:4: unknown key begin; the keys here are "},
       {"title = \"good\"", "gamma = [1e-9]", "bad.toml:1: unknown key gamma; did you mean \"initial.gamma\"?"},
       {"title = \"good\"", "interval = 1e-9", "bad.toml:1: unknown key interval; did you mean \"record.interval\"?"},
       {"title = \"good\"", "\"initial.gamma\" = 1", "bad.toml:1: unknown key initial.gamma; did you mean \"initial"},
       {"model =", "modl =", "bad.toml:3: unknown key device.modl; did you mean \"model\"?"},
       {"model = \"stanford-rram\"", "model = \"stanford-rram\"\nRth = 1e3",
        "bad.toml:4: unknown key device.Rth; did you mean \"device.parameters.Rth\"?"},
       {"model = \"stanford-rram\"", "file = \"set.toml\"\nR_on = 1e3",
        "bad.toml:4: unknown key device.R_on; did you mean \"device.parameters.R_on\"?"},
       {"model = \"stanford-rram\"", "model = \"stanford-rram\"\nparameters = { r_th = 1e3 }",
        "bad.toml:4: unknown key device.parameters.r_th; did you mean \"Rth\"?"},
       {"model = \"stanford-rram\"", "series = [{ model = \"vteam\" }, { capacitr = 1e-9, V_scale = 2 }]",
        "bad.toml:3: unknown key device.series.capacitr; did you mean \"capacitor\"?"},
       {"model = \"stanford-rram\"", "series = [{ model = \"vteam\", parameters = { D = 1 }, lable = \"a\" }]",
        "bad.toml:3: unknown key device.series.lable; did you mean \"label\"?"},
       {"amplitude =", "amplitud =", "bad.toml:11: unknown key waveform.amplitud; did you mean \"amplitude\"?"},
       {"amplitude =", "frequency =", "bad.toml:11: unknown key waveform.frequency; the keys here are amplitude, base"},
       {"kind =", "knd =", "bad.toml:10: unknown key waveform.knd; did you mean \"kind\"?"},
       {"interval =", "intervall =", "bad.toml:16: unknown key record.intervall; did you mean \"interval\"?"},
       {"model = \"stanford-rram\"", "model = \"VTEAM\"",
        "bad.toml:3: device.model = 'VTEAM': is not a model; did you mean \"vteam\"?"}}));
  CAPTURE(one.piece, one.by);
  (void)written("set.toml", "model = \"vteam\"\n[parameters]\nR_on = 50\n");
  const auto bad = written("bad.toml", exchanged(simulation, one.piece, one.by));
  REQUIRE(answer([&] { return read_simulation(written("good.toml", simulation)); }) == "accepted");
  CHECK_THAT(answer([&] { return read_simulation(bad); }), StartsWith(one.answer));
}

TEST_CASE("a composite that is its own part is refused if a key of the part is unknown") {
  const auto itself = written("itself.toml", "series = [{ file = \"itself.toml\", tau = 1 }]\n");
  CHECK_THAT(answer([&] { return read_parameter_set(itself); }), StartsWith("itself.toml:1: unknown key series.tau"));
}

TEST_CASE("unknown keys of sweeps, trainings and device files are refused first, too") {
  const auto check = [&](const std::string& good, const auto& read, const std::vector<Wrong>& all) {
    REQUIRE(answer([&] { return read(written("good.toml", good)); }) == "accepted");
    for (const Wrong& one : all) {
      CAPTURE(one.piece, one.by);
      const auto bad = written("bad.toml", exchanged(good, one.piece, one.by));
      CHECK_THAT(answer([&] { return read(bad); }), StartsWith(one.answer));
    }
  };
  check(swept, [](const auto& file) { return read_sweep(file); },
        {{"deviation =", "std =", "bad.toml:25: unknown key vary.std; the keys here are centre, column, deviation, "},
         {"deviation =", "sigma =", "bad.toml:25: unknown key vary.sigma; the keys here are deviation, "},
         {"\"device.parameters.Rth\"", "\"RTH\"",
          "bad.toml:18: sweep.key = 'RTH': is not a number of this scenario; did you mean \"device.parameters.Rth\"?"},
         {"\"device.parameters.Rth\"", "\"gamma\"",
          "bad.toml:18: sweep.key = 'gamma': is not a number of this scenario; did you mean \"initial.gamma[0]\"?"},
         {"from = 1e3", "form = 1e3", "bad.toml:19: unknown key sweep.form; did you mean \"from\"?"},
         {"level =", "levle =", "bad.toml:29: unknown key reduce.levle; did you mean \"level\"?"},
         {"samples =", "sample =", "bad.toml:27: unknown key run.sample; did you mean \"samples\"?"}});
  check(training, [](const auto& file) { return read_training(file); },
        {{"kind =", "knd =", "bad.toml:2: unknown key network.knd; did you mean \"kind\"?"},
         {"weight_range = 10", "layers = [2, 1]", "bad.toml:3: unknown key network.layers; the keys here are "},
         {"[synapse]", "[synapses]", "bad.toml:4: unknown key synapses; did you mean \"synapse\"?"},
         {"[synapse]", "[node]", "bad.toml:4: unknown key node; the devices of a crossbar network are synapse"},
         {"gate = \"OR\"", "gat = \"OR\"", "bad.toml:7: unknown key data.gat; did you mean \"gate\"?"},
         {"gate = \"OR\"", "file = \"x.csv\"",
          "bad.toml:8: unknown key data.samples; the keys here are columns, comment, "},
         {"[run]", "[rnu]", "bad.toml:9: unknown key rnu; did you mean \"run\"?"}});
  check(text_device, [](const auto& file) { return read_parameter_set(file); },
        {{"control =", "contrl =", "bad.toml:1: unknown key contrl; did you mean \"control\"?"},
         {"value = 2.0", "valeu = 2.0", "bad.toml:3: unknown key parameters.a.valeu; did you mean \"value\"?"},
         {"drift =", "drfit =", "bad.toml:13: unknown key variable.drfit; did you mean \"drift\"?"},
         {"[port]", "[ports]", "bad.toml:19: unknown key ports; did you mean \"port\"?"}});
  check("model = \"vteam\"\n[parameters]\nR_on = 50\n", [](const auto& file) { return read_parameter_set(file); },
        {{"model =", "modle =", "bad.toml:1: unknown key modle; did you mean \"model\"?"},
         {"[parameters]", "[paramters]", "bad.toml:2: unknown key paramters; did you mean \"parameters\"?"},
         {"R_on", "R_onn", "bad.toml:3: unknown key parameters.R_onn; did you mean \"R_on\"?"}});
}

TEST_CASE("suggestions of the nearest name") {
  const std::set<std::string> keys{"device.parameters.tau", "initial.gamma[0]", "waveform[0].amplitude"};
  CHECK(suggestion("tau", keys) == "; did you mean \"device.parameters.tau\"?");
  CHECK(suggestion("Tau", keys) == "; did you mean \"device.parameters.tau\"?");
  CHECK(suggestion("amplitud", keys) == "; did you mean \"waveform[0].amplitude\"?");
  CHECK(suggestion("gamma", keys) == "; did you mean \"initial.gamma[0]\"?");
  CHECK(suggestion("tua", keys).empty());  // two of three letters are wrong
  CHECK(suggestion("left.R", {"right.R", "left.R_on"}) == "; did you mean \"left.R_on\"?");
  CHECK(suggestion("R_on", {"left.R_on", "right.R_on"}) == "; did you mean \"left.R_on\" or \"right.R_on\"?");
  CHECK(suggestion("VTEAM", {"team", "vteam"}) == "; did you mean \"vteam\"?");
  CHECK(suggestion("b", {"B", "b2", "a"}) == "; did you mean \"B\"?");
  CHECK(suggestion("w", {"of", "key"}).empty());
  CHECK(suggestion("", {"of"}).empty());
}

TEST_CASE("invalid numbers are refused at their line, with key, value and remedy") {
  (void)written("capacitor.toml", "model = \"capacitor\"\n[parameters]\nC = 1e-9\n");
  const auto check = [&](const std::string& good, const auto& read, const std::vector<Wrong>& all) {
    for (const Wrong& one : all) {
      CAPTURE(one.piece, one.by);
      const auto bad = written("bad.toml", exchanged(good, one.piece, one.by));
      CHECK_THAT(answer([&] { return read(bad); }), StartsWith(one.answer));
    }
  };
  check(
      simulation, [](const auto& file) { return read_simulation(file); },
      {{"period = 2e-6", "period = inf", "bad.toml:13: waveform.period = inf: must be a finite number"},
       {"period = 2e-6", "period = 1e300", "bad.toml:13: waveform: period = 1e+300: must be finite and between -1e15"},
       {"width = 1e-6", "width = nan", "bad.toml:12: waveform.width = nan: must be a number"},
       {"amplitude = 0.5", "amplitude = -1e16",
        "bad.toml:11: waveform: amplitude = -1e+16: must be finite and between"},
       {"gamma = [1e-9]", "gamma = [inf]", "bad.toml:5: initial.gamma = [ inf ]: must be a list of finite numbers"},
       {"gamma = [1e-9]", "gamma = [1e-9, \"x\"]",
        "bad.toml:5: initial.gamma = [ 1e-09, 'x' ]: must be a list of numbers"},
       {"series_resistance = 10", "series_resistance = inf",
        "bad.toml:8: drive.series_resistance = inf: must be a finite number"},
       {"interval = 1e-7", "interval = inf", "bad.toml:16: record.interval = inf: must be a finite number"},
       {"model = \"stanford-rram\"", "model = \"capacitor\"",
        "bad.toml:3: device.model = 'capacitor': is not a device by itself"},
       {"model = \"stanford-rram\"", "file = \"capacitor.toml\"",
        "bad.toml:3: device.file = 'capacitor.toml': is not a device by itself"},
       {"model = \"stanford-rram\"", "model = \"resistor\"",
        "bad.toml:4: initial = {...}: is of no use: the device has no internal variable"},
       {"model = \"stanford-rram\"", "series = [{ model = \"vteam\", V_scale = 1 }]",
        "bad.toml:3: device.series.V_scale = 1: belongs to a capacitor"},
       {"model = \"stanford-rram\"", "series = [{ resistor = 5, parameters = { R = 1 } }]",
        "bad.toml:3: device.series.parameters = { R = 1 }: belong to a model or a file"},
       {"model = \"stanford-rram\"", "model = \"stanford-rram\"\nparameters.Rth = inf",
        "bad.toml:4: device.parameters.Rth = inf: must be a finite number"},
       {"model = \"stanford-rram\"", "model = \"stanford-rram\"\n[device.parameters]\nI0 = 1e-3\nRth = -1.0",
        "bad.toml:6: stanford-rram: Rth = -1 "}});
  const auto named = [](std::size_t letters) {
    return "count = 2\nname = \"" + std::string(letters, 'a') + "\"\n[[vary]]";
  };
  const std::string too_long = named(257);
  check(swept, [](const auto& file) { return read_sweep(file); },
        {{"from = 1e3", "from = inf", "bad.toml:19: sweep.from = inf: must be a finite number"},
         {"from = 1e3\nto = 2e3", "from = -1e308\nto = 1e308", "bad.toml:19: sweep.from = -1e+308: is too far from"},
         {"from = 1e3\nto = 2e3\ncount = 2", "values = [1e3, inf]", "bad.toml:19: sweep.values = [ 1000, inf ]: must"},
         {"deviation = 0.1", "deviation = inf", "bad.toml:25: vary.deviation = inf: must be a finite number"},
         {"level = 1e4", "level = inf", "bad.toml:29: reduce.level = inf: must be a finite number"},
         {"distribution = \"normal\"\ndeviation = 0.1", "distribution = \"uniform\"\nlow = -1e308\nhigh = 1e308",
          "bad.toml:25: vary.low = -1e+308: must not be above"},
         {"count = 2\n[[vary]]", "count = 2\nname = \"a b\"\n[[vary]]",
          "bad.toml:22: sweep.name = 'a b': a dataset's name must consist of letters, digits and underscores, at most "
          "256"},
         {"count = 2\n[[vary]]", too_long.c_str(), "bad.toml:22: sweep.name = 'aaa"}});
  CHECK(answer([&] { return read_sweep(written("good.toml", exchanged(swept, "count = 2\n[[vary]]", named(256)))); }) ==
        "accepted");
  check(training, [](const auto& file) { return read_training(file); },
        {{"weight_range = 10", "weight_range = 1e308", "bad.toml:3: vteam: weight_range = 1e+308: must be in (0, 1e6]"},
         {"weight_range = 10", "weight_range = inf", "bad.toml:3: network.weight_range = inf: must be a finite number"},
         {"weight_range = 10", "read_voltage = 1e300",
          "bad.toml:3: network.read_voltage = 1e+300: must be in [-1e15, 1e15] V"},
         {"weight_range = 10", "t_read = 1e300", "bad.toml:3: network.t_read = 1e+300: must be a time in (0, 1e15] s"},
         {"samples = 10", "samples = 0", "bad.toml:8: data.samples = 0: must be 1 or more"}});
  check("[network]\nkind = \"multilayer\"\nlayers = [2, 1]\n[data]\ngate = \"OR\"\n[run]\n",
        [](const auto& file) { return read_training(file); },
        {{"[data]", "[device]\nmodel = \"vteam\"\n[data]",
          "bad.toml:4: unknown key device; the devices of a multilayer network are synapse and node"}});
}

TEST_CASE("activations, regressions and their grids are refused where they do not apply") {
  (void)written("table.csv", "x,y\n0,1\n1,2\n2,5\n");
  const std::string regression =
      "[network]\nkind = \"multilayer\"\nlayers = [1, 2, 1]\nhidden = \"rectified\"\noutput = \"linear\"\n[data]\n"
      "file = \"table.csv\"\ntask = \"regression\"\nstandardize_targets = true\n[run]\nepochs = 2\n[record]\ngrid = "
      "3\n";
  CHECK(answer([&] { return read_training(written("good.toml", regression)); }) == "accepted");
  const std::vector<Wrong> all{
      {"\"rectified\"", "\"relu\"", "bad.toml:4: network.hidden = 'relu': must be one of square, rectified, linear"},
      {"\"linear\"", "\"none\"", "bad.toml:5: network.output = 'none': must be one of square, rectified, linear"},
      {"output =", "reading = \"end-voltage\" #", "bad.toml:4: hidden = \"rectified\": the reading \"end-voltage\""},
      {"[data]", "[node]\nmodel = \"hp-drift\"\nparameters.approximate = true\n[data]",
       "bad.toml:5: output = \"linear\": divides by the memristance"},
      {"hidden =", "activation =", "bad.toml:4: unknown key network.activation"},
      {"\"multilayer\"\nlayers = [1, 2, 1]", "\"single-layer\"", "bad.toml:3: unknown key network.hidden"},
      {"\"regression\"", "\"regresion\"", "bad.toml:8: data.task = 'regresion': must be \"classification\" or"},
      {"task = \"regression\"\n", "",
       "bad.toml:8: data.standardize_targets = true: applies to numbers, not to classes"},
      {"task = \"regression\"\nstandardize_targets = true\n", "",
       "bad.toml:11: record.grid = 3: needs numbers as targets"},
      {"grid = 3", "grid = 1", "bad.toml:13: record.grid = 1: must be 2 or more, or 0"},
      {"grid = 3", "grid = 3\nepochs = [1]", "bad.toml:12: record.realizations is missing"}};
  for (const Wrong& one : all) {
    CAPTURE(one.piece, one.by);
    const auto bad = written("bad.toml", exchanged(regression, one.piece, one.by));
    CHECK_THAT(answer([&] { return read_training(bad); }), StartsWith(one.answer));
  }
}

TEST_CASE("pulses that a generator cannot send are refused") {
  const std::string layer =
      "[network]\nkind = \"single-layer\"\nrise = 1e-3\nfall = 1e-3\noffset_current = 0.1\namplitude_error = "
      "0.01\nwidth_jitter = 1e-4\n[data]\ngate = \"OR\"\n[run]\nepochs = 2\n";
  CHECK(answer([&] { return read_training(written("good.toml", layer)); }) == "accepted");
  const std::vector<Wrong> wrong{
      {"rise = 1e-3", "rise = -1e-3", "bad.toml:3: rise = -0.001: must be in [0, 1e15] s"},
      {"fall = 1e-3", "fall = 1e16", "bad.toml:4: fall = 1e+16: must be in [0, 1e15] s"},
      {"width_jitter = 1e-4", "width_jitter = -1", "bad.toml:7: width_jitter = -1: must be in [0, 1e15] s"},
      {"amplitude_error = 0.01", "amplitude_error = 2", "bad.toml:6: amplitude_error = 2: is a relative standard"},
      {"offset_current", "offset_voltage",
       "bad.toml:5: network.offset_voltage = 0.1: the pulses prescribe the current: write offset_current [A]"},
      {"offset_current", "offset",
       "bad.toml:5: network.offset = 0.1: does not state its quantity: write offset_current"},
      {"rise", "rise_time", "bad.toml:3: unknown key network.rise_time"}};
  for (const Wrong& one : wrong) {
    CAPTURE(one.piece, one.by);
    const auto bad = written("bad.toml", exchanged(layer, one.piece, one.by));
    CHECK_THAT(answer([&] { return read_training(bad); }), StartsWith(one.answer));
  }
  const std::string crossbar =
      "[network]\nkind = \"crossbar\"\nupdate = \"sign\"\npulse_width = 1e-9\nrise = 1e-9\noffset_voltage = "
      "0.01\nwidth_jitter = 0\n[synapse]\nmodel = \"vteam\"\n[data]\ngate = \"OR\"\n[run]\nepochs = 2\ntwin = true\n";
  CHECK(answer([&] { return read_training(written("good.toml", crossbar)); }) == "accepted");
  const auto bad = written("bad.toml", exchanged(crossbar, "width_jitter = 0", "width_jitter = 1e-10"));
  CHECK_THAT(answer([&] { return read_training(bad); }),
             StartsWith("bad.toml:7: width_jitter = 1e-10: must be 0 for the twin of a crossbar"));
}

TEST_CASE("times that a training cannot record are refused") {
  const std::string good =
      "[network]\nkind = \"single-layer\"\nrest = 1\n[data]\ngate = \"OR\"\n[run]\nepochs = 2\ntwin = false\n[record]\n"
      "realizations = [0]\nepochs = [1]\nfrom = 1\nto = 2\ninterval = 0.1\n";
  CHECK(answer([&] { return read_training(written("good.toml", good)); }) == "accepted");
  const std::vector<Wrong> wrong{
      {"rest = 1", "rest = -1", "bad.toml:3: rest = -1: must be in [0, 1e15] s"},
      {"from = 1", "from = -1", "bad.toml:12: record.from = -1: is a time since the training began"},
      {"to = 2", "to = 1", "bad.toml:13: record.to = 1: must be after record.from = 1 s"},
      {"interval = 0.1", "interval = 0", "bad.toml:14: record.interval = 0: must be above 0 s"},
      {"twin = false", "twin = true", "bad.toml:14: record.interval = 0.1: a discrete twin knows"},
      {"epochs = [1]\n", "", "bad.toml:9: record.epochs is missing"}};
  for (const Wrong& one : wrong) {
    CAPTURE(one.piece, one.by);
    const auto bad = written("bad.toml", exchanged(good, one.piece, one.by));
    CHECK_THAT(answer([&] { return read_training(bad); }), StartsWith(one.answer));
  }
}

TEST_CASE("what a sweep is to record is refused where it cannot be, with what is missing") {
  const Wrong one = GENERATE(values<Wrong>(
      {{"level = 1e4", "level = 1e4\nof = \"currant\"",
        "bad.toml:30: reduce.of = 'currant': must be one of conductance, current, "},
       {"level = 1e4", "level = 1e4\ndirection = \"raising\"",
        "bad.toml:30: reduce.direction = 'raising': must be one of either, falling, rising; did you mean \"rising\"?"},
       {"level = 1e4", "direction = \"rising\"", "bad.toml:29: reduce.direction = 'rising': needs reduce.level"},
       {"level = 1e4", "passages = 2", "bad.toml:29: reduce.passages = 2: needs reduce.level"},
       {"level = 1e4", "level = 1e4\npassages = 0", "bad.toml:30: reduce.passages = 0: must be 1 or more"},
       {"level = 1e4", "level = 1e4\npassages = 1.5", "bad.toml:30: reduce.passages = 1.5: must be a whole number"},
       {"level = 1e4", "level = 1e4\npassages = 20000", "bad.toml:30: reduce.passages = 20000: must be at most 10000"},
       {"level = 1e4", "level = 1e4\npassages = 2\nquantities = [\"charge\"]",
        "bad.toml:30: reduce.passages = 2: is used by passage_time, which reduce.quantities does not list"},
       {"level = 1e4", "read_voltage = 0.1\nquantities = [\"charge\"]",
        "bad.toml:29: reduce.read_voltage = 0.1: is used by read_current and read_conductance, which"},
       {"level = 1e4", "read_voltage = 0", "bad.toml:29: reduce.read_voltage = 0: must not be 0"},
       {"level = 1e4", "read_voltage = 1e16", "bad.toml:29: reduce.read_voltage = 1e+16: must not be 0, and be in"},
       {"level = 1e4", "quantities = [\"read_conductance\"]",
        "bad.toml:29: reduce.quantities = [ 'read_conductance' ]: read_conductance needs reduce.read_voltage"},
       {"level = 1e4", "level = 1e4\nquantities = [\"passage_time\"]",
        "bad.toml:30: reduce.quantities = [ 'passage_time' ]: passage_time needs reduce.passages"},
       {"level = 1e4", "quantities = [\"passage_period\"]",
        "bad.toml:29: reduce.quantities = [ 'passage_period' ]: passage_period needs reduce.level"},
       {"level = 1e4", "quantities = [\"current_finale\"]",
        "bad.toml:29: reduce.quantities = [ 'current_finale' ]: \"current_finale\" is not one of "}}));
  CAPTURE(one.by);
  const auto bad = written("bad.toml", exchanged(swept, one.piece, one.by));
  CHECK_THAT(answer([&] { return read_sweep(bad); }), StartsWith(one.answer));
}

TEST_CASE("a state whose voltage a capacitor holds is not read at another") {
  std::string text = exchanged(swept, "model = \"stanford-rram\"",
                               "parallel = [{ model = \"stanford-rram\", label = \"a\" }, { capacitor = 1e-9 }]");
  text = exchanged(text, "gamma = [1e-9]", "gamma = [1e-9, 0]");
  text = exchanged(text, "parameters.Rth", "parameters.a.Rth");
  REQUIRE(answer([&] { return read_sweep(written("good.toml", text)); }) == "accepted");
  CHECK_THAT(
      answer([&] { return read_sweep(written("bad.toml", exchanged(text, "level = 1e4", "read_voltage = 0.1"))); }),
      StartsWith("bad.toml:29: reduce.read_voltage = 0.1: cannot be applied: a capacitor"));
}

TEST_CASE("a message shows numbers as people write them, and how to write a list of tables") {
  const auto bad = [&](const std::string& piece, const std::string& by) {
    return answer([&] { return read_sweep(written("bad.toml", exchanged(swept, piece, by))); });
  };
  CHECK_THAT(bad("from = 1e3\nto = 2e3\ncount = 2", "values = [1.2e-8, nan]"),
             StartsWith("bad.toml:19: sweep.values = [ 1.2e-08, nan ]: must be a list of"));
  CHECK_THAT(bad("[[sweep]]", "[sweep]"),
             StartsWith("bad.toml:17: sweep = a table: must be a list of tables: write [[sweep]], in double brackets, "
                        "above the keys of each"));
}

TEST_CASE("infinity is admitted where it has a meaning") {
  for (const auto& [piece, by] : {std::pair{"series_resistance = 10", "compliance = inf"},
                                  {"series_resistance = 10", "compliance = [1e-3, inf]"},
                                  {"deviation = 0.1", "deviation = 0.1\nlow = -inf\nhigh = inf"},
                                  {"samples = 2", "samples = 2\nmost_steps = inf"}}) {
    CAPTURE(by);
    CHECK(answer([&] { return read_sweep(written("good.toml", exchanged(swept, piece, by))); }) == "accepted");
  }
  const auto unbounded = exchanged(text_device, "range = [0, 3]", "range = [0, inf]");
  CHECK(answer([&] { return read_parameter_set(written("good.toml", unbounded)); }) == "accepted");
}

TEST_CASE("waveforms with excessively large numbers are refused") {
  CHECK_THROWS_WITH(pulse_train({.amplitude = 1, .width = 1}, infinity, 2), ContainsSubstring("period = inf"));
  CHECK_THROWS_WITH(pulse_train({.amplitude = 1, .width = 1}, 1e300, 2), ContainsSubstring("period = 1e+300"));
  CHECK_THROWS_WITH(triangle_sweep(1, infinity), ContainsSubstring("period = inf"));
  CHECK_THROWS_WITH(Waveform({Ramp{1, -1e308, 1e308}}), ContainsSubstring("segment 1: from = -1e+308"));
  CHECK_THROWS_WITH(Waveform({Constant{1, 1}, Constant{1e308, 1}}), ContainsSubstring("segment 2: duration = 1e+308"));
  CHECK_THROWS_WITH(Waveform({Sine{1, 1, infinity}}), ContainsSubstring("frequency = inf"));
  CHECK_NOTHROW(Waveform({Ramp{1e15, -1e15, 1e15}}));
}

TEST_CASE("segments that doubles do not resolve are refused") {
  const auto after = [](double start, Segment segment) { return Waveform({Constant{start, 0}, segment}); };
  const double spacing = std::nextafter(1e6, infinity) - 1e6;  // of doubles at the start of the segment
  CHECK_NOTHROW(after(1e6, Constant{spacing, 1}));
  CHECK_THROWS_WITH(after(1e6, Constant{0.4 * spacing, 1}), ContainsSubstring("segment 2: duration"));
  CHECK_THROWS_WITH(after(1e6, Exponential{1, 1, 0, 0.4 * spacing}), ContainsSubstring("segment 2: tau"));
  CHECK_THROWS_WITH(after(1e6, Sine{1, 1, 3 / spacing}), ContainsSubstring("segment 2: frequency"));
  CHECK_THROWS_WITH(Waveform({Exponential{1, 1, 0, 1e-320}}), ContainsSubstring("segment 1: tau = 1e-320"));
  CHECK_THROWS_WITH(Waveform({Constant{1e-300, 1}}), ContainsSubstring("segment 1: duration = 1e-300"));
  CHECK_THROWS_WITH(Waveform({Sine{1, 1, 1, 1e13}}), ContainsSubstring("segment 1: phase = 10000000000000"));
  CHECK_THROWS_WITH(Waveform({Sine{1e3, 1, 1e9}}), ContainsSubstring("segment 1: frequency = 1000000000"));
  CHECK_NOTHROW(Waveform({Sine{1e2, 1, 1e9, 1e11}}));
  CHECK_THROWS_WITH(pulse({.amplitude = 1, .width = 1, .rise = 1e-320}), ContainsSubstring("duration"));
}

TEST_CASE("a CSV file loses no row, and is refused with line, value and remedy") {
  struct Case {
    const char *text, *data, *waveform;  ///< the messages
  };
  const Case one = GENERATE(values<Case>(
      {{"a,b\n0,1\n1,2\n", "accepted", "accepted"},
       {"# made\n\n a , b \r\n0,1\r\n +1 ,2.5e0\r\n", "accepted", "accepted"},
       {"\xef\xbb\xbf"
        "a,b\n0,1\n1,2\n",
        "accepted", "accepted"},
       {"0,1\n1,2\n", "rows.csv:1: the first row must be a heading, without numbers; insert a row", "accepted"},
       {"\xef\xbb\xbf"
        "0,1\n1,2\n",
        "rows.csv:1: the first row must be a heading", "accepted"},
       {"# made\n0,x\n1,2\n2,3\n", "rows.csv:2: the first row must be a heading",
        "rows.csv:2: column 2 = (no number): must be a finite number"},
       {"1e999,1\n1,2\n2,3\n", "rows.csv:1: the first row must be a heading",
        "rows.csv:1: column 1 = 1e999: must be a"},
       {"nan,inf\n1,2\n2,3\n", "rows.csv:1: the first row must be a heading",
        "rows.csv:1: column 1 = nan: must be a finite"},
       {"a,b\n0,1\n1,1e300\n", "rows.csv:3: column 2 = 1e300: must be a finite number of magnitude at most 1e+15",
        "rows.csv:3: column 2 = 1e300: must be a finite number of magnitude at most 1e+15"},
       {"a,b\n0,1\n1,2 V\n", "rows.csv:3: column 2 = (no number)", "rows.csv:3: column 2 = (no number)"},
       {"a,b\n0,1\n1,0x2\n", "rows.csv:3: column 2 = (no number)", "rows.csv:3: column 2 = (no number)"},
       {"a,b\n0,1\n1,2,3\n", "rows.csv:3: row = 3 values: must have 2", "rows.csv:3: row = 3 values: must have 2"},
       {"a,b\n0,1\n1,2,\n", "rows.csv:3: row = 3 values", "rows.csv:3: row = 3 values"},
       {"a,b\n", "rows.csv: rows = 0: needs a heading", "rows.csv: rows = 0: needs at least two breakpoints"},
       {"", "rows.csv: rows = 0: needs a heading", "rows.csv: rows = 0: needs at least two breakpoints"},
       {"a,b\n0,1\n", "accepted", "rows.csv: rows = 1: needs at least two breakpoints"},
       {"a,b\n1,1\n1,2\n", "accepted", "rows.csv:3: time = 1 s: must be later than 1 s, the time in the row above"}}));
  CAPTURE(one.text);
  const auto file = written("rows.csv", one.text);
  CHECK_THAT(answer([&] { return dataset_from_csv(file, 1); }), StartsWith(one.data));
  CHECK_THAT(answer([&] { return waveform_from_csv(file); }), StartsWith(one.waveform));
  CHECK_THROWS_AS(waveform_from_csv(file.parent_path()), IoError);
}

TEST_CASE("a mistake in a text device is refused at its own line and column") {
  const Wrong one = GENERATE(values<Wrong>(
      {{"name = \"y\"", "name = \"x\"", "bad.toml:15:9: variable[1].name = \"x\": is the name of something else"},
       {"name = \"y\"", "name = \"\"", "bad.toml:15:9: variable[1].name = \"\": must consist of letters"},
       {"lower = 0\nupper = \"1 + a\"", "lower = 7\nupper = \"1 + a\"",
        "bad.toml:16:9: variable[1].lower = 7: must be below upper = 3"},
       {"upper = \"1 + a\"", "scale = 2\nlower_ = 0", "bad.toml:18: unknown key variable.lower_"},
       {"upper = \"1 + a\"\ndrift = \"v\"", "drift = \"v\"", "bad.toml:14: variable[1].scale = inf: must be finite"},
       {"upper = \"1 + a\"", "upper = 1\nscale = -2.5", "bad.toml:18:9: variable[1].scale = -2.5: must be finite and"},
       {"upper = \"1 + a\"", "upper = \"x\"", "bad.toml:17:10: variable[1].upper: must be a number or an expression"},
       {"upper = \"1 + a\"", "upper = \"1 + b\"", "bad.toml:17:14: variable[1].upper: b is not known"},
       {"V_t = 0.5", "v = 0.5", "bad.toml:4:5: parameters.v = \"v\": is the name of the input"},
       {"value = 2.0", "value = 4.0", "bad.toml:3:5: parameters.a = 4 1: must be finite and in [0, 3] 1"},
       {"V_t = 0.5", "V_t = { value = 0.5, unit = \"Vv\" }", "bad.toml:4:30: parameters.V_t.unit = \"Vv\": "},
       {"growth = \"a*(v - V_t)\"", "pi = \"a*(v - V_t)\"", "bad.toml:6:7: let.pi = \"pi\": is a word of the language"},
       {"above = \"v - V_t\"", "above = \"(v - V_t)*0\"", "bad.toml:8:10: guards.above: depends on neither"},
       {"above = \"v - V_t\"", "above = \"V_t*v*(a - 2) - V_t\"",
        "bad.toml:8:10: guards.above = at the level inf: must"},
       {"memristance =", "voltage =", "bad.toml:19:1: port = voltage: is the input of a device controlled by it"},
       {"V_t = 0.5", "V_t = inf", "bad.toml:4: parameters.V_t = inf: must be a finite number"}}));
  CAPTURE(one.piece, one.by);
  const auto bad = written("bad.toml", exchanged(text_device, one.piece, one.by));
  REQUIRE(answer([&] { return read_parameter_set(written("good.toml", text_device)); }) == "accepted");
  CHECK_THAT(answer([&] { return read_parameter_set(bad); }), StartsWith(one.answer));
}

TEST_CASE("numbers that a scenario gives a text device are refused at their line of the scenario") {
  (void)written("device.toml", exchanged(text_device, "1e3/(0.1 + x)", "1e3/(0.1 + x) + 1/V_t"));
  const auto given = [&](const std::string& numbers) {
    const auto scenario = written("bad.toml", "[device]\nfile = \"device.toml\"\n[device.parameters]\n" + numbers +
                                                  "\n[initial]\ngamma = [0.5, 0.5]\n[[waveform]]\nkind = \"constant\"\n"
                                                  "duration = 1\nvalue = 1\n");
    return answer([&] { return read_simulation(scenario); });
  };
  CHECK(given("a = 1.5") == "accepted");
  CHECK_THAT(given("\na = 5"), StartsWith("bad.toml:5: parameters.a = 5 1: must be finite and in [0, 3] 1"));
  CHECK_THAT(given("V_t = 0"), StartsWith("bad.toml:3: port.memristance: gives inf with these parameters"));
  CHECK_THAT(given("V_T = 0"), StartsWith("bad.toml:4: unknown key device.parameters.V_T; did you mean \"V_t\"?"));
}

TEST_CASE("a constant of a text device that is not a finite number is refused") {
  const Wrong one = GENERATE(values<Wrong>(
      {{"1e3/(0.1 + x)", "1/0", "bad.toml:20:17: port.memristance: gives inf: a constant must be a finite number"},
       {"1e3/(0.1 + x)", "1e3 + x/(2 - 2)*0 + log(0)", "bad.toml:20:36: port.memristance: gives -inf"},
       {"1e3/(0.1 + x)", "1e3 + exp(1000)", "bad.toml:20:22: port.memristance: gives inf"},
       {"1e3/(0.1 + x)", "sqrt(-1)*x", "bad.toml:20:16: port.memristance: gives nan"},
       {"1e3/(0.1 + x)", "1e3*10^400", "bad.toml:20:22: port.memristance: gives inf"},
       {"1e3/(0.1 + x)", "1e3*(0 - 2)^0.5", "bad.toml:20:27: port.memristance: gives "},
       {"1e3/(0.1 + x)", "1e3 + 1e200*1e200", "bad.toml:20:27: port.memristance: gives inf"},
       {"1e3/(0.1 + x)", "when(above, 1e3, 0/0)", "bad.toml:20:34: port.memristance: gives "},
       {"1e3/(0.1 + x)", "1e3 + 1/(a - 2)", "bad.toml:20:23: port.memristance: gives inf with these parameters"},
       {"1e3/(0.1 + x)", "1e3*(x + log(V_t - a))", "bad.toml:20:25: port.memristance: gives nan with"},
       {"\"a*(v - V_t)\"", "\"v/(a - 2)\"", "accepted"},  // not a constant: infinite where v is not 0
       {"\"a*(v - V_t)\"", "\"v*(1/(a - 2))\"", "bad.toml:6:15: let.growth: gives inf with these parameters"},
       {"\"1 + a\"", "\"1/0\"", "bad.toml:17:11: variable[1].upper: gives inf"},
       {"\"1 + a\"", "\"1/(a - 2)\"", "bad.toml:17:11: variable[1].upper: gives inf with these parameters"}}));
  CAPTURE(one.piece, one.by);
  const auto bad = written("bad.toml", exchanged(text_device, one.piece, one.by));
  CHECK_THAT(answer([&] { return read_parameter_set(bad); }), StartsWith(one.answer));
}

TEST_CASE("the devices of a scenario, each in its role") {
  const auto composite =
      written("composite.toml",
              exchanged(simulation, "model = \"stanford-rram\"",
                        "series = [{ model = \"vteam\", label = \"cell\" }, { capacitor = 1e-9, label = \"stray\" }]"));
  const auto devices = devices_of(composite);
  REQUIRE(devices.size() == 1);
  CHECK(devices[0].role == "device");
  CHECK(devices[0].device.variable_names() == std::vector<std::string>{"cell.w", "stray.v"});
  const auto multilayer = written("multilayer.toml",
                                  "[network]\nkind = \"multilayer\"\n[synapse]\nmodel = \"synaptic-drift\"\n"
                                  "[node]\nmodel = \"hp-drift\"\nparameters = { shifted = true }\n");
  const auto roles = devices_of(multilayer);
  REQUIRE(roles.size() == 2);
  CHECK((roles[0].role == "synapse" && roles[0].device.name() == "synaptic-drift"));
  CHECK((roles[1].role == "node" && roles[1].device.name() == "hp-drift"));
  const auto alone = devices_of(written("alone.toml", text_device));
  REQUIRE(alone.size() == 1);
  CHECK(alone[0].role.empty());
}

TEST_CASE("a file for another command is refused with the name of that command, whatever the table contains") {
  const auto data = [](const char* name) { return std::filesystem::path(MEMDYN_DATA) / "scenarios" / name; };
  const auto sweep = data("sweep_hp_frequency.toml");
  const auto training = data("slp_or.toml");
  const auto one = data("hp_pulse_train.toml");
  const auto simulated = [](const auto& file) { return answer([&] { return read_simulation(file); }); };
  const auto swept = [](const auto& file) { return answer([&] { return read_sweep(file); }); };
  const auto trained = [](const auto& file) { return answer([&] { return read_training(file); }); };
  CHECK_THAT(simulated(sweep), ContainsSubstring("sweep = [{...}]: belongs to \"memdyn sweep\"; run"));
  CHECK_THAT(
      simulated(training),
      ContainsSubstring("network = {...}: belongs to \"memdyn train\" or, with [study], \"memdyn validate\"; run"));
  CHECK_THAT(swept(training), ContainsSubstring("belongs to \"memdyn train\""));
  CHECK_THAT(trained(sweep), ContainsSubstring("belongs to \"memdyn sweep\""));
  CHECK_THAT(trained(one), ContainsSubstring("belongs to \"memdyn simulate\""));
}

}  // namespace memdyn::test_scenario_refusal

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Tests of the command line: exit statuses, messages, and files that survive Ctrl-C.
# Arguments: the program, the data folder, a folder to write to.
set -u
program=$1 data=$2 out=$3
mkdir -p "$out"
failures=0
expect() { # status, text that stderr or stdout must contain, command...
  local status=$1 words=$2 text
  shift 2
  text=$("$@" 2>&1)
  local got=$?
  if [[ $got != "$status" || $text != *"$words"* ]]; then
    echo "FAILED: $* -> $got (wanted $status, \"$words\"): $text"
    failures=$((failures + 1))
  fi
}
stopped() { # command, scenario, [status, text, signal]: stopped by a signal (default: that of Ctrl-C), the command exits
  # with 128 + the signal number, and "memdyn plot" of its partial file ends with `status` and prints `text`
  rm -f "$out/stopped_$1.h5.part"
  "$program" "$1" "$2" -o "$out/stopped_$1.h5" > "$out/stopped.txt" 2>&1 &
  local process=$!
  for _ in {1..200}; do # until there is something to draw, which takes longer on a busy machine
    sleep 0.3
    "$program" plot "$out/stopped_$1.h5.part" -o "$out/stopped_$1.svg" > /dev/null 2>&1
    [[ $? == "${3:-0}" ]] && break
  done
  kill -"${5:-2}" $process
  wait $process
  [[ $? == $((128 + ${5:-2})) ]] || { echo "FAILED: a signal does not end $1 with 128 + ${5:-2}"; cat "$out/stopped.txt"; failures=$((failures + 1)); }
  expect "${3:-0}" "${4:-}" "$program" plot "$out/stopped_$1.h5.part" -o "$out/stopped_$1.svg"
}
expect 0 "commit" "$program" --version
expect 0 "Examples" "$program" --help
for command in simulate sweep train reproduce plot info diff export devices check gallery recover rerun; do
  expect 0 "Examples:
  memdyn $command " "$program" $command --help
done
expect 0 "hp-drift" "$program" devices
expect 0 "mu_v" "$program" devices hp-drift
expect 2 "is neither a model" "$program" devices nothing
expect 2 'did you mean "hp-drift"' "$program" devices hp-drfit
expect 2 'did you mean "vteam"' "$program" devices VTEAM
expect 2 'did you mean "vteam"' "$program" check VTEAM
expect 2 'did you mean "capacitor"' "$program" devices capacitr
expect 2 'simulat is not a command; did you mean "simulate"?' "$program" simulat x
expect 2 '--ouput is not an option of simulate; did you mean "--output"?' "$program" simulate x --ouput=y
expect 2 "z is not an argument of simulate" "$program" simulate x -o y z
expect 0 "left.R" "$program" devices "$data/scenarios/complementary_switch.toml"
expect 0 "[node] hp-drift" "$program" devices "$data/scenarios/mlp_xor.toml"
expect 2 "" "$program" simulate
expect 2 'belongs to "memdyn sweep"' "$program" simulate "$data/scenarios/sweep_hp_frequency.toml" -o "$out/x.h5"
expect 4 "cannot be read" "$program" simulate nothing.toml -o "$out/x.h5"
expect 4 "cannot be created" "$program" simulate "$data/scenarios/window_ramp.toml" -o /nowhere/x.h5
mkdir -p "$out/folder.h5"
expect 4 "is a folder" "$program" simulate "$data/scenarios/window_ramp.toml" -o "$out/folder.h5"
expect 0 "time events 6" "$program" simulate "$data/scenarios/window_ramp.toml" -o "$out/ramp.h5"
expect 0 "" "$program" plot "$out/ramp.h5" -o "$out/ramp.svg"
expect 0 "" "$program" plot "$out/ramp.h5" -o "$out/loop.png" --view loop
expect 0 "bounds reached 8" "$program" simulate "$data/scenarios/complementary_switch.toml" -o "$out/switch.h5"
expect 0 "" "$program" plot "$out/switch.h5" -o "$out/switch.png" --view loop
expect 0 "" "$program" simulate "$data/scenarios/stray_capacitance.toml" -o "$out/stray.h5"
expect 0 "from t = " "$program" simulate "$data/scenarios/loaded_line.toml" -o "$out/loaded.h5"
expect 0 "" "$program" simulate "$data/scenarios/compliance_set.toml" -o "$out/set.h5"
sed 's/compliance = .*/compliance = -1e-5/' "$data/scenarios/compliance_set.toml" | sed "s#\.\./devices#$data/devices#" > "$out/negative.toml"
expect 2 "above 0 A" "$program" simulate "$out/negative.toml" -o "$out/x.h5"
cat > "$out/absorbed.toml" << 'end'
[device]
model = "hp-window"
[device.parameters]
logit = false
[initial]
gamma = [0.3]
[[waveform]]
kind = "constant"
value = 1e-4
duration = 20
[[waveform]]
kind = "constant"
value = -1e-4
duration = 20
end
expect 0 "warning: hp-window: a bound has absorbed x at t = 20 s" "$program" simulate "$out/absorbed.toml" -o "$out/absorbed.h5"
sed '/logit/d' "$out/absorbed.toml" > "$out/kept.toml"
"$program" simulate "$out/kept.toml" -o "$out/kept.h5" > "$out/kept.txt" 2>&1
expect 1 "" grep warning "$out/kept.txt"
printf '[[sweep]]\nkey = "initial.gamma[0]"\nvalues = [0.3, 0.4]\n' >> "$out/absorbed.toml"
expect 0 "a bound has absorbed a variable in 2 of 2 trajectories" "$program" sweep "$out/absorbed.toml" -o "$out/absorbed.h5"
expect 0 "" "$program" plot "$out/stray.h5" -o "$out/stray.png"
expect 2 "is not a view of a simulation, which has overview, loop" "$program" plot "$out/ramp.h5" -o "$out/t.png" --view transient
expect 0 "" test -s "$out/ramp.svg" -a -s "$out/loop.png"
expect 4 "gnuplot is not installed" env PATH=/nowhere "$program" plot "$out/ramp.h5" -o "$out/y.svg"
gallery=("$data/devices/strukov_2008.toml" "$data/devices/pickett_2009.toml")
expect 0 "| strukov_2008 | hp-drift | 100 µA |" "$program" gallery "${gallery[@]}" -o "$out/gallery"
expect 0 "" test -s "$out/gallery/gallery.svg" -a -s "$out/gallery/gallery.png" -a -s "$out/gallery/fingerprints.md"
expect 4 "cannot be created" "$program" gallery "${gallery[@]}" -o /dev/null/x
expect 2 "must be one of" "$program" reproduce -o "$out" --reading nonsense
expect 2 "--figure" "$program" reproduce -o "$out" --figure 3
expect 2 "has no effect on the figure universality" "$program" reproduce -o "$out" --figure universality --reading eq8-printed
expect 0 "square nodes and output: least E over the floor" "$program" reproduce -o "$out/universality" --figure universality --realizations 2 --epochs 50 --check
expect 0 "a test of universality, complete" "$program" info "$out/universality/universality.h5"
expect 2 "is not a view of a test of universality, which has overview" "$program" plot "$out/universality/universality.h5" -o "$out/x.png" --view transient
for name in sine franke; do
  sed "s|\.\./datasets|$data/datasets|; s|^epochs = .*|epochs = 20|" "$data/scenarios/mlp_$name.toml" > "$out/$name.toml"
  expect 0 "rows held out: " "$program" train "$out/$name.toml" -o "$out/$name.h5"
  expect 0 "" "$program" plot "$out/$name.h5" -o "$out/$name.png" --view prediction
  expect 0 "" "$program" plot "$out/$name.h5" -o "$out/${name}_errors.svg"
  expect 0 "the file format holds" "$program" info --check "$out/$name.h5"
done
sed -i "s|^grid = .*|grid = 1000000|" "$out/franke.toml"
expect 2 "record.grid = 1000000" "$program" train "$out/franke.toml" -o "$out/x.h5"
expect 2 "run it without --resume" "$program" reproduce -o "$out" --figure universality --resume
expect 0 "compares both" "$program" rerun "$out/universality/universality.h5" -o "$out/again.h5"
expect 0 "" "$program" diff "$out/universality/universality.h5" "$out/again.h5"
expect 0 "OR" "$program" train "$data/scenarios/slp_or.toml" -o "$out/or.h5" --strict
expect 2 "is a view of a regression" "$program" plot "$out/or.h5" -o "$out/t.png" --view prediction
expect 0 "" "$program" plot "$out/or.h5" -o "$out/transient.svg" --view transient
expect 2 "is not a view of a training, which has overview, transient, prediction" "$program" plot "$out/or.h5" -o "$out/t.png" --view loop
sed '/^\[record\]/,$d' "$data/scenarios/slp_or.toml" | sed "s#\.\./devices#$data/devices#" > "$out/unrecorded.toml"
expect 0 "OR" "$program" train "$out/unrecorded.toml" -o "$out/unrecorded.h5"
sed "s#\.\./devices#$data/devices#; s/^epochs = 1000/epochs = 2/; s/^epochs = \[.*/epochs = [1]/" "$data/scenarios/mlp_xor.toml" > "$out/xor.toml"
expect 0 "thresholds respected: yes" "$program" train "$out/xor.toml" -o "$out/xor.h5" --strict
expect 0 "" "$program" plot "$out/xor.h5" -o "$out/xor.svg" --view transient
for phase in read drive restore update; do expect 0 "$phase" grep ">$phase<" "$out/xor.svg"; done
sed 's/^I_gamma.*/I_gamma = 4e-6/' "$data/devices/silva_2020_synapse.toml" > "$out/low_synapse.toml"
sed "s#file = .*silva_2020_synapse.toml\"#file = \"$out/low_synapse.toml\"#" "$out/xor.toml" > "$out/low.toml"
expect 0 "lowest threshold 4 A, margin" "$program" train "$out/low.toml" -o "$out/low.h5" --strict
sed -i 's/^I_gamma.*/I_gamma = 5e-7/' "$out/low_synapse.toml"
expect 0 "thresholds respected: no" "$program" train "$out/low.toml" -o "$out/low.h5"
expect 3 "too close" "$program" train "$out/low.toml" -o "$out/low.h5" --strict
sed 's/^kind = "crossbar"/&\namplitude = 1.5/; s/^model = .*/series = [{ model = "vteam" }, { resistor = 20.0 }]/' "$data/scenarios/crossbar_or.toml" > "$out/amplitude.toml"
expect 2 "write update_current [A] or update_voltage [V]" "$program" train "$out/amplitude.toml" -o "$out/x.h5"
sed -i 's/^amplitude = 1.5/update_voltage = 0.4/' "$out/amplitude.toml"
expect 0 "largest update 0.4 V" "$program" train "$out/amplitude.toml" -o "$out/x.h5" --strict
expect 4 "no recorded transient" "$program" plot "$out/unrecorded.h5" -o "$out/t.png" --view transient
expect 0 "residual of an update" "$program" train "$data/scenarios/crossbar_or.toml" -o "$out/crossbar.h5" --strict
expect 0 "" "$program" plot "$out/crossbar.h5" -o "$out/crossbar.svg" --view transient
sed 's/^I_gamma.*/I_gamma = [1.0, 1.6, 2.2]/' "$data/devices/silva_2020_window.toml" > "$out/close.toml"
sed "s|file = .*|file = \"$out/close.toml\"|" "$data/scenarios/slp_or.toml" > "$out/close_or.toml"
sed 's/^I_gamma.*/I_gamma = [20.0, 20.2, 22.0]/' "$data/devices/silva_2020_window.toml" > "$out/overlap.toml"
expect 2 "must be a = 0.5 A apart" "$program" check "$out/overlap.toml"
expect 0 "WARNING" "$program" train "$out/close_or.toml" -o "$out/close.h5"
expect 3 "too close" "$program" train "$out/close_or.toml" -o "$out/close.h5" --strict
expect 0 "0.2 s of after" "$program" simulate "$data/scenarios/hp_sine.toml" -o "$out/set_key.h5" --set waveform.frequency=10 --set title=after
expect 0 '"title": "after"' "$program" info "$out/set_key.h5" --json
expect 2 'waveform.freqency=10: unknown key waveform.freqency; did you mean "frequency"' "$program" simulate "$data/scenarios/hp_sine.toml" -o "$out/x.h5" --set waveform.freqency=10
expect 2 "sets a key of a file" "$program" devices --set title=after
expect 2 "sets a key of a file" "$program" check vteam --set parameters.R_on=50
expect 2 "sets a key of a file" "$program" check --events 5 --set parameters.R_on=50
expect 2 "must be finite and in" "$program" check "$data/devices/strukov_2008.toml" --set parameters.R_on=-5
expect 3 "FAILS" "$program" check -q "$data/devices/text/volatile.toml" --set properties.fades=false
for factor in 1 10; do
  expect 0 "strukov_2008" "$program" gallery "$data/devices/strukov_2008.toml" -o "$out/gallery$factor" --set "parameters.mu_v=${factor}e-14"
done
cmp -s "$out/gallery1/fingerprints.md" "$out/gallery10/fingerprints.md" && { echo "FAILED: gallery ignores --set"; failures=$((failures + 1)); }
sed "s|\.\./devices|$data/devices|; /^\[initial\]/,/^gamma/d" "$data/scenarios/hp_sine.toml" > "$out/no_start.toml"
expect 0 "no initial state is given for gamma; taken: 5e-09 m" "$program" simulate "$out/no_start.toml" -o "$out/no_start.h5"
expect 0 " m (range 0..1e-08)" "$program" simulate "$out/no_start.toml" -o "$out/no_start.h5"
expect 2 "is a scenario, not a result file" "$program" plot "$data/scenarios/hp_sine.toml" -o "$out/x.svg"
sweep=$data/scenarios/sweep_hp_frequency.toml
expect 0 "1739 of 1739" "$program" sweep "$sweep" -o "$out/loops.h5"
expect 0 "" "$program" plot "$out/loops.h5" -o "$out/loops.svg" --quantity loop_area
expect 2 "must be a quantity of each trajectory" "$program" plot "$out/loops.h5" -o "$out/loops.svg" --quantity variable_unit
expect 2 'did you mean "loop_area"' "$program" plot "$out/loops.h5" -o "$out/loops.svg" --quantity loop_are
expect 2 "is not a view of a sweep, which has overview; select the quantity with --quantity" "$program" plot "$out/loops.h5" -o "$out/loops.svg" --view loop
expect 2 "apply to sweeps only" "$program" plot "$out/ramp.h5" -o "$out/x.svg" --quantity charge
sed "s|\.\./devices|$data/devices|; s/^count = 47/count = 3/; s/^quantities.*/quantities = ['charge', 'gamma_final']/" "$sweep" > "$out/three.toml"
printf '[[sweep]]\nkey = "device.parameters.R_off"\nvalues = [8e3, 16e3]\n[[sweep]]\nkey = "initial.gamma[0]"\nvalues = [1e-9, 2e-9]\n' >> "$out/three.toml"
expect 0 "" "$program" sweep "$out/three.toml" -o "$out/three.h5" --threads 0
expect 0 "" "$program" plot "$out/three.h5" -o "$out/three.svg"
grep -q 'amplitude = 20 µA, frequency' "$out/three.svg" || { echo "FAILED: a slice is not named in the title"; failures=$((failures + 1)); }
expect 0 "" "$program" plot "$out/three.h5" -o "$out/three.svg" --at R_off=15e3 --at initial_gamma_0=2e-9 --quantity gamma_final --variable gamma
grep -q 'R_off = 16' "$out/three.svg" || { echo "FAILED: the nearest value is not taken"; failures=$((failures + 1)); }
expect 2 'did you mean "R_off"' "$program" plot "$out/three.h5" -o "$out/three.svg" --at R_of=1
expect 2 "must be AXIS=NUMBER" "$program" plot "$out/three.h5" -o "$out/three.svg" --at R_off
expect 2 "not a quantity of a single variable" "$program" plot "$out/three.h5" -o "$out/three.svg" --quantity charge --variable x
swept() { sed "s|\.\./devices|$data/devices|; $1" "$sweep" > "$out/swept.toml"; }
swept 's/waveform.amplitude/waveform.amplitud/'
expect 2 'did you mean "waveform[0].amplitude"' "$program" sweep "$out/swept.toml" -o "$out/x.h5"
swept 's/^from = 0.5/from = -0.5/; s/^spacing.*//'
expect 2 "waveform[0].frequency = -0.5" "$program" sweep "$out/swept.toml" -o "$out/x.h5"
swept 's/^count = 47/conut = 47/'
expect 2 "unknown key" "$program" sweep "$out/swept.toml" -o "$out/x.h5"
swept 's/^\[reduce\]/[[sweep]]\nkey = "waveform[0].frequency"\nname = "again"\nvalues = [1.0]\n[reduce]/'
expect 2 "is given twice" "$program" sweep "$out/swept.toml" -o "$out/x.h5"
swept 's/^\[reduce\]/[record]\ninterval = 1e-9\n[reduce]/'
expect 2 "increase it" "$program" sweep "$out/swept.toml" -o "$out/x.h5"
swept 's/^from = 0.5/values = [1.0]\nfrom = 0.5/'
expect 2 "without \"values\"" "$program" sweep "$out/swept.toml" -o "$out/x.h5"
expect 4 "the folder exists" "$program" plot "$out/loops.h5" -o "$out/nowhere/x.png"
expect 2 "must be one of scalar" "$program" sweep "$sweep" -o "$out/x.h5" --instruction-set nonsense
expect 2 "MEMDYN_INSTRUCTION_SET" env MEMDYN_INSTRUCTION_SET=nonsense "$program" sweep "$sweep" -o "$out/x.h5"
expect 0 "instruction set" "$program" --version
expect 0 "instruction set none" env MEMDYN_INSTRUCTION_SET=nonsense "$program" --version
expect 0 "" env MEMDYN_INSTRUCTION_SET=nonsense "$program" plot "$out/loops.h5" -o "$out/loops.svg"
expect 0 "OR" "$program" train "$data/scenarios/slp_or.toml" -o "$out/or.h5" --instruction-set scalar
sed 's/^low = 1e-5/low = -1/; s/^relative = 0.05/relative = 1.0/; s/^samples.*/samples = 200/' "$data/scenarios/sweep_team_variability.toml" > "$out/wild.toml"
expect 3 "refused" "$program" sweep "$out/wild.toml" -o "$out/wild.h5"
expect 0 "" "$program" plot "$out/wild.h5" -o "$out/wild.png"
sed 's/^samples.*/samples = 5000000/' "$data/scenarios/sweep_team_variability.toml" > "$out/long_sweep.toml"
stopped sweep "$out/long_sweep.toml"
stopped sweep "$out/long_sweep.toml" 0 "" 15
{ sed "s#\.\./devices#$data/devices#" "$data/scenarios/loaded_line.toml"
  printf '[integrate]\nmethod = "dopri5"\n[[sweep]]\nkey = "waveform.amplitude"\nvalues = [0.5, 1.0]\n'; } > "$out/stiff_sweep.toml" # takes short steps, so that the sweep lasts
stopped sweep "$out/stiff_sweep.toml" 2 "has no value"
sed 's/^realizations = 20/realizations = 2000/' "$data/scenarios/mlp_xor.toml" | sed "s|\.\./devices|$data/devices|" > "$out/long.toml"
stopped train "$out/long.toml"
expect 0 "a simulation, complete" "$program" info "$out/ramp.h5"
expect 0 "events by kind: segment 2, time_event 6" "$program" info "$out/ramp.h5"
expect 0 "trajectories by status: done 1739" "$program" info "$out/loops.h5"
expect 0 "a training, complete" "$program" info "$out/xor.h5"
expect 0 "a sweep, not complete" "$program" info "$out/stopped_sweep.h5.part"
expect 4 "there is no such file" "$program" info "$out/nothing.h5"
expect 2 "excludes" "$program" info "$out/ramp.h5" --json --check
for file in ramp switch stray set absorbed or xor crossbar loops three wild stopped_train stopped_sweep; do
  [[ -e "$out/$file.h5" ]] && name=$out/$file.h5 || name=$out/$file.h5.part
  [[ -e $name ]] && expect 0 "the file format holds" "$program" info "$name" --check
done
"$program" info "$out/loops.h5" --json | /usr/bin/python3 -c 'import json, sys; file = json.load(sys.stdin)
sys.exit((file["kind"], file["trajectories"]["done"], file["axes"]["frequency"]["units"]) != ("sweep", 1739, "Hz"))' ||
  { echo "FAILED: the JSON of a sweep"; failures=$((failures + 1)); }
cp "$out/ramp.h5" "$out/copy.h5"
expect 0 "equal to the last bit" "$program" diff "$out/ramp.h5" "$out/copy.h5"
expect 0 "" "$program" simulate "$data/scenarios/window_ramp.toml" -o "$out/copy.h5"
expect 0 "equal to the last bit" "$program" diff "$out/ramp.h5" "$out/copy.h5"
expect 1 "differ" "$program" diff "$out/ramp.h5" "$out/switch.h5"
expect 1 "this dataset is in the second file only" "$program" diff "$out/ramp.h5" "$out/loops.h5"
expect 4 "cannot be read" "$program" diff "$out/ramp.h5" "$out/nothing.h5"
expect 0 "" "$program" export "$out/ramp.h5" --format csv -o "$out/ramp.csv"
expect 0 "time [s],drive [A],current [A]" head -1 "$out/ramp.csv"
expect 0 "" "$program" export "$out/loops.h5" -o "$out/loops.csv"
expect 0 "1740" wc -l "$out/loops.csv"
expect 0 "" "$program" export "$out/xor.h5" -o "$out/xor.csv"
expect 0 "gate,realization,epoch,total_error" head -1 "$out/xor.csv"
expect 0 "" "$program" export "$out/xor.h5" --dataset trajectory -o "$out/pulses.csv"
expect 2 'did you mean "loop_area"' "$program" export "$out/loops.h5" --dataset loop_are -o "$out/x.csv"
expect 2 "must end in .csv" "$program" export "$out/loops.h5" -o "$out/ramp.h5"
expect 2 "xlsx" "$program" export "$out/loops.h5" --format xlsx -o "$out/x.csv"
expect 4 "the folder exists" "$program" export "$out/loops.h5" -o "$out/nowhere/x.csv"
exit $((failures > 0))

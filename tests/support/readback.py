# SPDX-License-Identifier: MIT
"""Opens result files in xarray with both of its HDF5 engines. Arguments: the program, the data folder, and a folder to
write to."""
import pathlib
import subprocess
import sys

import numpy
import xarray

program, data, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
out.mkdir(parents=True, exist_ok=True)


def run(*arguments):
    subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


run("simulate", data / "scenarios/hp_pulse_train.toml", "-o", out / "hp.h5")
run("train", data / "scenarios/slp_or.toml", "-o", out / "or.h5")
run("sweep", data / "scenarios/sweep_hp_frequency.toml", "-o", out / "loops.h5")
text = (data / "scenarios/sweep_team_variability.toml").read_text().replace("samples = 20000", "samples = 300")
(out / "team.toml").write_text(text + "\n[record]\ninterval = 1e-6\n")
for threads in (1, 2):
    run("sweep", out / "team.toml", "-o", out / f"team{threads}.h5", "--threads", threads)
# more guards than a number has bits, including those of a compliance; and no guards
for count in (70, 0):
    guards = "".join(f'g{k} = "v - {k} * 1e-2"\n' for k in range(count))
    (out / f"guards{count}.device.toml").write_text(
        f'control = "voltage"\n[guards]\n{guards}[[variable]]\nname = "x"\nlower = 0\nupper = 1\ndrift = "0.1"\n'
        '[port]\nmemristance = "1e3"\n[properties]\nfades = true\n'
    )
    (out / f"guards{count}.toml").write_text(
        f'[device]\nfile = "guards{count}.device.toml"\n[initial]\ngamma = [0]\n[drive]\nquantity = "voltage"\n'
        + ("compliance = [inf, 6.05e-4]\n" if count else "")
        + '[[waveform]]\nkind = "ramp"\nduration = 1\nfrom = -0.005\nto = 0.665\n'
    )
    run("simulate", out / f"guards{count}.toml", "-o", out / f"guards{count}.h5")
(out / "jumps.toml").write_text(
    f'[device]\nfile = "{data.resolve()}/devices/strukov_2008.toml"\n[initial]\ngamma = [1e-9]\n'
    + "".join(f'[[waveform]]\nkind = "constant"\nduration = {duration}\nvalue = {value}\n'
              for duration, value in ((0.5, 1e-4), (0.25, -1e-4), (0.25, 0.0)))  # fmt: skip
)
run("simulate", out / "jumps.toml", "-o", out / "jumps.h5")
text = (data / "scenarios/mlp_xor.toml").read_text().replace("../devices", str(data.resolve() / "devices"))
text = text.replace("realizations = 20", "realizations = 1").replace("epochs = 1000", "epochs = 200")
(out / "xor.toml").write_text(text)
run("train", out / "xor.toml", "-o", out / "xor.h5")
run("reproduce", "-o", out, "--realizations", 2, "--epochs", 3, "--no-plots")
run("reproduce", "-o", out, "--figure", "universality", "--realizations", 2, "--epochs", 3, "--no-plots")
text = (data / "scenarios/mlp_franke.toml").read_text().replace("../datasets", str(data.resolve() / "datasets"))
(out / "franke.toml").write_text(text.replace("epochs = 5000", "epochs = 5"))
run("train", out / "franke.toml", "-o", out / "franke.h5")
# classes by name: the same training as with one column a class
iris = [line.split(",") for line in (data / "datasets/iris.csv").read_text().split("\n") if line and line[0] != "#"]
species = [name.strip() for name in iris[0][4:]]
(out / "species.csv").write_text(
    ";".join([*iris[0][:4], "species"]) + "\r\n"
    + "".join(";".join([*row[:4], species[[float(one) for one in row[4:]].index(1)]]).replace(".", ",") + "\r\n" for row in iris[1:])
)
text = (data / "scenarios/mlp_iris.toml").read_text().replace("realizations = 20", "realizations = 3").replace("epochs = 200", "epochs = 4")
(out / "onehot.toml").write_text(text.replace("../datasets", str(data.resolve() / "datasets")))
(out / "species.toml").write_text(
    text.replace("../datasets/iris.csv", "species.csv").replace("targets = 3", 'label = "species"')
    + '[record]\nweights = true\naccuracy = true\nrealizations = [1]\nepochs = "all"\n'
)
for name in ("onehot", "species"):
    run("train", out / f"{name}.toml", "-o", out / f"{name}.h5")
run("info", "--check", out / "species.h5")
# a device without a state
(out / "diode.toml").write_text(
    '[device]\nmodel = "diode"\n[[waveform]]\nkind = "triangle_sweep"\namplitude = 0.7\nperiod = 1\n'
)
(out / "diodes.toml").write_text(
    (out / "diode.toml").read_text()
    + '[[sweep]]\nkey = "waveform.amplitude"\nvalues = [0.5, 0.7]\n[reduce]\ntimes = [0.25]\n[record]\ninterval = 0.25\n'
)
run("simulate", out / "diode.toml", "-o", out / "diode.h5")
run("sweep", out / "diodes.toml", "-o", out / "diodes.h5")
for name in ("diode", "diodes"):
    run("info", "--check", out / f"{name}.h5")
    run("export", out / f"{name}.h5", "-o", out / f"{name}.csv")
    run("rerun", out / f"{name}.h5", "-o", out / f"{name}.again.h5")
    run("diff", out / f"{name}.h5", out / f"{name}.again.h5")
    run("plot", out / f"{name}.h5", "-o", out / f"{name}.svg")
# a sweep with everything that can be recorded along times
(out / "times.toml").write_text(
    (data / "scenarios/sweep_hp_frequency.toml").read_text().replace("../devices", str(data.resolve() / "devices")).split("[[sweep]]")[0]
    + '[[sweep]]\nkey = "waveform.amplitude"\nname = "amplitude"\nvalues = [1e-4, 2e-4]\n'
    + '[reduce]\ntimes = [0.25, 0.5]\n[record]\ninterval = 0.125\n'
)
run("sweep", out / "times.toml", "-o", out / "times.h5")
run("info", "--check", out / "times.h5")
run("export", out / "times.h5", "-o", out / "times.csv", "--dataset", "current_at")
for engine in ("h5netcdf", "netcdf4"):
    onehot, named = (xarray.open_dataset(out / f"{name}.h5", engine=engine) for name in ("onehot", "species"))
    assert list(named["class"].values) == sorted(species) == species and "weights" not in onehot
    assert (named.total_error.values == onehot.total_error.values).all()  # recording changes nothing, to the last bit
    assert (named.weight_final.values == onehot.weight_final.values).all() and (named.accuracy.values == onehot.accuracy.values).all()
    assert named.weights.dims == ("gate", "realization", "epoch", "variable"), named.weights.dims
    # the final weights are those after the reads of the held-out rows
    assert numpy.allclose(named.weights.sel(epoch=4), named.weight_final, rtol=0, atol=1e-9)
    assert (named.accuracy_held_out.sel(epoch=4).values == named.accuracy.values).all()
    hits = named.accuracy_training.values * 120  # rows that are learnt
    assert numpy.allclose(hits, hits.round(), atol=1e-9) and (hits > 40).all() and (hits <= 120).all()
    moves = xarray.open_dataset(out / "species.h5", engine=engine, group="trajectory")
    assert list(moves.variable.values) == list(named.variable.values) and named.variable.values[0] == "w_1_1_1"
    for epoch in (1, 4):  # the trajectory of an epoch ends where the next begins
        last = moves.gamma.values[(moves.epoch == epoch).values][-1]
        assert (last == named.gamma.sel(epoch=epoch, realization=1).values[0]).all(), epoch
    assert set(moves.epoch.values) == {1, 2, 3, 4}
    ratio = named.weights / named.gamma  # all devices of a multilayer perceptron have one factor
    assert numpy.allclose(ratio, ratio[0, 0, 0, 0], rtol=1e-14) and named.gamma.units == moves.gamma.units
    timed = xarray.open_dataset(out / "times.h5", engine=engine)
    assert timed.current_at.dims == ("amplitude", "reduce_time") and timed.voltage.dims == ("amplitude", "time"), timed
    assert (timed.gamma_at.values == timed.gamma.sel(time=[0.25, 0.5]).values).all()
    assert (timed.current_at.values == timed.current.sel(time=[0.25, 0.5]).values).all()
    diode, diodes = (xarray.open_dataset(out / f"{name}.h5", engine=engine) for name in ("diode", "diodes"))
    assert diode.sizes["variable"] == 0 and "gamma" not in diode and "gamma_final" not in diodes, (diode, diodes)
    assert (diodes.current.sel(time=0.25).values == diodes.current_at.sel(reduce_time=0.25).values).all()
    assert numpy.isclose(diode.current.max(), diodes.current_at.sel(amplitude=0.7)[0], rtol=1e-12)
    hp = xarray.open_dataset(out / "hp.h5", engine=engine)
    assert hp.gamma.dims == ("time", "variable"), hp.gamma.dims
    assert list(hp.variable.values) == ["gamma"] and list(hp.variable_unit.values) == ["m"]
    finite = numpy.isfinite(hp.memristance)
    assert numpy.allclose((hp.voltage / hp.current)[finite], hp.memristance[finite])
    assert (hp.current[~finite] == 0).all() and finite.any()
    jumps = xarray.open_dataset(out / "jumps.h5", engine=engine)
    index = jumps.indexes["time"]
    assert index.is_unique and index.is_monotonic_increasing and index[0] == 0, index
    for moment, before, after in ((0.5, 1e-4, -1e-4), (0.75, -1e-4, 0.0)):  # both sides of a jump are kept
        assert jumps.drive.sel(time=moment) == after and jumps.drive.sel(time=numpy.nextafter(moment, 0)) == before
        assert jumps.drive.sel(time=moment - 1e-9, method="ffill") == before
        assert numpy.allclose(jumps.drive.interp(time=[moment - 1e-9, moment + 1e-9]), [before, after], atol=1e-18)
    first, second = jumps.sel(time=slice(None, 0.6)), jumps.sel(time=slice(0.6, None))
    assert xarray.concat([first, second], "time").drive.equals(jumps.drive)
    assert "scenario" in hp.attrs and hp.attrs["title"].startswith("HP memristor")
    assert hp.attrs["complete"] == "yes"
    inputs = xarray.open_dataset(out / "hp.h5", engine=engine, group="inputs")
    assert inputs.text.dims == ("file",) and inputs.attrs["command"] == "simulate", inputs
    assert [str(name) for name in inputs.file.values] == ["../devices/strukov_2008.toml"], inputs.file
    assert str(inputs.text.values[0]) == (data / "devices/strukov_2008.toml").read_text()
    resistance = inputs.parameter_value.sel(parameter="device.parameters.R_off")
    assert resistance == 16000 and inputs.parameter_unit.sel(parameter="device.parameters.R_off") == "ohm", inputs
    many, none = (xarray.open_dataset(out / f"guards{count}.h5", engine=engine) for count in (70, 0))
    assert many.regime.dims == ("time", "guard") and many.regime.dtype == "uint8", many.regime
    assert list(many.guard.values) == [f"g{k}" for k in range(70)] + ["compliance (positive)"], many.guard.values
    own = many.regime[:, :70]
    assert (own[0] == 0).all() and (own[-1].sum(), own.sel(guard="g60")[-1], own.sel(guard="g61")[-1]) == (61, 1, 0)
    last = many.regime.sel(guard="compliance (positive)")
    assert last[0] == 0 and last[-1] == 1 and "regime" not in none and "guard" not in none
    counted = own.sum("guard").values.astype(int)
    assert set(counted) == set(range(62)), counted  # numbered without gaps
    moves = xarray.open_dataset(out / "or.h5", engine=engine, group="trajectory")
    assert moves.regime.dims == ("time", "guard") and moves.sizes["guard"] == 12, moves.sizes
    assert moves.guard.values[0] == "guard 0: current > 20 A", moves.guard.values
    assert ((moves.current > 20).values == moves.regime[:, 0].values).all()
    moves = xarray.open_dataset(out / "xor.h5", engine=engine, group="trajectory")
    kinds = numpy.array([name.split(".")[0] for name in moves.guard.values])
    synapses, nodes = (moves.regime[:, kinds == kind].values for kind in ("synapse", "node"))
    pulsed = (nodes == 2).all(axis=1)
    assert (pulsed ^ (synapses == 2).all(axis=1)).all() and pulsed.any() and not pulsed.all()
    assert (synapses[pulsed] < 2).all() and (nodes[~pulsed] < 2).all()
    assert (synapses[pulsed & (moves.phase == 3).values].sum(axis=1) == 1).all()  # an update exceeds exactly one threshold
    test = xarray.open_dataset(out / "universality.h5", engine=engine)
    assert test.total_error.dims == ("target", "activation", "hidden", "realization", "epoch"), test.total_error.dims
    floor = test.floor.sel(activation="square")
    assert (test.final_error.sel(activation="square") >= floor - 1e-9).all() and (floor > 0).all()
    assert numpy.isnan(test.floor.sel(activation="rectified")).all()
    assert numpy.allclose(floor.sel(target="sine", output=["square", "linear"]), [3.4121, 3.4114], atol=1e-4)
    franke = xarray.open_dataset(out / "franke.h5", engine=engine)
    assert franke.prediction.dims == ("realization", "output", "grid_1", "grid_2"), franke.prediction.dims
    assert list(franke.output.values) == ["height", "slope"] and franke.grid_1.long_name == "x", franke
    assert franke.row_target.sel(output="height").shape == (441,) and numpy.isfinite(franke.rms_held_out).all()
    for file, group in (("hp.h5", None), ("hp.h5", "inputs"), ("or.h5", None), ("or.h5", "inputs"), ("or.h5", "trajectory"), ("figure2.h5", None),
                        ("universality.h5", None), ("franke.h5", None),
                        ("xor.h5", "trajectory"), ("guards70.h5", None), ("guards0.h5", None)):
        dataset = xarray.open_dataset(out / file, engine=engine, group=group, decode_times=True)
        for name, variable in dataset.variables.items():
            assert "units" in variable.attrs and "long_name" in variable.attrs, (file, name)
            assert not any(d.startswith("phony") for d in variable.dims), (file, name)
    for figure, weights in ((1, 3), (2, 9)):
        result = xarray.open_dataset(out / f"figure{figure}.h5", engine=engine)
        assert result.total_error.dims == ("gate", "realization", "epoch")
        assert dict(result.sizes) == {"gate": 3, "realization": 2, "epoch": 3, "weight": weights}, result.sizes
        assert list(result.gate.values) == ["OR", "AND", "XOR"]
        assert result.attrs["seed"] == 1 and result.attrs["format_version"] == "2.0"
        assert "created" in xarray.open_dataset(out / f"figure{figure}.h5", engine=engine, group="provenance").attrs
        assert numpy.isfinite(result.weight_final).all()
    loops = xarray.open_dataset(out / "loops.h5", engine=engine)
    assert loops.loop_area.dims == ("amplitude", "frequency"), loops.loop_area.dims
    assert (loops.status == 0).all() and loops.attrs["complete"] == "yes"
    # with linear drift [Strukov 2008] the area of a loop that reaches no bound is proportional to 1/f
    fast = loops.loop_area.sel(amplitude=1e-4, method="nearest").sel(frequency=[50, 100], method="nearest")
    ratio = float(fast[0] * fast.frequency[0] / (fast[1] * fast.frequency[1]))
    assert abs(ratio - 1) < 1e-6, ratio
    team, again = (xarray.open_dataset(out / f"team{threads}.h5", engine=engine) for threads in (1, 2))
    assert team.drop_vars("status").identical(again.drop_vars("status")) or all(
        team[name].equals(again[name]) for name in team.variables
    )
    assert team.gamma.dims == ("sample", "time", "variable") and team.sizes["time"] == 5, team.sizes
    assert numpy.allclose(team.gamma[:, 0, 0], team.initial_gamma_0)
    assert abs(float(numpy.log(team.k_off).std()) - 0.2) < 0.05
    for dataset in (loops, team):
        for name, variable in dataset.variables.items():
            assert "units" in variable.attrs and "long_name" in variable.attrs, name
print("read back by both engines")

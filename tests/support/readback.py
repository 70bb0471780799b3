# SPDX-License-Identifier: MIT
"""Opens result files as users do: xarray with both of its HDF5 engines. Arguments: the program, the data folder, and a
folder to write to."""
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
run("reproduce", "-o", out, "--realizations", 2, "--epochs", 3, "--no-plots")
for engine in ("h5netcdf", "netcdf4"):
    hp = xarray.open_dataset(out / "hp.h5", engine=engine)
    assert hp.gamma.dims == ("time", "variable"), hp.gamma.dims
    assert list(hp.variable.values) == ["gamma"] and list(hp.variable_unit.values) == ["m"]
    finite = numpy.isfinite(hp.memristance)
    assert numpy.allclose((hp.voltage / hp.current)[finite], hp.memristance[finite])
    assert (hp.current[~finite] == 0).all() and finite.any()
    assert "scenario" in hp.attrs and hp.attrs["title"].startswith("HP memristor")
    for file, group in (("hp.h5", None), ("or.h5", None), ("or.h5", "trajectory"), ("figure2.h5", None)):
        dataset = xarray.open_dataset(out / file, engine=engine, group=group, decode_times=True)
        for name, variable in dataset.variables.items():
            assert "units" in variable.attrs and "long_name" in variable.attrs, (file, name)
            assert not any(d.startswith("phony") for d in variable.dims), (file, name)
    for figure, weights in ((1, 3), (2, 9)):
        result = xarray.open_dataset(out / f"figure{figure}.h5", engine=engine)
        assert result.total_error.dims == ("gate", "realization", "epoch")
        assert dict(result.sizes) == {"gate": 3, "realization": 2, "epoch": 3, "weight": weights}, result.sizes
        assert list(result.gate.values) == ["OR", "AND", "XOR"]
        assert result.attrs["seed"] == 1 and result.attrs["format_version"] == "1.0"
        assert numpy.isfinite(result.weight_final).all()
    loops = xarray.open_dataset(out / "loops.h5", engine=engine)
    assert loops.loop_area.dims == ("amplitude", "frequency"), loops.loop_area.dims
    assert (loops.status == 0).all() and loops.attrs["complete"] == "yes"
    # the area of an ideal loop that stays inside falls as 1/f; [Strukov 2008] linear drift
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

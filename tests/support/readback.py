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
run("reproduce", "-o", out, "--realizations", 2, "--epochs", 3, "--no-plots")
for engine in ("h5netcdf", "netcdf4"):
    hp = xarray.open_dataset(out / "hp.h5", engine=engine)
    assert hp.gamma.dims == ("time", "variable"), hp.gamma.dims
    assert list(hp.variable.values) == ["gamma"]
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
print("read back by both engines")

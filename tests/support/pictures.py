# SPDX-License-Identifier: MIT
"""Pictures of quantities along time show the numbers of the file. Arguments: the program, the data folder, a folder to
write to.

A program with the name of gnuplot keeps the script that it is given, whose data blocks are compared with the file. A
second part draws with gnuplot itself, in all formats."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import h5py
import numpy

program, data, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
shutil.rmtree(out, ignore_errors=True)
(out / "fake").mkdir(parents=True)
fake = out / "fake/gnuplot"
fake.write_text(f"#!/bin/sh\ncat > '{out}/script'\necho '<svg/>'\n")
fake.chmod(0o755)
failures = []


def check(holds, *what):
    if not holds:
        failures.append(what)
        print("FAILED:", *what, flush=True)


def run(*arguments, status=0, words="", path=""):
    environment = dict(os.environ, PATH=path + os.environ["PATH"])
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, env=environment)
    check(done.returncode == status and words in done.stdout + done.stderr, arguments, done.returncode, done.stderr)
    return done.stderr


def blocks(*arguments):
    """The data blocks of a picture, by name, and its script."""
    run("plot", *arguments, "-o", out / "picture.svg", path=f"{out}/fake:")
    script = (out / "script").read_text()
    found = {}
    for name, rows in re.findall(r"^\$(\w+) << EOD\n(.*?)EOD$", script, flags=re.S | re.M):
        found[name] = numpy.array([[float(x) for x in row.split()] for row in rows.splitlines()])
    return found, script


def near(a, b):
    return a.shape == b.shape and numpy.allclose(a, b, rtol=1e-12, atol=0)


def literal(text):
    """A text as the scripts write it: every byte but letters in octal."""
    return '"' + "".join(c if c.isascii() and c.isalpha() else "".join(f"\\{b:03o}" for b in c.encode()) for c in text) + '"'


scenarios = data / "scenarios"
run("simulate", scenarios / "hp_sine.toml", "-o", out / "hp.h5")
run("simulate", scenarios / "hp_sine.toml", "-o", out / "fast.h5", "--set", "waveform.frequency=4")
run("simulate", scenarios / "complementary_switch.toml", "-o", out / "pair.h5")
with h5py.File(out / "hp.h5") as file:
    t, i, v, g = (file[name][:] for name in ("time", "current", "voltage", "gamma"))
    g = g[:, 0]

# ---- one quantity against another
found, script = blocks(out / "hp.h5", "--x", "gamma", "--y", "voltage")
check(near(found["curve0_0"], numpy.column_stack([g * 1e9, v, t])), "a phase portrait")
for label in ("gamma (nm)", "voltage (V)", "time (s)"):
    check(literal(label) in script, label)
found, script = blocks(out / "hp.h5", "--y", "power")
check(near(found["curve0_0"][:, 1], v * i * 1e6), "power")
found, script = blocks(out / "hp.h5", "--y", "memristance", "--y", "conductance")
flows = i != 0
check(near(found["curve0_0"][:, 1], (v / numpy.where(flows, i, 1))[flows] * 1e-3), "memristance in kohm")
check(near(found["curve0_1"][:, 1], (i / numpy.where(flows, v, 1))[flows] * 1e6), "conductance in µS")
check(literal("memristance (kohm)") in script and literal("conductance (µS)") in script, "units of both panels")

# ---- a window of time, with the points at which lines cross its ends
found, script = blocks(out / "hp.h5", "--view", "loop", "--from", "0.6", "--to", "1.3")
row = found["curve0_0"]
check(row[0, 2] == 0.6 and row[-1, 2] == 1.3, "the ends of a window", row[0], row[-1])
inside = (t >= 0.6) & (t <= 1.3)
check(near(row[1:-1], numpy.column_stack([v, i * 1e6, t])[inside]), "a window of a loop")
check(abs(row[0, 0] - numpy.interp(0.6, t, v)) < 1e-12, "interpolated end")
found, script = blocks(out / "hp.h5", "--from", "0.6", "--to", "1.3")
check(found["data"][0, 0] == 600 and found["data"][-1, 0] == 1300 or found["data"][0, 0] == 0.6, "an overview's window")

# ---- logarithmic axes
found, script = blocks(out / "hp.h5", "--view", "loop", "--log", "y")
row = found["curve0_0"]
row = row[~numpy.isnan(row[:, 1])]
check((row[:, 1] > 0).all() and numpy.isclose(row[:, 1].max(), abs(i).max(), rtol=1e-12), "magnitudes of the current")
at = numpy.interp(row[:, 2], t, i)
check(numpy.allclose(row[:, 1], abs(at), rtol=1e-6, atol=1e-12), "points on the lines between rows")
check(literal("|current| (A)") in script and "set logscale y\n" in script, "label of a logarithmic axis")

# ---- several files, and the trajectories of a sweep
found, script = blocks(out / "hp.h5", out / "fast.h5", "--view", "loop")
with h5py.File(out / "fast.h5") as file:
    check(near(found["curve1_0"][:, 0], file["voltage"][:]), "the second of two files")
check(all(literal(name) in script for name in ("hp", "fast")), "a legend of files")
found, script = blocks(out / "hp.h5", out / "fast.h5")
check(len(found) == 6, "current, voltage and state of two files", sorted(found))
(out / "sweep.toml").write_text(
    (scenarios / "hp_sine.toml").read_text().replace("../", f"{data}/")
    + '[record]\ninterval = 0.01\n[[sweep]]\nkey = "waveform.amplitude"\nvalues = [1e-4, 2e-4]\n'
    + '[[sweep]]\nkey = "device.parameters.R_off"\nvalues = [8e3, 12e3, 16e3]\n'
)
run("sweep", out / "sweep.toml", "-o", out / "sweep.h5")
with h5py.File(out / "sweep.h5") as file:
    all_gamma, times = file["gamma"][:], file["time"][:]
found, script = blocks(out / "sweep.h5", "--y", "gamma")
check(len(found) == 6, "six trajectories", sorted(found))
for n in range(6):
    check(near(found[f"curve{n}_0"][:, 1], all_gamma[n // 3, n % 3, :, 0] * 1e9), "trajectory", n)
found, script = blocks(out / "sweep.h5", "--y", "gamma", "--at", "R_off=12e3")
check(len(found) == 2 and near(found["curve1_0"][:, 1], all_gamma[1, 1, :, 0] * 1e9), "a fixed axis")
check(literal("amplitude = 200 µA") in script, "a legend of trajectories")

# ---- values of a sweep at given times: their times are an axis, after those of the sweep and before the samples
(out / "times.toml").write_text(
    (scenarios / "hp_sine.toml").read_text().replace("../", f"{data}/")
    + '[[sweep]]\nkey = "waveform.amplitude"\nvalues = [1e-4, 2e-4]\n[[vary]]\nkey = "device.parameters.R_off"\n'
    + 'distribution = "uniform"\nlow = 14e3\nhigh = 18e3\n[run]\nsamples = 3\n[reduce]\ntimes = [0.1, 0.25, 0.4, 1.3]\n'
)
run("sweep", out / "times.toml", "-o", out / "times.h5")
with h5py.File(out / "times.h5") as file:
    at, gammas, voltages = (file[name][:] for name in ("reduce_time", "gamma_at", "voltage_at"))
check(gammas.shape == (2, 3, 4, 1) and voltages.shape == (2, 3, 4), gammas.shape, voltages.shape)
for arguments, wanted in (
    (["--quantity", "gamma_at", "--at", "amplitude=2e-4"], gammas[1, :, :, 0] * 1e9),
    (["--quantity", "voltage_at", "--at", "amplitude=1e-4"], voltages[0]),
):
    found, script = blocks(out / "times.h5", *arguments)
    check(near(found["data"][:, 0], at * (1e3 if at.max() < 1 else 1)), "times", arguments)
    check(near(found["data"][:, 1], numpy.median(wanted, axis=0)), "medians at times", arguments, found["data"])
    check(literal("reduce_time (s)") in script, "the label of times", arguments)
found, script = blocks(out / "times.h5", "--quantity", "voltage_at", "--at", "reduce_time=0.26")
check(near(found["data"][:, 1], numpy.median(voltages[:, :, 1], axis=1)), "over an axis, at one time", found["data"])
found, script = blocks(out / "times.h5", "--quantity", "voltage_at")  # a map: the last column
check(near(found["data"][:, 6], numpy.median(voltages, axis=1).ravel()), "a map over an axis and times", found["data"])

# ---- a recorded training, and its errors
small = ("--set", "run.realizations=3", "--set", "run.epochs=5")
run("train", scenarios / "slp_edges.toml", "-o", out / "edges.h5", *small)
run("train", scenarios / "slp_or.toml", "-o", out / "or.h5", *small)
found, script = blocks(out / "edges.h5", out / "or.h5", "--log", "y")
for number, name in enumerate(("edges", "or")):
    with h5py.File(out / f"{name}.h5") as file:
        error, epoch = file["total_error"][0], file["epoch"][:]
    row = found[f"data{number}"]
    check((row[:, 0] == epoch).all() and near(row[:, 1], error.mean(axis=0)), "mean errors of", name)
    check(near(row[:, 2:], numpy.quantile(error, (0.1, 0.9), axis=0).T), "their band", row[:, 2:])
check("set logscale y\n" in script and literal("edges") in script, "errors on a logarithmic axis")
found, script = blocks(out / "edges.h5", "--view", "transient")
check(found["data"][0, 0] == 0 and (numpy.diff(found["data"][:, 0]) >= 0).all(), "times of an update")
check(numpy.ptp(found["data"][:, 3]) > 0, "an update moves a weight")

# ---- refusals
hp = out / "hp.h5"
picture = ["-o", out / "x.svg"]
for arguments, words in (
    (["--y", "curent"], 'did you mean "current"'),
    (["--x", "nothing"], "must be a quantity along time, one of time, current"),
    (["--from", "5", "--to", "6"], "the file holds 0 to 2 s"),
    (["--from", "1", "--to", "1"], "the first below the second"),
    (["--view", "lop"], "lop not in {overview,loop,transient,prediction,parts,map,orders}"),
    (["--log", "z"], "z not in {x,y,xy}"),
    (["--x", "time", "--view", "loop"], "does not go with --x and --y"),
    (["--at", "R_off=1", "--y", "gamma"], "this file has one trajectory"),
    (["--view", "transient"], "which has overview, loop"),
):
    run("plot", hp, *picture, *arguments, status=2, words=words)
run("plot", out / "sweep.h5", *picture, "--y", "part_voltage", status=2, words="must be a quantity along time")
run("plot", out / "sweep.h5", *picture, "--from", "1", status=2, words="--from and --to choose a span of time")
run("plot", *[hp] * 21, *picture, status=2, words="give 1 to 20 result files")
run("plot", hp, out / "sweep.h5", *picture, status=2, words="choose what both have along time")
run("plot", scenarios / "sweep_dose.toml", *picture, status=2, words='"memdyn sweep')
run("info", scenarios / "hp_sine.toml", status=2, words="is a scenario, not a result file")
run("info", data / "devices/strukov_2008.toml", status=2, words="describes a device")
fake.write_text("#!/bin/sh\ncat > /dev/null\necho 'unknown or ambiguous terminal type; type just set terminal' >&2\nexit 1\n")
run("plot", hp, "-o", out / "x.pdf", status=4, words="this gnuplot cannot write .pdf", path=f"{out}/fake:")

# ---- gnuplot draws them
for number, arguments in enumerate((
    [hp, "--x", "gamma", "--y", "voltage"], [hp, out / "fast.h5", "--view", "loop", "--log", "y"], [hp, out / "fast.h5"],
    [out / "sweep.h5", "--y", "gamma"], [hp, "--x", "voltage", "--y", "current", "--log", "xy"], [out / "sweep.h5", "--quantity", "charge"],
)):  # fmt: skip
    for ending, magic in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF-")):
        drawn = out / f"drawn{number}{ending}"
        run("plot", *arguments, "-o", drawn)
        check(drawn.read_bytes().startswith(magic) and drawn.stat().st_size > 3000, drawn)
sys.exit(bool(failures))

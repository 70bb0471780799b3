# SPDX-License-Identifier: MIT
"""Compares small simulations from Python with the same in C++, and with SciPy on the same device. Prints a table of
ratios: median, lowest and highest. README.md explains them.
Usage: PYTHONPATH=build/release/python python3 tests/benchmarks/python_speed.py
       build/release/tests/benchmarks/memdyn_benchmarks data [--quick]"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import memdyn
import numpy
import scipy.integrate

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("program", help="memdyn_benchmarks")
options.add_argument("data", type=pathlib.Path, help="the data folder")
options.add_argument("--quick", action="store_true", help="less work and fewer repetitions: a smoke test")
given = options.parse_args()
repetitions = 2 if given.quick else 9
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])  # processor time on one core

simulation = memdyn.Simulation(given.data / "scenarios/hp_sine.toml")


def by_program():
    """One run in C++: seconds for a simulation, their number, and counters."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.json"
        subprocess.run([given.program, *(["--quick"] if given.quick else []), "--benchmark_filter=^simulations/",
                        "--benchmark_min_time=0.01", f"--benchmark_out={out}"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        (run,) = json.loads(out.read_text())["benchmarks"]
    if run.get("error_occurred"):
        sys.exit(f"{run['name']}: {run['error_message']}")
    unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}[run["time_unit"]]
    return run["cpu_time"] * unit / run["items"], int(run["items"]), run


def by_python(amplitudes):
    rows = 0
    begin = time.process_time()
    for amplitude in amplitudes:
        rows += len(simulation.run(amplitude=amplitude).time)
    return (time.process_time() - begin) / len(amplitudes), rows


device = {one["name"]: one["value"] for one in memdyn.Device.from_file(given.data / "devices/strukov_2008.toml").parameters}
rate = device["mu_v"] * device["R_on"] / device["D"]
start, duration = 1e-9, 2.0  # of hp_sine.toml


def exact(amplitude, times):
    return start + rate * amplitude * (1 - numpy.cos(2 * numpy.pi * times)) / (2 * numpy.pi)


def scipy_once(amplitude, tolerance):
    def drift(time, state):
        return rate * amplitude * numpy.sin(2 * numpy.pi * time)

    solved = scipy.integrate.solve_ivp(drift, (0, duration), [start], rtol=tolerance, atol=tolerance * device["D"])
    width = solved.y[0] / device["D"]
    current = amplitude * numpy.sin(2 * numpy.pi * solved.t)
    voltage = (device["R_on"] * width + device["R_off"] * (1 - width)) * current
    return solved.t, solved.y[0], voltage


def scipy_tolerance(wanted):
    """The loosest power of ten with which SciPy is as accurate."""
    for power in range(4, 13):
        times, states, _ = scipy_once(amplitudes[-1], 10.0**-power)
        if abs(states - exact(amplitudes[-1], times)).max() <= wanted:
            return 10.0**-power
    sys.exit("SciPy does not reach the accuracy")


def by_scipy(amplitudes, tolerance):
    begin = time.process_time()
    for amplitude in amplitudes:
        scipy_once(amplitude, tolerance)
    return (time.process_time() - begin) / len(amplitudes)


_, count, counters = by_program()
amplitudes = [counters["lowest"] + (counters["highest"] - counters["lowest"]) * k / count for k in range(count)]
result = simulation.run(amplitude=amplitudes[-1])
error = abs(result.gamma[:, 0] - exact(amplitudes[-1], result.time)).max()
tolerance = scipy_tolerance(max(error, 1e-12 * device["D"]))
some = amplitudes[:: max(1, count // 100)]

program, python, scipy_ = [], [], []
for _ in range(repetitions):
    seconds, _, counters = by_program()
    program.append(seconds)
    seconds, rows = by_python(amplitudes)
    python.append(seconds)
    if rows != counters["rows"]:
        sys.exit(f"{rows} rows from Python, {counters['rows']:.0f} in C++: they do not do the same")
    scipy_.append(by_scipy(some, tolerance))


def spread(values):
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


print("| | median (lowest to highest) | target |")
print("|---|---|---|")
print(f"| a simulation in C++, µs | {spread([1e6 * one for one in program])} | |")
print(f"| a call of `Simulation.run` beyond it, µs | "
      f"{spread([1e6 * (b - a) for a, b in zip(program, python)])} | < 100 |")  # fmt: skip
print(f"| {count} simulations: time from Python over time in C++ | "
      f"{spread([b / a for a, b in zip(program, python)])} | <= 1.3 |")  # fmt: skip
print(f"| `solve_ivp` at the same accuracy ({error / device['D']:.1g} of the range, tolerance {tolerance:.0e}) over "
      f"`Simulation.run` | {spread([b / a for a, b in zip(python, scipy_)])} | |")  # fmt: skip

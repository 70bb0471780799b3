# SPDX-License-Identifier: MIT
"""Runs Memdyn and its peers on the same work; writes table.md, results.json and figures. README.md explains them.
Usage: python3 tests/benchmarks/compare.py build/release/tests/benchmarks/memdyn_benchmarks -o FOLDER [--quick]"""
import argparse
import json
import math
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import numpy
import scipy.integrate

HERE = pathlib.Path(__file__).parent
options = argparse.ArgumentParser(description=__doc__)
options.add_argument("program")
options.add_argument("-o", "--output", type=pathlib.Path, required=True)
options.add_argument("--quick", action="store_true", help="less work and fewer repetitions: a smoke test")
given = options.parse_args()
data = given.output / "data"  # data for the table and the figures
data.mkdir(parents=True, exist_ok=True)
quick = given.quick
cores = sorted(os.sched_getaffinity(0))


class Side:
    """Seconds per run in each repetition, and the counters of the run."""

    def __init__(self, seconds, items, error, **counters):
        self.seconds, self.items, self.error, self.counters = seconds, items, error, counters

    def per_item(self):
        return [s / self.items for s in self.seconds]


def median_and_range(values):
    return statistics.median(values), min(values), max(values)


# ---- Memdyn and the peers in C++ ----

sides, context = {}, {}


def run_program(comparison, repetitions, min_time=0.2, one_core=True):
    """Runs all sides of a comparison, with their repetitions in random order."""
    out = data / f"{comparison}.json"
    clock = "cpu_time" if one_core else "real_time"
    os.sched_setaffinity(0, cores[-1:] if one_core else cores)
    command = [given.program, *(["--quick"] if quick else []), f"--benchmark_filter=^{comparison}/",
               f"--benchmark_repetitions={2 if quick else repetitions}",
               f"--benchmark_min_time={min_time / 10 if quick else min_time}",
               "--benchmark_enable_random_interleaving=true", f"--benchmark_out={out}"]
    print(f"{comparison} ...", file=sys.stderr, flush=True)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.sched_setaffinity(0, cores)
    report = json.loads(out.read_text())
    context.update(report["context"])
    runs = {}
    for run in report["benchmarks"]:
        name = re.sub(r"/(iterations|process_time|real_time).*", "", run["name"])
        if run.get("error_occurred"):
            sys.exit(f"{name}: {run['error_message']}")
        if run["run_type"] == "iteration":
            runs.setdefault(name, []).append(run)
    if not runs:
        sys.exit(f"{given.program} has no comparison {comparison}")
    unit = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    for name, all_runs in runs.items():
        all_runs.sort(key=lambda run: run["repetition_index"])
        counters = {k: v for k, v in all_runs[-1].items() if isinstance(v, float)}
        sides[name] = Side([run[clock] * unit[run["time_unit"]] for run in all_runs], **counters)


# ---- SciPy ----

def run_scipy(repetitions):
    """Pulses of the same distribution, one solve_ivp each."""
    I_gamma, a, duration = numpy.array([20.0, 21.0, 22.0]), 0.5, 0.1
    random = numpy.random.default_rng(1)
    u = random.uniform(-4 / 27, 4 / 27, 20 if quick else 300)
    currents = u + numpy.copysign(I_gamma[numpy.arange(len(u)) % 3], u)

    def drift(current):
        size = abs(current)
        return numpy.where((size > I_gamma) & (size <= I_gamma + a), current - numpy.copysign(I_gamma, current), 0.0)

    right = sum(drift(current) * duration for current in currents)
    seconds = []
    print("pulse by SciPy ...", file=sys.stderr, flush=True)
    for _ in range(2 if quick else repetitions):
        begin = time.process_time()
        x = numpy.zeros(3)
        for current in currents:
            x = scipy.integrate.solve_ivp(lambda t, x: drift(current), (0, duration), x, rtol=1e-9, atol=1e-12).y[:, -1]
        seconds.append(time.process_time() - begin)
    error = float(numpy.max(numpy.abs(x - right)))
    if not error <= 1e-9:
        sys.exit(f"SciPy: error {error}")
    sides["pulse/scipy"] = Side(seconds, len(u), error)


# ---- ngspice ----

def netlist(n, periods, settings):
    """The pulse train of million.cpp; a capacitor of 1 F holds γ."""
    period = 4 * n["edge"] + n["width"] + n["width_down"] + 2 * n["rest"]
    edges = f"{n['edge']!r} {n['edge']!r}"
    return f"""HP drift under a train of pulses, V(drive) in place of the current
Vup up 0 PULSE(0 {n['up']!r} 0 {edges} {n['width']!r} {period!r})
Vdown drive up PULSE(0 {-n['down']!r} {2 * n['edge'] + n['width'] + n['rest']!r} {edges} {n['width_down']!r} {period!r})
Bdrift 0 gamma I = {n['rate']!r} * (V(drive) > {n['threshold']!r} ? V(drive) - {n['threshold']!r}
+ : (V(drive) < {-n['threshold']!r} ? V(drive) + {n['threshold']!r} : 0))
Cgamma gamma 0 1 IC={n['start']!r}
Bvoltage voltage 0 V = V(drive) * ({n['R_on']!r} * (V(gamma) / {n['D']!r} + 0.5)
+ + {n['R_off']!r} * (0.5 - V(gamma) / {n['D']!r}))
.options {settings}
.save v(gamma)
.control
set numdgt=16
tran {n['width']!r} {periods * period!r} uic
print v(gamma)[length(v(gamma))-1]
quit
.endc
.end
"""


def run_ngspice(repetitions):
    n = sides["million/memdyn"].counters
    file = data / "million.cir"
    for name, settings in (("ngspice-defaults", ""), ("ngspice", "reltol=1e-9")):
        for pulses in (100, 1000) if quick else (1000, 10000):
            print(f"million by {name}, {pulses} pulses ...", file=sys.stderr, flush=True)
            file.write_text(netlist(n, pulses / 2, settings))
            seconds = []
            for _ in range(1 if quick else repetitions):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                text = subprocess.run(["ngspice", "-b", file], check=True, capture_output=True, text=True).stdout
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            final = float(re.search(r"\(v\(gamma\)\)-1\] = (\S+)", text)[1])
            error = abs(final - (n["start"] + pulses / 2 * n["net"]))
            sides[f"million/{name}-{pulses}"] = Side(seconds, pulses, error)
    if not sides[f"million/ngspice-{pulses}"].error <= 1e-7 * pulses:
        sys.exit(f"ngspice: error {sides[f'million/ngspice-{pulses}'].error}")


# ---- ratios ----

def ratio(slow, fast):
    """Ratios of the times per item, repetition by repetition."""
    pairs = zip(sides[slow].per_item(), sides[fast].per_item())
    return [a / b for a, b in pairs]


def both_figures(side):
    return [a + b for a, b in zip(sides[f"figures/1-{side}"].seconds, sides[f"figures/2-{side}"].seconds)]


def floor_shares():
    """The time of the counted arithmetic of a step at the rates of the loops, divided by the measured time of a step."""
    step = sides["floor/ensemble"]
    n = step.counters
    rates = {"divide": n["divisions"], "exp": n["exponentials"], "pow": n["powers"],
             "multiply-add": n["additions"] + n["multiplications"]}
    return [sum(count * sides[f"floor/{loop}"].per_item()[k] for loop, count in rates.items())
            / (step.seconds[k] / n["lane_steps"]) for k in range(len(step.seconds))]


def at_equal_error(problem, slow, fast, error):
    """Ratios of the times to reach an error, interpolated linearly in logarithms between tolerances."""
    def time_to(solver, repetition):
        points = sorted((side.error, side.seconds[repetition]) for name, side in sides.items()
                        if name.startswith(f"precision/{problem}:{solver}:"))
        return math.exp(numpy.interp(math.log(error), *numpy.log(numpy.array(points).T)))

    count = min(len(side.seconds) for name, side in sides.items() if name.startswith(f"precision/{problem}:"))
    return [time_to(slow, k) / time_to(fast, k) for k in range(count)]


def thread_gains():
    def gain(work):
        return [one / two for one, two in zip(*(sides[f"threads/{work}-{count}"].seconds for count in (1, 2)))]

    return [a / b for a, b in zip(gain("training"), gain("registers"))]


run_program("pulse", 9)
run_scipy(9)
run_program("ensemble", 7)
run_program("million", 5)
run_ngspice(3)
run_program("precision", 5, min_time=0.02)
run_program("floor", 9)
run_program("threads", 15, one_core=False)
run_program("figures", 5)

most_pulses = max(int(name.split("-")[-1]) for name in sides if name.startswith("million/ngspice-") and name[-1] == "0")
ngspice = f"million/ngspice-{most_pulses}"
minimal = both_figures("minimal")
# claim, ratios, direction, required value, target value
targets = [
    ("both figures by integration: time over the minimal program's",
     [a / b for a, b in zip(both_figures("memdyn"), minimal)], "<=", 1.5, 0.7),
    ("update pulse: odeint's time over Memdyn's", ratio("pulse/odeint-double", "pulse/memdyn"), ">=", 25, 50),
    ("update pulse: CVODE's time over Memdyn's", ratio("pulse/cvode", "pulse/memdyn"), ">=", 400, None),
    ("update pulse: SciPy's time over Memdyn's", ratio("pulse/scipy", "pulse/memdyn"), ">=", 20000, None),
    ("mixed ensemble: odeint's time over Memdyn's",
     ratio("ensemble/odeint", f"ensemble/memdyn-{context['instruction_set']}"), ">=",
     *((12, 20) if context["instruction_set"] == "avx512" else (6, 10))),
    ("mixed ensemble at 1e-12: odeint's time over that of Memdyn's Taylor series",
     ratio("ensemble/odeint-tight", "ensemble/memdyn-taylor-tight"), ">=", 25, 40),
    ("a million pulses: ngspice's time over Memdyn's", ratio(ngspice, "million/memdyn"), ">=", 1000, None),
    ("two threads over one, training over register loop", thread_gains(), ">=", 0.95, None),
    *((f"{what}, error 1e-8: CVODE BDF's time over Memdyn's", at_equal_error(problem, "CVODE BDF", "memdyn auto", 1e-8),
       ">=", 1, None)
      for problem, what in (("loaded", "HP behind a line"), ("loaded-tunnel", "tunnel barrier behind its electrodes"),
                            ("loaded-filament", "filament behind a transistor"))),
    ("mixed ensemble: share of the arithmetic floor", floor_shares(), ">=", 0.5, 0.7),
]

# ---- the table ----


def si(value, unit):
    if value == 0:
        return f"0 {unit}"
    power = max(-5, min(0, math.floor(math.log10(abs(value)) / 3)))
    return f"{value / 10 ** (3 * power):.3g} {['', 'm', 'µ', 'n', 'p', 'f'][-power]}{unit}"


def spread(values):
    return "{:.3g} ({:.3g} to {:.3g})".format(*median_and_range(values))


rows = []  # comparison, side, seconds per item, item, error, ratio to Memdyn


def row(comparison, label, name, item, against=None):
    side = sides[name]
    rows.append((comparison, label, statistics.median(side.per_item()), item, side.error,
                 ratio(name, against) if against else None))


mine = "pulse/memdyn"
row("update pulse", "Memdyn, in lanes", mine, "pulse")
row("update pulse", "odeint, the weight that moves, `double`", "pulse/odeint-double", "pulse", mine)
row("update pulse", "odeint, all weights, `std::array`", "pulse/odeint", "pulse", mine)
row("update pulse", "CVODE, Adams", "pulse/cvode", "pulse", mine)
row("update pulse", "SciPy, `solve_ivp`", "pulse/scipy", "pulse", mine)
row("update pulse", "closed form, scalar", "pulse/closed-form", "pulse", mine)
for figure in (1, 2):
    mine = f"figures/{figure}-memdyn"
    row(f"figure {figure}", "Memdyn, integrated", mine, "sample")
    row(f"figure {figure}", "Memdyn, discrete twin", f"figures/{figure}-twin", "sample", mine)
    row(f"figure {figure}", "minimal discrete program", f"figures/{figure}-minimal", "sample", mine)
mine = f"ensemble/memdyn-{context['instruction_set']}"
row("mixed ensemble", f"Memdyn, {context['instruction_set']}", mine, "trajectory")
row("mixed ensemble", "Memdyn, baseline set", "ensemble/memdyn-baseline", "trajectory", mine)
row("mixed ensemble", "Memdyn, Taylor series", "ensemble/memdyn-taylor", "trajectory", mine)
row("mixed ensemble", "odeint, `std::array`", "ensemble/odeint", "trajectory", mine)
row("mixed ensemble", "odeint, power computed once a pulse", "ensemble/odeint-factored", "trajectory", mine)
row("mixed ensemble", "CVODE, Adams", "ensemble/cvode", "trajectory", mine)
row("mixed ensemble", "ARKODE ERKStep, Dormand-Prince", "ensemble/erkstep", "trajectory", mine)
mine = "ensemble/memdyn-taylor-tight"
row("the same at 1e-12", "Memdyn, Taylor series", mine, "trajectory")
row("the same at 1e-12", "Memdyn, dopri5", "ensemble/memdyn-tight", "trajectory", mine)
row("the same at 1e-12", "odeint, `std::array`", "ensemble/odeint-tight", "trajectory", mine)
mine = "million/memdyn"
row("a million pulses", "Memdyn", mine, "pulse")
for name in sides:
    if name.startswith("million/ngspice"):
        kind, pulses = name.rsplit("-", 1)
        settings = "its defaults" if kind.endswith("defaults") else "reltol=1e-9"
        row("a million pulses", f"ngspice, {settings}, {pulses} pulses", name, "pulse", mine)

counts = sides["floor/ensemble"].counters
lines = [f"Memdyn {context['memdyn']}, instruction set {context['instruction_set']}, {context['date']}; "
         f"{context['num_cpus']} processors of {context['mhz_per_cpu']} MHz; "
         "median (lowest to highest) of the repetitions."
         + (" Quick run: a smoke test, no measurement." if quick else ""), "",
         "| target | must | aim | measured | |", "|---|---|---|---|---|"]
verdicts = []
for what, values, way, must, aim in targets:
    middle = statistics.median(values)
    good = middle <= must if way == "<=" else middle >= must
    verdicts.append({"target": what, "must": f"{way} {must}", "aim": aim, "values": values, "holds": good})
    lines.append(f"| {what} | {way} {must} | {'' if aim is None else f'{way} {aim}'} | {spread(values)} | "
                 f"{'holds' if good else 'missed'} |")
lines += ["", "| work | side | processor time | error | Memdyn is faster by |", "|---|---|---|---|---|"]
for comparison, label, seconds, item, error, against in rows:
    lines.append(f"| {comparison} | {label} | {si(seconds, 's')} a {item} | {error:.1e} | "
                 f"{spread(against) if against else ''} |")
for figure in (1, 2):
    side = sides[f"figures/{figure}-memdyn"]
    lines += ["", f"Figure {figure}, everything included (reads, controller, order of the samples): "
                  f"{si(statistics.median(side.seconds) / side.counters['updates'], 's')} an update pulse, "
                  f"{si(statistics.median(side.seconds) / side.counters['pulses'], 's')} a pulse of any kind."]
lane_step = statistics.median(sides["floor/ensemble"].seconds) / counts["lane_steps"]
lines += ["", f"Mixed ensemble: {1e-6 / lane_step:.3g} million lane-steps/s ({si(lane_step, 's')} each; "
              f"{counts['lane_steps'] / sides['floor/ensemble'].items:.3g} a trajectory). A step is "
              f"{counts['additions']:.0f} additions, {counts['multiplications']:.0f} multiplications, "
              f"{counts['divisions']:.0f} divisions, {counts['exponentials']:.0f} exp and {counts['powers']:.0f} pow; "
              "alone in registers, in nanoseconds a lane: "
          + ", ".join(f"{loop} {1e9 * statistics.median(sides[f'floor/{loop}'].per_item()):.2g}"
                      for loop in ("multiply-add", "divide", "exp", "pow")) + "."]
table = "\n".join(lines) + "\n"
(given.output / "table.md").write_text(table)

# ---- the figures ----

(data / "ratios.dat").write_text("".join(
    '"{}: {}" {} {} {} {}\n'.format(comparison, label.replace("`", ""), *median_and_range(against), k)
    for k, (comparison, label, *_, against) in enumerate(r for r in rows if r[-1])))
curves = {}
for name, side in sides.items():
    if name.startswith("precision/"):
        problem, solver, tolerance = name.removeprefix("precision/").split(":")
        point = max(side.error, 1e-17), statistics.median(side.seconds)
        curves.setdefault((problem, solver), {})[float(tolerance)] = point
for (problem, solver), points in curves.items():
    text = "".join("{} {}\n".format(*points[tolerance]) for tolerance in sorted(points))
    (data / f"{problem} {solver}.dat").write_text(text)
for ending in ("svg", "png"):
    subprocess.run(["gnuplot", "-e", f"ending = '{ending}'", HERE / "figures.gp"], cwd=given.output, check=True)

(given.output / "results.json").write_text(json.dumps(
    {"context": context, "quick": quick, "targets": verdicts,
     "sides": {name: {"seconds": s.seconds, "items": s.items, "error": s.error, **s.counters}
               for name, s in sides.items()}}, indent=1))
print(table)

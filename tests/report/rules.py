# SPDX-License-Identifier: MIT
"""Tables of pulses, and their exports, against closed forms, SciPy, and the rules of the programs that read them.

Arguments: the program, a folder to write to."""
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import types

import h5py
import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

program, out = sys.argv[1], pathlib.Path(sys.argv[2])
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
failures = 0
np.seterr(divide="ignore")  # a negative power of 0: that step ends at the bound of the weight
LOW, HIGH = 1e-5, 1e-3  # conductances [S]


def check(holds, *words):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", *words, flush=True)


def run(*arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def device(drift, more=""):
    return (f'control = "voltage"\n[[variable]]\nname = "x"\nlower = 0\nupper = 1\ndrift = "{drift}"\n[guards]\n'
            f'up = "v"\n[port]\ncurrent = "v*({LOW} + {HIGH - LOW}*x)"\n[properties]\n{more}leaves_bounds = "made up"\n')


def table(name, drift, keys="", tail="", more=""):
    """Makes a table. Returns its file."""
    (out / f"{name}.device.toml").write_text(device(drift, more))
    (out / f"{name}.toml").write_text(f'[device]\nfile = "{name}.device.toml"\n[table]\nup = 1\nwidth = 1\n{keys}\n'
                                      f"[integrate]\nrelative = 1e-10\nabsolute = 1e-12\n{tail}")
    done = run("table", out / f"{name}.toml", "-o", out / f"{name}.h5")
    check(done.returncode == 0, name, done.stderr)
    info = run("info", "--check", out / f"{name}.h5")
    check(info.returncode == 0, name, "info --check:", info.stdout, info.stderr)
    return out / f"{name}.h5"


def export(file, form):
    folder = out / f"{file.stem}_{form}"
    done = run("export", file, "--format", form, "-o", folder)
    check(done.returncode == 0, file.stem, form, done.stderr)
    return folder, json.loads((folder / "report.json").read_text())


def refused(words, file, form):
    done = run("export", file, "--format", form, "-o", out / "refused")
    check(done.returncode == 2 and words in done.stderr, file.stem, form, done.returncode, done.stderr)
    check(not (out / "refused").exists(), "writes something of what it refuses")


def sequence(file):
    with h5py.File(file) as h:
        return (h.attrs["sequence_start"], h["sequence_polarity"][...], h["sequence_conductance"][...],
                h["conductance"][...], h["conductance_change"][...])


def agrees(report, errors, words):
    """The report's errors are those of the consumer's rule as it is written here."""
    found = report["error_of_the_rule_in_ranges"]
    check(np.isclose(found["largest"], np.abs(errors).max(), rtol=1e-3, atol=3e-7), words, found["largest"],
          np.abs(errors).max())
    check(np.isclose(found["rms"], np.sqrt(np.mean(errors ** 2)), rtol=1e-3, atol=3e-7), words, found["rms"])
    check(np.isclose(found["after_pulses"]["1000"], errors[999], rtol=1e-3, atol=3e-7), words)


def aihwkit(file):
    """PiecewiseStepDevice, in single precision, over the sequence of the table."""
    folder, report = export(file, "aihwkit")
    j = json.loads((folder / "device.json").read_text())
    known = {"w_min", "w_max", "w_min_dtod", "w_max_dtod", "dw_min", "dw_min_dtod", "dw_min_std", "up_down", "up_down_dtod",
             "piecewise_up", "piecewise_down"}
    check(set(j) == known, "keywords", set(j) ^ known)
    up, down = (np.array(j[f"piecewise_{side}"], np.float32) for side in ("up", "down"))
    check(len(up) == len(down) < 64 and (up > 0).all() and (down > 0).all(), "lists")
    check(j["w_min"] <= 0 <= j["w_max"] and up[len(up) // 2] == 1 and j["up_down"] == 0 and j["dw_min_std"] == 0, "scale")
    start, sign, integrated, g, _ = sequence(file)
    lowest, width = g[0], g[-1] - g[0]
    w, step = np.float32(-1 + 2 * (start - lowest) / width), np.float32(j["dw_min"])
    reached = []
    for one in sign:
        s = max((w - np.float32(-1)) / np.float32(2) * np.float32(len(up) - 1), np.float32(0))
        k = min(int(s), len(up) - 2)
        t = min(s - np.float32(k), np.float32(1))
        nodes = up if one > 0 else down
        v = (np.float32(1) - t) * nodes[k] + t * nodes[k + 1]
        w = np.clip(w + np.float32(one) * step * v, np.float32(-1), np.float32(1))
        reached.append(lowest + (float(w) + 1) / 2 * width)
    agrees(report, (np.array(reached) - integrated) / width, f"{file.stem}: aihwkit")
    check((folder / "load.py").read_text().count("PiecewiseStepDevice(**") == 1, "load.py")
    return j, report


# drift linear in the state: dw = (1 -+ w) (1 - exp(-k tau)), the soft bounds
RATE = 0.03
soft = table("soft", f"when(up, {RATE}*v*(1 - x), {RATE}*v*x)")
_, _, _, g, change = sequence(soft)
x = np.linspace(0, 1, 63)
factor = -np.expm1(-RATE)
check(np.allclose(g, LOW + (HIGH - LOW) * x, rtol=1e-12), "soft bounds: nodes")
check(np.abs(change[0] / (HIGH - LOW) - (1 - x) * factor).max() < 1e-11, "soft bounds: up")
check(np.abs(change[1] / (HIGH - LOW) + x * factor).max() < 1e-11, "soft bounds: down")
j, report = aihwkit(soft)
check(np.isclose(j["dw_min"], factor, rtol=1e-9), "soft bounds: dw_min", j["dw_min"], factor)
w = 2 * x - 1
check(np.abs(np.array(j["piecewise_up"]) - (1 - w)).max() < 2e-7, "soft bounds: nodes up")
check(np.abs(np.array(j["piecewise_down"]) - (1 + w)).max() < 2e-7, "soft bounds: nodes down")
check(report["error_of_the_rule_in_ranges"]["largest"] < 3e-6, "soft bounds: the rule is exact", report)

# constant drift: the constant step, also where a bound cuts it
constant = table("constant", "0.013*v")
j, report = aihwkit(constant)
check(np.isclose(j["dw_min"], 0.026, rtol=1e-9), "constant step: dw_min", j["dw_min"])
check(np.allclose(j["piecewise_up"], 1, rtol=1e-9) and np.allclose(j["piecewise_down"], 1, rtol=1e-9), "constant step")
check(report["error_of_the_rule_in_ranges"]["largest"] < 3e-5, "constant step: the rule is exact", report)

# a nonlinear device, against SciPy, with edges, in series with a resistance
nonlinear = table("nonlinear", "when(up, 0.3*sinh(v)*(1 - x)^2, 0.2*sinh(v)*x*(0.2 + x))",
                  "down = -1.2\nrise = 0.2\nfall = 0.1\npulses = 40\nread_voltage = 0.2",
                  "[drive]\nseries_resistance = 500\n")
start, sign, integrated, g, change = sequence(nonlinear)
with h5py.File(nonlinear) as h:
    check(0 < h.attrs["numerical_error"] < 1e-8 * (g[-1] - g[0]), "nonlinear: numerical error", h.attrs["numerical_error"])
tight = table("tight", "when(up, 0.3*sinh(v)*(1 - x)^2, 0.2*sinh(v)*x*(0.2 + x))", "sequence = 10")
(out / "tight.toml").write_text((out / "tight.toml").read_text().replace("1e-12", "1e-30").replace("1e-10", "1e-14"))
done = run("table", out / "tight.toml", "-o", out / "tight.h5")
with h5py.File(out / "tight.h5") as h:
    check(done.returncode == 0 and np.isnan(h.attrs["numerical_error"]), "tight: nothing to compare with", done.stderr)


def after(x0, amplitude):
    def drive(t):
        return amplitude * min(t / 0.2, 1, (1.3 - t) / 0.1)

    def rate(t, x):
        v = drive(t) / (1 + 500 * (LOW + (HIGH - LOW) * x[0]))
        return [0.3 * np.sinh(v) * (1 - x[0]) ** 2 if v > 0 else 0.2 * np.sinh(v) * x[0] * (0.2 + x[0])]

    x = [x0]
    for begin, end in ((0, 0.2), (0.2, 1.2), (1.2, 1.3)):
        x = solve_ivp(rate, (begin, end), x, method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    return x[0]


def read(x):
    inner = LOW + (HIGH - LOW) * x
    return inner / (1 + 500 * inner)


check(np.isclose(g[0], read(0)) and np.isclose(g[-1], read(1)), "nonlinear: range", g[0], g[-1])
check(np.allclose(np.diff(g), (g[-1] - g[0]) / 62, rtol=1e-9), "nonlinear: nodes are equidistant")
for k in (3, 20, 31, 50):
    x0 = (g[k] / (1 - 500 * g[k]) - LOW) / (HIGH - LOW)
    for polarity, amplitude in ((0, 1.0), (1, -1.2)):
        expected = read(after(x0, amplitude)) - g[k]
        check(abs(change[polarity][k] - expected) < 1e-9 * (g[-1] - g[0]), "nonlinear: node", k, change[polarity][k], expected)
j, report = aihwkit(nonlinear)
check(1e-7 < report["error_of_the_rule_in_ranges"]["largest"] < 0.02, "nonlinear: aihwkit", report)

# the other formats, read as their consumers read them
width = g[-1] - g[0]
folder, report = export(nonlinear, "crosssim-2.0")
tables = []
for name, positive in (("dG_increasing.txt", True), ("dG_decreasing.txt", False)):
    lines = [line for line in (folder / name).read_text().split("\n")[1:] if line.strip()]
    grid, cdf = (np.array(lines[k].split(","), float) for k in (0, 1))
    matrix = np.array([line.split(",") for line in lines[2:]], float)
    check((np.diff(grid) > 0).all() and cdf[0] == 0 and cdf[-1] == 1 and matrix.shape == (len(cdf), len(grid)), name)
    check((matrix.mean() > 0) == positive, name, "sign")
    tables.append((grid, matrix[len(cdf) // 2]))
now, reached = start, []
for one in sign:
    grid, row = tables[0 if one > 0 else 1]
    now = np.clip(now + np.interp(now, grid, row), grid[0], grid[-1])
    reached.append(now)
agrees(report, (np.array(reached) - integrated) / width, "crosssim-2.0")
ramp = np.loadtxt(folder / "set.csv", skiprows=1)
check(np.isclose(ramp[0], 0.1 * g[0], rtol=1e-9) and (np.diff(ramp) > 0).all(), "set.csv")

# CrossSim 3: its modules are stood in for by what its classes get from them
folder, report = export(nonlinear, "crosssim-3")
check("error_of_the_rule_in_ranges" not in report and len(report["notes"]) == 3, "crosssim-3", report)


class EmptyDevice:
    def __init__(self, device_params, weight_error_params):
        self.levels = 2**8


def imported(folder):
    """The class of an export, and the resistances that belong to it."""
    for module in ("simulator", "simulator.backend", "simulator.devices", "simulator.devices.idevice"):
        sys.modules[module] = types.ModuleType(module)
    sys.modules["simulator.backend"].ComputeBackend = lambda: np
    sys.modules["simulator.devices.idevice"].EmptyDevice = EmptyDevice
    spec = importlib.util.spec_from_file_location("memdyn_device", folder / "memdyn_device.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.MemdynDevice(None, None), module.resistances


model, resistances = imported(folder)
check(np.allclose(resistances, [1 / g[-1], 1 / g[0]]), "crosssim-3: resistances", resistances)
with h5py.File(nonlinear) as h:
    reachable = [g[0]]  # by pulses up, integrated anew, on the way to each of which the class must not lose accuracy
    x = 0.0
    while len(reachable) < 40:
        x = after(x, 1.0)
        reachable.append(read(x))
wanted = np.linspace(g[0], reachable[-1], 500).reshape(20, 25)
nearest = np.array([min(reachable, key=lambda one: abs(one - target)) for target in wanted.flat]).reshape(wanted.shape)
given = wanted / g[-1]
programmed = model.programming_error(given) * g[-1]
near = np.abs(programmed - nearest) < 0.003 * width
check(near.mean() > 0.97, "crosssim-3: programmed", near.mean())  # where two are equally near, either may be taken
check(np.allclose(given, wanted / g[-1]) and model.programming_error(np.zeros(1)) * g[-1] == g[0], "crosssim-3: zeros")
check((model.read_noise(given) == given).all() and model.drift_error(given, 1.0).shape == given.shape, "crosssim-3")

folder, report = export(nonlinear, "xbtorch")
sides = [[np.loadtxt(folder / f"{side}_{what}.txt") for what in ("conductance", "change", "cdf")] for side in ("set", "reset")]
for grid, steps, cdf in sides:
    check(cdf.shape == (len(grid), len(steps)) and (np.diff(cdf, axis=1) >= 0).all(), "xbtorch: shapes")
for number in (0.0, 0.3, 0.999999):  # the reader's random number makes no difference to a device without noise
    now, reached = start, []
    for one in sign[:2000]:
        grid, steps, cdf = sides[0 if one > 0 else 1]
        now = np.clip(now + steps[np.argmin(np.abs(cdf[np.argmin(np.abs(grid - now))] - number))], grid[0], grid[-1])
        reached.append(now)
    errors = (np.array(reached) - integrated[:2000]) / width
    check(np.isclose(report["error_of_the_rule_in_ranges"]["after_pulses"]["1000"], errors[999], rtol=1e-3, atol=3e-7),
          "xbtorch", number)

folder, report = export(nonlinear, "neurosim")
c = {key: float(value) for key, value in (line.split() for line in (folder / "neurosim.txt").read_text().splitlines())}
with h5py.File(nonlinear) as h:
    for side, series, sense in (("LTP", h["potentiation"][...], 1), ("LTD", h["depression"][...], -1)):
        share = (series - series[0]) / (series[-1] - series[0])
        n, a = c[f"maxNumLevel{side}"], c[f"A_{side}"]
        curve = np.expm1(-np.arange(n + 1) / a) / np.expm1(-n / a)
        check(np.isclose(np.abs(curve - share).max(), c[f"residual_{side}"], rtol=1e-4), "neurosim: residual", side)
        near = [np.square(np.expm1(-np.arange(n + 1) / b) / np.expm1(-n / b) - share).sum() for b in (0.99 * a, a, 1.01 * a)]
        check(near[1] < min(near[0], near[2]), "neurosim: best fit", side, near)
        fine = np.linspace(0, 1, 100001)
        label = 10 * np.abs(np.expm1(-fine * n / a) / np.expm1(-n / a) - fine).max() / 0.98995
        check(np.isclose(sense * c[f"NL_{side}"], label, rtol=1e-4), "neurosim: label", side, c[f"NL_{side}"], label)

folder, report = export(nonlinear, "aihwkit-csv")
columns = np.loadtxt(folder / "pulses.csv", delimiter=",")
with h5py.File(nonlinear) as h:
    check(np.array_equal(columns[:, 0], h["potentiation"][...]) and np.array_equal(columns[:, 1], h["depression"][...]),
          "aihwkit-csv")

# devices that vary: a common factor of all steps is what aihwkit can hold
vary = ('[[vary]]\nkey = "device.parameters.k"\ndistribution = "lognormal"\nsigma = 0.2\n[run]\nsamples = 200\nseed = 2\n')
(out / "varying.device.toml").write_text(device("when(up, k*v*(1 - x), k*v*x)").replace(
    "[[variable]]", "[parameters]\nk = 0.03\n[[variable]]"))
(out / "varying.toml").write_text('[device]\nfile = "varying.device.toml"\n[table]\nup = 1\nwidth = 1\n' + vary)
varying = out / "varying.h5"
done = run("table", out / "varying.toml", "-o", varying)
check(done.returncode == 0, "varying", done.stderr)
folder, report = export(varying, "aihwkit")
each = json.loads((folder / "devices.json").read_text())
logs = np.log(np.array(each["dwmin_up"]) / -np.expm1(-0.03))
check(len(logs) == 200 and abs(np.std(logs) - 0.2) < 0.04 and abs(np.mean(logs)) < 0.05, "varying: scales", np.std(logs))
check(np.allclose(each["min_bound"], -1) and np.allclose(each["max_bound"], 1), "varying: bounds")
check(np.allclose(each["dwmin_up"], each["dwmin_down"], rtol=1e-6), "varying: up and down")
for form in ("crosssim-2.0", "xbtorch"):
    export(varying, form)
folder, report = export(varying, "crosssim-3")
check("of the 200 devices that were drawn, 0 are moved by no pulse up, 0 were refused" in report["notes"][2], report["notes"])
model, resistances = imported(folder)
model.reachable.append(np.array([0.01]))  # one that no pulse moves
check((model.programming_error(np.full((3000, 3), 0.5)) == 0.01).any(), "crosssim-3: a device that no pulse moves")
del model.reachable[-1]
first = np.unique(model.programming_error(np.full(5000, 0.03)))
check(len(first) > 100, "crosssim-3: as many answers as devices, nearly", len(first))
check(len(model.reachable) == 200, "crosssim-3: devices", len(model.reachable))
logs = np.log([(one[1] - one[0]) / 0.99 / -np.expm1(-0.03) for one in model.reachable])
check(abs(np.std(logs) - 0.2) < 0.04 and abs(np.mean(logs)) < 0.05, "crosssim-3: first steps", np.std(logs), np.mean(logs))

# rules that are fitted
FORMULAS = {
    "constant": lambda w, dw: dw + 0 * w,
    "soft-bounds": lambda w, dw: dw * (1 - w),
    "linear": lambda w, dw, gamma: dw * (1 - gamma * w),
    "power": lambda w, dw, gamma: dw * np.power((1 - w) / 2, gamma),
    "exponential": lambda w, dw, a, gamma: dw * np.maximum(0, 1 - a * np.exp(gamma * w)),
}


def table_rule(name, h, w):
    """The rule "table" against NumPy's interpolation between the nodes, in the orders of pulses that are known here."""
    width = h["conductance"][-1] - h["conductance"][0]
    steps = 2 * h["conductance_change"][...] / width
    check(np.allclose(h["rule_change"][-1], h["conductance_change"][...], rtol=1e-9, atol=1e-14 * width), name, "table")
    check(np.isnan(h["rule_parameter"][-1]).all(), name, "the table has parameters")
    signs = h["sequence_polarity"][...]
    counts = h["count"][...].astype(int)
    ups = {"runs": signs > 0, "up": signs == signs, "down": signs != signs, "alternating": np.arange(len(signs)) % 2 == 0}
    for order, up in ups.items():
        place = list(h["order"].asstr()).index(order)
        now, reached = -1 + 2 * (h["order_start"][place] - h["conductance"][0]) / width, []
        for one in up:
            now = np.clip(now + np.interp(now, w, steps[0 if one else 1]), -1, 1)
            reached.append(now)
        expected = (np.array(reached)[counts - 1] + 1) / 2
        integrated = (h["order_conductance"][place] - h["conductance"][0]) / width
        check(np.allclose(h["rule_order_error"][-1, place], expected - integrated, atol=1e-7), name, "table,", order)


def given_rules():
    """Rules with numbers of one's own: the table of the device is its rule "table", and a formula is that of NumPy."""
    with h5py.File(out / "nonlinear.h5") as h:
        g, change = h["conductance"][...], h["conductance_change"][...]
    rows = "".join(f"{a!r},{b!r},{c!r}\n" for a, b, c in zip(g, *change))
    (out / "given.csv").write_text("G,up,down\n" + rows)
    text = (out / "nonlinear.toml").read_text()
    rules = ('[[rule]]\nname = "mine"\nformula = "power"\nup = [0.03, 1.5]\ndown = [0.02, 0.5]\n'
             '[[rule]]\nfile = "given.csv"\n'
             '[[rule]]\nname = "plain"\nformula = "exponential"\nup = [0.05, 0, 1000]\ndown = [0, 0.5, 1000]\n'
             '[[rule]]\nname = "steep"\nformula = "power"\nup = [0, -1]\ndown = [0.5, -5]\n')
    (out / "given.toml").write_text(text + rules)
    done = run("validate", out / "given.toml", "-o", out / "given.h5")
    check(done.returncode == 0 and "\nmine " in done.stdout and "\ngiven " in done.stdout, "given", done.stderr)
    with h5py.File(out / "given.h5") as h:
        names = list(h["rule"].asstr())
        check(names == [*FORMULAS, "table", "mine", "given", "plain", "steep"], "given", names)
        check(np.isfinite(h["rule_sequence_conductance"][...]).all() and np.isfinite(h["rule_change"][...]).all(), "NaN")
        plain = h["rule_change"][names.index("plain")] / (g[-1] - g[0]) * 2
        check(np.allclose(plain[0], np.minimum(0.05, np.linspace(2, 0, len(g)))) and (plain[1] == 0).all(), "plain", plain)
        width, mine, given = g[-1] - g[0], names.index("mine"), names.index("given")
        for name in ("rule_change", "rule_sequence_conductance"):
            check(np.allclose(h[name][given], h[name][names.index("table")], rtol=1e-12), "given:", name)
        w = -1 + 2 * (g - g[0]) / width
        for polarity, sign, p in ((0, 1, (0.03, 1.5)), (1, -1, (0.02, 0.5))):
            after = np.clip(w + sign * FORMULAS["power"](sign * w, *p), -1, 1)
            check(np.allclose(h["rule_change"][mine, polarity], (after - w) / 2 * width, atol=1e-12 * width), "given: mine")
            check(np.allclose(h["rule_parameter"][mine, polarity][:2], p), "given: parameters")
    for bad, words in (('formula = "powr"\nup = [1]', 'did you mean "power"'), ('formula = "power"\nup = [1]', "[dw, gamma]"),
                       ('formula = "power"\nfile = "given.csv"', 'beside "file"'), ('name = "x"', 'needs "formula", or "file"'),
                       ('formula = "power"\nup = [-1, 1]\ndown = [1, 1]', "0 or more"), ('name = "a\\u0000"\nfile = "given.csv"', "control"),
                       ('name = "' + 41 * "x" + '"\nfile = "given.csv"', "1 to 40 bytes"),
                       ('name = "table"\nfile = "given.csv"', "name of another rule"),
                       ('file = "given.toml"', "given.toml:2"), ('file = "given.csv"\nup = [1]', "parameters of a formula")):
        (out / "bad.toml").write_text(text + "[[rule]]\n" + bad + "\n")
        done = run("validate", out / "bad.toml", "-o", out / "bad.h5")
        check(done.returncode == 2 and words in done.stderr and not (out / "bad.h5").exists(), "given:", bad, done.stderr)


def validated(name):
    """Fits of the program, held against SciPy's. Returns the parameters and the errors of single pulses, by rule."""
    file = out / f"{name}_rules.h5"
    done = run("validate", out / f"{name}.toml", "-o", file)
    check(done.returncode == 0, name, done.stderr)
    check(run("info", "--check", file).returncode == 0, name, "info --check")
    found = {}
    with h5py.File(file) as h:
        g, changes, bound = h["conductance"][...], h["conductance_change"][...], h["cut_by_bound"][...]
        width = g[-1] - g[0]
        w = -1 + 2 * (g - g[0]) / width
        check(list(h["rule"].asstr()) == [*FORMULAS, "table"], "rules", list(h["rule"].asstr()))
        table_rule(name, h, w)
        for r, (rule, formula) in enumerate(FORMULAS.items()):
            parameters, errors = [], []
            for polarity, sign in ((0, 1), (1, -1)):
                p = h["rule_parameter"][r, polarity]
                check(np.isnan(p[formula.__code__.co_argcount - 1:]).all(), "unused parameters")
                p = p[~np.isnan(p)]
                parameters.append(p)
                wanted = w + sign * np.clip(formula(sign * w, *p), -np.inf, np.inf)
                predicted = (np.clip(wanted, -1, 1) - w) / 2 * width
                check(np.allclose(h["rule_change"][r, polarity], predicted, rtol=1e-9, atol=1e-12 * width), name, rule)
                errors.append((predicted - changes[polarity]) / width)
                free = bound[polarity] == 0
                place, length = sign * w[free], sign * 2 * changes[polarity][free] / width

                def left(q):
                    return (formula(place, *q) - length) / np.abs(length).max()

                bounds = ([-np.inf, -1000, -np.inf], [np.inf, 0.95, np.inf]) if len(p) == 3 else (-np.inf, np.inf)
                best = least_squares(left, p, bounds=bounds, xtol=1e-15, ftol=1e-15, gtol=1e-15)
                check(np.square(left(p)).sum() <= np.square(best.fun).sum() * (1 + 1e-6) + 1e-14, name, rule,
                      "is not the best fit:", p, best.x)
                if np.linalg.cond(best.jac) < 1e6 and not best.active_mask.any() and np.square(best.fun).sum() > 1e-16:
                    deviation = np.sqrt(np.diag(np.linalg.inv(best.jac.T @ best.jac)) * np.square(best.fun).sum()
                                        / (free.sum() - len(p)))
                    there = h["rule_parameter_deviation"][r, polarity][: len(p)]
                    check(np.allclose(there, deviation, rtol=1e-2), name, rule, "deviations", there, deviation)
            now, start = None, -1 + 2 * (h.attrs["sequence_start"] - g[0]) / width
            now, reached = start, []
            for sign in h["sequence_polarity"][:3000]:
                now = np.clip(now + sign * formula(sign * now, *parameters[0 if sign > 0 else 1]), -1, 1)
                reached.append(g[0] + (now + 1) / 2 * width)
            check(np.allclose(h["rule_sequence_conductance"][r, :3000], reached, rtol=1e-7), name, rule, "sequence")
            found[rule] = parameters, np.abs(errors).max()
    return found, done.stdout


found, words = validated("soft")
for rule in ("soft-bounds", "linear"):
    parameters, largest = found[rule]
    check(largest < 1e-10 and np.allclose([p[0] for p in parameters], factor, rtol=1e-8), "soft bounds as", rule, found[rule])
check(found["constant"][1] > 1e-3, "soft bounds as constant steps")
check("soft-bounds" in words and "after 10 000" in words, words)
found, _ = validated("constant")
for rule in ("constant", "linear"):
    check(found[rule][1] < 1e-8 and np.isclose(found[rule][0][0][0], 0.026, rtol=1e-8), "constant steps as", rule, found[rule])
# steps that fall as an exponential of the weight: the limit of the exponential rule for large -A
table("expstep", "1e-2*v*exp(-2*x)", "nodes = 33")
found, _ = validated("expstep")
check(found["exponential"][1] < 0.01 * found["linear"][1], "exponential steps", found["exponential"][1], found["linear"][1])
found, _ = validated("nonlinear")
check(found["linear"][1] < found["constant"][1] and found["exponential"][1] < found["linear"][1], "nonlinear", found)


# pulses in every order, against the closed form of soft bounds, and every rule after them
OWN = [1, 1, -1, 1, 1, 1, -1, -1, 1, -1, -1, -1]
(out / "own.csv").write_text("".join(f"{sign}\n" for sign in OWN))
table("soft", f"when(up, {RATE}*v*(1 - x), {RATE}*v*x)", 'sequence = 1000\npolarities = "own.csv"')
_, words = validated("soft")
check("alternating pulses lead: at 0.5 of the range" in words, words)
with h5py.File(out / "soft_rules.h5") as h:
    orders, counts, g = list(h["order"].asstr()), h["count"][...], h["conductance"][...]
    check(orders == ["runs", "up", "down", "alternating", "random", "own"] and list(counts) == [1, 10, 100, 1000], orders, counts)
    check(np.isclose(h.attrs["symmetry_point"], (LOW + HIGH) / 2, rtol=1e-9), "symmetry point", h.attrs["symmetry_point"])
    alternating = [1 if n % 2 == 0 else -1 for n in range(1000)]
    signs = {"runs": h["sequence_polarity"][...], "up": [1] * 1000, "down": [-1] * 1000, "alternating": alternating, "own": OWN}
    starts = {"up": 0, "down": 1}
    for o, order in enumerate(orders):
        x0 = starts.get(order, 0.5)
        check(np.isclose(h["order_start"][o], LOW + (HIGH - LOW) * x0, rtol=1e-12), order, "start")
        if order == "random":
            continue
        x, reached = x0, []
        for sign in signs[order]:
            x = 1 - (1 - x) * np.exp(-RATE) if sign > 0 else x * np.exp(-RATE)
            reached.append(LOW + (HIGH - LOW) * x)
        reached = np.array(reached)
        here = counts <= len(reached)
        found = h["order_conductance"][o]
        check(np.allclose(found[here], reached[counts[here] - 1], rtol=1e-9) and np.isnan(found[~here]).all(), order, found)
        for r, (rule, formula) in enumerate(FORMULAS.items()):
            p = [q[~np.isnan(q)] for q in h["rule_parameter"][r]]
            now, errors = 2 * x0 - 1, []
            for n, sign in enumerate(signs[order]):
                now = np.clip(now + sign * formula(sign * now, *p[0 if sign > 0 else 1]), -1, 1)
                errors.append((now + 1) / 2 - (reached[n] - LOW) / (HIGH - LOW))
            errors = np.array(errors)
            check(np.allclose(h["rule_order_error"][r, o][here], errors[counts[here] - 1], atol=1e-7), order, rule)
            check(np.isclose(h["rule_order_largest"][r, o], np.abs(errors).max(), atol=1e-7), order, rule)
    soft_bounds, steps = h["rule_order_largest"][1], h["rule_order_largest"][0]
    check((soft_bounds < 1e-8).all() and (steps > 1e-3).all(), "soft bounds in every order", soft_bounds, steps)
    at_random = h["order_conductance"][orders.index("random")]
    check(((at_random > LOW) & (at_random < HIGH)).all() and len(set(at_random)) == 4, "pulses at random", at_random)
for text, words in (("1\n-1\n0.5\n", "own.csv:3: 0.5 is neither 1, for a pulse up, nor -1, for one down"),
                    ("a,b\n1,1\n", "must have one column, not 2"), ("a\n", "rows of 1 or -1")):  # fmt: skip
    (out / "own.csv").write_text(text)
    done = run("validate", out / "soft.toml", "-o", out / "wrong.h5")
    check(done.returncode == 2 and words in done.stderr, "polarities:", done.stderr)
# the pulses cancel each other everywhere, or lead away from where they do
for name, drift, keys in (("cancels", "0.03*v", "states = [0.1, 0.9]"),
                          ("repels", "when(up, 0.02*v*(0.5 + x), 0.02*v*(1.5 - x))", "states = [0.2, 0.8]")):
    with h5py.File(table(name, drift, keys)) as h:
        check(np.isnan(h.attrs["symmetry_point"]), name, "symmetry point", h.attrs["symmetry_point"])
(out / "own.csv").write_text("1\n")

# what a format cannot hold
refused("at most 63", table("fine", "0.013*v", "nodes = 101"), "aihwkit")
refused("forgets at rest", table("fading", "0.03*v*(1 - x) - 0.01*x", "pulses = 20", more="fades = true\n"), "aihwkit")
folder, _ = export(constant, "neurosim")  # pulse 77 ends at the bound, and later ones change nothing
check("maxNumLevelLTP 77\n" in (folder / "neurosim.txt").read_text(), "neurosim: series end at the bound")
refused("must be csv", constant, "aihwkitt")
done = run("table", out / "soft.toml", "-o", out / "soft.h5")
check(done.returncode == 0, "again:", done.stderr)
(out / "wrong.toml").write_text((out / "soft.toml").read_text().replace("up = 1", "up = -1"))
done = run("table", out / "wrong.toml", "-o", out / "wrong.h5")
check(done.returncode == 2 and "exchange them" in done.stderr, "pulses up that lower it:", done.stderr)

given_rules()
print("tables and exports: " + ("as they should be" if failures == 0 else f"{failures} failures"))
sys.exit(failures > 0)

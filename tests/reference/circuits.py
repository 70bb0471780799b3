#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares circuits of nonlinear elements, inductors and sources with SciPy: trajectories, and the voltage and the
current of every part. The equations are written here a second time, each with the unknown that suits it; an implicit
port is solved by brentq.

Usage: /usr/bin/python3 circuits.py PROGRAM DIR     needs python3-scipy and h5netcdf; else ends with status 77
"""

import math
import pathlib
import subprocess
import sys

try:
    import numpy as np
    import xarray
    from scipy.integrate import solve_ivp
    from scipy.optimize import brentq
except ImportError:
    sys.exit(77)

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)

MU, FAST_MU, R_ON, R_OFF, D = 1e-14, 1e-11, 100.0, 16e3, 1e-8  # linear drift, without a threshold


def cell(mu):
    return ('{ model = "hp-drift", label = "cell", parameters = { shifted = false, I_gamma = 0, '
            f"mu_v = {mu}, R_on = {R_ON}, R_off = {R_OFF}, D = {D} }} }}")


CELL = cell(MU)
K_PER_Q = 1.380649e-23 / 1.602176634e-19


def memristance(w):
    return R_ON * w / D + R_OFF * (1 - w / D)


def drift(i, mu=MU):
    return mu * R_ON / D * i


def diode(v, I_s=1e-12, n=1.5, T=320.0, G=1e-12):
    return I_s * math.expm1(v / (n * K_PER_Q * T)) + G * v


def mosfet(v, K=4e-4, V_g=0.9, V_th=0.4, lam=0.05, G=1e-12):
    """Level 1, written by regions; drain and source change roles at v < 0."""
    if v < 0:
        return -mosfet_forward(-v, K, V_g - v, V_th, lam) + G * v
    return mosfet_forward(v, K, V_g, V_th, lam) + G * v


def mosfet_forward(v, K, V_gs, V_th, lam):
    over = V_gs - V_th
    if over <= 0:
        return 0.0
    if v < over:
        return K * (over * v - v * v / 2) * (1 + lam * v)
    return K / 2 * over * over * (1 + lam * v)


def triangle(t, amplitude, period):
    s = t / period % 1.0
    return amplitude * (4 * s if s < 0.25 else 2 - 4 * s if s < 0.75 else 4 * s - 4)


def solve(f, start, times, breaks=()):
    """The states at `times`, one row for each; the integration restarts at `breaks`."""
    ends = sorted({b for b in breaks if 0 < b < times[-1]} | {times[-1]})
    rows, begin, y = [], 0.0, list(start)
    for end in ends:
        last = end == ends[-1]
        inside = [t for t in times if begin <= t < end or (last and t == end)]
        grid = sorted(set(inside) | {end})
        found = solve_ivp(f, (begin, end), y, "DOP853", t_eval=grid, rtol=1e-12, atol=1e-30, first_step=(end - begin) / 1e6)
        assert found.success, found.message
        rows += [found.y[:, k] for k, t in enumerate(found.t) if t in inside]
        begin, y = end, found.y[:, -1]
    return np.array(rows)


def run(name, scenario, command="simulate"):
    path, out = folder / f"{name}.toml", folder / f"{name}.h5"
    path.write_text(scenario)
    done = subprocess.run([program, command, path, "-o", out], capture_output=True, text=True)
    assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    done = subprocess.run([program, "info", "--check", out], capture_output=True, text=True)
    assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
    return xarray.open_dataset(out, engine="h5netcdf").load()


def scenario(device, initial, waveform, interval, quantity="voltage", method="auto"):
    return (f"[device]\n{device}\n[initial]\n{initial}\n[drive]\nquantity = \"{quantity}\"\n[[waveform]]\n{waveform}\n"
            f"[integrate]\nmethod = \"{method}\"\nrelative = 1e-11\nabsolute = 1e-14\n"
            f"[record]\ninterval = {interval}\n")


worst = 0.0


def close(name, found, expected, tolerance, size=None):
    """The difference is relative to `size`, by default the largest magnitude of the expected values."""
    global worst
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape, f"{name}: shapes {found.shape}, {expected.shape}"
    off = float(np.max(np.abs(found - expected)) / (size or np.max(np.abs(expected))))
    worst = max(worst, off)
    assert off <= tolerance, f"{name}: differs by {off:.2e} of its range, more than {tolerance:.0e}"


def sums(name, result, series=(), parallel=()):
    """Voltages of the parts of a series add up to that of the whole; currents of a parallel coupling likewise."""
    for adds, shared, couplings in (("voltage", "current", series), ("current", "voltage", parallel)):
        for whole, parts in couplings:
            of = lambda quantity: result[quantity] if whole is None else result[f"part_{quantity}"].sel(part=whole)
            inside = result[f"part_{adds}"].sel(part=parts)
            size = float(np.abs(inside).max())
            close(f"{name}: sum of each {adds} in {whole}", inside.sum("part"), of(adds), 1e-9, size)
            for p in parts:
                close(f"{name}: {shared} of {p}", result[f"part_{shared}"].sel(part=p), of(shared), 1e-9)


def cell_behind(name, element, label, current_of, low, amplitude=1.2, method="auto"):
    """An element without a state in series with a memristor under a triangle. The unknown is the element's voltage."""
    period = 0.4
    text = scenario(f"series = [{element}, {CELL}]", "gamma = [3e-9]",
                    f'kind = "triangle_sweep"\namplitude = {amplitude}\nperiod = {period}', period / 400, method=method)
    result = run(f"{name}_{method}", text)
    times = result.time.values

    def voltage(t, w):
        V = triangle(t, amplitude, period)
        if V == 0.0:
            return 0.0
        excess = lambda v: v + memristance(w) * current_of(v) - V
        return brentq(excess, min(V, 0.0) + low, max(V, 0.0) - low, xtol=1e-300, rtol=8.9e-16, maxiter=500)

    kinks = [period / 4, period / 2, 3 * period / 4]
    w = solve(lambda t, y: [drift(current_of(voltage(t, y[0])))], [3e-9], times, kinks)[:, 0]
    close(f"{name}: w", result.gamma[:, 0], w, 1e-8)
    v = np.array([voltage(t, x) for t, x in zip(times, w)])
    close(f"{name}: voltage of the element", result.part_voltage.sel(part=label), v, 1e-7)
    close(f"{name}: current", result.current, [current_of(one) for one in v], 1e-7)
    sums(name, result, series=[(None, [label, "cell"])])
    return result


DIODE = '{ model = "diode", label = "d", parameters = { I_s = 1e-12, n = 1.5, T = 320 } }'
SELECTOR = '{ model = "selector", label = "s", parameters = { I_0 = 1e-7, V_0 = 0.08 } }'
MOSFET = '{ model = "mosfet", label = "m", parameters = { K = 4e-4, V_g = 0.9, V_th = 0.4, lambda = 0.05 } }'

for method in ("auto", "rosenbrock4", "taylor"):
    cell_behind("1S1R", SELECTOR, "s", lambda v: 1e-7 * math.sinh(v / 0.08), 0.0, method=method)
built_in = cell_behind("1D1R", DIODE, "d", diode, 0.0)
cell_behind("1T1R", MOSFET, "m", mosfet, 0.0, amplitude=4.0)

# the same diode as text, without a variable
(folder / "diode.device.toml").write_text("""control = "voltage"
typical_input = 0.6
[parameters]
I_s = { value = 1e-12, unit = "A" }
V_t = { value = %.17g, unit = "V" }
G = { value = 1e-12, unit = "S" }
[port]
current = "2*I_s*exp(v/(2*V_t))*sinh(v/(2*V_t)) + G*v"
""" % (1.5 * K_PER_Q * 320))
as_text = run("1D1R_text", scenario(f'series = [{{ file = "diode.device.toml", label = "d" }}, {CELL}]',
                                    "gamma = [3e-9]", 'kind = "triangle_sweep"\namplitude = 1.2\nperiod = 0.4', 0.001))
close("a diode as text", as_text.gamma, built_in.gamma, 1e-10)
close("a diode as text: voltage", as_text.part_voltage, built_in.part_voltage, 1e-9)

# a bridge of opposed diodes within a series, and a source in series: nested parts, reversed parts
text = scenario(f"""series = [
  {{ label = "pair", parallel = [{DIODE}, {{ model = "diode", label = "back", reversed = true }}] }},
  {{ voltage_source = 0.2, label = "bias" }},
  {{ label = "turned", reversed = true, series = [{CELL}, {{ resistor = 500, label = "r" }}] }},
]""", "turned.cell.gamma = 6e-9", 'kind = "sine"\nduration = 0.3\namplitude = 1.5\nfrequency = 5', 0.003)
result = run("nested", text)


def nested(t, w):
    V = 1.5 * math.sin(2 * math.pi * 5 * t) - 0.2
    pair = lambda v: diode(v) - diode(-v, 1e-14, 1.0, 300.0)
    v = brentq(lambda v: v + (memristance(w) + 500) * pair(v) - V, min(V, 0), max(V, 0), xtol=1e-300, rtol=8.9e-16)
    return pair(v)


w = solve(lambda t, y: [drift(-nested(t, y[0]))], [6e-9], result.time.values)[:, 0]
close("nested: w", result.gamma[:, 0], w, 1e-8)
close("nested: current", result.current, [nested(t, x) for t, x in zip(result.time.values, w)], 1e-7)
sums("nested", result, series=[(None, ["pair", "bias", "turned"]), ("turned", ["turned.cell", "turned.r"])],
     parallel=[("pair", ["pair.d", "pair.back"])])
close("nested: bias", result.part_voltage.sel(part="bias"), 0.2 + 0 * result.time, 1e-15)
close("nested: a reversed part", result.part_voltage.sel(part="turned.r"), 500 * result.current, 1e-9)

# a memristor beside a capacitor behind resistor and inductor: it rings
R, L, C = 20.0, 1e-3, 1e-8
RINGS = f"""series = [
  {{ resistor = {R}, label = "line" }}, {{ inductor = {L}, I_scale = 1e-2, label = "coil" }},
  {{ label = "end", parallel = [{cell(FAST_MU)}, {{ capacitor = {C}, label = "stray" }}] }},
]"""
step = 'kind = "constant"\nvalue = 1.0\nduration = 2e-4'
for method in ("auto", "rosenbrock4", "taylor"):
    result = run(f"ringing_{method}", scenario(RINGS, "coil.i = 0\nend.cell.gamma = 3e-9\nend.stray.v = 0", step, 1e-7, method=method))
    expected = solve(lambda t, y: [(1 - R * y[0] - y[2]) / L, drift(y[2] / memristance(y[1]), FAST_MU),
                                   (y[0] - y[2] / memristance(y[1])) / C], [0, 3e-9, 0], result.time.values)
    for k, name in enumerate(["i", "w", "v"]):
        close(f"ringing by {method}: {name}", result.gamma[:, k], expected[:, k], 1e-8)
    sums("ringing", result, series=[(None, ["line", "coil", "end"])], parallel=[("end", ["end.cell", "end.stray"])])
    h = float(result.time[1])
    inner = slice(2, -2)
    rate = lambda x: (8 * (x[3:-1] - x[1:-3]) - (x[4:] - x[:-4])) / (12 * h)
    v, i = result.part_voltage, result.part_current
    close("ringing: I = C dV/dt", i.sel(part="end.stray").values[inner], C * rate(v.sel(part="end.stray").values), 1e-6)
    close("ringing: V = L dI/dt", v.sel(part="coil").values[inner], L * rate(i.sel(part="coil").values), 1e-6)

# van der Pol's oscillator, started by a current source within it; the memristor only watches
G1, G3, J = -1e-3, 1e-3, 1e-4
text = scenario(f"""parallel = [
  {{ capacitor = {C}, label = "c" }}, {{ inductor = {L}, I_scale = 1e-2, label = "l" }}, {cell(FAST_MU)},
  {{ model = "polynomial-resistor", label = "active", parameters = {{ G_1 = {G1}, G_3 = {G3} }} }},
  {{ current_source = {J}, label = "kick", reversed = true }},
]""", "c.v = 0\nl.i = 0\ncell.gamma = 3e-9", 'kind = "constant"\nvalue = 0\nduration = 4e-4', 1e-6, quantity="current")
result = run("van_der_pol", text)
expected = solve(lambda t, y: [(J - y[1] - y[0] / memristance(y[2]) - G1 * y[0] - G3 * y[0]**3) / C, y[0] / L,
                               drift(y[0] / memristance(y[2]), FAST_MU)], [0, 0, 3e-9], result.time.values)
for k, name in enumerate(["v", "i", "w"]):
    close(f"van der Pol: {name}", result.gamma[:, k], expected[:, k], 1e-7)
assert np.max(np.abs(expected[:, 0])) > 1.0, "the oscillator does not oscillate"
sums("van der Pol", result, parallel=[(None, ["c", "l", "cell", "active", "kick"])])

# a sweep: grids and final values of the parts are those of single trajectories, in all lanes
sweep = scenario(f"series = [{SELECTOR}, {CELL}]", "gamma = [3e-9]",
                 'kind = "triangle_sweep"\namplitude = 1.2\nperiod = 0.4', 0.004).replace("[record]", "[record]\nparts = true")
swept = run("sweep", sweep + """[[sweep]]
key = "waveform.amplitude"
values = [0.3, 0.6, 0.9, 1.2, 1.5]
[reduce]
quantities = ["gamma_final", "part_voltage_final", "part_current_final"]
""", "sweep")
for k, amplitude in enumerate(swept.amplitude.values):
    alone = run("alone", scenario(f"series = [{SELECTOR}, {CELL}]", "gamma = [3e-9]",
                                  f'kind = "triangle_sweep"\namplitude = {amplitude}\nperiod = 0.4', 0.004))
    for name in ("part_voltage", "part_current"):
        close(f"sweep: {name}", swept[name][k], alone[name], 1e-8)
        assert np.all(np.abs(swept[f"{name}_final"][k] - alone[name][-1]) <= 1e-8 * np.abs(alone[name]).max())

print(f"largest difference: {worst:.1e}")

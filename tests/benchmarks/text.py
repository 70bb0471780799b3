#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares devices written as text with the built-in models in the lanes of a sweep: the same scenario with either,
alternating runs, CPU time, median of the ratios. Target: 3.

    text.py MEMDYN DATA [REPETITIONS]
"""
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

DEVICES = {  # text, built in; amplitudes, frequency, initial state
    "HP": ("text/hp.toml", "strukov_2008_joglekar.toml", (2e-5, 1e-4), 1.0, 0.3),
    "VTEAM": ("text/vteam.toml", "kvatinsky_2015_vteam.toml", (0.05, 0.25), 2e7, 1e-9),
    "Yakopcic": ("text/yakopcic.toml", "miao_2011_yakopcic.toml", (0.3, 1.0), 1.0, 0.3),
}
SCENARIO = """[device]
file = "{file}"
[initial]
gamma = [{gamma}]
[[waveform]]
{waveform}
[[sweep]]
key = "waveform.amplitude"
from = {low}
to = {high}
count = 20000
[run]
threads = 1
[reduce]
quantities = ["gamma_final"]
"""
WAVEFORMS = {
    "sines": 'kind = "sine_burst"\namplitude = 1.0\nfrequency = {f}\ncycles = 2',
    "pulses": 'kind = "pulse_train"\namplitude = 1.0\nwidth = {half}\nperiod = {whole}\ncount = 4',
}


def seconds(memdyn, scenario, result):
    """CPU time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([memdyn, "sweep", scenario, "-o", result], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main():
    memdyn, data = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    repetitions = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, built_in, amplitudes, frequency, gamma) in DEVICES.items():
            for kind, waveform in WAVEFORMS.items():
                scenarios = []
                for number, file in enumerate((text, built_in)):
                    scenarios.append(os.path.join(folder, f"{number}.toml"))
                    pathlib.Path(scenarios[-1]).write_text(SCENARIO.format(
                        file=data / "devices" / file, gamma=gamma, low=amplitudes[0], high=amplitudes[1],
                        waveform=waveform.format(f=frequency, half=0.25 / frequency, whole=0.5 / frequency)))
                times = [[seconds(memdyn, one, os.path.join(folder, "result.h5")) for one in scenarios]
                         for _ in range(repetitions)]
                ratios = sorted(a / b for a, b in times)
                print(f"{name:10} {kind:8} text {statistics.median(t[0] for t in times):6.3f} s  built in "
                      f"{statistics.median(t[1] for t in times):6.3f} s  ratio {statistics.median(ratios):5.2f} "
                      f"({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: MIT
"""Time of training by integration over time of the discrete twin, both figures of the paper, run in turn.
Usage: python3 tests/benchmarks/twin_ratio.py build/release/memdyn [rounds]"""
import re
import statistics
import subprocess
import sys
import tempfile

program, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
ratios = {1: [], 2: [], "both": []}
with tempfile.TemporaryDirectory() as folder:
    for _ in range(rounds):
        seconds = {}
        for kind in ([], ["--twin"]):
            text = subprocess.run([program, "reproduce", "-o", folder, "--no-plots", *kind], check=True,
                                  capture_output=True, text=True).stdout
            times = [float(t) for t in re.findall(r"pulses in ([\d.]+) s", text)]
            seconds[bool(kind)] = {1: times[0], 2: times[1], "both": sum(times)}
        for figure in ratios:
            ratios[figure].append(seconds[False][figure] / seconds[True][figure])
for figure, all_ratios in ratios.items():
    print(f"figure {figure}: integrated / twin = {statistics.median(all_ratios):.2f} "
          f"(median of {rounds}; {min(all_ratios):.2f} to {max(all_ratios):.2f})")

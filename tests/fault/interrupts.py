# SPDX-License-Identifier: MIT
"""Ctrl-C ends the program within a second in every phase of every command: reading, checking a grid, building waveforms,
drawing parameters, running, writing, drawing pictures.

Arguments: the program, the data folder, a folder to write to, the number of moments to try in each phase, and the longest
time to answer [s]."""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

program, data, out = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
moments, longest = int(sys.argv[4]), float(sys.argv[5])
seed = int(sys.argv[6]) if len(sys.argv) > 6 else time.time_ns() % 1000000
print("seed", seed, flush=True)
chance = random.Random(seed)
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chdir(out)
failures = 0
HP = '[device]\nmodel = "hp-window"\n[initial]\ngamma = [0.5]\n'
CONSTANT = HP + '[[waveform]]\nkind = "constant"\nduration = 1\nvalue = 1e-4\n'
AXIS = '[[sweep]]\nkey = "{}"\nfrom = {}\nto = {}\ncount = {}\n'


def check(holds, *words):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", *words, flush=True)


def training(data='gate = "XOR"\nsamples = 10', realizations=1, epochs=2, more="", layers="[2, 2, 1]"):
    return (f'[network]\nkind = "multilayer"\nlayers = {layers}\n[data]\n{data}\n'
            f"[run]\nrealizations = {realizations}\nepochs = {epochs}\n{more}")  # fmt: skip


def table(name, rows, head=""):
    with open(name, "w") as file:
        file.write(head)
        for k in range(rows // 1000):
            file.write("".join(f"{1000 * k + j},{j % 2}\n" for j in range(1000)))


table("wave.csv", 3_000_000)
table("data.csv", 3_000_000, "x,y\n")
PHASES = {
    "simulate: reading a waveform": ("simulate", HP + '[[waveform]]\nkind = "csv"\nfile = "wave.csv"\n[record]\ninterval = 1e6\n'),
    "simulate: repeating a waveform": ("simulate", CONSTANT + "repeat = 20000000\n[record]\ninterval = 1e6\n"),
    "sweep: reading a list": ("sweep", CONSTANT + '[[sweep]]\nkey = "waveform.value"\nvalues = [' + ", ".join(["1e-4"] * 900_000) + "]\n"),
    "sweep: checking a grid": ("sweep", CONSTANT + AXIS.format("waveform.value", 1e-5, 1e-4, 1000)
                               + '[[sweep]]\nkey = "waveform.repeat"\nvalues = [' + ", ".join(map(str, range(50000, 51000))) + "]\n"),
    "sweep: finding the longest drive": ("sweep", CONSTANT + '[[vary]]\nkey = "waveform.duration"\ndistribution = "normal"\n'
                                         "relative = 0.1\n[run]\nsamples = 20000000\n[record]\ninterval = 0.9\n"),
    "sweep: making the time grid": ("sweep", CONSTANT + AXIS.format("waveform.value", 1e-5, 1e-4, 2) + "[record]\ninterval = 3e-8\n"),
    "sweep: creating a file": ("sweep", CONSTANT + '[[vary]]\nkey = "waveform.value"\ndistribution = "normal"\nrelative = 0.1\n'
                               "[run]\nsamples = 80000000\n"),
    "train: reading data": ("train", training('file = "data.csv"', layers="[1, 2, 1]")),
    "train: drawing rows": ("train", training('gate = "XOR"\nsamples = 1000000', realizations=16)),
    "train: an epoch of many rows": ("train", training('gate = "XOR"\nsamples = 3000000')),
    "train: writing": ("train", training('gate = "XOR"\nsamples = 1', epochs=60_000_000, more="twin = true\n")),
    "simulate: integrating": ("simulate", HP + '[[waveform]]\nkind = "sine_burst"\namplitude = 1e-4\nfrequency = 1\ncycles = 1e7\n'
                              "[record]\ninterval = 1e5\n"),
}  # fmt: skip


def interrupted(words, *arguments, within):
    """Sends SIGINT at some moment of the first `within` seconds."""
    for name in ("out.h5", "out.h5.part", "out.svg"):
        pathlib.Path(name).unlink(missing_ok=True)
    with subprocess.Popen([program, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True) as process:  # fmt: skip
        moment = chance.uniform(0.05, within)
        try:
            process.wait(moment)
            return False
        except subprocess.TimeoutExpired:
            pass
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            message = process.communicate(timeout=30)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            message = "(killed)"
        seconds = time.monotonic() - begin
    # a run that was about to end may have ended
    check(process.returncode in (130, 0), words, "after", moment, "s ->", process.returncode, message)
    check(seconds <= longest, words, "answers Ctrl-C after", moment, "s only after", seconds, "s")
    return process.returncode == 130


for words, (command, text) in PHASES.items():
    name = words.replace(" ", "_").replace(":", "") + ".toml"
    pathlib.Path(name).write_text(text)
    hits = sum(interrupted(words, command, name, "-o", "out.h5", within=3) for _ in range(moments))
    check(hits > 0 or any(interrupted(words, command, name, "-o", "out.h5", within=0.5) for _ in range(5)), words,
          "was never interrupted")

pathlib.Path("rows.toml").write_text(CONSTANT + "[record]\ninterval = 2e-7\n")
subprocess.run([program, "simulate", "rows.toml", "-o", "rows.h5"], check=True, stdout=subprocess.DEVNULL)
for arguments in (
    ("plot", "rows.h5", "-o", "out.svg"),
    ("plot", "rows.h5", "-o", "out.svg", "--view", "loop"),
    ("info", "rows.h5"),
    ("diff", "rows.h5", "rows.h5"),
    ("export", "rows.h5", "-o", "out.csv"),
    ("check",),
    ("check", "--events", 100000),
    ("gallery", *sorted((data / "devices").glob("*.toml")), "-o", "gallery"),
    ("reproduce", "-o", "figures"),
):
    hits = sum(interrupted(arguments, *arguments, within=0.8) for _ in range(moments))
    check(hits > 0 or any(interrupted(arguments, *arguments, within=0.2) for _ in range(5)), arguments[:2],
          "was never interrupted")
sys.exit(failures > 0)

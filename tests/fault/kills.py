# SPDX-License-Identifier: MIT
"""Kills runs at random moments: `memdyn recover` gives back what they had saved, equal to the last bit to the result of
an uninterrupted run, and the older result is untouched. A run that is resumed, even if it is killed or interrupted again,
ends with that result.

Arguments: the program, the data folder, a folder to write to, the number of kills, the seed (default: from the clock)."""
import collections
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np

program, data, out = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
kills = int(sys.argv[4])
seed = int(sys.argv[5]) if len(sys.argv) > 5 else time.time_ns() % 1000000
print("seed", seed, flush=True)
chance = random.Random(seed)
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chdir(out)
failures = 0
tally = collections.Counter()
PERIOD = 5.0  # seconds: no run loses more
NOT_RUN = 8  # status of a trajectory


def check(holds, *words):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", *words, flush=True)


def run(*arguments):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=600)


def scenario(name, **changes):
    text = (data / "scenarios" / name).read_text()
    for folder in ("devices", "datasets"):
        text = text.replace(f'"../{folder}', f'"{data / folder}')
    for key, value in changes.items():
        text, count = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, count=1, flags=re.M)
        assert count == 1, (name, key)
    return text


SINE = """[device]
model = "hp-drift"
[initial]
gamma = [0]
[[waveform]]
kind = "sine_burst"
amplitude = 1
frequency = 1
cycles = {}
[record]
{}
"""
INTERVAL = "[record]\ninterval = 2e-8\n"
KINDS = {  # name: (command, scenario); each runs for a few seconds
    "steps": ("simulate", SINE.format(800000, "steps = true")),
    "interval": ("simulate", SINE.format(600000, "interval = 0.1")),
    "sweep": ("sweep", scenario("sweep_team_variability.toml", samples=100000)),
    "trajectories": ("sweep", scenario("sweep_team_variability.toml", samples=60000) + INTERVAL),
    "training": ("train", scenario("mlp_iris.toml", epochs=4000, realizations=30)),
    "recorded training": ("train", scenario("mlp_xor.toml", epochs=6000, realizations=40).replace("[1, 200]", "[1, 3000]")),
}


def is_open(part):
    """Whether the run had begun to append: the flags of HDF5's single-writer mode in the superblock."""
    try:
        head = pathlib.Path(part).read_bytes()[:12] if os.path.getsize(part) < 1 << 16 else open(part, "rb").read(12)
    except FileNotFoundError:
        return False
    return head[:4] == b"\x89HDF" and head[11] == 5


def same(mine, whole, *words):
    check(mine.dtype == whole.dtype and mine.shape == whole.shape and mine.tobytes() == whole.tobytes(), *words,
          "differs from the reference")


def same_attributes(mine, whole, words, without=()):
    for name, value in mine.attrs.items():
        if name in ("complete", "CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", *without):
            continue
        if mine.attrs.get("complete") == "no" and (value == "" or value != value):  # written when the run ends
            continue
        check(name in whole.attrs and np.array_equal(value, whole.attrs[name]), words, "attribute", name)


def rows_of_table(mine, whole, words):
    """Compares the rows that were saved. Returns their number."""
    rows = len(mine["time"])
    check(set(mine) == set(whole), words, "has the datasets", set(mine))
    for name, values in mine.items():
        if not isinstance(values, h5py.Dataset):
            continue
        same_attributes(values, whole[name], (words, name))
        if values.dtype.kind == "O":
            check(list(values) == list(whole[name]), words, name)
        elif values.maxshape[0] is None:
            same(values[...], whole[name][:rows], words, name)
    return rows


def simulation(mine, whole, kind):
    return rows_of_table(mine, whole, kind) / len(whole["time"])


def trajectories(mine, whole, kind):
    check(set(mine) == set(whole), kind, "has the datasets", set(mine))
    status = mine["status"][...]
    saved = status != NOT_RUN
    same(status[saved], whole["status"][...][saved], kind, "status")
    for name, values in mine.items():
        if name == "provenance":  # host, times and threads of either run
            continue
        same_attributes(values, whole[name], (kind, name))
        if name == "status" or not isinstance(values, h5py.Dataset) or values.dtype.kind == "O":
            continue
        if values.shape[:1] != status.shape or name == "sample":
            same(values[...], whole[name][...], kind, name)
            continue
        same(values[...][saved], whole[name][...][saved], kind, name)
        check(np.isnan(values[...][~saved]).all(), kind, name, "has values of what was not run")
    return saved.mean()


def epochs(mine, whole, kind):
    command, text = KINDS[kind]
    finished = mine["epochs_finished"][...]
    most = whole["total_error"].shape[-1]
    late = np.arange(most) >= finished[..., None]
    error, reference = mine["total_error"][...], whole["total_error"][...]
    same(error[~late], reference[~late], kind, "total_error")
    check(np.isnan(error[late]).all(), kind, "has errors of epochs that were not finished")
    begun = ~np.isnan(mine["weight_initial"][...]).all(axis=-1)
    check((finished[~begun] == 0).all(), kind, "weight_initial is missing")
    same(mine["weight_initial"][...][begun], whole["weight_initial"][...][begun], kind, "weight_initial")
    done = finished == most
    latest = mine["weight_latest"][...]
    same(mine["weight_final"][...][done], whole["weight_final"][...][done], kind, "weight_final")
    same(latest[done], whole["weight_final"][...][done], kind, "weight_latest of those that are finished")
    check(np.isnan(mine["weight_final"][...][~done]).all(), kind, "has a final weight before the end")
    accuracy = mine["accuracy"][...]
    known = ~np.isnan(accuracy)
    check(not (known & ~done).any(), kind, "has an accuracy before the end")
    same(accuracy[known], whole["accuracy"][...][known], kind, "accuracy")
    unfinished = sorted(set(finished[begun & ~done].tolist()) - {0})
    # to classify the rows that are held out moves the weights a little, so that these are compared without such rows
    if unfinished and "held_out" not in text:  # an uninterrupted training of that many epochs has these weights at its end
        count = chance.choice(unfinished)
        text = re.sub(r"^epochs = \d+$", f"epochs = {count}", text.split("[record]")[0], flags=re.M)
        pathlib.Path("short.toml").write_text(text)
        done = run("train", "short.toml", "-o", "short.h5")
        check(done.returncode == 0, "the reference of", count, "epochs:", done.stderr)
        with h5py.File("short.h5") as short:
            there = finished == count
            same(latest[there], short["weight_final"][...][there], kind, "weights after", count, "epochs")
    if "trajectory" in whole:
        rows_of_table(mine["trajectory"], whole["trajectory"], kind + ": trajectory")
    return finished.mean() / most


def results(file):
    """The names of what does not differ between equal runs."""
    names = []
    file.visit(names.append)
    return [name for name in names if name.split("/")[0] != "provenance"]


def whole_result(mine, whole, words):
    """Compares everything."""
    names = results(mine)
    found = results(whole)
    check(names == found, *words, "has", set(names) ^ set(found))
    same_attributes(mine, whole, words)
    check(set(mine.attrs) == set(whole.attrs), *words, "has the attributes", set(mine.attrs) ^ set(whole.attrs))
    for name in set(names) & set(found):
        if isinstance(mine[name], h5py.Dataset):
            same_attributes(mine[name], whole[name], (*words, name))
            if mine[name].dtype.kind == "O":
                check(list(mine[name]) == list(whole[name]), *words, name)
            else:
                same(mine[name][...], whole[name][...], *words, name)


def resume(kind, took, words):
    """Goes on with the part of the killed run; by chance, that run does not come to its end, either."""
    command, _ = KINDS[kind]
    older = pathlib.Path("killed.h5").read_bytes()
    arguments = [program, command, f"{kind}.toml", "-o", "killed.h5", "--resume", "--threads", str(chance.choice((1, 2, 3)))]
    words = (*words, "then resumed")
    while chance.random() < 0.5:
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0.0, 0.6 * took) if chance.random() < 0.7 else chance.uniform(0.0, 0.2))
        if process.poll() is None:
            sent = chance.choice((signal.SIGKILL, signal.SIGINT))
            process.send_signal(sent)
            words = (*words, f"ended by {sent.name}, resumed again")
            tally["resumed more than once"] += 1
        process.communicate()
        if not pathlib.Path("killed.h5.part").exists():
            break
        check(pathlib.Path("killed.h5").read_bytes() == older, *words, "touched the older result")
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=600)
    check(done.returncode == 0, *words, "fails:", done.stderr)
    left = [name for name in os.listdir() if name.startswith("killed.h5.part")]
    check(not left, *words, "leaves", left)
    with h5py.File("killed.h5") as mine, h5py.File(f"{kind}.h5") as whole:
        whole_result(mine, whole, words)
    tally["resumed"] += 1


COMPARE = {"simulate": simulation, "sweep": trajectories, "train": epochs}


def reference(kind):
    """Writes the scenario and its uninterrupted result. Returns the time that the run took [s]."""
    command, text = KINDS[kind]
    pathlib.Path(f"{kind}.toml").write_text(text)
    begin = time.monotonic()
    done = run(command, f"{kind}.toml", "-o", f"{kind}.h5")
    check(done.returncode == 0, kind, done.stderr)
    return time.monotonic() - begin


def kill(kind, took):
    """Kills a run and checks what it leaves. Returns the time that it took if it had ended before [s], else none."""
    command, _ = KINDS[kind]
    # one in four near the end, where the file is closed and renamed
    delay = took * (chance.uniform(0.9, 1.1) if chance.random() < 0.25 else chance.uniform(0.0, 1.0))
    shutil.copy("older.h5", "killed.h5")
    older = pathlib.Path("killed.h5").read_bytes()
    threads = () if command == "simulate" else ("--threads", chance.choice((1, 2, 3)))
    process = subprocess.Popen([program, command, f"{kind}.toml", "-o", "killed.h5", *map(str, threads)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    began = time.monotonic()
    opened = None
    while process.poll() is None and time.monotonic() - began < delay:
        if opened is None and is_open("killed.h5.part"):
            opened = time.monotonic()
        time.sleep(min(0.01, max(0.0, delay - (time.monotonic() - began))))
    if process.poll() is not None:
        tally["ended before"] += 1
        process.communicate()
        return time.monotonic() - began
    recording = 0.0 if opened is None else time.monotonic() - opened
    process.send_signal(signal.SIGKILL)
    process.communicate()
    words = (kind, f"killed after {delay:.3f} of {took:.3f} s")
    part = pathlib.Path("killed.h5.part")
    if not part.exists():  # finished, or killed before it began
        tally["without a part"] += 1
        if pathlib.Path("killed.h5").read_bytes() != older:
            with h5py.File("killed.h5") as mine:
                check(mine.attrs["complete"] == "yes", *words, "has replaced the older result")
        return None
    check(pathlib.Path("killed.h5").read_bytes() == older, *words, "touched the older result")
    begun, before = is_open(part), part.stat()
    again = run(command, f"{kind}.toml", "-o", "killed.h5") if begun else None
    if again is not None:
        check(again.returncode == 4 and "memdyn recover killed.h5.part" in again.stderr, *words,
              "a new run is not refused:", again.returncode, again.stderr)
    done = run("recover", part, "-o", "recovered.h5")
    after = part.stat()
    check((before.st_ino, before.st_size, before.st_mtime_ns) == (after.st_ino, after.st_size, after.st_mtime_ns),
          *words, "recover touched the part")
    if command == "simulate" or done.returncode != 0:
        part.unlink()
    else:
        resume(kind, took, words)
    if done.returncode != 0:
        check(done.returncode == 4 and not begun and recording == 0.0, *words, "is not recovered:", done.stderr)
        tally["before anything was saved"] += 1
        return None
    with h5py.File("recovered.h5") as mine, h5py.File(f"{kind}.h5") as whole:
        same_attributes(mine, whole, words, without=("rows",))
        if mine.attrs["complete"] == "yes":  # killed between the last write and the renaming
            tally["whole"] += 1
            share = 1.0
            check(set(mine) == set(whole), *words, "is not whole")
            for name in mine:
                if isinstance(mine[name], h5py.Dataset) and mine[name].dtype.kind != "O":
                    same(mine[name][...], whole[name][...], *words, name)
        else:
            share = COMPARE[command](mine, whole, kind)
    check(share > 0 or recording < PERIOD, *words, "has saved nothing in", recording, "s")
    tally["recovered"] += 1
    tally[f"{kind}: recovered"] += 1
    tally[f"{kind}: percent of the whole, sum"] += round(100 * share)
    return None


pathlib.Path("older.toml").write_text(SINE.format(1, "interval = 0.1"))
check(run("simulate", "older.toml", "-o", "older.h5").returncode == 0, "the older result")
times = {kind: reference(kind) for kind in KINDS}
print("uninterrupted:", {kind: round(took, 2) for kind, took in times.items()}, flush=True)
kinds = list(KINDS)
chance.shuffle(kinds)
for number in range(kills):
    kind = kinds[number % len(kinds)]
    for _ in range(5):  # the machine may have become faster since the reference was computed
        ended = kill(kind, times[kind])
        if ended is None:
            break
        times[kind] = min(times[kind], ended)
for name, count in sorted(tally.items()):
    print(f"  {name}: {count}")
shutil.rmtree(out)
print(f"{kills} kills: " + ("nothing is lost" if failures == 0 else f"{failures} failures, seed {seed}"))
sys.exit(failures > 0)

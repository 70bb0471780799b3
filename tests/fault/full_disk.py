# SPDX-License-Identifier: MIT
"""A disk that is full, and a limit on the size of files: every command that writes a result ends with exit status 4, and
its message names what could not be written, why, where, and what is saved. Nothing crashes, the older result is
untouched, and what the message promises can be recovered.

Arguments: the program, the data folder, a folder to write to, the number of runs, the seed (default: from the clock)."""
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import time

from saved import SINE, compare, small_runs

program, data, out = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
runs = int(sys.argv[4])
seed = int(sys.argv[5]) if len(sys.argv) > 5 else time.time_ns() % 1000000
print("seed", seed, flush=True)
chance = random.Random(seed)
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chdir(out)
failures = 0
recovered = 0


def check(holds, *words):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", *words, flush=True)


KINDS = small_runs(data)


def run(command, *arguments, limit=None):
    def limited():
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run([program, command, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          preexec_fn=limited)


def recover(command, part, words):
    """Recovers a part and compares what was saved with the reference."""
    global recovered
    done = run("recover", part, "-o", "cut.h5", limit=os.path.getsize(part) // 2)
    check(done.returncode == 4 and "cut.h5.part: cannot be written: File too large" in done.stderr, words,
          "recover with half of the size ->", done.returncode, done.stderr)
    check(not os.path.exists("cut.h5") and not os.path.exists("cut.h5.part"), words, "recover leaves a cut file")
    done = run("recover", part, "-o", "recovered.h5")
    check(done.returncode == 0, words, "is not recovered:", done.stderr)
    if done.returncode != 0:
        return
    recovered += 1
    wrong, _ = compare("recovered.h5", f"{command}.h5")
    check(not wrong, words, *wrong)


def failing(command, folder, words, why, limit=None, filler=None):
    """A run that cannot write its whole result, into a folder that already has one.

    @param filler fills the disk while the run writes; returns what a run that was faster prints"""
    name = folder / "result.h5"
    older = name.read_bytes()
    done = filler(command, name) if filler else run(command, f"{command}.toml", "-o", name, limit=limit)
    if filler and done.returncode == 0:
        name.write_bytes(older)
        return
    check(done.returncode == 4, words, "->", done.returncode, done.stderr)
    check(done.stderr.count("\n") == 1 and why in done.stderr, words, "does not name the reason in a line:", done.stderr)
    check("result.h5 is unchanged" in done.stderr, words, "on the older result:", done.stderr)
    check(name.read_bytes() == older, words, "touched the older result")
    part = pathlib.Path(f"{name}.part")
    check(part.exists() == ("memdyn recover" in done.stderr), words, "on the part:", part.exists(), done.stderr)
    if part.exists():
        recover(command, part, words)
        part.unlink()


def limits():
    sizes = {command: os.path.getsize(f"{command}.h5") for command in KINDS}
    for number in range(runs):
        command = list(KINDS)[number % len(KINDS)]
        # every second near the end, where the last attributes are written
        limit = int(sizes[command] - chance.uniform(1, 20000) if number % 2 else sizes[command] * chance.uniform(0.0, 0.98))
        failing(command, pathlib.Path("."), f"{command} with files of at most {limit} of {sizes[command]} bytes",
                "File too large", limit)


def full_disk():
    """A small file system in memory, if it may be mounted. It has room for each run when that begins, and another file
    takes the room while the run writes."""
    folder = pathlib.Path("disk")
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "none", folder], capture_output=True).returncode != 0:
        print("not tested: a full disk (no file system can be mounted here)")
        return
    sizes = {command: os.path.getsize(f"{command}.h5") for command in KINDS}
    filler = folder / "filler"

    def fill(command, name):
        limit = sizes[command] * chance.uniform(0.0, 0.7)
        process = subprocess.Popen([program, command, f"{command}.toml", "-o", name], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)  # fmt: skip
        part = pathlib.Path(f"{name}.part")
        while process.poll() is None and (not part.exists() or part.stat().st_size < limit):
            time.sleep(0.001)
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 20))
            except OSError:
                pass  # the disk is full
        printed, message = process.communicate(timeout=120)
        filler.unlink()
        return subprocess.CompletedProcess(command, process.returncode, printed, message)

    try:
        shutil.copy("small.h5", folder / "result.h5")
        for number in range(max(6, runs // 2)):
            command = list(KINDS)[number % len(KINDS)]
            failing(command, folder, f"{command} on a disk that becomes full", "No space left on device", filler=fill)
        filler.write_bytes(bytes(95 * 10**6))
        older = (folder / "result.h5").read_bytes()
        done = run("simulate", "simulate.toml", "-o", folder / "result.h5")
        check(done.returncode == 2 and "on the disk, and" in done.stderr, "too small a disk ->", done.returncode, done.stderr)
        check((folder / "result.h5").read_bytes() == older and not (folder / "result.h5.part").exists(), "refused")
    finally:
        subprocess.run(["umount", folder], check=True)


pathlib.Path("small.toml").write_text(SINE.format(cycles=1))
check(run("simulate", "small.toml", "-o", "small.h5").returncode == 0, "the older result")
for command, text in KINDS.items():
    pathlib.Path(f"{command}.toml").write_text(text)
    check(run(command, f"{command}.toml", "-o", f"{command}.h5").returncode == 0, command)
shutil.copy("small.h5", "result.h5")
limits()
full_disk()
shutil.rmtree(out)
print(f"{recovered} parts recovered; " + ("no failure of a disk loses more than it must" if failures == 0 else
                                          f"{failures} failures, seed {seed}"))
sys.exit(failures > 0)

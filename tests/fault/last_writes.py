# SPDX-License-Identifier: MIT
"""A run is killed before each of its last writes: whatever it had saved is recovered, equal to the last bit to the result
of an uninterrupted run, and in the end that is all; and where a run can be resumed, it ends with that result. The part of
a run that is killed before it can save anything is said to hold nothing, and most such parts are in no one's way.

Arguments: the program, the data folder, a folder to write to, the library that kills (kill_at_write.cpp), the number of
last writes."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

from saved import compare, scenario, small_runs

program, data, out, library = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
last = int(sys.argv[5])
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chdir(out)
failures = kills = replaced = 0


def check(holds, *words):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", *words, flush=True)


def run(*arguments, **environment):
    if environment:
        environment |= {"LD_PRELOAD": str(library), "ASAN_OPTIONS": "verify_asan_link_order=0"}
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=300,
                          env=os.environ | environment)


runs = {name: (name, text) for name, text in small_runs(data).items()}
runs["study"] = ("validate", scenario(data, "rules/slp_offset.toml"))
for name, (command, text) in runs.items():
    pathlib.Path(f"{name}.toml").write_text(text)
    threads = ("--threads", 1) if command in ("sweep", "train") else ()
    whole = run(command, f"{name}.toml", "-o", f"{name}.h5", *threads, COUNT_WRITES=f"{name}.count")
    check(whole.returncode == 0, name, whole.stderr)
    writes = os.path.getsize(f"{name}.count")
    most = 0
    for at in range(max(0, writes - last), writes):
        words = (name, f"killed before its write {at} of {writes}:")
        killed = run(command, f"{name}.toml", "-o", "killed.h5", *threads, KILL_AT_WRITE=str(at))
        if killed.returncode == 0:  # it saved less often than the first time
            os.unlink("killed.h5")
            continue
        kills += 1
        check(killed.returncode == -signal.SIGKILL, *words, killed.returncode, killed.stderr)
        if command in ("sweep", "train") and at % 3 == 0:
            shutil.copy("killed.h5.part", "resumed.h5.part")
            done = run(command, f"{name}.toml", "-o", "resumed.h5", *threads, "--resume")
            check(done.returncode == 0 and not os.path.exists("resumed.h5.part"), *words, "resumed:", done.stderr)
            if done.returncode == 0:
                wrong, saved = compare("resumed.h5", f"{name}.h5")
                check(not wrong and saved == compare(f"{name}.h5", f"{name}.h5")[1], *words, "resumed:", *wrong)
                os.unlink("resumed.h5")
        done = run("recover", "killed.h5.part", "-o", "recovered.h5")
        check(done.returncode == 0, *words, done.stderr)
        os.unlink("killed.h5.part")
        if done.returncode != 0:
            continue
        wrong, saved = compare("recovered.h5", f"{name}.h5")
        check(not wrong, *words, *wrong)
        most = max(most, saved)
        os.unlink("recovered.h5")
    check(most == compare(f"{name}.h5", f"{name}.h5")[1], name, "is never whole before its last write")
pathlib.Path("table.toml").write_text(scenario(data, "rules/stanford.toml").replace("[map]", "[map]\nstates = 3"))
commands = {"table": "table.toml", "validate": "table.toml", "simulate": "simulate.toml", "train": "train.toml"}
for command, name in commands.items():
    counted = run(command, name, "-o", "whole.h5", COUNT_WRITES=f"{command}.all")
    check(counted.returncode == 0, command, counted.stderr)
    writes = os.path.getsize(f"{command}.all")
    # a table is made at once, and has saved nothing until it is whole; of the others the first writes are looked at
    for at in range(0, writes - 3 if name == "table.toml" else 30, 5):
        words = (command, f"killed before its write {at} of {writes}:")
        killed = run(command, name, "-o", "early.h5", KILL_AT_WRITE=str(at))
        kills += 1
        check(killed.returncode == -signal.SIGKILL, *words, killed.returncode, killed.stderr)
        done = run("recover", "early.h5.part", "-o", "recovered.h5")
        check(done.returncode == 4 and "holds no results" in done.stderr or "wrote anything" in done.stderr, *words,
              done.returncode, done.stderr)
        check(not os.path.exists("recovered.h5.part"), *words, "recover leaves a part")
        again = ["--resume"] if command == "train" else []
        done = run(command, name, "-o", "early.h5", *again)
        replaced += done.returncode == 0
        # the structure of the file may be half written: it is not known then that the part holds nothing
        check(done.returncode in (0, 4) and (done.returncode == 0) == (not os.path.exists("early.h5.part")), *words, "again:",
              done.stderr)
        if os.path.exists("early.h5.part"):
            os.unlink("early.h5.part")
check(replaced >= 5, "parts that hold nothing are in the way:", replaced)
shutil.rmtree(out)
print(f"{kills} kills: " + ("nothing is lost" if failures == 0 else f"{failures} failures"))
sys.exit(failures > 0 or kills < last)

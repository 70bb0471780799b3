# SPDX-License-Identifier: MIT
"""A result file alone suffices to do its run again, to the last bit: every scenario of the data folder is run in a copy
of that folder, which is then removed. What a file keeps is text: hostile texts read no other file and run nothing.

Arguments: the program, the data folder, a folder to write to."""
import collections
import json
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

program, data, out = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chdir(out)
failures = 0


def check(holds, *words):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", *words, flush=True)


def run(*arguments, status=0, words=""):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    check(done.returncode == status and words in done.stdout + done.stderr, arguments, "->", done.returncode,
          done.stdout, done.stderr)  # fmt: skip
    return done


def wait_for(part, size):
    """Waits until a run has written so many bytes to this file."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and (not os.path.exists(part) or os.path.getsize(part) < size):
        time.sleep(0.01)


def command_of(text):
    if re.search(r"^\[study\]", text, re.MULTILINE):
        return "validate"
    if re.search(r"^\[network\]", text, re.MULTILINE):
        return "train"
    if re.search(r"^\[table\]", text, re.MULTILINE):
        return "table"
    return "sweep" if re.search(r"^\[\[(sweep|vary)\]\]", text, re.MULTILINE) else "simulate"


def shortened(text):
    """The same scenario with less to compute."""
    for key, most in (("epochs", 3), ("realizations", 3), ("samples", 200), ("count", 7), ("sequence", 100)):
        if key == "count" and "name = \"pulses\"" in text:
            continue  # an axis of whole numbers, which a shorter one would not have
        text = re.sub(rf"^{key} = (\d+)$", lambda found: f"{key} = {min(most, int(found[1]))}", text, flags=re.MULTILINE)
    return re.sub(r"^(realizations|epochs) = \[.*\]", lambda found: f"{found[1]} = [{'1' if found[1] == 'epochs' else '0'}]",
                  text, flags=re.MULTILINE)  # fmt: skip


def scenarios():
    """@returns the results"""
    shutil.copytree(data, "copy")
    waves = pathlib.Path("copy/scenarios/waves")
    waves.mkdir()
    (waves / "wave.csv").write_text("t,v\n0,0\n1,1e-4\n2,0\n")
    # names that lead through other folders, an absolute name, a file that names another one
    nested = pathlib.Path("copy/scenarios/complementary_switch.toml").read_text()
    nested = nested.split("[[waveform]]")[0] + '[[waveform]]\nkind = "csv"\nfile = "wave.csv"\n'
    (waves / "nested.toml").write_text(nested.replace("../devices/composites/", "../../devices/composites/../composites/"))
    (waves / "absolute.toml").write_text(f'[device]\nfile = "{out.resolve()}/copy/devices/strukov_2008.toml"\n'
                                         '[initial]\ngamma = [1e-9]\n[[waveform]]\nkind = "csv"\nfile = "wave.csv"\n')  # fmt: skip
    results = {}
    for path in sorted(pathlib.Path("copy/scenarios").rglob("*.toml")):
        text = shortened(path.read_text())
        path.write_text(text)
        command, name = command_of(text), f"{path.stem}.h5"
        threads = ("--threads", 2) if command in ("sweep", "train") else ()
        run(command, path if len(results) % 2 else path.resolve(), "-o", name, *threads)
        results[name] = command
    run("reproduce", "-o", "figures", "--realizations", 3, "--epochs", 4, "--seed", 5, "--no-plots")
    run("reproduce", "-o", "twin", "--figure", 2, "--realizations", 3, "--epochs", 4, "--twin", "--no-plots",
        "--reading", "eq8-printed")
    for path in (*pathlib.Path("figures").glob("*.h5"), *pathlib.Path("twin").glob("*.h5")):
        results[str(path)] = "reproduce"
    run("sweep", "copy/scenarios/sweep_team_variability.toml", "-o", "scalar.h5", "--instruction-set", "scalar")
    results["scalar.h5"] = "sweep"
    run("validate", "copy/scenarios/table_vteam.toml", "-o", "rules.h5")
    results["rules.h5"] = "validate"
    shutil.rmtree("copy")
    return results


def repeat(results):
    for name, command in results.items():
        again = pathlib.Path(name).with_suffix(".rerun.h5")
        run("rerun", name, words="compares both")
        run("diff", name, again, words="equal to the last bit")
        run("info", name, "--check")
        with h5py.File(name) as file:
            kept = file["inputs"]
            check(kept.attrs["command"] == command, name, "keeps the command", kept.attrs["command"])
            check("parameter_value" in kept and len(kept["parameter"]) == len(kept["parameter_value"]), name, "parameters")
            check("compiler" in file.attrs["build"], name, "build", file.attrs["build"])
        run("rerun", again, "-o", "third.h5")
        run("diff", name, "third.h5", words="equal to the last bit")
    run("rerun", "hp_sine.h5", "-o", "third.h5", "--keep", status=4, words="--keep refuses to replace it")
    run("rerun", "hp_sine.h5", "-o", "hp_sine.h5", status=2, words="is the result itself")


def killed():
    """The texts survive a kill, because they are written before rows are."""
    os.mkdir("gone")
    pathlib.Path("gone/device.toml").write_text((data / "devices/strukov_2008.toml").read_text())
    pathlib.Path("gone/long.toml").write_text(
        '[device]\nfile = "device.toml"\n[initial]\ngamma = [1e-9]\n[[waveform]]\nkind = "sine_burst"\n'
        "amplitude = 1e-4\nfrequency = 1\ncycles = 20000\n"
    )
    run("simulate", "gone/long.toml", "-o", "whole.h5")
    with subprocess.Popen([program, "simulate", "gone/long.toml", "-o", "killed.h5"], stdout=subprocess.DEVNULL) as process:
        wait_for("killed.h5.part", 10**6)
        process.send_signal(signal.SIGKILL)
    run("recover", "killed.h5.part", "-o", "saved.h5")
    shutil.rmtree("gone")
    run("rerun", "saved.h5", "-o", "again.h5")
    run("diff", "whole.h5", "again.h5", words="equal to the last bit")


def resumed():
    """A run does not go on with the part of one whose device file had another text."""
    os.mkdir("resumed")
    device = (data / "devices/strukov_2008.toml").read_text()
    pathlib.Path("resumed/device.toml").write_text(device)
    pathlib.Path("resumed/sweep.toml").write_text(
        '[device]\nfile = "device.toml"\n[initial]\ngamma = [1e-9]\n[[waveform]]\nkind = "sine_burst"\namplitude = 1e-4\n'
        'frequency = 1\ncycles = 1\n[[vary]]\nkey = "waveform.amplitude"\ndistribution = "normal"\nrelative = 0.1\n'
        "[run]\nsamples = 5000000\n"
    )
    with subprocess.Popen([program, "sweep", "resumed/sweep.toml", "-o", "resumed.h5"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:  # fmt: skip
        wait_for("resumed.h5.part", 0)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
    before = pathlib.Path("resumed.h5.part").read_bytes()
    pathlib.Path("resumed/device.toml").write_text(device + "# edited\n")
    run("sweep", "resumed/sweep.toml", "-o", "resumed.h5", "--resume", status=4, words="the files that the scenario names")
    check(pathlib.Path("resumed.h5.part").read_bytes() == before, "a refused --resume touches the part")


def differences():
    """An edited device file explains why two results of a scenario differ."""
    os.mkdir("edited")
    device = (data / "devices/strukov_2008.toml").read_text()
    pathlib.Path("edited/scenario.toml").write_text(re.sub('file = ".*"', 'file = "device.toml"',
                                                           (data / "scenarios/hp_sine.toml").read_text()))  # fmt: skip
    for name, text in (("before", device), ("after", re.sub(r"^R_off = .*$", "R_off = 17e3", device, flags=re.MULTILINE))):
        pathlib.Path("edited/device.toml").write_text(text)
        run("simulate", "edited/scenario.toml", "-o", f"{name}.h5")
    shown = run("diff", "before.h5", "after.h5", status=1, words="inputs/text: device.toml: + 9: R_off = 17e3").stdout
    check("scenario (" not in shown, "the scenario differs", shown)
    found = json.loads(run("diff", "before.h5", "after.h5", "--json", status=1).stdout)
    by_name = {one["object"]: one for one in found["differences"]}
    check(not found["equal"] and found["scenario"] == [], "diff --json", found)
    value = by_name["inputs/parameter_value"]
    check((value["differing"], value["largest"], value["values"]) == (1, 1000.0, [16000.0, 17000.0]), "diff --json", value)
    check("R_off" in value["place"], "diff --json", value)
    same = json.loads(run("diff", "before.h5", "before.h5", "--json").stdout)
    check(same["equal"] and same["differences"] == [] and same["provenance"] == [], "diff --json of equals", same)
    run("rerun", "before.h5", "-o", "again.h5")
    run("diff", "before.h5", "again.h5", words="equal to the last bit")


def hostile():
    with h5py.File("hp_sine.h5") as file:
        device = file["inputs/file"][0].decode()

    def altered(status, words, alter, name="hp_sine.h5"):
        shutil.copy(name, "altered.h5")
        with h5py.File("altered.h5", "r+") as file:
            alter(file)
        for left in ("out.h5", "out.h5.part"):
            pathlib.Path(left).unlink(missing_ok=True)
        done = run("rerun", "altered.h5", "-o", "out.h5", status=status, words=words)
        check(done.stderr.count("\n") <= 2, words, "is not a line:", done.stderr)
        check(status == 0 or not os.path.exists("out.h5"), words, "leaves a result")

    def text(old, new):
        def alter(file):
            assert old in file.attrs["scenario"], old
            file.attrs["scenario"] = file.attrs["scenario"].replace(old, new)

        return alter

    def attribute(name, value):
        return lambda file: file["inputs"].attrs.__setitem__(name, value)

    pathlib.Path("other.toml").write_text((data / "devices/strukov_2008.toml").read_text())
    os.mkfifo("fifo")
    for other in ("other.toml", str(pathlib.Path("other.toml").resolve()), "/etc/passwd", "fifo", "../" + device, "hp_sine.h5"):
        altered(4, "does not hold the text of", text(device, other))
    altered(4, "does not hold the text of", lambda file: file["inputs/file"].__setitem__(0, "elsewhere.toml"))
    altered(4, "does not hold the text of", lambda file: file["inputs"].pop("file"))
    altered(4, "has the shape", lambda file: (file["inputs"].pop("text"), file["inputs"].create_dataset("text", data=["a", "b"])))
    altered(4, "does not keep the inputs", lambda file: file.pop("inputs"))
    altered(4, "does not keep the inputs", attribute("command", ""))
    altered(4, "does not have", attribute("command", "touch /tmp/x; $(id)\n\x1b[2J"))
    altered(2, "altered.h5: hp_sine.toml", lambda file: file.attrs.__setitem__("scenario", "[device]\nmodel = 3\n"))
    altered(2, "altered.h5: " + device, lambda file: file["inputs/text"].__setitem__(0, "model = [[["))
    altered(2, "nested more than 20 deep",
            lambda file: file["inputs/text"].__setitem__(0, f'series = [{{ file = "{pathlib.Path(device).name}" }}]\n'))
    altered(4, "attribute command", attribute("command", [1, 2, 3]))
    altered(2, "record.interval = 1e-30", lambda file: file.attrs.__setitem__(
        "scenario", file.attrs["scenario"] + "\n[record]\ninterval = 1e-30\n"))  # fmt: skip
    altered(0, "is of another build", lambda file: file.attrs.__setitem__("commit", "0123456789ab"))
    altered(2, "must be one of", attribute("instruction_set", "`id`"), "scalar.h5")
    altered(2, "must be one of", attribute("instruction_set", 3.0), "scalar.h5")
    altered(4, "is missing", lambda file: file["inputs"].attrs.pop("instruction_set"), "scalar.h5")
    for name, value in (("figure", 3.0), ("figure", "one"), ("epochs", 1e300), ("epochs", -1.0), ("realizations", 0.5)):
        altered(4, f"the attribute {name} of inputs is", attribute(name, value), "figures/figure1.h5")
    altered(2, "reading", attribute("reading", "../../etc"), "figures/figure1.h5")
    altered(4, "is missing", lambda file: file.attrs.pop("seed"), "figures/figure1.h5")
    run("rerun", "fifo", "-o", "out.h5", status=4)
    run("rerun", "other.toml", "-o", "out.h5", status=2, words="describes a device")


def damaged():
    """Files with some bytes changed at random are refused, or run."""
    whole = pathlib.Path("scalar.h5").read_bytes()
    chance = random.Random(7)
    ends = collections.Counter()
    for number in range(40):
        bytes_now = bytearray(whole)
        for _ in range(chance.randrange(1, 20)):
            bytes_now[chance.randrange(len(whole))] = chance.randrange(256)
        pathlib.Path("damaged.h5").write_bytes(bytes_now)
        process = subprocess.Popen([program, "rerun", "damaged.h5", "-o", "out.h5", "--threads", "1"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)  # fmt: skip
        try:
            message = process.communicate(timeout=10)[1]
        except subprocess.TimeoutExpired:  # a number of the scenario has changed, and the run is a long one
            process.send_signal(signal.SIGINT)
            message = process.communicate(timeout=10)[1]
        ends[process.returncode] += 1
        check(process.returncode in (0, 2, 3, 4, 130), "damaged file", number, "->", process.returncode, message)
    check(len(ends) > 1, "damage has no effect:", ends)


results = scenarios()
repeat(results)
killed()
resumed()
differences()
hostile()
damaged()
sys.exit(failures > 0)

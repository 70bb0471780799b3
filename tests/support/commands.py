# SPDX-License-Identifier: MIT
"""What a person types before and around a run: `memdyn new`, `--dry-run`, completions, the manual page, warnings about
units. Arguments: the program, the data folder, a folder to write to."""
import pathlib
import re
import shutil
import subprocess
import sys

import h5py
import numpy

program, data, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
failures = []


def check(holds, *what):
    if not holds:
        failures.append(what)
        print("FAILED:", *what, flush=True)


def run(*arguments, status=0, words=""):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, cwd=out)
    check(done.returncode == status and words in done.stdout + done.stderr, arguments, done.returncode, done.stderr, words)
    return done


# ---- memdyn new: each scenario runs, and moves the state visibly
models = [line.split()[0] for line in run("devices").stdout.splitlines()[1:]]
sets = [*sorted((data / "devices").glob("*.toml")), *sorted((data / "devices/text").glob("*.toml")),
        *sorted((data / "devices/composites").glob("*.toml"))]  # fmt: skip
elements = 0
for number, device in enumerate([*models, *sets]):
    scenario, result = out / f"{number}.toml", out / f"{number}.h5"
    done = subprocess.run([program, "new", device, "-o", scenario], capture_output=True, text=True)
    if done.returncode == 2 and "is not a memristor by itself" in done.stderr:
        elements += 1
        check(not scenario.exists(), "a scenario of an element", device)
        continue
    check(done.returncode == 0, device, done.stderr)
    check(all(word in scenario.read_text() for word in ("[device]", "[initial]", "[[waveform]]", "# [s]")), device)
    done = run("simulate", scenario, "-o", result)
    check("beyond" not in done.stderr and "no memristor bears" not in done.stderr, device, done.stderr)
    with h5py.File(result) as file:
        gamma = file["gamma"][:]
    ranges = [re.search(r"\(range (\S+)\.\.(\S+)\)", line) for line in done.stdout.splitlines() if "(range" in line]
    moved = 0.0
    for k, found in enumerate(ranges):
        low, high = (float(x) for x in found.groups())
        swing = numpy.ptp(gamma[:, k])
        moved = max(moved, swing / (high - low) if numpy.isfinite(high - low) else swing / abs(gamma[:, k]).max())
    least = 0.03 if device == data / "devices/text/thermistor.toml" else 0.1  # its temperature ranges to 2000 K
    check(moved > least, "moves its state by a share of", moved, device)
check(elements < 12 and len(models) - elements > 10, "models that are elements", elements)
run("new", "vteam", "-o", "0.toml", status=4, words="exists, and is not replaced")
run("new", "vtem", "-o", "x.toml", status=2, words='did you mean "vteam"')
run("new", "vteam", "-o", "x.txt", status=2, words="must end in .toml")
run("new", "resistor", "-o", "x.toml", status=2, words="is not a memristor by itself")
(out / 'a "b" ü').mkdir()
shutil.copy(data / "devices/strukov_2008.toml", out / 'a "b" ü/set.toml')
run("new", 'a "b" ü/set.toml', "-o", "quoted.toml")
run("simulate", "quoted.toml", "-o", "quoted.h5")

# ---- --dry-run: the same checks, and nothing is written
before = sorted(out.iterdir())
scenarios = data / "scenarios"
for command, scenario in (("simulate", "hp_sine"), ("sweep", "sweep_hp_frequency"), ("train", "mlp_sine"),
                          ("table", "table_vteam"), ("validate", "table_vteam")):  # fmt: skip
    done = run(command, scenarios / f"{scenario}.toml", "-o", out / "dry.h5", "--dry-run", words="nothing was run")
    for part in ("disk: ", "time: "):
        check(part in done.stdout, command, part, done.stdout)
    run(command, scenarios / f"{scenario}.toml", "-o", out / "no_such_folder/dry.h5", "--dry-run", status=4)
run("sweep", scenarios / "sweep_hp_frequency.toml", "-o", "dry.h5", "--dry-run", words="1.74e+03 trajectories")
run("reproduce", "-o", out / "figures", "--dry-run", "--realizations", "2", "--epochs", "20", words="figure2.h5")
run("reproduce", "-o", out / "figures", "--dry-run", "--figure", "universality", words="time: not known")
run("rerun", out / "quoted.h5", "--dry-run", words="quoted.rerun.h5: would be written")
run("simulate", scenarios / "hp_sine.toml", "-o", "dry.h5", "--dry-run", "--set", "record.interval=1e-16", status=2,
    words="increase it")  # fmt: skip
run("simulate", scenarios / "hp_sine.toml", "-o", "dry.h5", "--dry-run", "--set", "waveform.amplitud=1", status=2)
sets = sorted((data / "devices").glob("*.toml"))[:2]
run("gallery", *sets, "-o", out / "pair", "--dry-run", words=f"{sets[1]}: ")
run("gallery", sets[0], scenarios / "hp_sine.toml", "-o", out / "pair", "--dry-run", status=2)
run("check", "vteam", sets[0], "--dry-run", words="vteam: would be tested")
run("check", "vteam", out / "nowhere.toml", "--dry-run", status=2)
run("check", "--events", "9", "--dry-run", words="9 cases")
check(sorted(out.iterdir()) == before, "files of dry runs", set(out.iterdir()) - set(before))
done = run("simulate", scenarios / "hp_sine.toml", "-o", "dry.h5", "--dry-run")
run("simulate", scenarios / "hp_sine.toml", "-o", "dry.h5")
with h5py.File(out / "dry.h5") as file:
    rows = file["time"].shape[0]
check(f"about {float(f'{rows:.3g}'):g} rows" in done.stdout, "rows of a dry run", rows, done.stdout)

# ---- a warning about units, without false alarms on what ships
for scenario in sorted(scenarios.glob("*.toml")):
    text = scenario.read_text()
    if not re.search(r"^\[(network|table|reduce|run)\]|^\[\[(sweep|vary)\]\]", text, flags=re.M):
        done = run("simulate", scenario, "-o", out / "shipped.h5")
        check("no memristor bears" not in done.stderr, scenario, done.stderr)
run("simulate", scenarios / "hp_sine.toml", "-o", "large.h5", "--set", "waveform.amplitude=2e3", "--set",
    "waveform.frequency=1e8", words="no memristor bears; is the drive in A")  # fmt: skip

# ---- completions and the manual page
for shell, check_syntax in (("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])):
    script = out / f"completion.{shell}"
    script.write_text(run("completion", shell).stdout)
    if shutil.which(shell):
        done = subprocess.run([*check_syntax, script], capture_output=True, text=True)
        check(done.returncode == 0 and not done.stderr, shell, done.stderr)
    for word in ("simulate", "--view" if shell != "fish" else "-l view", "overview loop transient prediction"):
        check(word in script.read_text(), shell, word)
run("completion", "tcsh", status=2, words="not in {bash,zsh,fish}")


def completed(*words):
    """What bash offers for the last word."""
    script = f"""source {out}/completion.bash
compopt() {{ :; }}
COMP_WORDS=({' '.join(f"'{word}'" for word in words)})
COMP_CWORD={len(words) - 1}
_memdyn
printf '%s\\n' "${{COMPREPLY[@]}}" """
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True).stdout.split()


check(completed("memdyn", "si") == ["simulate"], completed("memdyn", "si"))
check(completed("memdyn", "plot", "a.h5", "--vi") == ["--view"], completed("memdyn", "plot", "a.h5", "--vi"))
check(completed("memdyn", "plot", "--view", "l") == ["loop"], completed("memdyn", "plot", "--view", "l"))
check(completed("memdyn", "plot", "-o", "x") == [], "names of files are left to bash")
check("vteam" in completed("memdyn", "new", "vt"), "models")
check(completed("memdyn", "plot", "a.h5", "--log", "x") == ["x", "xy"], completed("memdyn", "plot", "a.h5", "--log", "x"))
page = run("manual").stdout
(out / "memdyn.1").write_text(page)
if shutil.which("groff"):
    done = subprocess.run(["groff", "-man", "-Kutf8", "-Tutf8", "-ww", out / "memdyn.1"], capture_output=True, text=True)
    check(done.returncode == 0 and not done.stderr, "troff warns", done.stderr)
    shown = re.sub(r"\x1b\[[0-9]*m|.\x08", "", done.stdout)
    for command in re.findall(r"^  (\w+)  ", run("--help").stdout, flags=re.M):
        check(f"memdyn {command}" in shown, "the manual lacks", command)
    check("--instruction-set" in shown.replace("\N{HYPHEN}", "-"), "options in the manual")

# ---- messages
run("simulate", scenarios / "sweep_dose.toml", "-o", "x.h5", status=2, words="[{...}]: belongs to")
many = ", ".join(["1e-9"] * 200)
(out / "long.toml").write_text(
    f'[device]\nfile = "{data}/devices/strukov_2008.toml"\n[drive]\ncompliance = [{many}]\n'
    '[[waveform]]\nkind = "sine_burst"\namplitude = 1e-4\nfrequency = 1.0\ncycles = 2\n'
)
done = run("simulate", "long.toml", "-o", "x.h5", status=2, words="bytes in all]")
check(len(done.stderr) < 300, "a long value", done.stderr)
sys.exit(bool(failures))

# SPDX-License-Identifier: MIT
"""No text from a file, a file name or an argument is ever executed as a command, and none spoils a picture or a message.
Arguments: the program, the data folder, a folder to write to, and, so that it takes less time, N: each part takes another
N-th of the texts.

Every string of every kind of file is replaced by texts that gnuplot or a shell could interpret as code. The commands in
them run a canary, which creates a file. A first test makes sure that the canary works."""
import csv
import os
import pathlib
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
import xml.etree.ElementTree

import h5py
import numpy

program, data, out = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3])
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
out = out.resolve()
every = int(sys.argv[4]) if len(sys.argv) > 4 else 1
failures = []

# commands without a slash, so that they can be file names; they run the canary
csv.field_size_limit(10**9)
PAYLOADS = [
    "two\nlines", "it's", 'say "so"', "''", '"', "'", "`canary`", "$(canary)", "|canary", "<canary", "| canary .svg",
    "< canary", "%s%d%n %", "\\", "tail\\'", 'tail\\"', "@canary", "!canary", "#", "\n!canary\n", "'\n!canary\n'", '"\n!canary\n"',
    "';!canary\n", "'; system('canary'); '", '"; system("canary"); "', "'.system('canary').'", '".system("canary")."',
    "\\\n!canary\n", "\nEOD\n!canary\n", "'\nset output '|canary'\n#", "{/:Bold {", "}}", "w_{`canary`}", "a_b^c", "x\0y", "\t\v\b\x7f",
    "\x1b]0;canary\x07\x1b[2J", "\u202eyranac", "\x85\x9b", "&amp;<script>]]><!--", "½ Σ µ 漢字", "x" * 100_000, "\n" * 5000, "",
]  # fmt: skip
NAMES = sorted({payload.replace("/", ":").replace("\0", "0")[:200] for payload in PAYLOADS} - {""})

canary = out / "canary"
tools = out / "tools"
tools.mkdir()
(tools / "canary").write_text(f"#!/bin/sh\n: > '{canary}'\n")
(tools / "canary").chmod(0o755)
home = out / "home"
(home / "gnuplot").mkdir(parents=True)
for name in (".gnuplot", "gnuplot/gnuplotrc", "gnuplotrc"):
    (home / name).write_text("system('canary')\n!canary\n")
environment = dict(
    os.environ, PATH=f"{tools}:{os.environ['PATH']}", HOME=str(home), XDG_CONFIG_HOME=str(home), TMPDIR=str(out / "tmp"),
    GNUTERM="dumb; !canary", GNUPLOT=str(home), GNUPLOT_LIB=str(home), GNUPLOT_PS_DIR=str(home), GNUHELP=str(home),
    SHELL=str(tools / "canary"),
)  # fmt: skip
(out / "tmp").mkdir()


def check(holds, *what):
    if not holds:
        failures.append(what)
        print("FAILED:", *(repr(one)[:600] for one in what), flush=True)


def run(*arguments, statuses=(0,), cwd=home, **more):
    """Runs the program, which must end with a documented status and must not print control characters."""
    done = subprocess.run([program, *map(os.fspath, arguments)], env={**environment, **more.pop("env", {})}, cwd=cwd,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)  # fmt: skip
    shown = done.stdout + done.stderr
    check(done.returncode in statuses, arguments, done.returncode, shown)
    check(not canary.exists(), "THE CANARY RAN", arguments)
    canary.unlink(missing_ok=True)
    check(clean(shown), "control characters", arguments, shown)
    return done.returncode, done.stderr.decode(errors="replace")


def clean(text):
    try:
        letters = text.decode()
    except UnicodeDecodeError:
        return False
    controls = {*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)}
    return not any(ord(c) in controls - {0x0A} for c in letters) and max(map(len, letters.split("\n"))) <= 2500


def texts_of(picture):
    """All texts of a file, which must be a valid SVG without a script."""
    try:
        root = xml.etree.ElementTree.parse(picture).getroot()
    except (xml.etree.ElementTree.ParseError, OSError) as error:
        check(False, picture, error)
        return []
    svg = "{http://www.w3.org/2000/svg}"
    check(root.tag == svg + "svg" and not list(root.iter(svg + "script")), picture, "is not a valid picture")
    return ["".join(one.itertext()).strip() for one in root.iter(svg + "text")]


def draw(result, *options, statuses=(0,)):
    picture = out / "picture.svg"
    picture.unlink(missing_ok=True)
    status, _ = run("plot", result, "-o", picture, *options, statuses=statuses)
    check((status == 0) == picture.exists(), result, "picture and status")
    return texts_of(picture) if status == 0 else []


# the canary works if gnuplot executes a command
subprocess.run(["gnuplot", "-d"], input=b"!canary\n", env={**os.environ, "PATH": environment["PATH"]}, check=True)
check(canary.exists(), "the canary does not work")
canary.unlink()


def scenario(name, **more):
    text = (data / "scenarios" / name).read_text().replace("../", f"{data}/")
    for old, new in more.get("replace", {}).items():
        check(old in text, name, old)
        text = text.replace(old, new)
    return text


def toml(text):
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(c, c if ord(c) >= 0x20 and c != "\x7f" else f"\\u{ord(c):04x}") for c in text) + '"'


short = {"samples = 20000": "samples = 50"}
few = {"count = 37": "count = 3", "count = 47": "count = 4"}
quick = {"epochs = 500": "epochs = 3", "realizations = 20\n": "realizations = 2\n"}
sources = {
    "simulate": scenario("window_ramp.toml"),
    "map": scenario("sweep_hp_frequency.toml", replace=few),
    "histogram": scenario("sweep_team_variability.toml", replace=short),
    "train": scenario("slp_or.toml", replace=quick),
    "pulses": scenario("rules/pulse_map.toml", replace={"states = 21": "states = 4", "sequence = 1000": "sequence = 9"}),
}
commands = {"simulate": "simulate", "map": "sweep", "histogram": "sweep", "train": "train", "pulses": "validate"}
views = {
    "simulate": [[], ["--view", "loop"]],
    "map": [[], ["--at", "amplitude=1e-4"], ["--quantity", "gamma_final"]],
    "histogram": [[]],
    "train": [[], ["--view", "transient"]],
    "pulses": [[], ["--view", "map"]],
}
results = {}
for kind, source in sources.items():
    (out / f"{kind}.toml").write_text(source)
    results[kind] = out / f"{kind}.h5"
    run(commands[kind], out / f"{kind}.toml", "-o", results[kind])


# ---- every string of a result file
def names_in(file):
    found = []
    file.visit(found.append)
    return [name for name in found if isinstance(file[name], h5py.Dataset)]


def spoil_strings(file, payload):
    """Every text attribute and every array of texts. NUL ends a text in HDF5."""
    payload = payload.replace("\0", "0")
    for name in ["/", *names_in(file)]:
        for attribute, value in file[name].attrs.items():
            if attribute not in ("CLASS", "NAME") and isinstance(value, str):
                file[name].attrs[attribute] = payload
        if name != "/" and h5py.check_string_dtype(file[name].dtype):
            file[name][...] = numpy.full(file[name].shape, payload, dtype=object)


def spoil_names(file, payload):
    """Every axis of a sweep."""
    name_of = payload.replace("/", ":").replace("\0", "0")[:200] or "."
    for name in ("amplitude", "frequency"):
        renamed = f"{name_of} {name}"
        file.move(name, renamed)
        file[renamed].attrs["NAME"] = numpy.bytes_(renamed.encode())


def spoiled(kind, spoil, *arguments):
    path = out / "spoiled.h5"
    shutil.copy(results[kind], path)
    with h5py.File(path, "r+") as file:
        spoil(file, *arguments)
    return path


def inspect(result, kind):
    """The commands that print what a file holds, or write it as a table in which every line has as many cells."""
    run("info", result)
    run("info", result, "--check", statuses=(0, 4))
    run("diff", results[kind], result, statuses=(0, 1))
    table = out / "table.csv"
    run("export", result, "-o", table)
    with open(table, newline="", encoding="utf-8") as file:
        lines = list(csv.reader(file))
    check(len({len(line) for line in lines}) == 1, "cells of a table", result, lines[0])
    texts = [cell for line in lines for cell in line if not re.fullmatch(r"[-+0-9.einfa]*", cell)]
    check(not any(cell.lstrip(" ")[:1] in {*"=+-@\t\r"} - {""} for cell in texts), "a formula", result, lines[:2])


for payload in [*PAYLOADS, "=1+1", "@SUM(A1)", " -1+x", "\t+x"][::every]:
    for kind, all_views in views.items():
        path = spoiled(kind, spoil_strings, payload)
        inspect(path, kind)
        for options in all_views:
            texts = draw(path, *options)
            if payload.strip() and "\0" not in payload and payload.isprintable() and len(payload) < 100:
                check(any(payload.strip() in text for text in texts), "text is not in the picture", kind, payload, texts)
    # a variable, a unit, a title and a legend of two files, chosen by the name of the variable
    path = spoiled("simulate", spoil_strings, payload)
    named = payload.replace("\0", "0")
    if len(named) < 1000:
        draw(path, results["simulate"], "--x", "time", "--y", "current", "--y", f"gamma[{named}]", statuses=(0, 2))
        draw(path, "--x", named, "--y", "voltage", "--log", "xy", statuses=(0, 2))
    inspect(spoiled("map", spoil_names, payload), "map")
    draw(spoiled("map", spoil_names, payload))
    draw(spoiled("map", spoil_names, payload), "--at", f"{payload} amplitude=1e-4".replace("\0", "0"), statuses=(0, 2))
path = spoiled("simulate", spoil_strings, "two\nlines")
check({"two", "lines"} <= set(draw(path)), "a title of two lines")

# ---- every string of a scenario, a device, a parameter set
for payload in PAYLOADS[1 % every :: every]:
    quoted = toml(payload)
    for kind, source in sources.items():
        lines = source.split("\n")
        own = [k for k, line in enumerate(lines) if line.startswith("title")]
        check(len(own) == 1, kind, "title")
        lines[own[0]] = f"title = {quoted}"
        (out / "own.toml").write_text("\n".join(lines))
        run(commands[kind], out / "own.toml", "-o", out / "own.h5")
    draw(out / "own.h5")
    device = (data / "devices/text/hp.toml").read_text()
    for old, new in {
        'title = "HP device of Strukov et al. 2008 with Joglekar\'s window, as text"': f"title = {quoted}",
        'name = "hp"': f"name = {quoted}",
        'doi = "10.1038/nature06932"': f"doi = {quoted}",
        'unit = "ohm", range = [1e-3, 1e9], meaning = "memristance of the doped film"': f"unit = {quoted}, meaning = {quoted}",
        'name = "x"': f"name = {quoted}",
        'lower = 0\n': f"lower = 0\nunit = {quoted}\n",
        'memristance = "R_on*x + R_off*(1 - x)"': f"memristance = {quoted}",
        'D = {': f'"D" = {{unit = "m", value = 1, range = [0, 1]}}\n{quoted} = {{',
        'control = "current"': f"control = {quoted}",
    }.items():  # fmt: skip
        check(old in device, old)
        (out / "device.toml").write_text(device.replace(old, new).replace(', unit = "m2 V-1 s-1"', ""))
        (out / "text.toml").write_text(f"""
device = {{ file = "{out}/device.toml" }}
initial = {{ gamma = [0.5] }}
waveform = [{{ kind = "sine_burst", amplitude = 1e-4, frequency = 1.0, cycles = 1 }}]
""")
        run("devices", out / "device.toml", statuses=(0, 2))
        if run("simulate", out / "text.toml", "-o", out / "text.h5", statuses=(0, 2))[0] == 0:
            draw(out / "text.h5")
    for key in ("device.model", "integrate.method", "waveform[0].kind", "initial.nothing", "record.quantity", "drive.quantity"):
        section, last = key.split(".")
        head = f"[{section}]" if "[" not in section else "[[waveform]]"
        (out / "wrong.toml").write_text(f"{head}\n{last} = {quoted}\n{quoted} = 1\n")
        command = {"[[waveform]]": "sweep", "[integrate]": "train"}.get(head, "simulate")
        run(command, out / "wrong.toml", "-o", out / "wrong.h5", statuses=(2,))
    label = sources["map"] + f'\n[[sweep]]\nkey = "device.parameters.D"\nname = {quoted}\nvalues = [1e-8, 2e-8]\n'
    (out / "label.toml").write_text(label)
    if run("sweep", out / "label.toml", "-o", out / "label.h5", statuses=(0, 2))[0] == 0:
        draw(out / "label.h5")
    (out / "wrong.toml").write_text(payload.replace("\0", "0"), newline="")
    run("simulate", out / "wrong.toml", "-o", out / "wrong.h5", statuses=(2,))

# ---- every file name, and every argument
folder = out / "names"
folder.mkdir()
ramp = data / "scenarios/window_ramp.toml"
for name in NAMES[2 % every :: every]:
    for ending in (".svg", ".png"):
        picture = folder / (name + ending)
        run("plot", results["simulate"], "-o", *([picture] if ending == ".svg" else [picture.name]), cwd=folder)
        check(picture.stat().st_size > 1000, picture)
    shutil.copy(ramp, folder / f"{name}.toml")
    text = scenario("window_ramp.toml").split("\n")
    (folder / f"{name}.toml").write_text("\n".join(line for line in text if not line.startswith("title")))
    run("simulate", folder / f"{name}.toml", "-o", folder / f"{name}.h5")
    texts = draw(folder / f"{name}.h5")
    if name.isprintable() and name.strip() and "." not in name:
        check(any(name.strip() in text for text in texts), "a file's name is not the title", name, texts)
    if name in NAMES[::4]:
        texts = draw(folder / f"{name}.h5", results["simulate"], "--view", "loop")
        if name.isprintable() and name.strip() and "." not in name:
            check(any(name.strip() in text for text in texts), "a file's name is not in the legend", name, texts)
    (folder / f"{name}.csv").write_text("time,value\n0,0\n1,1e-5\n")
    (out / "csv.toml").write_text(sources["simulate"].split("[[waveform]]")[0] +
                                  f"[[waveform]]\nkind = \"csv\"\nfile = {toml('names/' + name + '.csv')}\n")  # fmt: skip
    run("simulate", out / "csv.toml", "-o", out / "csv.h5", statuses=(0, 2, 4))
    (folder / f"{name}.csv").write_text(f"a,b,c\n{name},1,0\n")
    (out / "data.toml").write_text(sources["train"].replace('gate = "OR"', f"file = {toml('names/' + name + '.csv')}"))
    run("train", out / "data.toml", "-o", out / "data.h5", statuses=(2,))
    run("plot", folder / f"{name}.none", "-o", out / "x.svg", statuses=(4,))
    run("plot", folder / f"{name}.csv", "-o", out / "x.svg", statuses=(4,))
    for arguments in (["plot", results["map"], "-o", out / "x.svg", "--quantity", name],
                      ["plot", results["map"], "-o", out / "x.svg", "--quantity", "gamma_final", "--variable", name],
                      ["plot", results["map"], "-o", out / "x.svg", "--at", name],
                      ["plot", results["simulate"], "-o", name + "."], ["plot", results["simulate"], "-o", "x.svg", "--view", name],
                      ["plot", results["simulate"], "-o", "x.svg", "--y", name], ["plot", results["simulate"], "-o", "x.svg", "--log", name],
                      ["new", name, "-o", out / "new.toml"], ["completion", name], ["devices", name], ["check", name], ["reproduce", "-o", out, "--reading", name],
                      ["sweep", ramp, "-o", out / "x.h5", "--instruction-set", name]):  # fmt: skip
        run(*arguments, statuses=(2,))
    run(name, statuses=(2,))
sets = []
for name in NAMES[::6]:
    sets.append(folder / f"{name}.set.toml")
    shutil.copy(data / "devices/strukov_2008.toml", sets[-1])
(out / "gallery").mkdir()
run("gallery", *sets, "-o", out / "gallery")
texts_of(out / "gallery/gallery.svg")
table = (out / "gallery/fingerprints.md").read_text().strip().split("\n")
check(len(table) == 2 + len(sets) and len({line.replace("\\|", "").count("|") for line in table}) == 1, table)
check(not list(out.rglob("*.part")) and not list((out / "tmp").iterdir()), "temporary files are left")


# ---- files with inconsistent or empty arrays
def replace(file, name, values):
    attributes = {k: v for k, v in file[name].attrs.items() if k in ("units", "long_name")}
    del file[name]
    file[name] = values
    file[name].attrs.update(attributes)


def group(file, name):
    del file[name]
    file.create_group(name)


for kind, all_views in views.items():
    with h5py.File(results[kind]) as file:
        arrays = {name: (file[name].shape, file[name].dtype) for name in names_in(file)}
    for number, (name, (shape, dtype)) in enumerate(arrays.items()):
        texts = h5py.check_string_dtype(dtype)
        one = numpy.array("text", dtype=h5py.string_dtype()) if texts else numpy.array(1.0)
        for turn, spoil in enumerate({
            "empty": lambda file: replace(file, name, numpy.zeros((0, *shape[1:]), dtype)),
            "a row too many": lambda file: replace(file, name, numpy.resize(one, (shape[0] + 1, *shape[1:]))),
            "a row too few": lambda file: replace(file, name, numpy.resize(one, (max(shape[0] - 1, 0), *shape[1:]))),
            "one axis more": lambda file: replace(file, name, numpy.resize(one, (*shape, 2))),
            "a scalar": lambda file: replace(file, name, one),
            "nothing": lambda file: replace(file, name, h5py.Empty("f8")),
            "the other type": lambda file: replace(file, name, numpy.ones(shape) if texts else numpy.full(shape, b"text")),
            "not a number": lambda file: replace(file, name, numpy.full(shape, b"" if texts else numpy.nan)),
            "not finite": lambda file: replace(file, name, numpy.full(shape, b"" if texts else numpy.inf)),
            "absent": lambda file: file.__delitem__(name),
            "a group": lambda file: group(file, name),
        }.values()):  # fmt: skip
            if (number + turn) % every == 0:
                draw(spoiled(kind, spoil), *all_views[(number + turn) // every % len(all_views)], statuses=(0, 2, 4))
    for value in (numpy.array(["a", "b"], dtype=h5py.string_dtype()), 1.5, numpy.zeros(3), h5py.Empty("S1"), numpy.bytes_(b"fixed")):
        path = spoiled(kind, lambda file: file.attrs.__setitem__("title", value))
        texts = draw(path, statuses=(0, 4))
        if isinstance(value, numpy.bytes_):
            check(any("fixed" in text for text in texts), "a title of fixed length", texts)
for name in ("time", "current", "voltage", "gamma", "event", "variable", "regime"):
    shape = h5py.File(results["simulate"])[name].shape
    path = spoiled("simulate", lambda file: replace(file, name, numpy.zeros((shape[0] + 1, *shape[1:]))))
    status, message = run("plot", path, "-o", out / "x.svg", statuses=(4,))
    check("shape" in message or "text" in message, name, message)
rows = h5py.File(results["simulate"])["time"].shape[0]
for guards in (0, 1, 70):  # one number per row, or one per row and guard
    regime = numpy.zeros((rows, guards))
    regime[rows // 2 :] = 1
    texts = draw(spoiled("simulate", lambda file: replace(file, "regime", regime)))
    check(("change of regime" in texts) == (guards > 0), guards, texts)
draw(spoiled("simulate", lambda file: file.__delitem__("regime")))
text = scenario("window_ramp.toml").split("[record]")[0] + "[record]\nsteps = false\n"
(out / "rows.toml").write_text(text)
run("simulate", out / "rows.toml", "-o", out / "rows.h5")
for options in views["simulate"]:
    status, message = run("plot", out / "rows.h5", "-o", out / "x.svg", *options, statuses=(4,))
    check("no rows" in message, message)
texts = draw(spoiled("train", lambda file: replace(file, "gate", numpy.array([b"fixed"]))))
check("fixed" in texts, "texts of fixed length", texts)

# ---- files of other kinds
(out / "no.h5").write_text("no HDF5")
shutil.copy(results["simulate"], out / "cut.h5")
os.truncate(out / "cut.h5", 3000)
os.mkfifo(out / "fifo.h5")
for name, words in {"none.h5": "no such file", "no.h5": "not an HDF5 file", "cut.h5": "cut short", "tmp": "not a regular file",
                    "fifo.h5": "not a regular file"}.items():  # fmt: skip
    status, message = run("plot", out / name, "-o", out / "x.svg", statuses=(4,), timeout=60)
    check(words in message, name, message)
if os.geteuid() != 0:
    (out / "no.h5").chmod(0)
    check("Permission denied" in run("plot", out / "no.h5", "-o", out / "x.svg", statuses=(4,))[1], "permissions")

# ---- no warnings of gnuplot if a drive is zero
zero = sources["simulate"].split("[[waveform]]")[0] + '[[waveform]]\nkind = "constant"\nvalue = 0.0\nduration = 1.0\n'
(out / "zero.toml").write_text(zero + "[record]\ninterval = 0.1\n")
run("simulate", out / "zero.toml", "-o", out / "zero.h5")
for options in views["simulate"]:
    check(run("plot", out / "zero.h5", "-o", out / "zero.svg", *options)[1] == "", "gnuplot prints warnings")


# ---- a picture replaces an older one only when it is complete
def limited():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # acts like a full disk: Python ignores SIGXFSZ


old = out / "old.png"
old.write_text("older")
old.chmod(0o640)
status, message = run("plot", results["histogram"], "-o", old, statuses=(4,), preexec_fn=limited, restore_signals=False)
check("cannot be written" in message and old.read_text() == "older", "a full disk", message)
check(not list(out.glob(".memdyn*")), "a part of a picture is left")
link = out / "link.png"
link.symlink_to(old)
run("plot", results["histogram"], "-o", link)
check(link.is_symlink() and old.read_bytes()[1:4] == b"PNG" and stat.S_IMODE(old.stat().st_mode) == 0o640, "a link, a mode")
(out / "folder.svg").mkdir()
os.mkfifo(out / "fifo.svg")
(out / "nowhere.svg").symlink_to(out / "nothing/x.svg")
(out / "dangling.png").symlink_to("made.png")
run("plot", results["histogram"], "-o", out / "dangling.png")
check((out / "dangling.png").is_symlink() and (out / "made.png").read_bytes()[1:4] == b"PNG", "a link to no file yet")
for name in ("folder.svg", "fifo.svg", "nowhere.svg", "nothing/x.svg"):
    run("plot", results["map"], "-o", out / name, statuses=(4,), timeout=60)


# ---- gnuplot fails, hangs, is stopped
def fake(script):
    folder = out / "fake"
    folder.mkdir(exist_ok=True)
    (folder / "gnuplot").write_text("#!/bin/sh\n" + script)
    (folder / "gnuplot").chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


for script, words in {"printf 'half a picture'; kill -9 $$": "137", "printf '\\033[2Jno\\n' >&2; exit 3": "no", "exit 0": "failed"}.items():
    old.write_text("older")
    status, message = run("plot", results["map"], "-o", old, statuses=(4,), env=fake(script))
    check(words in message and old.read_text() == "older", script, message)
for number in (signal.SIGINT, signal.SIGTERM):
    running = out / "running"
    running.unlink(missing_ok=True)
    slow = {**environment, **fake(f"echo $$ > '{running}.new'; mv '{running}.new' '{running}'; printf part; exec sleep 100\n")}
    process = subprocess.Popen([program, "plot", results["map"], "-o", old], env=slow, stderr=subprocess.DEVNULL)
    begin = time.monotonic()
    while not running.exists() and time.monotonic() < begin + 30:
        time.sleep(0.02)
    process.send_signal(number)
    check(process.wait(timeout=30) == 128 + number, "a signal", number)
    check(time.monotonic() < begin + 30, "it waited for gnuplot")
    child = int(running.read_text())
    check(not pathlib.Path(f"/proc/{child}").exists(), "gnuplot is still running", child)
    check(old.read_text() == "older" and not list(out.glob(".memdyn*")) and not list((out / "tmp").iterdir()), "files are left")

print(f"{len(failures)} failures")
sys.exit(bool(failures))

# SPDX-License-Identifier: MIT
"""Commands that read result files survive hostile and damaged ones: they end with a documented status, in bounded time
and memory. Arguments: the program, the data folder, a folder to write to, how many files to damage at random (default
50), and the seed (default 1)."""
import collections
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import time

import h5py
import numpy

program, data, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
count = int(sys.argv[4]) if len(sys.argv) > 4 else 50
chance = random.Random(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
failures = []
ends = collections.Counter()
slowest = 0.0


def check(holds, *what):
    if not holds:
        failures.append(what)
        print("FAILED:", *(str(one)[:600] for one in what), flush=True)


def run(*arguments, statuses=(0,), words=""):
    """Runs the program, which must end with one of some statuses, within the time after which it gives up a file."""
    global slowest
    begin = time.monotonic()
    try:
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=200)
    except subprocess.TimeoutExpired:
        ends["hangs"] += 1
        return check(False, arguments, "hangs")
    slowest = max(slowest, time.monotonic() - begin)
    shown = done.stdout + done.stderr
    check(done.returncode in statuses and words in shown, arguments, done.returncode, shown)
    end = {0: "read", 1: "read"}.get(done.returncode, "refused")
    for words, name in (("library crashes", "libhdf5 crashed in the child"), ("computes for more", "libhdf5 looped in the child"),
                        ("GiB of memory", "out of memory in the child")):  # fmt: skip
        end = name if words in shown else end
    ends[end] += 1
    return shown


# ---- result files of each kind
def scenario(name, **changes):
    text = (data / "scenarios" / name).read_text().replace("../devices", str(data / "devices"))
    for old, new in changes.items():
        text = text.replace(*new) if isinstance(new, tuple) else text
    path = out / name
    path.write_text(text)
    return path


team = scenario("sweep_team_variability.toml", samples=("samples = 20000", "samples = 50"))
team.write_text(team.read_text() + "\n[record]\ninterval = 1e-6\n")
results = {}
for command, source in {
    "simulate": scenario("window_ramp.toml"),
    "sweep": team,
    "train": scenario("slp_or.toml", epochs=("epochs = 500", "epochs = 3"), few=("realizations = 20\n", "realizations = 2\n")),
}.items():
    results[command] = out / f"{command}.h5"
    run(command, source, "-o", results[command])
    run("info", results[command], "--check", words="the file format holds")
    run("diff", results[command], results[command], words="equal to the last bit")


def read_everywhere(path, kind, statuses=(0, 4), words=""):
    """All commands that read; `diff` may find differences."""
    run("info", path, statuses=statuses, words=words)
    run("info", path, "--json", statuses=statuses, words=words)
    run("info", path, "--check", statuses=(0, 4) if 0 in statuses else statuses, words=words)
    run("diff", results[kind], path, statuses=(0, 1, 4) if 0 in statuses else statuses, words=words)
    run("export", path, "-o", out / "table.csv", statuses=statuses)
    run("plot", path, "-o", out / "picture.svg", statuses=(0, 2, 4))
    check(not list(out.glob(".memdyn*")), path, "a temporary file is left")


# ---- hostile files: what is put in the place of `voltage`, and the words that refuse it
secret = out / "secret.h5"
with h5py.File(secret, "w") as file:
    file["voltage"] = numpy.arange(64.0)
(out / "secret.bin").write_bytes(numpy.arange(64.0).tobytes())


def virtual(file):
    layout = h5py.VirtualLayout(shape=(64,), dtype="f8")
    layout[:] = h5py.VirtualSource(str(secret), "voltage", shape=(64,))
    file.create_virtual_dataset("voltage", layout)


def nested(file):
    group = file
    for _ in range(40):
        group = group.create_group("deeper")


def itself(file):
    file["around"] = file["/"]


def endless(file, size):
    file.create_dataset("voltage", shape=(size,), dtype="f8", chunks=(4096,), fillvalue=1.0)


hostile = {
    "external": (lambda file: file.__setitem__("voltage", h5py.ExternalLink(str(secret), "/voltage")), "is a soft or external link"),
    "soft": (lambda file: file.__setitem__("voltage", h5py.SoftLink("/current")), "is a soft or external link"),
    "storage": (lambda file: file.create_dataset("voltage", shape=(64,), dtype="f8", external=[(str(out / "secret.bin"), 0, 512)]),
                "its values are in other files"),
    "virtual": (virtual, "its values are in other files"),
    "filter": (lambda file: file.create_dataset("voltage", data=numpy.arange(64.0), chunks=(64,), compression="lzf"), "with the filter 32000"),
    "chunk": (lambda file: file.create_dataset("voltage", shape=(2**28,), dtype="f8", chunks=(2**28,)), "chunks of more than 256 MiB"),
    "endless": (lambda file: endless(file, 10**13), "has more than 1e+12 values"),
    "long": (lambda file: endless(file, 10**11), "but only 0 bytes hold them"),
    "nested": (nested, "nested deeper than 16"),
    "itself": (itself, "nested deeper than 16"),
}  # fmt: skip
for name, (spoil, words) in hostile.items():
    path = out / f"{name}.h5"
    shutil.copy(results["simulate"], path)
    with h5py.File(path, "r+") as file:
        del file["voltage"]
        spoil(file)
    read_everywhere(path, "simulate", statuses=(4,), words=words)
path = out / "attribute.h5"
with h5py.File(path, "w", libver="latest") as file:
    file["voltage"] = file["gamma"] = numpy.arange(64.0)
    file.attrs.create("title", numpy.array(b"x"), dtype="S100000000")
run("info", path, statuses=(4,), words="has more than 64 MiB")
(out / "folder.h5").mkdir()
run("info", out / "folder.h5", statuses=(4,), words="not a regular file")
run("info", data / "datasets/iris.csv", statuses=(4,), words="is not an HDF5 file")
run("info", data / "scenarios/hp_sine.toml", statuses=(2,), words="is a scenario, not a result file")

# ---- a file that is being written, and its writer is killed
path = out / "live.h5.part"
writer = subprocess.Popen([sys.executable, "-c", """if True:
    import h5py, numpy, sys
    file = h5py.File(sys.argv[1], "w", libver="latest")
    time, voltage = (file.create_dataset(name, shape=(0,), maxshape=(None,), dtype="f8", chunks=(4096,))
                     for name in ("time", "voltage"))
    time.make_scale("time")
    voltage.dims[0].attach_scale(time)
    file.swmr_mode = True
    for dataset in (voltage, time):
        dataset.resize((5000,))
        dataset[:] = numpy.arange(5000.0)
        dataset.flush()
    print("written", flush=True)
    sys.stdin.read()
""", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
check(writer.stdout.readline() == b"written\n", "the writer")
run("info", path, words="voltage  time 5000")
writer.kill()
writer.wait()
run("info", path, words="voltage  time 5000")

# ---- damaged files
ends.clear()
commands = 0
for turn in range(count):
    kind = chance.choice(list(results))
    content = bytearray(results[kind].read_bytes())
    if chance.random() < 0.1:
        del content[chance.randrange(len(content)) :]
    for _ in range(chance.choice((1, 1, 4, 16, 64))):
        if content:  # metadata is near the beginning
            content[chance.randrange(min(len(content), chance.choice((1024, 16384, len(content)))))] = chance.randrange(256)
    path = out / f"damaged_{turn % 100}.h5"
    path.write_bytes(content)
    before = len(failures)
    read_everywhere(path, kind)
    if len(failures) > before:
        shutil.copy(path, out / f"kept_{turn}.h5")

memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
check(memory < 4500, "a command took", memory, "MiB")
print(f"{count} damaged files, {sum(ends.values())} commands: {dict(ends)}; slowest {slowest:.1f} s, most memory {memory:.0f} MiB")
print(f"{len(failures)} failures")
sys.exit(bool(failures))

# SPDX-License-Identifier: MIT
"""An older result survives until the run that replaces it is finished; files that are not results are never touched.

Arguments: the program, the data folder, a folder to write to."""
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import time

import h5py

program, data, out = sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3])
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chdir(out)
failures = 0


def check(holds, *words):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", *words, flush=True)


def begun(part):
    """Waits until a run writes to this file, and a second more."""
    deadline = time.monotonic() + 60
    while not os.path.exists(part) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)


def run(*arguments, **options):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120, **options)


def contents(name):
    """The inode and the bytes of a file."""
    return pathlib.Path(name).read_bytes(), os.lstat(name).st_ino


def refused(words, *arguments, status=4, **options):
    done = run(*arguments, **options)
    check(done.returncode == status and words in done.stderr, arguments, "->", done.returncode, done.stderr)
    return done


def complete(name):
    with h5py.File(name) as file:
        return file.attrs["complete"]


DRIVE = '[[waveform]]\nkind = "constant"\nduration = {}\nvalue = 1\n'
HP = '[device]\nmodel = "hp-drift"\n[initial]\ngamma = [0]\n'
pathlib.Path("short.toml").write_text(HP + DRIVE.format(1))
pathlib.Path("long.toml").write_text(
    HP + '[[waveform]]\nkind = "sine_burst"\namplitude = 1\nfrequency = 1\ncycles = 100000000\n[record]\ninterval = 0.1\n'
)
# dx/dt = x^2 from x = 1 has no solution beyond t = 1
pathlib.Path("blow_up.device.toml").write_text(
    'control = "voltage"\n[[variable]]\nname = "x"\nscale = 1\ndrift = "x*x"\n[port]\nmemristance = "1e3"\n'
    "[properties]\nfades = true\n"
)
pathlib.Path("blow_up.toml").write_text(
    '[device]\nfile = "blow_up.device.toml"\n[initial]\ngamma = [1]\n' + DRIVE.format(2)
)
sweep = (data / "scenarios/sweep_team_variability.toml").read_text().replace("../devices", str(data / "devices"))
pathlib.Path("short_sweep.toml").write_text(sweep.replace("samples = 20000", "samples = 20"))
pathlib.Path("long_sweep.toml").write_text(sweep.replace("samples = 20000", "samples = 5000000"))
train = (data / "scenarios/slp_or.toml").read_text().replace("../devices", str(data / "devices"))
pathlib.Path("short_train.toml").write_text(train.replace("epochs = 500", "epochs = 2"))
pathlib.Path("long_train.toml").write_text(train.replace("epochs = 500", "epochs = 1000000"))


def interruptions():
    """The older result is untouched during a run and after its interruption; the rows of the run are in the part."""
    for command, short, long in (
        ("simulate", "short.toml", "long.toml"),
        ("sweep", "short_sweep.toml", "long_sweep.toml"),
        ("train", "short_train.toml", "long_train.toml"),
    ):
        for number, older in ((signal.SIGINT, True), (signal.SIGTERM, False)):
            name = f"{command}_{number}.h5"
            if older:
                check(run(command, short, "-o", name).returncode == 0, "the older result of", command)
            before = contents(name) if older else None
            with subprocess.Popen([program, command, long, "-o", name], stderr=subprocess.PIPE, text=True,
                                  stdout=subprocess.PIPE) as process:
                begun(name + ".part")
                check(os.path.exists(name + ".part"), command, "has no part while it runs")
                check(os.path.exists(name) == older and (not older or contents(name) == before), command, "runs")
                process.send_signal(number)
                printed, message = process.communicate()
            check(process.returncode == 128 + number, command, "->", process.returncode, message)
            check(f"are in {name}.part" in message, command, "does not name the part:", message)
            check((f"{name} is unchanged" in message) == older, command, "on the older result:", message)
            check(printed == "" or f"{name}.part:" in printed, command, "names a file that is not there:", printed)
            check(complete(name + ".part") == "no", command, "the part is not marked")
            if command == "simulate":
                with h5py.File(name + ".part") as file:
                    check(len(file["time"]) > 1000 and file["time"][-1] > 0, "the rows of a simulation")
            check(os.path.exists(name) == older and (not older or contents(name) == before), command, "was interrupted")
            done = run(command, short, "-o", name)
            check(done.returncode == 0 and complete(name) == "yes", command, "after an interruption:", done.stderr)
            check(not os.path.exists(name + ".part"), command, "leaves a part")


def numerical_failure():
    run("simulate", "short.toml", "-o", "failed.h5")
    before = contents("failed.h5")
    refused("are in failed.h5.part", "simulate", "blow_up.toml", "-o", "failed.h5", status=3)
    check(contents("failed.h5") == before, "a numerical failure touched the older result")
    with h5py.File("failed.h5.part") as file:
        check(len(file["time"]) > 10 and 0.9 < file["time"][-1] <= 1, "the rows of a run that failed")


def nothing_is_left_by_a_refusal():
    text = HP.replace("[0]", "[1e9]") + DRIVE.format(1)
    pathlib.Path("outside.toml").write_text(text)
    refused("gamma", "simulate", "outside.toml", "-o", "outside.h5", status=2)
    check(not os.path.exists("outside.h5.part") and not os.path.exists("outside.h5"), "a refusal leaves a file")


def parts():
    """A part that is not a result of Memdyn is not touched, nor is the target of a link."""
    run("simulate", "short.toml", "-o", "older.h5")
    before = contents("older.h5")
    part = pathlib.Path("older.h5.part")
    pathlib.Path("mine.txt").write_text("my own")
    with h5py.File("mine.h5", "w") as file:
        file["x"] = 1
    shutil.copy("older.h5", "result.h5")

    def stays(make, words, read=lambda: part.read_bytes()):
        make()
        mine = (read(), os.lstat(part).st_ino, stat.S_IFMT(os.lstat(part).st_mode))
        for arguments in (("simulate", "short.toml"), ("sweep", "short_sweep.toml"), ("train", "short_train.toml")):
            refused(words, *arguments, "-o", "older.h5")
        after = (read(), os.lstat(part).st_ino, stat.S_IFMT(os.lstat(part).st_mode))
        check(after == mine, "a part was touched:", words)
        check(contents("older.h5") == before, "the older result was touched:", words)
        part.rmdir() if part.is_dir() and not part.is_symlink() else part.unlink()

    stays(lambda: part.write_text("my own"), "cannot be read as a result file")
    stays(lambda: part.write_bytes(b""), "is empty")
    stays(lambda: shutil.copy("mine.h5", part), "cannot be read as a result file")
    stays(lambda: part.symlink_to("mine.txt"), "is a symbolic link")
    stays(lambda: part.symlink_to("result.h5"), "is a symbolic link")
    stays(lambda: part.symlink_to("nothing"), "is a symbolic link", lambda: os.path.exists("nothing"))
    stays(lambda: part.mkdir(), "is a folder", lambda: os.listdir(part))
    stays(lambda: os.mkfifo(part), "is a FIFO", lambda: None)
    pathlib.Path("older.h5.new").write_text("my own")
    check(run("simulate", "short.toml", "-o", "older.h5").returncode == 0, "with a .new beside")
    check(pathlib.Path("older.h5.new").read_text() == "my own", "a .new was touched")
    # a part of Memdyn that no run is writing is replaced by a new file
    shutil.copy("older.h5", part)
    os.link(part, "kept.h5")
    kept = contents("kept.h5")
    check(run("simulate", "short.toml", "-o", "older.h5").returncode == 0, "over a part of Memdyn")
    check(contents("kept.h5") == kept, "another link to a part lost its content")


def targets():
    """A target that is not a result file is refused and not touched."""
    pathlib.Path("text.h5").write_text("my own")
    with h5py.File("foreign.h5", "w") as file:
        file["x"] = 1
    pathlib.Path("folder.h5").mkdir()
    os.mkfifo("fifo.h5")
    os.symlink("fifo.h5", "to_fifo.h5")
    os.symlink("loop.h5", "loop.h5")
    rows = [("text.h5", "is not a result file"), ("foreign.h5", "is not a result file"), ("folder.h5", "is a folder"),
            ("fifo.h5", "is a FIFO"), ("to_fifo.h5", "is a FIFO"), ("loop.h5", "cannot be created"),
            ("folder.h5/", "names no file"), ("missing/x.h5", "the folder exists"), ("text.h5/x.h5", "the folder exists"),
            ("", "names no file"), (".", "names no file")]
    try:
        os.mknod("node.h5", 0o666 | stat.S_IFCHR, os.makedev(1, 3))  # like /dev/null
        rows.append(("node.h5", "is a device node"))
    except PermissionError:
        print("not tested: a device node (none can be made here)")
    before = {name: os.lstat(name) for name, _ in rows if name and os.path.lexists(name)}
    for name, words in rows:
        for arguments in (("simulate", "short.toml"), ("sweep", "short_sweep.toml"), ("train", "short_train.toml")):
            refused(words, *arguments, "-o", name)
    for name, status in before.items():
        now = os.lstat(name)
        check((now.st_ino, now.st_mode, now.st_mtime_ns, now.st_size) ==
              (status.st_ino, status.st_mode, status.st_mtime_ns, status.st_size), name, "was touched")
    check(not list(pathlib.Path(".").glob("*/*.part")), "a refusal leaves a part")
    pathlib.Path("empty.h5").touch()  # like a file from mktemp
    check(run("simulate", "short.toml", "-o", "empty.h5").returncode == 0, "an empty file is replaced")
    # all outputs of a command are checked before it computes anything
    pathlib.Path("figures").mkdir()
    pathlib.Path("figures/figure2.h5").write_text("my own")
    refused("is not a result file", "reproduce", "-o", "figures", "--realizations", 1, "--epochs", 1, "--no-plots")
    check(os.listdir("figures") == ["figure2.h5"], "reproduce began:", os.listdir("figures"))


def modes():
    for mode in (0o600, 0o640, 0o664):
        run("simulate", "short.toml", "-o", "mode.h5")
        os.chmod("mode.h5", mode)
        for arguments in (("simulate", "short.toml"), ("sweep", "short_sweep.toml"), ("train", "short_train.toml")):
            check(run(*arguments, "-o", "mode.h5").returncode == 0, arguments)
            check(stat.S_IMODE(os.stat("mode.h5").st_mode) == mode, arguments, oct(mode))
    run("simulate", "short.toml", "-o", "masked.h5", preexec_fn=lambda: os.umask(0o027))
    check(stat.S_IMODE(os.stat("masked.h5").st_mode) == 0o640, "the umask of a new result")
    run("simulate", "short.toml", "-o", "left.h5")
    os.chmod("left.h5", 0o600)
    refused("", "simulate", "blow_up.toml", "-o", "left.h5", status=3)
    check(stat.S_IMODE(os.stat("left.h5.part").st_mode) == 0o600, "the part of a private result is private")


def links():
    pathlib.Path("real").mkdir()
    run("simulate", "short.toml", "-o", "real/one.h5")
    before = contents("real/one.h5")
    os.symlink("real/one.h5", "by_name.h5")
    os.symlink("by_name.h5", "twice.h5")
    os.symlink(pathlib.Path("real/two.h5").absolute(), "dangling.h5")
    os.link("real/one.h5", "hard.h5")
    check(run("train", "short_train.toml", "-o", "twice.h5").returncode == 0, "through two links")
    check(os.readlink("twice.h5") == "by_name.h5" and os.readlink("by_name.h5") == "real/one.h5", "links stay links")
    check(contents("real/one.h5")[1] != before[1] and "total_error" in h5py.File("real/one.h5"), "written through")
    check(contents("hard.h5") == before, "another hard link keeps the older result")
    check(run("simulate", "short.toml", "-o", "dangling.h5").returncode == 0, "through a dangling link")
    check(os.path.islink("dangling.h5") and complete("real/two.h5") == "yes", "what a dangling link leads to")
    check(sorted(os.listdir("real")) == ["one.h5", "two.h5"], os.listdir("real"))
    before = contents("real/one.h5")
    refused("are in real/one.h5.part", "simulate", "blow_up.toml", "-o", "by_name.h5", status=3)
    check(contents("real/one.h5") == before and os.path.islink("by_name.h5"), "a failure behind a link")


def two_processes():
    os.symlink("busy.h5", "also_busy.h5")
    with subprocess.Popen([program, "simulate", "long.toml", "-o", "busy.h5"], stderr=subprocess.DEVNULL) as process:
        begun("busy.h5.part")
        for name in ("busy.h5", "also_busy.h5", "../" + out.name + "/busy.h5"):
            refused("is being written by another run", "simulate", "short.toml", "-o", name)
            refused("is being written by another run", "train", "short_train.toml", "-o", name)
        refused("is being written by a run", "recover", "busy.h5.part", "-o", "saved.h5")
        process.kill()
        process.wait()
    left = contents("busy.h5.part")
    for name in ("busy.h5", "also_busy.h5"):
        for arguments in (("simulate", "short.toml"), ("sweep", "short_sweep.toml"), ("train", "short_train.toml")):
            refused("memdyn recover busy.h5.part -o FILE", *arguments, "-o", name)
    check(contents("busy.h5.part") == left, "the part of a killed run was touched")
    refused("is where the killed run was writing to", "recover", "busy.h5.part", "-o", "busy.h5", status=2)
    check(run("recover", "busy.h5.part", "-o", "saved.h5").returncode == 0, "the part of a killed run is recovered")
    check(complete("saved.h5") == "no" and contents("busy.h5.part") == left, "recover")
    os.remove("busy.h5.part")
    check(run("simulate", "short.toml", "-o", "busy.h5").returncode == 0, "after the part was deleted")
    short = [program, "simulate", "short.toml", "-o", "pair.h5"]
    for _ in range(20):
        pair = [subprocess.Popen(short, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]
        statuses = [process.wait() for process in pair]
        check(0 in statuses and set(statuses) <= {0, 4}, "three at once:", statuses)
        check(complete("pair.h5") == "yes" and not os.path.exists("pair.h5.part"), "three at once leave one result")


def open_elsewhere():
    """A program that has the older result open can still read it."""
    run("simulate", "short.toml", "-o", "open.h5")
    with h5py.File("open.h5") as file:
        rows = len(file["time"])
        check(run("train", "short_train.toml", "-o", "open.h5").returncode == 0, "a result that is open elsewhere")
        check(len(file["time"][...]) == rows, "the older result, open elsewhere")


def permissions():
    """Permissions, tested as a user other than root."""
    other = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        subprocess.run([program, "--version"], check=True, stdout=subprocess.DEVNULL, **other)
    except (OSError, subprocess.CalledProcessError):
        print("not tested: permissions (the program cannot be run as another user)")
        return
    folder = pathlib.Path("locked")
    folder.mkdir()
    run("simulate", "short.toml", "-o", "locked/older.h5")
    os.chmod("locked/older.h5", 0o666)
    before = contents("locked/older.h5")
    folder.chmod(0o555)
    refused("may be written", "simulate", "short.toml", "-o", "locked/older.h5", **other)
    refused("may be written", "simulate", "short.toml", "-o", "locked/new.h5", **other)
    folder.chmod(0o777)
    os.chmod("locked/older.h5", 0o444)
    refused("Permission denied", "simulate", "short.toml", "-o", "locked/older.h5", **other)
    check(contents("locked/older.h5") == before and os.listdir(folder) == ["older.h5"], "a result that is read-only")


def not_recovered():
    """Files that no run of Memdyn left are refused."""
    pathlib.Path("text.part").write_text("my own")
    pathlib.Path("empty.part").touch()
    pathlib.Path("cut.part").write_bytes(pathlib.Path("older.h5").read_bytes()[:3000])
    pathlib.Path("claim.part").write_text("memdyn result, not begun\n")
    with h5py.File("foreign.part", "w", libver="latest") as file:
        file["x"] = 1
    with h5py.File("earlier.part", "w") as file:  # the format of earlier versions, which a kill spoils
        file.attrs["format"] = "memdyn result"
    with h5py.File("appending.part", "w", libver="latest") as file:
        file["x"] = 1
        file.swmr_mode = True
        shutil.copy("appending.part", "appending_left.part")
    os.mkfifo("fifo.part")
    for name, words in (("missing.part", "No such file"), ("text.part", "is not a file that a run of Memdyn left"),
                        ("empty.part", "before it wrote"), ("claim.part", "before it wrote"),
                        ("earlier.part", "none that can be recovered"), ("cut.part", "holds no results"), ("foreign.part", "not one of Memdyn"),
                        ("appending_left.part", "not one of Memdyn"), ("fifo.part", "is not a regular file"),
                        (".", "is not a regular file")):
        refused(words, "recover", name, "-o", "recovered.h5")
        check(not os.path.exists("recovered.h5") and not os.path.exists("recovered.h5.part"), name, "leaves a file")
    before = contents("appending_left.part")
    shutil.copy("appending_left.part", "other.h5.part")
    refused("cannot be read as a result file", "simulate", "short.toml", "-o", "other.h5")
    check(contents("appending_left.part") == before, "a foreign file was touched")
    refused("write .h5, ", "recover", "older.h5", "-o", "recovered.csv", status=2)


def extensions():
    for name in ("run.csv", "run.TXT", "run.png", "run.toml", "run.mat", "run.h5.part", "run.h5.gz"):
        for arguments in (("simulate", "short.toml"), ("sweep", "short_sweep.toml"), ("train", "short_train.toml")):
            done = refused("write .h5, ", *arguments, "-o", name, status=2)
            check(name in done.stderr and not os.path.exists(name), name)
            check(not os.path.exists(name + ".part"), name, "leaves a part")
    for name in ("run.h5", "run.H5", "run.hdf5", "run.hdf", "run.he5", "run.nc", "run.nc4", "run", "a.csv.h5"):
        done = run("simulate", "short.toml", "-o", name)
        check(done.returncode == 0 and complete(name) == "yes", name, done.stderr)


for part in (interruptions, numerical_failure, nothing_is_left_by_a_refusal, parts, targets, modes, links,
             two_processes, open_elsewhere, permissions, not_recovered, extensions):
    part()
print("older results survive" if failures == 0 else f"{failures} failures")
sys.exit(failures > 0)

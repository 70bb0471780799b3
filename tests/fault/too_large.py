# SPDX-License-Identifier: MIT
"""Nothing is accepted that cannot end. Runs that need more memory, disk space or time than there is, segments that
doubles do not resolve, and files that are not regular are refused at once, with the place, the key and a remedy; a run
that is accepted has enough memory.

Arguments: the program, the data folder, a folder to write to."""
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import time

program, data, out = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve()
shutil.rmtree(out, ignore_errors=True)
out.mkdir(parents=True)
os.chdir(out)
failures = 0
MEMORY = 4 << 30  # most memory of a run that must be refused [bytes]; sanitizers need more
LONGEST = 5  # [s]


def check(holds, *words):
    global failures
    if not holds:
        failures += 1
        print("FAILED:", *words, flush=True)


def run(*arguments, memory=MEMORY, longest=60):
    def limited():
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 30, 2 << 30))

    begin = time.monotonic()
    done = subprocess.run([program, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=longest, preexec_fn=limited)
    return done.returncode, done.stderr, time.monotonic() - begin


def refused(words, *arguments, status=2, **options):
    """The message must have `words`, a regular expression, and nothing may be left."""
    got, message, seconds = run(*arguments, **options)
    check(got == status and re.search(words, message) and message.count("\n") <= 2, arguments, "->", got, message)
    check(seconds < LONGEST, arguments, "takes", seconds, "s")
    check(not os.path.exists("large.h5") and not os.path.exists("large.h5.part"), arguments, "leaves a file")


HP = '[device]\nmodel = "hp-window"\n[initial]\ngamma = [0.5]\n'


def wave(kind, **keys):
    return HP + f'[[waveform]]\nkind = "{kind}"\n' + "".join(f"{key} = {value}\n" for key, value in keys.items())


def training(layers="[2, 2, 1]", samples=10, realizations=1, epochs=2, threads=0):
    return (f'[network]\nkind = "multilayer"\nlayers = {layers}\n[data]\ngate = "XOR"\nsamples = {samples}\n'
            f"[run]\nrealizations = {realizations}\nepochs = {epochs}\nthreads = {threads}\n")  # fmt: skip


CONSTANT = wave("constant", duration=1, value=1e-4)
SINE = {"amplitude": 1e-4, "frequency": 1}
LONG = 9_000_000_000_000_000_000
VARY = '[[vary]]\nkey = "waveform.value"\ndistribution = "normal"\nrelative = 0.1\n[run]\nsamples = {}\n'
AXIS = '[[sweep]]\nkey = "{}"\nfrom = {}\nto = {}\ncount = {}\n'
LARGE = [
    ("simulate", CONSTANT + "[record]\ninterval = 1e-30\n", r"large.toml:10: record.interval = 1e-30: 1e\+30 rows need"),
    ("simulate", wave("constant", duration=1e308, value=1), r"large.toml:7: waveform: duration = 1e\+308: must be"),
    ("simulate", wave("sine", duration=1, phase=1e308, **SINE), r"large.toml:8: waveform: phase = 1e\+308: must be"),
    ("simulate", wave("sine", duration=1, phase=1e13, **SINE), r"large.toml:8: .*phase = .*between -1e12 and 1e12"),
    ("simulate", wave("sine", duration=1, amplitude=1e-4, frequency=1e14), r"large.toml:9: .*frequency = .*1.6e11 per"),
    ("simulate", wave("sine_burst", cycles=10**11, **SINE) + "repeat = 20000\n", r"large.toml:7: .*cycles = 100000000000: 1.6e\+16 rows need"),
    ("simulate", wave("exponential", duration=1, **{"from": 1, "to": 0, "tau": 1e-320}), r"large.toml:10: .*tau = 1e-320"),
    ("simulate", CONSTANT + CONSTANT[len(HP):].replace("= 1\n", "= 1e-30\n", 1), r"large.toml:.*duration = 1e-30: gives"),
    ("simulate", wave("pulse", amplitude=1, width=1, rise="1e-320"), "large.toml:5: .*duration = 1e-320: gives a time"),
    ("simulate", CONSTANT + "repeat = 100000000\n", r"large.toml:9: waveform: repeat = 100000000: 1e\+08 segments need about"),
    ("simulate", (CONSTANT + "repeat = 12000000\n") + (CONSTANT[len(HP):] + "repeat = 12000000\n") * 2, "large.toml:5: .*3.6e.07 segments"),
    ("simulate", wave("triangle_sweep", amplitude=1, period=1, count=33_000_000), r"large.toml:9: waveform: count = 33000000"),
    ("simulate", CONSTANT + 'title = "' + "x" * 9_000_000 + '"\n', "large.toml: has 9 MB; at most 8 MB are read"),
    ("sweep", CONSTANT + VARY.format(10**18), r"large.toml:14: run.samples = 1000000000000000000: 1e\+18 trajectories"),
    ("sweep", CONSTANT + VARY.format(10**11), r"large.toml:14: run.samples = 100000000000: 1e\+11 trajectories need"),
    ("sweep", CONSTANT + AXIS.format("waveform.value", 1e-5, 1e-4, 10**6) + AXIS.format("initial.gamma[0]", 0.1, 0.9, 10**6),
     r"large.toml:\d+: sweep.count = 1000000: 1e\+12 trajectories need"),
    ("sweep", CONSTANT + "".join(AXIS.format(f"device.parameters.{name}", 1, 2, 10**7) for name in ("R_on", "R_off", "D", "mu_v")),
     r"sweep.count = 10000000: 1e\+28 trajectories need at least 1e\+28 steps, and more than 1e\+16"),
    ("sweep", CONSTANT + AXIS.format("waveform.value", 1e-5, 1e-4, 1000) + "[record]\ninterval = 1.1e-8\n",
     r"large.toml:15: record.interval = 1.1e-08: 1e\+03 trajectories with 9.09e\+07 times each need"),
    ("sweep", CONSTANT + '[[sweep]]\nkey = "waveform.repeat"\nvalues = [1, 90000000]\n', "waveform.*repeat = 90000000"),
    ("sweep", CONSTANT + AXIS.format("waveform.value", 1e-5, 1e-4, 2) + "[run]\nthreads = 4294967295\n", "threads = 4294967295"),
    ("train", training(layers="[2, 1000000000, 1]"), r"large.toml:3: network.layers = \[ 2, 1000000000, 1 \]: 1 trainings"),
    ("train", training(layers="[2, 100000000000000, 1]"), "large.toml:3: network.layers = .* need"),
    ("train", training(samples=10**18), "large.toml:6: data.samples = 1000000000000000000: .* need"),
    ("train", training(samples=10**7, realizations=64), "large.toml:6: data.samples = 10000000: .* of memory"),
    ("train", training(realizations=LONG), "large.toml:8: run.realizations = .* need"),
    ("train", training(epochs=LONG, realizations=LONG), "large.toml:[89]: run.(realizations|epochs) = .* need"),
    ("train", training(epochs=10**9, realizations=2), "large.toml:9: run.epochs = 1000000000: .* need"),
    ("train", training(threads=4294967295), "large.toml:10: run.threads = 4294967295: must be in 0 .. 1024"),
]  # fmt: skip


def large():
    for command, text, words in LARGE:
        pathlib.Path("large.toml").write_text(text)
        refused(words, command, "large.toml", "-o", "large.h5")
    pathlib.Path("small.toml").write_text(CONSTANT + AXIS.format("waveform.value", 1e-5, 1e-4, 2))
    for threads in (4294967295, 1025, -1):
        refused("not in range|threads", "sweep", "small.toml", "-o", "large.h5", "--threads", threads)
        refused("not in range|threads", "reproduce", "-o", "figures", "--threads", threads)
    for option in ("--realizations", "--epochs"):
        for value in (0, -1, 10**7, 10**30, "1e3", "nan"):
            refused(option, "reproduce", "-o", "figures", option, value)
    refused("--(realizations|epochs) = 1000000: .* need", "reproduce", "-o", "figures", "--realizations", 1000000,
            "--epochs", 1000000)
    check(not list(pathlib.Path("figures").glob("*")), "reproduce leaves", list(pathlib.Path("figures").glob("*")))


def memory():
    """With every limit on the memory a run is refused, or it ends well: the estimate is no less than what it takes.
    (Below 300 MiB the stacks and heaps of threads alone exceed the limit.)"""
    pathlib.Path("rows.toml").write_text(training(samples=400_000, realizations=16, epochs=1, threads=1))
    pathlib.Path("wide.toml").write_text(training(layers="[2, 300000, 1]", samples=1, realizations=8, epochs=1, threads=1))
    pathlib.Path("long.toml").write_text(
        wave("constant", duration=1, value=1e-4) + AXIS.format("waveform.value", 1e-5, 1e-4, 2)
        + "[record]\ninterval = 1.1e-7\n[run]\nthreads = 1\n"
    )
    pathlib.Path("many.toml").write_text(CONSTANT + "repeat = 2000000\n[record]\ninterval = 1e4\n")
    for command, name in (("train", "rows"), ("train", "wide"), ("sweep", "long"), ("simulate", "many")):
        outcomes = set()
        for megabytes in (300, 400, 520, 680, 880, 1150, 1500):
            got, message, _ = run(command, f"{name}.toml", "-o", "memory.h5", memory=megabytes << 20)
            outcomes.add(got)
            check(got == 0 or (got == 2 and "of memory, and" in message), name, "with", megabytes, "MiB ->", got, message)
        check(outcomes == {0, 2}, name, "does not try both:", outcomes)


SECRET = "root:$6$do.not.show:19000:0:99999:7:::\nkey = do not show\n"


def files():
    """Only regular files are read, and messages do not show lines of a file that is not a scenario or a table."""
    os.mkfifo("fifo")
    os.mkdir("folder")
    pathlib.Path("secret").write_text(SECRET)
    named = {
        "device": ("simulate", CONSTANT.replace('model = "hp-window"', 'file = "{}"')),
        "waveform": ("simulate", HP + '[[waveform]]\nkind = "csv"\nfile = "{}"\n'),
        "data": ("train", training().replace('gate = "XOR"\nsamples = 10\n', 'file = "{}"\n')),
    }
    for file, kind in (("fifo", "a FIFO"), ("folder", "a folder"), ("/dev/zero", "a device node"), ("/dev/null", "a dev")):
        for command in ("simulate", "sweep", "train"):
            refused(f"{file}: is {kind}", command, file, "-o", "large.h5", status=4)
        refused(f"{file}: is {kind}", "devices", file, status=4)
        refused(f"{file}: is {kind}", "check", file, status=4)
        refused(f"{file}: is {kind}", "gallery", file, "-o", "gallery", status=4)
        for command, text in named.values():
            pathlib.Path("names.toml").write_text(text.format(file))
            refused(f"{file}: is {kind}", command, "names.toml", "-o", "large.h5", status=4)
    pathlib.Path("zero.csv").write_bytes(b"# a\0b\n0,1\n1,2\n")
    pathlib.Path("names.toml").write_text(named["waveform"][1].format("zero.csv"))
    refused("is not a text file", "simulate", "names.toml", "-o", "large.h5", status=4)
    for command, text in named.values():
        pathlib.Path("names.toml").write_text(text.format("secret"))
        for arguments in ((command, "names.toml"), (command, "secret")):
            got, message, _ = run(*arguments, "-o", "large.h5")
            check(got == 2 and re.search(r"secret:[0-9]+: ", message), arguments, "->", got, message)
            check("do not" not in message and "do.not" not in message and "$6$" not in message, arguments, message)


# sanitizers take more address space than any limit leaves
limited = subprocess.run([program, "--version"], capture_output=True, check=False,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)))  # fmt: skip
if limited.returncode == 0:
    large()
    memory()
    files()
else:
    print("not tested: this build needs more memory than the limits of the tests")
sys.exit(failures > 0)

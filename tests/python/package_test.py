# SPDX-License-Identifier: MIT
"""Tests of the Python package: against closed forms, and against the program. Arguments: the program, the data folder;
the folder of the package is on PYTHONPATH."""
import concurrent.futures
import doctest
import importlib.util
import inspect
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock
import warnings

import memdyn
import numpy
import xarray

program, data = sys.argv[1], pathlib.Path(sys.argv[2])
scenarios = data / "scenarios"

# HP's device with linear drift: dw/dt = mu R_on/D I, V = (R_on w/D + R_off (1 - w/D)) I
LINEAR = {
    "device": {"file": str(data / "devices/strukov_2008.toml")},
    "initial": {"gamma": [1e-9]},
    "waveform": [{"kind": "sine_burst", "amplitude": 1e-4, "frequency": 1.0, "cycles": 1}],
}


def quiet():
    warnings.simplefilter("ignore")


class Runs(unittest.TestCase):
    def test_dataset_is_the_one_of_the_program(self):
        for command, scenario in (("simulate", "hp_pulse_train"), ("sweep", "sweep_hp_frequency"), ("train", "slp_or"),
                                  ("table", "table_vteam")):  # fmt: skip
            with self.subTest(command), tempfile.TemporaryDirectory() as folder:
                file = f"{folder}/result.h5"
                path = scenarios / f"{scenario}.toml"
                subprocess.run([program, command, path, "-o", file], check=True, capture_output=True)
                result = getattr(memdyn, command)(path)
                with xarray.open_dataset(file, engine="h5netcdf") as theirs:
                    xarray.testing.assert_identical(result, theirs.load())

    def test_help_lists_every_kind_of_waveform(self):
        with self.assertRaises(memdyn.InputError) as raised:
            memdyn.simulate({**LINEAR, "waveform": {"kind": "none"}})
        kinds = re.search(r"must be one of ([a-z_, ]+)", str(raised.exception))[1].split(", ")
        help_lists = re.search(r"Kinds: ([a-z_,\s]+)", memdyn.simulate.__doc__)[1]
        self.assertEqual(sorted(kinds), sorted(help_lists.replace("\n", " ").replace(" ", "").split(",")))

    def test_keys_of_files_are_refused_beside_arrays(self):
        for key in ("columns", "delimiter", "decimal", "comment", "skip_rows", "heading_row"):
            with self.assertRaisesRegex(memdyn.InputError, f"waveform.{key} = 1: describes a file"):
                memdyn.simulate({**LINEAR, "waveform": {"time": [0, 1], "value": [0, 0], key: 1}})

    def test_path_text_and_dictionary_are_alike(self):
        text = (scenarios / "hp_sine.toml").read_text().replace("../devices", str(data / "devices"))
        by_path = memdyn.simulate(scenarios / "hp_sine.toml")
        by_text = memdyn.simulate(text)
        by_dict = memdyn.simulate({
            "title": "HP memristor under a sine", "device": {"file": data / "devices/strukov_2008.toml"},
            "initial": {"gamma": [1e-9]},
            "waveform": [{"kind": "sine_burst", "amplitude": 2e-4, "frequency": 1.0, "cycles": 2}]})  # fmt: skip
        self.assertTrue(by_path.equals(by_text) and by_path.equals(by_dict))

    def test_linear_drift_follows_its_closed_form(self):
        result = memdyn.simulate(LINEAR)
        parameters = {one["name"]: one["value"] for one in memdyn.Device.from_file(data / "devices/strukov_2008.toml").parameters}
        rate = parameters["mu_v"] * parameters["R_on"] / parameters["D"]
        charge = 1e-4 * (1 - numpy.cos(2 * numpy.pi * result.time)) / (2 * numpy.pi)
        numpy.testing.assert_allclose(result.gamma.isel(variable=0), 1e-9 + rate * charge, rtol=1e-8)

    def test_arrays_are_waveforms(self):
        time = numpy.linspace(0, 1, 1001)
        value = 1e-4 * numpy.sin(2 * numpy.pi * time)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = memdyn.simulate({**LINEAR, "waveform": {"time": time, "value": value}})
        numpy.testing.assert_allclose(result.drive, numpy.interp(result.time, time, value), atol=1e-18)
        # the charge of straight lines between samples, by the trapezoidal rule
        parameters = {one["name"]: one["value"] for one in memdyn.Device.from_file(data / "devices/strukov_2008.toml").parameters}
        rate = parameters["mu_v"] * parameters["R_on"] / parameters["D"]
        half = 1e-9 + rate * numpy.trapz(value[:501], time[:501])
        self.assertAlmostEqual(float(result.gamma.sel(time=0.5)[0]) / half, 1, delta=1e-9)
        with self.assertRaisesRegex(memdyn.InputError, "same length"):
            memdyn.simulate({**LINEAR, "waveform": {"time": time, "value": value[1:]}})

    def test_settings_replace_keys(self):
        text = (scenarios / "hp_sine.toml").read_text().replace("../devices", str(data / "devices"))
        changed = memdyn.simulate(text.replace("amplitude = 2e-4", "amplitude = 1e-4"))
        same = memdyn.simulate(scenarios / "hp_sine.toml", **{"waveform.amplitude": 1e-4})
        self.assertTrue(changed.equals(same))

    def test_settings_hold_arrays(self):
        time = numpy.linspace(0, 1, 11)
        result = memdyn.simulate(scenarios / "hp_sine.toml", waveform={"time": time, "value": 1e-5 * time})
        self.assertAlmostEqual(float(result.drive.max()), 1e-5, delta=1e-18)
        several = memdyn.simulate(scenarios / "hp_sine.toml", waveform=[
            {"time": time, "value": 1e-5 * time}, {"kind": "constant", "duration": numpy.float32(2), "value": 0}])  # fmt: skip
        self.assertAlmostEqual(float(several.time[-1]), 3, delta=1e-12)

    def test_every_run_takes_a_dictionary(self):
        device = {"device": {"model": "vteam"}}
        pulses = {"read_voltage": 0.01, "up": -0.21, "down": 0.07, "width": 8e-9, "pulses": 10, "sequence": 100}
        swept = memdyn.sweep({**LINEAR, "sweep": [{"key": "waveform.amplitude", "values": numpy.array([1e-5, 1e-4])}]})
        numpy.testing.assert_array_equal(swept.amplitude, [1e-5, 1e-4])
        self.assertEqual(memdyn.table({**device, "table": pulses}).sizes["polarity"], 2)
        self.assertEqual(len(memdyn.validate({**device, "table": pulses}, threads=1)[1]), 6)
        trained = memdyn.train({"network": {"kind": "single-layer"}, "data": {"gate": "OR"}, "run": {"realizations": 1, "epochs": 3}})
        self.assertEqual(trained.total_error.shape, (1, 1, 3))
        for given in ({"model": "vteam"}, data / "devices/strukov_2008.toml", 'model = "vteam"\n[parameters]\n', "vteam"):
            with self.subTest(given):
                self.assertIn("holds", {outcome for _, outcome, _ in memdyn.check(given)})

    def test_output_is_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            result = memdyn.simulate(scenarios / "hp_sine.toml", output=f"{folder}/hp.h5")
            self.assertTrue(result.load().identical(memdyn.open(f"{folder}/hp.h5").load()))
            self.assertIn("created", memdyn.open(f"{folder}/hp.h5", group="provenance").attrs)
            result.close()

    def test_a_file_that_is_open_is_drawn_and_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/hp.h5"
            first = memdyn.simulate(scenarios / "hp_sine.toml", output=file)
            self.assertIsNotNone(memdyn.plot(file, view="loop"))
            again = memdyn.simulate(scenarios / "hp_sine.toml", output=file, **{"waveform.amplitude": 1e-4})
            self.assertGreater(first.gamma.values.max(), 1.5 * again.gamma.values.max())  # each has its own rows
            first.close()
            again.close()

    def test_a_sweep_is_a_table(self):
        frame = memdyn.sweep(scenarios / "sweep_hp_frequency.toml", threads=1).loop_area.to_dataframe()
        self.assertEqual(frame.index.names, ["amplitude", "frequency"])

    def test_arrays_are_data(self):
        x = numpy.linspace(-1, 1, 21)
        scenario = {
            "network": {"kind": "multilayer", "layers": [1, 4, 1], "hidden": "rectified", "output": "linear"},
            "data": {"inputs": x, "targets": x**2, "task": "regression", "learning_rate": 0.02},
            "run": {"realizations": 2, "epochs": 50},
        }
        result = memdyn.train(scenario)
        numpy.testing.assert_array_equal(result.row_target[:, 0], x**2)
        self.assertLess(float(result.total_error[0, 0, -1]), float(result.total_error[0, 0, 0]))

    def test_notes_and_nonsense(self):
        semicolons = (data / "datasets/iris.csv").read_text().replace(",", ";")
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "iris.csv").write_text(semicolons)
            text = (scenarios / "mlp_iris.toml").read_text().replace("../datasets", folder)
            with self.assertWarnsRegex(UserWarning, "semicolons"):
                memdyn.train(text, **{"run.realizations": 1, "run.epochs": 1})
        with self.assertRaisesRegex(memdyn.InputError, "0 .. 1024"):
            memdyn.sweep(scenarios / "sweep_hp_frequency.toml", threads=5000)
        with self.assertRaisesRegex(memdyn.InputError, "needs output"):
            memdyn.sweep(scenarios / "sweep_hp_frequency.toml", resume=True)
        with self.assertRaisesRegex(memdyn.InputError, "inputs"):
            memdyn.train({"network": {"kind": "multilayer", "layers": [1, 4, 1]}, "data": {"inputs": [1, 2, 3]}})

    def test_rules(self):
        _, rules = memdyn.validate(scenarios / "table_vteam.toml", **{"table.sequence": 200, "run.samples": 1})
        self.assertEqual([rule["rule"] for rule in rules][0], "constant")
        self.assertGreater(rules[0]["largest"], 0)


class Results(unittest.TestCase):
    def test_events_are_where_the_equations_switch(self):
        text = f"""device = {{file = {str(data / "devices/text/volatile.toml")!r}}}
initial = {{x = 0.0}}
[[waveform]]
kind = "triangle_sweep"
amplitude = 1.0
period = 4.0
"""
        events = memdyn.events(memdyn.simulate(text))
        # the threshold of 0.5 V, passed at a slope of 1 V/s, and the edges of the triangle
        above = [(one["time"], one["guards"]["above"]) for one in events if one["event"] == "time_event"]
        self.assertEqual([positive for _, positive in above], [True, False])
        numpy.testing.assert_allclose([time for time, _ in above], [0.5, 1.5], rtol=1e-12)
        numpy.testing.assert_allclose([one["time"] for one in events if one["event"] == "segment"], [0, 1, 3, 4], rtol=1e-12)
        self.assertEqual(set(events[0]), {"time", "event", "guards", "drive", "current", "voltage", "x"})
        with self.assertRaisesRegex(memdyn.InputError, "record.interval"):
            memdyn.events(memdyn.simulate(text, **{"record.interval": 0.1}))
        with self.assertRaisesRegex(memdyn.InputError, "simulation"):
            memdyn.events(memdyn.sweep(scenarios / "sweep_hp_frequency.toml"))

    def test_a_guard_that_changes_at_an_edge_is_in_its_event(self):
        events = memdyn.events(memdyn.simulate(scenarios / "hp_pulse_train.toml"))
        first = next(one for one in events if one["time"] > 0.05 and one["drive"] == 0)  # the end of the first pulse
        self.assertEqual(first["guards"], {"guard 0: current > 0 A": False})

    def test_pictures(self):
        result = memdyn.simulate(scenarios / "hp_sine.toml")
        picture = memdyn.plot(result, view="loop")
        self.assertTrue(picture._repr_svg_().rstrip().endswith("</svg>"))
        named = memdyn.plot({"slow": result, "as before": result}, x="time", y=["current", "gamma"], end=0.5)
        self.assertIn("as before", named.svg)
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "hp.h5"
            memdyn.simulate(scenarios / "hp_sine.toml", output=file).close()
            self.assertIsNone(memdyn.plot(file, f"{folder}/hp.png", log="y"))
            self.assertEqual((pathlib.Path(folder) / "hp.png").read_bytes()[:4], b"\x89PNG")
        for wrong, word in (({"view": "lop"}, "loop"), ({"log": "z"}, "axes"), ({"x": "gama"}, "gamma")):
            with self.subTest(wrong), self.assertRaisesRegex(memdyn.InputError, word):
                memdyn.plot(result, **wrong)
        with self.assertRaisesRegex(memdyn.FileError, "nowhere"):
            memdyn.plot("nowhere.h5")

    def test_exports(self):
        table = memdyn.table(scenarios / "table_vteam.toml", **{"run.samples": 1})
        with tempfile.TemporaryDirectory() as folder:
            self.assertIn("device.json", memdyn.export(table, "aihwkit", folder))
            self.assertTrue((pathlib.Path(folder) / "device.json").exists())
            result = memdyn.simulate(scenarios / "hp_sine.toml")
            memdyn.export(result, "csv", f"{folder}/hp.csv")
            columns = numpy.genfromtxt(f"{folder}/hp.csv", delimiter=",", skip_header=1)
            numpy.testing.assert_array_equal(columns[:, 0], result.time)
            with self.assertRaisesRegex(memdyn.InputError, "aihwkit"):
                memdyn.export(table, "aihwkitt", folder)
            with self.assertRaisesRegex(memdyn.InputError, "csv"):
                memdyn.export(table, "aihwkit", folder, dataset="conductance")

    def test_a_missing_file_is_named(self):
        with self.assertRaisesRegex(memdyn.FileError, "nowhere.h5"):
            memdyn.open("nowhere.h5")
        with tempfile.TemporaryDirectory() as folder:
            memdyn.simulate(scenarios / "hp_sine.toml", output=f"{folder}/hp.h5").close()
            with self.assertRaisesRegex(memdyn.FileError, "trajectory"):
                memdyn.open(f"{folder}/hp.h5", group="trajectory")


class Errors(unittest.TestCase):
    def test_input(self):
        with self.assertRaises(memdyn.InputError) as raised:
            memdyn.simulate({**LINEAR, "drive": {"quantitiy": "voltage"}})
        self.assertIn("quantity", str(raised.exception))
        self.assertIsInstance(raised.exception, ValueError)
        with self.assertRaisesRegex(memdyn.FileError, "nowhere"):
            memdyn.simulate("nowhere.toml")
        with self.assertRaisesRegex(memdyn.InputError, "dictionary"):
            memdyn.simulate(7)

    def test_numerical(self):
        runaway = """control = "current"
[[variable]]
name = "x"
scale = 1
drift = "x^2 + 1"
[port]
memristance = "1"
[properties]
fades = true
"""
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "runaway.toml").write_text(runaway)
            scenario = {"device": {"file": f"{folder}/runaway.toml"}, "initial": {"x": 0.0},
                        "waveform": [{"kind": "constant", "duration": 2.0, "value": 1.0}]}  # fmt: skip
            with self.assertRaises(memdyn.NumericalError) as raised:
                memdyn.simulate(scenario)
            with self.assertRaises(memdyn.NumericalError) as prepared:
                memdyn.Simulation(scenario).run()
        for error in (raised.exception, prepared.exception):
            self.assertAlmostEqual(error.time, numpy.pi / 2, delta=1e-3)  # x = tan t
            self.assertEqual(error.failure, "runs_away")
            self.assertIn("runaway", error.device)
            self.assertIsInstance(error, ArithmeticError)

    def test_input_names_its_key(self):
        x = numpy.zeros((3, 2))
        network = {"network": {"kind": "multilayer", "layers": [2, 3, 1]}}
        path = scenarios / "hp_sine.toml"
        for key, call in (
            ("title", lambda: memdyn.simulate({**LINEAR, "title": None})),
            ("initial.gamma", lambda: memdyn.simulate({**LINEAR, "initial": {"gamma": [None]}})),
            ("frequency", lambda: memdyn.simulate(path, **{"waveform.frequency": -1})),
            ("waveform", lambda: memdyn.simulate({**LINEAR, "waveform": {"time": [0, 1]}})),
            ("data", lambda: memdyn.train({**network, "data": {"inputs": x}})),
            ("data", lambda: memdyn.train({**network, "data": {"targets": x}})),
            ("data", lambda: memdyn.train({**network, "data": {"inputs": x, "targets": x, "file": "more.csv"}})),
            ("data", lambda: memdyn.train({**network, "data": {"inputs": x, "targets": x[:2]}})),
            ("waveform.skip_rows", lambda: memdyn.simulate({**LINEAR, "waveform": {"time": [0, 1], "value": [0, 1], "skip_rows": 1}})),
            ("data.columns", lambda: memdyn.train({**network, "data": {"inputs": x, "targets": x, "columns": [1]}})),
            ("threads", lambda: memdyn.sweep(scenarios / "sweep_hp_frequency.toml", threads=-1)),
            ("threads", lambda: memdyn.sweep(scenarios / "sweep_hp_frequency.toml", threads=10**12)),
            ("instruction_set", lambda: memdyn.sweep(scenarios / "sweep_hp_frequency.toml", instruction_set=2)),
            ("model", lambda: memdyn.Device(3)),
            ("device", lambda: memdyn.check(None)),
            ("x", lambda: memdyn.plot("result.h5", x=5)),
            ("start", lambda: memdyn.plot("result.h5", start="early")),
            ("at", lambda: memdyn.plot("result.h5", at={"frequency": "low"})),
            ("y", lambda: memdyn.Classifier().fit(x, [0, 1, float("nan")])),
            ("y", lambda: memdyn.Regressor().fit(x, [0, 1, float("nan")])),
            ("X", lambda: memdyn.Regressor().fit(x + float("inf"), [0, 1, 2])),
            ("resume", lambda: memdyn.train(scenarios / "slp_or.toml", resume=True)),
            ("instruction_set", lambda: memdyn.train(scenarios / "slp_or.toml", instruction_set="neon")),
            ("R_on", lambda: memdyn.Simulation(path).run(R_on="large")),
            ("R_on", lambda: memdyn.Simulation(path).run(R_on=[50, 60])),
            ("R_on", lambda: memdyn.Simulation(path).run(R_on=10**400)),
            ("output", lambda: memdyn.simulate(path, output=1)),
            ("model", lambda: memdyn.check("vtaem")),
        ):
            with self.subTest(key), self.assertRaises(memdyn.InputError) as raised:
                call()
            self.assertEqual(raised.exception.key, key)
            self.assertIn(key, str(raised.exception))

    def test_pictures_are_drawn_while_other_threads_use_hdf5(self):
        result = memdyn.simulate(scenarios / "hp_sine.toml")
        over = threading.Event()

        def simulate():
            while not over.is_set():
                memdyn.simulate(LINEAR)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            other = pool.submit(simulate)
            pictures = [pool.submit(memdyn.plot, result, view="loop") for _ in range(9)]
            try:
                for picture in pictures:
                    self.assertIsNotNone(picture.result(timeout=120))
            finally:
                over.set()
            other.result(timeout=60)

    def test_arrays_that_are_no_real_numbers_are_refused(self):
        seconds = numpy.array([0, 500, 1000])
        masked = numpy.ma.array([0.0, 1.0, 2.0], mask=[0, 1, 0])
        for time, value in (
            (seconds.astype("m8[ms]"), seconds),
            (seconds.astype("M8[ms]"), seconds),
            (seconds, seconds + 1j),
            (seconds, masked),
        ):
            with self.assertRaisesRegex(memdyn.InputError, "waveform: (must be real numbers|has masked values)"):
                memdyn.simulate({**LINEAR, "waveform": {"time": time, "value": value}})
        with self.assertRaisesRegex(memdyn.InputError, "X: must be real numbers"):
            memdyn.Regressor().fit(numpy.ones((3, 2)) * 1j, numpy.ones(3))
        duration = numpy.timedelta64(1500, "ms")
        hidden = numpy.ma.array([1e-9], mask=[True])
        for call in (
            lambda: memdyn.simulate({**LINEAR, "waveform": {"kind": "constant", "value": 1e-5, "duration": duration}}),
            lambda: memdyn.simulate({**LINEAR, "initial": {"gamma": hidden}}),
            lambda: memdyn.Simulation(LINEAR).run(frequency=duration),
            lambda: memdyn.Device("vteam", R_on=duration),
            lambda: memdyn.Device("vteam").current([hidden], 0.1),
            lambda: memdyn.Device("vteam").current(1e-9, None),
            lambda: memdyn.Classifier().fit(numpy.eye(2), numpy.ma.array([0, 1], mask=[0, 1])),
        ):
            with self.assertRaisesRegex(memdyn.InputError, "real number|masked"):
                call()
        amplitude = {"waveform.amplitude": numpy.array(1e-4)}
        same = memdyn.simulate(scenarios / "hp_sine.toml", **{"waveform.amplitude": 1e-4})
        self.assertTrue(memdyn.simulate(scenarios / "hp_sine.toml", **amplitude).gamma.equals(same.gamma))

    def test_arguments_of_other_kinds_are_refused_with_the_remedy(self):
        result = memdyn.simulate(LINEAR)
        x = numpy.linspace(-1, 1, 4)[:, None]
        for call, words in (
            (lambda: memdyn.plot(result.gamma), "result: must be a dataset of this package, or the path of a file"),
            (lambda: memdyn.export(7, "csv", "x.csv"), "result: must be a dataset of this package, or the path of a file"),
            (lambda: memdyn.plot(result, at=[1.0]), "at = .*: must be a dictionary of numbers"),
            (lambda: memdyn.plot(result, at=numpy.array([1.0, 2.0])), "at = .*: must be a dictionary of numbers"),
            (lambda: memdyn.simulate({**LINEAR, "initial": {"gamma": numpy.float64}}), "must be a number"),
            (lambda: memdyn.validate(scenarios / "table_vteam.toml", instruction_set="scalar"), "is for trainings"),
            (lambda: memdyn.Classifier().fit(x, ["a", None, "b", "a"]), "y: has rows without a class"),
            (lambda: memdyn.Classifier().fit(x, ["a", numpy.nan, "b", "a"]), "y: has rows without a class"),
            (lambda: memdyn.Classifier().fit(x, numpy.array(["a", 1, "b", "a"], object)), "y: must be classes of one kind"),
        ):
            with self.assertRaisesRegex(memdyn.InputError, words):
                call()
        with self.assertRaises(memdyn.FileError) as raised:
            memdyn.plot("missing.h5")
        self.assertEqual(raised.exception.place, "missing.h5")
        with self.assertRaises(memdyn.FileError) as raised:
            memdyn.open("missing.h5")
        self.assertEqual(raised.exception.place, "missing.h5")

    def test_messages_name_arguments_and_no_options(self):
        result = memdyn.simulate(LINEAR)
        for call, words in (
            (lambda: memdyn.simulate(scenarios / "hp_sine.toml", **{"waveform.amplitud": 1}), "waveform.amplitud"),
            (lambda: memdyn.plot(result, y=["nothing"]), "y = "),
            (lambda: memdyn.plot(result, start=2.0, end=1.0), "start, end = 2, 1"),
            (lambda: memdyn.plot(result, quantity="x"), ": quantity, variable and part apply to sweeps only; x and y"),
        ):
            with self.assertRaises(memdyn.InputError) as raised:
                call()
            self.assertIn(words, str(raised.exception))
            self.assertNotIn("--", str(raised.exception) + raised.exception.key + raised.exception.place)

    def test_values_are_arrays_of_other_packages(self):
        wanted = memdyn.simulate({**LINEAR, "initial": {"gamma": [2e-9]}}).gamma
        for gamma in (xarray.DataArray([2e-9]), numpy.array([2e-9]), (2e-9,)):
            found = memdyn.simulate({**LINEAR, "initial": {"gamma": gamma}}).gamma
            self.assertTrue(found.equals(wanted))

    def test_estimators_follow_conventions(self):
        with self.assertRaisesRegex(memdyn.InputError, "is not trained"):
            memdyn.Classifier().predict(numpy.ones((2, 2)))
        estimator = memdyn.Regressor(epochs=7)
        with self.assertRaises(memdyn.InputError):
            estimator.set_params(epochs=3, nothing=1)
        self.assertEqual(estimator.epochs, 7)
        x = numpy.linspace(-1, 1, 20)[:, None]
        targets = numpy.hstack([x, 0.01 * x**2, numpy.ones_like(x)])
        fitted = memdyn.Regressor(epochs=5).fit(x, targets)
        answers = fitted.predict(x)
        of_output = [1 - ((targets[:, k] - answers[:, k]) ** 2).sum() / ((targets[:, k] - targets[:, k].mean()) ** 2).sum()
                     for k in range(2)] + [0.0]  # fmt: skip
        self.assertAlmostEqual(fitted.score(x, targets), numpy.mean(of_output), places=12)

    def test_input_names_its_place_and_value(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "wrong.toml"
        text = (scenarios / "hp_sine.toml").read_text().replace('"../', f'"{data.resolve()}/')
        for old, new, place, key, value in (
            ("frequency = 1.0", "frequency = -1.0", "wrong.toml:12", "frequency", "-1"),
            ("frequency = 1.0", "freqency = 1.0", "wrong.toml:12", "freqency", ""),
            ("gamma = [1e-9]", "gamma = [-5]", "wrong.toml:7", "gamma[0]", "-5"),
            ("[initial]", "[initial", "wrong.toml:6", "", ""),
        ):
            self.assertIn(old, text)
            path.write_text(text.replace(old, new))
            with self.subTest(new), self.assertRaises(memdyn.InputError) as raised:
                memdyn.simulate(path)
            error = raised.exception
            self.assertEqual((pathlib.Path(error.place).name, error.key, error.value), (place, key, value))
        with self.assertRaises(memdyn.InputError) as raised:
            memdyn.simulate(scenarios / "hp_sine.toml", **{"waveform.frequency": -1})
        self.assertIn("waveform.frequency", raised.exception.place)

    def test_a_scenario_is_not_executed(self):
        with self.assertRaises(memdyn.InputError):
            memdyn.simulate({"title": "`touch gone`", "device\n[x]": 1})


class Devices(unittest.TestCase):
    def test_functions_over_arrays(self):
        device = memdyn.Device("hp-drift")
        parameters = {one["name"]: one["value"] for one in device.parameters}
        low, high = device.variables[0]["lower"], device.variables[0]["upper"]
        gamma = numpy.linspace(low, high, 7)[:, None, None]
        current = numpy.array([-2e-5, 0.0, 3e-5])
        voltage = device.voltage(gamma, current)
        self.assertEqual(voltage.shape, (7, 3))
        numpy.testing.assert_allclose(device.current(gamma, voltage), numpy.broadcast_to(current, (7, 3)), atol=1e-18)
        self.assertEqual(device.drift(gamma[:, 0, 0], 1e-4).shape, (7, 1))
        self.assertEqual(device.voltage(high, 1e-4).shape, ())
        self.assertAlmostEqual(float(device.voltage(high, 1e-4)) / (1e-4 * parameters["R_on"]), 1, delta=1e-12)

    def test_shapes_of_one_variable(self):
        device = memdyn.Device("hp-drift")
        states = numpy.linspace(device.variables[0]["lower"], device.variables[0]["upper"], 3)
        currents = numpy.array([1e-5, 2e-5, 3e-5])
        grid = numpy.array([[float(device.voltage(state, current)) for current in currents] for state in states])
        numpy.testing.assert_array_equal(device.voltage(states[:, None], currents[None, :]), grid)  # one more of each
        numpy.testing.assert_array_equal(device.voltage(states[:, None], currents), numpy.diagonal(grid))  # of a dataset
        numpy.testing.assert_array_equal(device.voltage(states, currents), numpy.diagonal(grid))
        self.assertEqual(device.voltage(states[:, None], 1e-5).shape, (3,))
        with self.assertRaisesRegex(memdyn.InputError, "do not fit"):
            device.voltage(states, currents[:2])

    def test_labels_name_the_variables(self):
        pair = {"series": [{"model": "vteam", "label": "a"}, {"model": "hp-drift", "label": "b"}]}
        device = memdyn.Device.from_text(pair)
        first, second = (one["name"] for one in device.variables)
        states = numpy.array([[2e-9, 0.1], [3e-9, 0.2]])
        right = device.voltage(states, 1e-5)
        turned = xarray.DataArray(states[:, ::-1], {"variable": [second, first]}, ("time", "variable"))
        numpy.testing.assert_array_equal(device.voltage(turned, 1e-5), right)
        numpy.testing.assert_array_equal(device.voltage(turned.transpose("variable", "time"), 1e-5), right)
        numpy.testing.assert_array_equal(device.voltage(turned.to_pandas(), 1e-5), right)
        for wrong in (turned.assign_coords(variable=["x", "y"]), 0.0):
            with self.assertRaisesRegex(memdyn.InputError, f"{first}, {second}"):
                device.voltage(wrong, 1e-5)

    def test_words_are_parameters(self):
        values = {one["name"]: one["value"] for one in memdyn.Device("hp-window", window="biolek").parameters}
        self.assertEqual(values["window"], "biolek")
        self.assertIn("window=biolek", repr(memdyn.Device("hp-window", window="biolek")))

    def test_travels_to_another_process(self):
        import pickle

        for device in (memdyn.Device("vteam", R_on=60), memdyn.Device.from_text({"model": "vteam", "parameters": {"R_on": 60}})):
            again = pickle.loads(pickle.dumps(device))
            self.assertEqual(again.parameters, device.parameters)
        simulation = memdyn.Simulation(LINEAR, **{"waveform.cycles": 3.0})
        self.assertTrue((pickle.loads(pickle.dumps(simulation)).run().gamma == simulation.run().gamma).all())
        result = pickle.loads(pickle.dumps(simulation.run(amplitude=2e-5)))
        self.assertTrue((result.dataset().gamma.values == result.gamma).all())

    def test_two_variables(self):
        text = """control = "current"
[[variable]]
name = "x"
scale = 1
drift = "i - x"
[[variable]]
name = "y"
scale = 1
drift = "x*i"
[port]
memristance = "1 + x^2 + y^2"
[properties]
fades = true
"""
        device = memdyn.Device.from_text(text)
        numpy.testing.assert_allclose(device.voltage([[1, 2], [0, 3]], 2.0), [12, 20])
        numpy.testing.assert_allclose(device.drift([1, 2], 2.0), [1, 2])

    def test_refusals_and_description(self):
        with self.assertRaisesRegex(memdyn.InputError, "vteam"):
            memdyn.Device("vtaem")
        with self.assertRaisesRegex(memdyn.InputError, "model = nowhere.toml: .*Device.from_file"):
            memdyn.Device("nowhere.toml")
        with self.assertRaisesRegex(memdyn.InputError, 'R_onn = 50: .*"R_on"'):
            memdyn.Device("vteam", R_onn=50)
        with self.assertRaisesRegex(memdyn.InputError, "number"):
            memdyn.Device("vteam", R_on="large")
        self.assertIn("vteam", memdyn.models())
        self.assertIn("<table>", memdyn.Device("vteam", R_on=60)._repr_html_())
        self.assertIn("R_on=60", repr(memdyn.Device("vteam", R_on=60)))

    def test_shows_itself_in_a_notebook(self):
        import xml.etree.ElementTree as tree

        for device, drive in ((memdyn.Device("vteam"), "sine of 0.3 V"),
                              (memdyn.Device.from_file(data / "devices/text/volatile.toml"), "sine of 0.75 V"),
                              (memdyn.Device.from_file(data / "devices/composites/complementary_switch.toml"), "A at")):  # fmt: skip
            with self.subTest(device.name):
                page = device._repr_html_()
                self.assertIn(drive, page)
                begin, end = page.index("<svg"), page.index("</svg>") + len("</svg>")
                picture = tree.fromstring(page[begin:end])
                corners = picture.find("{*}polygon").get("points").split()
                self.assertGreater(len(corners), 100)
                width, height = float(picture.get("width")), float(picture.get("height"))
                for x, y in (map(float, corner.split(",")) for corner in corners):
                    self.assertTrue(0 < x < width and 0 < y < height)
        text = memdyn.Device.from_file(data / "devices/text/volatile.toml")
        self.assertIn("dx/dt = when(above", text._repr_html_())
        self.assertEqual(text.parameters[1]["high"], 100)
        self.assertIn("threshold", text.parameters[1]["meaning"])

    def test_a_slow_loop_is_left_out(self):
        slow = memdyn.Device.from_file(data / "devices/text/jart_vcm_v1b.toml")
        with unittest.mock.patch.object(memdyn._device, "_PATIENCE", 0.0):
            self.assertIn("No loop within 0 s", slow._repr_html_())

    def test_fingerprint(self):
        measured = memdyn.Device("hp-drift").fingerprint()
        one = measured["loops"][1]
        self.assertEqual(one["frequency"], measured["frequency"])
        self.assertAlmostEqual(one["swing"], 0.5, delta=0.01)  # that is what the characteristic frequency means
        self.assertEqual(one["voltage"].shape, one["current"].shape)
        self.assertGreater(one["area"], measured["loops"][3]["area"])

    def test_check(self):
        file = data / "devices/strukov_2008.toml"
        for device in ("hp-drift", file, str(file), file.read_text(), memdyn.Device.from_file(file)):
            outcomes = {outcome for _, outcome, _ in memdyn.check(device)}
            self.assertIn("holds", outcomes)
            self.assertNotIn("fails", outcomes)


class Prepared(unittest.TestCase):
    def test_is_the_same_to_the_last_bit(self):
        simulation = memdyn.Simulation(scenarios / "hp_pulse_train.toml")
        result, whole = simulation.run(), memdyn.simulate(scenarios / "hp_pulse_train.toml")
        for name in ("time", "drive", "current", "voltage", "gamma", "event"):
            numpy.testing.assert_array_equal(getattr(result, name), whole[name].values, name)
        numpy.testing.assert_array_equal(result.end, whole.gamma[-1].values)

    def test_numbers_change_for_one_run(self):
        simulation = memdyn.Simulation(scenarios / "hp_sine.toml")
        first = simulation.run()
        changed = simulation.run(R_on=50, amplitude=1e-4)
        whole = simulation.dataset(**{"device.parameters.R_on": 50, "waveform.amplitude": 1e-4})
        numpy.testing.assert_array_equal(changed.gamma, whole.gamma.values)
        self.assertTrue(changed.dataset().equals(whole))
        pulse = {"kind": "constant", "value": -0.3, "duration": 1e-9}
        named = memdyn.Simulation({"device": {"model": "vteam"}, "initial": {"w": 1e-9}, "waveform": pulse})
        named = named.run(**{"initial.w": 2e-9})
        self.assertEqual(named.gamma[0], 2e-9)
        numpy.testing.assert_array_equal(named.dataset().gamma.values, named.gamma)
        numpy.testing.assert_array_equal(simulation.run(**{"waveform.amplitude": 1e-4, "R_on": 50}).gamma, changed.gamma)
        numpy.testing.assert_array_equal(simulation.run().gamma, first.gamma)
        with self.assertRaisesRegex(memdyn.InputError, r"R_onn = 50: .*Simulation.keys.*R_on\b"):
            simulation.run(R_onn=50)
        with self.assertRaises(memdyn.InputError):
            simulation.run(R_on=-50)

    def test_holds_in_another_working_directory(self):
        before = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(scenarios)
            try:
                simulation = memdyn.Simulation("hp_sine.toml")
                os.chdir(folder)
                numpy.testing.assert_array_equal(simulation.dataset().gamma.values, simulation.run().gamma)
            finally:
                os.chdir(before)

    def test_a_number_is_given_once(self):
        simulation = memdyn.Simulation(LINEAR)
        with self.assertRaisesRegex(memdyn.InputError, "twice"):
            simulation.run(**{"waveform.amplitude": 3e-4, "waveform[0].amplitude": 1e-4})
        with self.assertRaisesRegex(memdyn.InputError, "cycles|memory|steps"):
            simulation.run(cycles=1e10)

    def test_a_fork_does_not_wait_for_other_threads(self):
        code = (
            "import memdyn, os, threading\n"
            "device = memdyn.Device('vteam')\n"
            "def work():\n    while True: device.current(0.0, 0.1)\n"
            "for _ in range(2): threading.Thread(target=work, daemon=True).start()\n"
            "for _ in range(200):\n"
            "    child = os.fork()\n"
            "    if child == 0: device.current(0.0, 0.1); os._exit(0)\n"
            "    assert os.waitpid(child, 0)[1] == 0\n"
        )
        self.assertEqual(subprocess.run([sys.executable, "-W", "ignore", "-c", code], timeout=120).returncode, 0)

    def test_threads_run_side_by_side(self):
        simulation = memdyn.Simulation(scenarios / "hp_pulse_train.toml")
        expected = simulation.run().end
        ends = []
        threads = [threading.Thread(target=lambda: ends.extend(simulation.run().end for _ in range(20))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(ends), 80)
        self.assertTrue(all((end == expected).all() for end in ends))


class Estimators(unittest.TestCase):
    def test_a_classifier_learns_iris(self):
        rows = numpy.genfromtxt(data / "datasets/iris.csv", delimiter=",", skip_header=4)
        x, y = rows[:, :4], rows[:, 4:].argmax(axis=1)
        order = numpy.random.default_rng(1).permutation(len(x))
        learnt, held_out = order[:120], order[120:]
        model = memdyn.Classifier(epochs=100).fit(x[learnt], y[learnt])
        self.assertGreater(model.score(x[held_out], y[held_out]), 0.9)
        self.assertEqual(model.get_params()["epochs"], 100)
        again = memdyn.Classifier().set_params(epochs=100).fit(x[learnt], y[learnt])
        numpy.testing.assert_array_equal(again.decision_function(x), model.decision_function(x))
        with self.assertRaisesRegex(memdyn.InputError, "epoch = 100: .*epochs"):
            again.set_params(epoch=100)
        with self.assertRaisesRegex(memdyn.InputError, "4 inputs"):
            model.predict(x[:, :3])
        self.assertEqual(model.score(x, y[:, None]), model.score(x, y))  # one column, as scikit-learn allows
        with self.assertRaisesRegex(memdyn.InputError, "one class for each row"):
            model.score(x, rows[:, 4:])
        self.assertEqual(model.predict(x[:0]).shape, (0,))
        with self.assertRaisesRegex(memdyn.InputError, "finite"):
            model.predict(numpy.full((1, 4), numpy.nan))

    def test_a_column_of_equal_numbers_is_not_scaled(self):
        x = numpy.random.default_rng(1).uniform(-1, 1, 40)
        with_column = numpy.c_[x, numpy.full(40, 0.1)]
        regressor = memdyn.Regressor(hidden=3, epochs=30).fit(with_column, numpy.sin(3 * x))
        near = numpy.c_[x, numpy.full(40, 0.1 + 1e-9)]
        numpy.testing.assert_allclose(regressor.predict(near), regressor.predict(with_column), atol=1e-6)

    def test_shapes_that_scikit_learn_allows(self):
        x = numpy.linspace(-1, 1, 9)[:, None]
        quick = {"epochs": 2, "twin": True}
        regressor = memdyn.Regressor(hidden=3, **quick).fit(x, x)
        self.assertEqual(regressor.get_params()["hidden"], 3)
        self.assertEqual(regressor.predict(x).shape, (9, 1))
        self.assertEqual(regressor.predict(x[:0]).shape, (0, 1))
        flat = memdyn.Regressor(hidden=(3,), **quick).fit(x, x[:, 0])
        numpy.testing.assert_array_equal(flat.predict(x), regressor.predict(x)[:, 0])
        classifier = memdyn.Classifier(hidden=3, **quick).fit(x, x > 0)
        self.assertEqual(classifier.decision_function(x[:0]).shape, (0, 2))
        self.assertEqual(classifier.score(x, x > 0), classifier.score(x, x[:, 0] > 0))
        for model in (regressor, classifier):
            for y in (0, x[:0, 0], x[:8] > 0, numpy.zeros((9, 2)), numpy.zeros((9, 1, 1))):
                with self.subTest(model, y=numpy.shape(y)), self.assertRaisesRegex(memdyn.InputError, r"\Ay: must be"):
                    model.score(x, y)
            with self.assertRaisesRegex(memdyn.InputError, "one row or more"):
                model.fit(x[:0], x[:0])

    def test_the_score_of_a_constant_is_finite(self):
        x = numpy.linspace(-1, 1, 11)[:, None]
        model = memdyn.Regressor(hidden=3, epochs=2, twin=True).fit(x, x)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertEqual(model.score(x, numpy.full(11, 0.1)), 0)
            self.assertEqual(model.score(x[:1], model.predict(x[:1])), 1)
            self.assertLess(model.score(x, x + 1), 1)

    def test_a_regressor_answers_as_its_closed_form(self):
        x = numpy.linspace(-1, 1, 41)[:, None]
        model = memdyn.Regressor(hidden=(6,), epochs=200, standardize=False).fit(x, x[:, 0] ** 2)
        self.assertGreater(model.score(x, x[:, 0] ** 2), 0.9)
        w, b, v, c = numpy.split(model.weights_, [6, 12, 18])  # out x in, then biases, of either layer
        kappa = 0.15
        hidden = kappa * numpy.maximum(x * w + b, 0) ** 2
        numpy.testing.assert_allclose(model.predict(x), hidden @ v + c, atol=1e-9)
        with self.assertRaisesRegex(memdyn.InputError, "fit"):
            memdyn.Regressor().predict(x)


class Interruption(unittest.TestCase):
    def test_ctrl_c_ends_a_run(self):
        import signal

        long = {**LINEAR, "waveform": {"kind": "sine_burst", "amplitude": 1e-4, "frequency": 1.0, "cycles": 1e7},
                "record": {"interval": 1e6}}  # fmt: skip
        vteam = {"device": {"model": "vteam"}, "run": {"samples": 20000},
                 "table": {"read_voltage": 0.01, "up": -0.21, "down": 0.07, "width": 8e-9},
                 "vary": [{"key": "device.parameters.k_on", "distribution": "lognormal", "sigma": 0.1}]}  # fmt: skip
        runs = (
            f"memdyn.simulate({long!r})",
            f"memdyn.Simulation({long!r}).run()",
            f"memdyn.sweep({str(scenarios / 'sweep_team_variability.toml')!r}, **{{'run.samples': 10**8}})",
            f"memdyn.train({str(scenarios / 'mlp_sonar.toml')!r})",
            f"memdyn.validate({vteam!r})",
            f"memdyn.check({str(data / 'devices/text/jart_vcm_v1b.toml')!r})",
        )
        for call in runs:
            with self.subTest(call[:30]):
                code = f"import memdyn, sys\nprint('begins', flush=True)\ntry:\n    {call}\nexcept KeyboardInterrupt:\n    sys.exit(7)"
                run = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, text=True)
                run.stdout.readline()
                time.sleep(0.5)
                self.assertIsNone(run.poll(), "it was over before")
                begin = time.monotonic()
                run.send_signal(signal.SIGINT)
                self.assertEqual(run.wait(timeout=30), 7)
                self.assertLess(time.monotonic() - begin, 3)
                run.stdout.close()

    def test_ctrl_c_with_a_handler_of_ones_own(self):
        import signal

        sweep = f"memdyn.sweep({str(scenarios / 'sweep_team_variability.toml')!r}, **{{'run.samples': 10**8}})"
        raises = "class Stop(Exception): pass\ndef handle(*_): raise Stop\n"
        notes = "def handle(*_): print('handled', flush=True)\n"
        short = sweep.replace("10**8", "3 * 10**5")
        cases = {
            "raises": (f"{raises}signal.signal(signal.SIGINT, handle)\nprint('begins', flush=True)\n"
                       f"try: {sweep}\nexcept Stop: sys.exit(7)", ""),
            "notes": (f"{notes}signal.signal(signal.SIGINT, handle)\nprint('begins', flush=True)\n{short}\nsys.exit(7)", "handled\n"),
            "another thread": (f"pool = concurrent.futures.ThreadPoolExecutor(1)\nrun = pool.submit(lambda: {sweep})\n"
                               "print('begins', flush=True)\n"
                               "try: time.sleep(60)\nexcept KeyboardInterrupt:\n"
                               "    sys.exit(7 if isinstance(run.exception(), KeyboardInterrupt) else 1)", ""),
        }  # fmt: skip
        for name, (code, printed) in cases.items():
            with self.subTest(name):
                code = f"import concurrent.futures, memdyn, signal, sys, time\n{code}"
                run = subprocess.Popen([sys.executable, "-W", "ignore", "-c", code], stdout=subprocess.PIPE, text=True)
                run.stdout.readline()
                time.sleep(0.5)
                self.assertIsNone(run.poll(), "it was over before")
                run.send_signal(signal.SIGINT)
                self.assertEqual(run.wait(timeout=30), 7)
                self.assertEqual(run.stdout.read(), printed)
                run.stdout.close()

    def test_the_message_of_an_interruption_names_no_temporary_file(self):
        def stop(share):
            raise KeyboardInterrupt("anything")

        with self.assertRaisesRegex(KeyboardInterrupt, "^interrupted$"):
            memdyn.sweep(scenarios / "sweep_team_variability.toml", progress=stop)

    def test_a_bar_of_tqdm(self):
        if importlib.util.find_spec("tqdm") is None:
            self.skipTest("tqdm is not installed")
        call = f"memdyn.sweep({str(scenarios / 'sweep_hp_frequency.toml')!r}, progress="
        for wanted, shown in (("True", r"sweeping +\d+%"), ("None", r"\A\Z")):  # nobody looks at a pipe
            code = f"import memdyn\nmemdyn._progress._DELAY = 0\n{call}{wanted})"
            run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
            self.assertRegex(run.stderr, shown)

    def test_other_threads_of_python_run_meanwhile(self):
        begun, ticks, over = threading.Event(), [], threading.Event()

        def count():
            begun.set()
            while not over.is_set():
                ticks.append(time.monotonic())
                time.sleep(0.001)

        beside = threading.Thread(target=count)
        beside.start()
        begun.wait()
        begin = time.monotonic()
        memdyn.sweep(scenarios / "sweep_team_variability.toml", threads=1, **{"run.samples": 100000})
        end = time.monotonic()
        over.set()
        beside.join()
        longest = max(b - a for a, b in zip([begin, *ticks], [*ticks, end]) if begin <= a <= end)
        self.assertLess(longest, 0.5 * (end - begin))

    def test_progress_is_reported_and_may_raise(self):
        shares = []
        memdyn.sweep(scenarios / "sweep_team_variability.toml", progress=shares.append)
        self.assertTrue(shares and all(0 <= share <= 1 for share in shares))

        def stop(share):
            raise RuntimeError("enough")

        with self.assertRaisesRegex(RuntimeError, "enough"):
            memdyn.sweep(scenarios / "sweep_team_variability.toml", progress=stop)


class Documentation(unittest.TestCase):
    def test_help_names_every_argument_and_the_result(self):
        def section(text, title):
            _, found, rest = text.partition(f"\n{title}\n{'-' * len(title)}\n")
            return re.split(r"\n[A-Z]\w+\n---", rest)[0] if found else ""

        for name in memdyn.__all__:
            one = getattr(memdyn, name)
            members = [(name, one)]
            if inspect.isclass(one):
                own = [(key, value) for base in one.__mro__ if base.__module__.startswith("memdyn")
                       for key, value in vars(base).items() if not key.startswith("_")]  # fmt: skip
                members += [(f"{name}.{key}", getattr(one, key)) for key, _ in own if callable(getattr(one, key))]
            for where, member in members:
                with self.subTest(where):
                    text = inspect.getdoc(member)
                    self.assertTrue(text, "no docstring")
                    if inspect.isclass(member) and issubclass(member, (Exception, memdyn.Result, memdyn.Picture)):
                        continue  # nobody calls their constructors
                    if inspect.isbuiltin(member):
                        continue  # version and instruction_set take nothing
                    called = inspect.signature(member)
                    arguments = [key for key in called.parameters if key != "self"]
                    heads = " ".join(line for line in section(text, "Parameters").splitlines() if not line.startswith(" "))
                    for argument in arguments:
                        self.assertRegex(heads, rf"\b{argument}\b")
                    if not inspect.isclass(member) and called.return_annotation not in (None, "None"):
                        self.assertTrue(section(text, "Returns"), "does not say what it returns")

    def test_examples_of_the_docstrings_run(self):
        folder = os.getcwd()
        os.chdir(data.parent)
        try:
            failed = 0
            for module in ("_runs", "_results", "_device", "_simulation", "_estimator"):
                part = getattr(memdyn, module)
                names = {"memdyn": memdyn, "numpy": numpy}
                result = doctest.testmod(part, extraglobs=names, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
                failed += result.failed
            self.assertEqual(failed, 0)
        finally:
            os.chdir(folder)


if __name__ == "__main__":
    quiet()
    unittest.main(argv=sys.argv[:1], verbosity=2)

# SPDX-License-Identifier: MIT
"""Perceptrons of memristors with the interface of scikit-learn, which need not be installed."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy
from numpy.typing import ArrayLike, NDArray

from . import _engine
from ._errors import InputError
from ._runs import train
from ._scenario import given, real, refuse_masked


_Self = TypeVar("_Self", bound="_Perceptron")


class _Perceptron:
    """What both estimators share: a multilayer perceptron of memristors (Algorithm 2 of Silva et al. 2020)."""

    weights_: NDArray[numpy.float64]
    loss_curve_: NDArray[numpy.float64]
    n_features_in_: int
    _scenario: dict[str, dict[str, Any]]

    def __init__(self, hidden: int | Sequence[int] = (8,), activation: str = "rectified", output: str = "linear",
                 learning_rate: float = 0.02, epochs: int = 500, standardize: bool = True, seed: int = 1,
                 twin: bool = False) -> None:  # fmt: skip
        self.hidden = hidden
        self.activation = activation
        self.output = output
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.standardize = standardize
        self.seed = seed
        self.twin = twin

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters of the constructor.

        Parameters
        ----------
        deep : bool
            Without effect, since no parameter is an estimator.

        Returns
        -------
        dict
        """
        return {name: getattr(self, name) for name in inspect.signature(type(self).__init__).parameters if name != "self"}

    def set_params(self: _Self, **parameters: Any) -> _Self:
        """Sets parameters of the constructor.

        Parameters
        ----------
        **parameters
            New values, by name.

        Returns
        -------
        Classifier or Regressor
            This estimator.
        """
        known = self.get_params()
        for name, value in parameters.items():
            if name not in known:
                raise InputError._at(name, f" = {value!r}: is not a parameter; there are {', '.join(known)}")
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def _fit(self: _Self, X: ArrayLike, targets: NDArray[numpy.float64]) -> _Self:
        """Trains on rows of targets (row x output)."""
        inputs = _finite(X, "X")
        if inputs.ndim != 2 or len(inputs) != len(targets):
            raise InputError(f"X: must be rows x inputs, with as many rows as y has ({len(targets)}), not {inputs.shape}")
        self.n_features_in_ = inputs.shape[1]
        # the mean of equal values may differ from them by rounding, which is no deviation
        constant = (inputs == inputs[:1]).all(axis=0)
        self._mean = numpy.where(constant, inputs[0], inputs.mean(axis=0)) if self.standardize else numpy.zeros(inputs.shape[1])
        self._deviation = numpy.where(constant | (not self.standardize), 1.0, inputs.std(axis=0))
        self._scenario = {
            "network": {
                "kind": "multilayer",
                "layers": [inputs.shape[1], *numpy.atleast_1d(self.hidden), targets.shape[1]],
                "hidden": self.activation,
                "output": self.output,
            },
            "data": {
                "inputs": self._scaled(inputs),
                "targets": targets,
                "task": "regression",
                "learning_rate": self.learning_rate,
            },
            "run": {"realizations": 1, "epochs": self.epochs, "seed": self.seed, "twin": self.twin},
            "record": {"grid": 0},
        }
        result = train(self._scenario)
        self.weights_ = result.weight_final.values[0, 0]
        self.loss_curve_ = result.total_error.values[0, 0]
        return self

    def _scaled(self, inputs: NDArray[numpy.float64]) -> NDArray[numpy.float64]:
        scaled: NDArray[numpy.float64] = (inputs - self._mean) / self._deviation
        return scaled

    def _outputs(self, X: ArrayLike) -> NDArray[numpy.float64]:
        if not hasattr(self, "weights_"):
            raise InputError(f"{type(self).__name__}: is not trained; call fit first")
        inputs = _finite(X, "X")
        if inputs.ndim != 2 or inputs.shape[1] != self.n_features_in_:
            raise InputError(f"X: must be rows of {self.n_features_in_} inputs, not {inputs.shape}")
        if len(inputs) == 0:
            return numpy.empty((0, self._scenario["network"]["layers"][-1]))
        return _engine.predict(given(self._scenario, {}), self.weights_.tolist(), self._scaled(inputs))


def _finite(values: ArrayLike, name: str) -> NDArray[numpy.float64]:
    array = real(values, name)
    if not numpy.isfinite(array).all():
        raise InputError._at(name, ": must be finite numbers, but has NaN or infinity; remove those rows")
    return array


def _targets(y: ArrayLike) -> NDArray[numpy.float64]:
    """Numbers for each row, given as (row,) or (row, output), as (row, output)."""
    targets = _finite(y, "y")
    if targets.ndim not in (1, 2) or len(targets) == 0:
        raise InputError._at("y", f": must be (row,) or (row, output) with one row or more, not of the shape {targets.shape}")
    return targets[:, None] if targets.ndim == 1 else targets


def _classes(y: ArrayLike) -> NDArray[Any]:
    """One class for each row, given as (row,) or (row, 1), as (row,)."""
    classes = numpy.asanyarray(y)
    refuse_masked(classes, "y")
    classes = numpy.asarray(classes)
    if classes.ndim == 0 or len(classes) == 0 or classes.shape[1:] not in ((), (1,)):
        raise InputError._at("y", f": must be one class for each row, and one row or more, not of the shape {classes.shape}")
    classes = classes.reshape(-1)
    # a list of words with NaN has become one of words
    if any(_is_missing(one) for one in numpy.asarray(y, dtype=object).reshape(-1)):
        raise InputError._at("y", ": has rows without a class (None or NaN); remove them")
    return classes


def _is_missing(one: object) -> bool:
    """Whether a class is None, NaN, NaT, or pandas.NA, whose comparisons have no truth value."""
    try:
        return one is None or bool(one != one)
    except TypeError:
        return True


class Regressor(_Perceptron):
    """A perceptron of memristors that approximates numbers.

    Parameters
    ----------
    hidden : int or sequence of int
        Nodes in each hidden layer.
    activation, output : str
        "square", "rectified" or "linear": activation of the hidden nodes, and of the output nodes.
    learning_rate : float
    epochs : int
    standardize : bool
        Scale inputs to mean 0 and standard deviation 1.
    seed : int
        Of the initial weights.
    twin : bool
        Closed-form updates in place of integration.

    Attributes
    ----------
    weights_ : numpy.ndarray, shape (weight,)
        Layer by layer: connections (out x in), then biases.
    loss_curve_ : numpy.ndarray, shape (epoch,)
        Total error ½ Σ (T - O)² of each epoch.
    """

    _estimator_type = "regressor"

    def fit(self, X: ArrayLike, y: ArrayLike) -> Regressor:
        """Trains.

        Parameters
        ----------
        X : array_like, shape (row, input)
        y : array_like, shape (row,) or (row, output)

        Returns
        -------
        Regressor
            This estimator.
        """
        self._flat = numpy.ndim(y) == 1
        return self._fit(X, _targets(y))

    def predict(self, X: ArrayLike) -> NDArray[numpy.float64]:
        """The answers to rows of inputs; every read is integrated.

        Parameters
        ----------
        X : array_like, shape (row, input)

        Returns
        -------
        numpy.ndarray, shape (row,) or (row, output)
            As the y that was learnt.
        """
        answers = self._outputs(X)
        return answers[:, 0] if self._flat else answers

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """The coefficient of determination R² of the answers.

        Parameters
        ----------
        X : array_like, shape (row, input)
        y : array_like, shape (row,) or (row, output)
            The right answers.

        Returns
        -------
        float
            1 if all answers are right, 0 if they are no better than the mean of y; the mean over outputs, as in
            scikit-learn. An output that is the same in all rows of y, for which R² is not defined, counts as 0 unless
            all its answers are right.
        """
        outputs = self._outputs(X)
        targets = _targets(y)
        if targets.shape != outputs.shape:
            raise InputError._at("y", f": must be row x output as the answers to X, {outputs.shape}, not {targets.shape}")
        left = ((targets - outputs) ** 2).sum(axis=0)
        constant = (targets == targets[0]).all(axis=0)  # their mean may differ from them by rounding
        whole = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
        of_output = numpy.where(constant, left == 0, 1.0 - left / numpy.where(constant, 1.0, whole))
        return float(of_output.mean())


class Classifier(_Perceptron):
    """A perceptron of memristors that classifies: one output a class, whose largest decides.

    Parameters
    ----------
    hidden, activation, output, learning_rate, epochs, standardize, seed, twin
        As of `Regressor`.

    Attributes
    ----------
    classes_ : numpy.ndarray, shape (class,)
    weights_, loss_curve_
        As of `Regressor`.

    Examples
    --------
    >>> rows = numpy.genfromtxt("data/datasets/iris.csv", delimiter=",", skip_header=4)
    >>> species = rows[:, 4:].argmax(axis=1)
    >>> memdyn.Classifier(epochs=20).fit(rows[:, :4], species).score(rows[:, :4], species) > 0.9
    True
    """

    _estimator_type = "classifier"
    classes_: NDArray[Any]

    def fit(self, X: ArrayLike, y: ArrayLike) -> Classifier:
        """Trains.

        Parameters
        ----------
        X : array_like, shape (row, input)
        y : array_like, shape (row,) or (row, 1)
            The class of each row: numbers or words.

        Returns
        -------
        Classifier
            This estimator.
        """
        try:
            self.classes_, codes = numpy.unique(_classes(y), return_inverse=True)
        except TypeError as error:
            raise InputError._at("y", f": must be classes of one kind, numbers or words: {error}") from error
        if len(self.classes_) < 2:
            raise InputError("y: must have two classes or more")
        return self._fit(X, numpy.eye(len(self.classes_))[codes])

    def decision_function(self, X: ArrayLike) -> NDArray[numpy.float64]:
        """The outputs; the largest decides.

        Parameters
        ----------
        X : array_like, shape (row, input)

        Returns
        -------
        numpy.ndarray, shape (row, class)
        """
        return self._outputs(X)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The class of each row; every read is integrated.

        Parameters
        ----------
        X : array_like, shape (row, input)

        Returns
        -------
        numpy.ndarray, shape (row,)
        """
        largest = self._outputs(X).argmax(axis=1)  # refuses an estimator that is not trained
        classes: NDArray[Any] = self.classes_[largest]
        return classes

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """The share of rows that are classified correctly.

        Parameters
        ----------
        X : array_like, shape (row, input)
        y : array_like, shape (row,) or (row, 1)
            The right classes.

        Returns
        -------
        float
        """
        answers, classes = self.predict(X), _classes(y)
        if classes.shape != answers.shape:
            raise InputError._at("y", f": must be one class for each of the {len(answers)} rows of X, not {len(classes)}")
        return float((answers == classes).mean())

# SPDX-License-Identifier: MIT
"""Perceptrons of memristors with the interface of scikit-learn, which need not be installed."""

import inspect

import numpy

from . import _engine
from ._errors import InputError
from ._runs import train
from ._scenario import given


class _Perceptron:
    """What both estimators share: a multilayer perceptron of memristors (Algorithm 2 of Silva et al. 2020)."""

    def __init__(self, hidden=(8,), activation="rectified", output="linear", learning_rate=0.02, epochs=500,
                 standardize=True, seed=1, twin=False):  # fmt: skip
        self.hidden = hidden
        self.activation = activation
        self.output = output
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.standardize = standardize
        self.seed = seed
        self.twin = twin

    def get_params(self, deep=True):
        """The parameters of the constructor, by name."""
        return {name: getattr(self, name) for name in inspect.signature(type(self).__init__).parameters if name != "self"}

    def set_params(self, **parameters):
        """Sets parameters of the constructor. Returns this estimator."""
        known = self.get_params()
        for name, value in parameters.items():
            if name not in known:
                raise InputError(f"{name}: is no parameter; there are {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.get_params().items())})"

    def _fit(self, inputs, targets):
        """Trains on rows of targets (row x output)."""
        inputs = numpy.asarray(inputs, float)
        if inputs.ndim != 2 or len(inputs) != len(targets):
            raise InputError(f"X: must be rows x inputs, with as many rows as y has ({len(targets)}), not {inputs.shape}")
        self.n_features_in_ = inputs.shape[1]
        self._mean = inputs.mean(axis=0) if self.standardize else numpy.zeros(inputs.shape[1])
        deviation = inputs.std(axis=0) if self.standardize else numpy.ones(inputs.shape[1])
        self._deviation = numpy.where(deviation > 0, deviation, 1.0)
        self._scenario = {
            "network": {
                "kind": "multilayer",
                "layers": [inputs.shape[1], *self.hidden, targets.shape[1]],
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

    def _scaled(self, inputs):
        return (numpy.asarray(inputs, float) - self._mean) / self._deviation

    def _outputs(self, inputs):
        if not hasattr(self, "weights_"):
            raise InputError(f"{type(self).__name__}: is not trained; call fit first")
        inputs = numpy.asarray(inputs, float)
        if inputs.ndim != 2 or inputs.shape[1] != self.n_features_in_:
            raise InputError(f"X: must be rows of {self.n_features_in_} inputs, not {inputs.shape}")
        return _engine.predict(given(self._scenario, {}), self.weights_, self._scaled(inputs))


class Regressor(_Perceptron):
    """A perceptron of memristors that approximates numbers.

    Parameters
    ----------
    hidden : sequence of int
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
    weights_ : numpy.ndarray
        Layer by layer: connections (out x in), then biases.
    loss_curve_ : numpy.ndarray, shape (epoch,)
        Total error ½ Σ (T - O)² of each epoch.
    """

    _estimator_type = "regressor"

    def fit(self, X, y):
        """Trains. X: row x input; y: row, or row x output. Returns this estimator."""
        y = numpy.asarray(y, float)
        self._flat = y.ndim == 1
        return self._fit(X, y.reshape(len(y), -1))

    def predict(self, X):
        """Answers, in the shape of the y that was learnt. Reads are integrated."""
        answers = self._outputs(X)
        return answers[:, 0] if self._flat else answers

    def score(self, X, y):
        """The coefficient of determination R²."""
        y = numpy.asarray(y, float).reshape(len(X), -1)
        left = ((y - self._outputs(X)) ** 2).sum()
        return 1.0 - left / ((y - y.mean(axis=0)) ** 2).sum()


class Classifier(_Perceptron):
    """A perceptron of memristors that classifies: one output a class, whose largest decides.

    Parameters
    ----------
    hidden, activation, output, learning_rate, epochs, standardize, seed, twin
        As of `Regressor`.

    Attributes
    ----------
    classes_ : numpy.ndarray
    weights_, loss_curve_
        As of `Regressor`.
    """

    _estimator_type = "classifier"

    def fit(self, X, y):
        """Trains. X: row x input; y: the class of each row. Returns this estimator."""
        self.classes_, codes = numpy.unique(numpy.asarray(y), return_inverse=True)
        if len(self.classes_) < 2:
            raise InputError("y: must have two classes or more")
        return self._fit(X, numpy.eye(len(self.classes_))[codes])

    def decision_function(self, X):
        """The outputs, row x class."""
        return self._outputs(X)

    def predict(self, X):
        """The class of each row."""
        return self.classes_[self._outputs(X).argmax(axis=1)]

    def score(self, X, y):
        """The share of rows that are classified correctly."""
        return float((self.predict(X) == numpy.asarray(y)).mean())

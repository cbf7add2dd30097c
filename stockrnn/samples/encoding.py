"""How prices become what a network reads and learns, fitted on training rows, and how its outputs become prices again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.arrays import Float32s, Floats, Positions
from stockrnn.config import Config
from stockrnn.prices.table import Prices, row_spans
from stockrnn.samples.anchors import Anchor
from stockrnn.samples.expected_moves import ExpectedMoves
from stockrnn.samples.features import FEATURES, feature_table
from stockrnn.samples.outputs import RANGE, OutputLayout
from stockrnn.samples.scaling import MinMaxScaling
from stockrnn.samples.splits import Part
from stockrnn.samples.standardizing import Standardization
from stockrnn.samples.targets import prices_from_moves, return_targets
from stockrnn.samples.volatility import never_moved
from stockrnn.samples.windows import targets_ahead

Scalings = Mapping[str, MinMaxScaling]


@dataclass(frozen=True)
class Encoding:
    """What was fitted on the training rows, and what it is applied to.

    Attributes:
        columns: Price columns that the network reads, MinMax-scaled ticker by ticker.
        features: Registered features that it reads, standardised over all tickers together.
        layout: What the outputs stand for; its first target is forecast.
        scalings: The scaling of each ticker; none where the network reads and learns no prices.
        standardization: Of the features; None without.
        anchor: What is usual a session; None where the target is a price level.
        mean_volatility: Of the training rows; a row counts as much as its volatility is of it.
        range_centre: Mean of the range target on the training rows.
        expected: The moves to the first target that a regression on the features expects, and that a network learns no
            more; None where there is no such regression, or none that has proved itself.
    """

    columns: tuple[str, ...]
    features: tuple[str, ...]
    layout: OutputLayout
    scalings: Scalings
    standardization: Standardization | None = None
    anchor: Anchor | None = None
    mean_volatility: float = 1.0
    range_centre: float = 0.0
    expected: ExpectedMoves | None = None

    @property
    def width(self) -> int:
        """Values that the network reads a session."""
        return len(self.columns) + len(self.features)

    @property
    def columns_of_features(self) -> tuple[str, ...]:
        """The price columns that the registered features are made of, those that the anchor reads included."""
        return tuple(dict.fromkeys(column for name in self._registered for column in FEATURES[name].columns))

    @property
    def reads_the_pool(self) -> bool:
        """Whether some features are means over all tickers of the prices."""
        return any(FEATURES[name].pooled for name in self._registered)

    @property
    def _registered(self) -> tuple[str, ...]:
        return (*self.features, *(self.anchor.features if self.anchor else ()))

    def inputs(self, prices: Prices) -> Float32s:
        """Return what the network reads, of shape (rows, width); row t depends on rows up to t."""
        values = np.empty((len(prices), self.width), dtype=np.float32)
        if self.columns:
            for ticker, rows in row_spans(prices).items():
                values[rows, : len(self.columns)] = self.scalings[ticker].apply(prices.iloc[rows], self.columns)
        if self.standardization:
            values[:, len(self.columns) :] = self.standardization.apply(feature_table(prices, self.features))
        return values

    def targets(self, prices: Prices) -> Float32s:
        """Return what is to be learnt of each row, of shape (rows, targets x horizon); NaN where not known."""
        if self.anchor is None:
            return targets_ahead(self._scaled_levels(prices), self.layout.horizon)
        moves = return_targets(prices, self.layout.targets, self.layout.horizon, self.anchor.apply(prices))
        if RANGE in self.layout.targets:
            self.layout.values(moves, RANGE)[...] -= self.range_centre
        if self.expected:
            self.layout.values(moves, self.layout.targets[0])[...] -= self.expected_moves(self.inputs(prices))
        moves[never_moved(prices)] = np.nan
        return moves.astype(np.float32)

    def expected_moves(self, inputs: Float32s) -> Floats:
        """Return the moves to the first target that are expected after rows, of shape (rows, horizon).

        Args:
            inputs: What the network reads of them, of shape (rows, width).
        """
        if self.expected is None:
            return np.zeros((len(inputs), self.layout.horizon))
        return self.expected.apply(inputs[:, len(self.columns) :])

    def weights(self, prices: Prices) -> Float32s | None:
        """Return what each row counts in the loss, of shape (rows,); None where all count the same."""
        if self.anchor is None:
            return None
        weights: Float32s = np.nan_to_num(self.anchor.apply(prices) / self.mean_volatility).astype(np.float32)
        return weights

    def undo(self, prices: Prices, origins: Positions, values: Floats) -> Floats:
        """Return values of the first target, of shape (origins, ...), as prices."""
        if self.anchor is not None:
            volatility = self.anchor.apply(prices)
            # Before its second session nothing is known of a ticker: what is usual of all tickers stands in.
            volatility = np.where(np.isfinite(volatility), volatility, self.mean_volatility)
            return prices_from_moves(prices, origins, values, volatility)
        tickers = prices.index.get_level_values("ticker").to_numpy()[origins]
        levels = np.empty(values.shape)
        for ticker in dict.fromkeys(tickers):
            mine = tickers == ticker
            levels[mine] = self.scalings[ticker].undo(values[mine], self.layout.targets[0])
        return levels

    def _scaled_levels(self, prices: Prices) -> Float32s:
        levels = np.empty(len(prices), dtype=np.float32)
        for ticker, rows in row_spans(prices).items():
            levels[rows] = self.scalings[ticker].apply(prices.iloc[rows], [self.layout.targets[0]])[:, 0]
        return levels

    def to_json(self) -> dict[str, Any]:
        """Return what was fitted, but for the scalings, as JSON values."""
        return {
            "columns": list(self.columns),
            "features": list(self.features),
            "standardization": self.standardization and self.standardization.to_json(),
            "anchor": self.anchor and self.anchor.to_json(),
            "mean_volatility": self.mean_volatility,
            "range_centre": self.range_centre,
            "expected": self.expected and self.expected.to_json(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any], scaler: Mapping[str, Any], config: Config) -> Encoding:
        """Make an encoding of what `to_json` gave, the ranges of each ticker, and the config that it was fitted with."""
        standardization, anchor, expected = (document[name] for name in ("standardization", "anchor", "expected"))
        return cls(
            columns=tuple(document["columns"]),
            features=tuple(document["features"]),
            layout=output_layout(config),
            scalings={name: MinMaxScaling.from_json(ranges) for name, ranges in scaler.items()},
            standardization=Standardization.from_json(standardization) if standardization else None,
            anchor=Anchor.from_json(anchor) if anchor else None,
            mean_volatility=float(document["mean_volatility"]),
            range_centre=float(document["range_centre"]),
            expected=ExpectedMoves.from_json(expected) if expected else None,
        )


def output_layout(config: Config) -> OutputLayout:
    """Return what the outputs of a config's network stand for."""
    targets = dict.fromkeys((config.target.column, *config.target.beside))
    return OutputLayout(tuple(targets), config.outputs, config.model.head)


def fit_encoding(prices: Prices, config: Config, features: Sequence[str], part: Part) -> Encoding:
    """Fit everything that prices are encoded by to the sessions of a part; nothing after it is read.

    Args:
        prices: The prices table.
        config: The config.
        features: The registered features that these prices can have.
        part: First and last session.
    """
    known = prices[prices.index.get_level_values("session") <= part[1]]
    sessions = known.index.get_level_values("session")
    level = config.target.kind == "level"
    columns = config.feature_columns
    scaled = dict.fromkeys((*columns, config.target.column) if level else columns)
    encoding = Encoding(columns, tuple(features), output_layout(config), fit_scalings(known, list(scaled), *part))
    if features:
        table = feature_table(known, features)
        encoding = replace(encoding, standardization=Standardization.fit(table, np.asarray(sessions >= part[0])))
    if level:
        return encoding
    anchored = _with_anchor(encoding, known, config, part)
    return _with_expected_moves(anchored, known, part) if features and config.target.expected == "ridge" else anchored


def _with_anchor(encoding: Encoding, known: Prices, config: Config, part: Part) -> Encoding:
    anchor = Anchor.fit(known, config.target.anchor, part)
    inside = np.asarray(known.index.get_level_values("session") >= part[0])
    volatility = anchor.apply(known)
    anchored = replace(encoding, anchor=anchor, mean_volatility=float(np.nanmean(volatility[inside])))
    if RANGE not in encoding.layout.targets:
        return anchored
    ranges = encoding.layout.values(anchored.targets(known)[inside].astype(np.float64), RANGE)
    return replace(anchored, range_centre=float(np.nanmean(ranges)) if np.isfinite(ranges).any() else 0.0)


def _with_expected_moves(encoding: Encoding, known: Prices, part: Part) -> Encoding:
    moves = encoding.layout.values(encoding.targets(known), encoding.layout.targets[0])
    sessions = known.index.get_level_values("session").to_numpy()
    rows = (sessions >= part[0].to_numpy()) & np.isfinite(moves).all(axis=1)
    features = encoding.inputs(known)[rows, len(encoding.columns) :]
    return replace(encoding, expected=ExpectedMoves.fit(features, moves[rows], sessions[rows]))


def fit_scalings(prices: Prices, columns: Sequence[str], first: pd.Timestamp, last: pd.Timestamp) -> Scalings:
    """Fit one scaling a ticker to its rows from `first` to `last`; tickers without rows there get none."""
    if not columns:
        return {}
    sessions = prices.index.get_level_values("session")
    fitted = prices.loc[(sessions >= first) & (sessions <= last), list(dict.fromkeys(columns))]
    return {ticker: MinMaxScaling.fit(fitted.iloc[rows]) for ticker, rows in row_spans(fitted).items()}

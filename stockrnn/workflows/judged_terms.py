"""The terms of foreign forecasts: the years that choose their opponents, and what they are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pandas as pd

from stockrnn.config_sections import EvaluationConfig
from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.evaluation.terms import Terms
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts
from stockrnn.prices.table import PriceNote, Prices, sessions_of
from stockrnn.samples.splits import Part


class NamedYears(Protocol):
    """A request that names two files and, it may be, the training years."""

    @property
    def forecasts(self) -> Path:
        """The file of forecasts."""

    @property
    def prices(self) -> str:
        """Where the prices are from."""

    @property
    def train(self) -> Part | None:
        """The training years, ends included."""


def terms_for(named: NamedYears, written: Terms | None, forecasts: Forecasts, prices: Prices) -> Terms:
    """Return the terms, whose years end before the first forecast whoever named them: a file's own word is no proof.

    Args:
        named: The files, and the years that the user named.
        written: What the file of forecasts says about itself.
        forecasts: The forecasts table.
        prices: The prices that they are judged by.

    Raises:
        ConfigError: Years that reach into the sessions that are judged.
        PriceDataError: Too few sessions to train on.
    """
    first = forecasts["session"].min()
    validation = None
    if named.train is not None:
        train = named.train
    elif written is not None:
        train, validation = written.train, written.validation
    else:
        train = (sessions_of(prices)[0], forecasts["origin"].min())
    from_file = written is not None and named.train is None
    _check_ends_before(first, train, f"{named.forecasts}: its training" if from_file else "--train")
    if validation is not None:
        _check_ends_before(first, validation, f"{named.forecasts}: its validation")
    horizon = int(forecasts["horizon"].max())
    if written is not None and from_file:
        horizon = max(horizon, written.horizon)
    _check_enough(named, train, horizon, sessions_of(prices))
    target = str(forecasts["target"].iloc[0])
    return Terms(target, horizon, train, validation, _compared_with(forecasts, written))


def _check_ends_before(first: pd.Timestamp, years: Part, title: str) -> None:
    if years[1] < first:
        return
    what = "training years end before it" if title == "--train" else "give the training years with --train"
    raise ConfigError(f"{title} ends on {years[1]:%Y-%m-%d}, and the first forecast is for {first:%Y-%m-%d}; {what}")


def _check_enough(named: NamedYears, train: Part, horizon: int, days: pd.DatetimeIndex) -> None:
    found = int(((days >= train[0]) & (days <= train[1])).sum())
    if found < horizon + 2:
        raise PriceDataError(
            f"{named.prices}: {found} {'session' if found == 1 else 'sessions'} to train on from {train[0]:%Y-%m-%d} to "
            f"{train[1]:%Y-%m-%d}; at least {horizon + 2} are needed, because the naive opponent is chosen there: give prices "
            "that begin earlier"
        )


def _compared_with(forecasts: Forecasts, written: Terms | None) -> EvaluationConfig:
    """Compare distributions with bands, whatever the file says; points with naive points, and what the file asks for."""
    evaluation = written.evaluation if written is not None else EvaluationConfig(bands=False)
    distributions = forecasts[list(QUANTILE_COLUMNS)].notna().all(axis=1)
    return evaluation.model_copy(update={"bands": evaluation.bands or bool(distributions.any())})


def years_note(named: NamedYears, terms: Terms) -> PriceNote:
    """Say that the training years are the file's own word."""
    text = (
        f"{named.forecasts}: the training years ({terms.train[0]:%Y-%m-%d} to {terms.train[1]:%Y-%m-%d}) are what the file says "
        "about itself; --train names others"
    )
    return PriceNote("years_from_file", 0, text)

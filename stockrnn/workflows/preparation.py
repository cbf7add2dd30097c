"""Everything that a training needs, read and checked before TensorFlow is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import pandas as pd

from stockrnn.config import Config
from stockrnn.errors import PriceDataError
from stockrnn.forecasts.garch import check_garch_installed
from stockrnn.messages import Notify, first_few
from stockrnn.prices.doctor.diagnosis import diagnose
from stockrnn.prices.doctor.findings import told_once, warnings_touching
from stockrnn.prices.intervals import refuse_intraday
from stockrnn.prices.read_options import ReadOptions
from stockrnn.prices.sessions import check_calendar
from stockrnn.prices.table import PriceNote, Prices, check_columns, row_spans, sessions_of, tickers_of
from stockrnn.recipes import Recipe
from stockrnn.runs.places import RunPlace
from stockrnn.samples.features import available_features
from stockrnn.samples.outputs import RANGE
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import Part, Split, split_at_border, split_sessions
from stockrnn.workflows.held_out import check_windows
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.loading import LoadedPrices, load_prices, load_train_and_test

# More of them would bury the scores.
_MOST_WARNINGS = 6
# What has a price in fewer of the rows is not learnt beside the target.
_FEWEST_PRICES = 0.5


@dataclass(frozen=True)
class TrainRequest:
    """What is to be trained on what.

    Attributes:
        recipe: The config and its name.
        place: Where the run goes.
        prices: Price files, or nothing for those that the recipe names.
        test: Price files that come after the others and are the test sessions.
        options: What the files cannot say themselves.
    """

    recipe: Recipe
    place: RunPlace
    prices: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    options: ReadOptions = field(default_factory=ReadOptions)


def prepare(request: TrainRequest, notify: Notify, *, late_tickers: bool = False) -> TrainJob:
    """Read and check everything that a training needs; TensorFlow is not needed for it.

    Args:
        request: What is to be trained on what.
        notify: Hears warnings and notes.
        late_tickers: Keep tickers that have too few sessions to train on before the test begins.

    Raises:
        PriceDataError: Prices that are missing, unreadable, unusable or too few.
    """
    sources, options = _named(request)
    loaded, border = _loaded(request, sources, options)
    config = _possible_targets(request.recipe.config, loaded.prices, notify)
    _check_columns(config, loaded, sources, notify)
    try:
        split = _split(loaded.prices, border, request.recipe, notify)
    except PriceDataError as error:
        raise PriceDataError(f"{', '.join((*sources, *request.test))}: {error}") from None
    prices = loaded.prices
    if config.needs_own_training and not late_tickers:
        prices = trainable(prices, split, config.window.lookback + config.window.horizon, notify)
    _check_tested(prices, split, config)
    if not late_tickers:
        tell_absent(prices, split, config, notify)
    features, adjust = _features(config, prices, notify), options.adjust or "none"
    job = TrainJob(config, prices, (*sources, *request.test), split, adjust, loaded.calendar, features)
    if not late_tickers:
        check_windows(job)
    return job


def _named(request: TrainRequest) -> tuple[tuple[str, ...], ReadOptions]:
    """Return which prices are asked for and how they are to be read: as the user says, or else the config."""
    data = request.recipe.config.data
    return request.prices or data.prices, replace(request.options, adjust=request.options.adjust or data.adjust)


def _loaded(
    request: TrainRequest, sources: tuple[str, ...], options: ReadOptions
) -> tuple[LoadedPrices, pd.Timestamp | None]:
    """Read the prices; with test files, the last session before them too."""
    config = request.recipe.config
    if config.data.calendar != "auto":
        check_calendar(config.data.calendar)
    if config.evaluation.garch:
        check_garch_installed()
    if request.test:
        loaded, border = load_train_and_test(sources, request.test, options)
    else:
        loaded, border = load_prices(sources, options), None
    refuse_intraday(loaded.prices)
    if config.data.calendar != "auto":
        loaded = replace(loaded, calendar=config.data.calendar)
    return loaded, border


def _check_columns(config: Config, loaded: LoadedPrices, sources: tuple[str, ...], notify: Notify) -> None:
    """Check the prices of the columns that are read, and tell what is odd about them."""
    target, there = config.target.column, loaded.prices.columns
    if target not in there and "close" in there:
        raise PriceDataError(
            f"{', '.join(sources)}: no column {target!r} with prices; there are {', '.join(there)}; forecast the close by "
            "--set target.column=close"
        )
    columns = _columns_read(config, loaded.prices)
    # What is learnt beside the target may have holes: a network learns the target there alone.
    _warn(loaded, (*columns, *config.target.beside), notify)
    check_columns(loaded.prices, columns, ", ".join(sources))


def _check_tested(prices: Prices, split: Split, config: Config) -> None:
    window = config.window
    if not len(origins_for(prices, split.test, window.lookback, window.horizon, read_from=None)):
        raise PriceDataError(
            f"no ticker that can be trained on has sessions from {split.test[0]:%Y-%m-%d} to {split.test[1]:%Y-%m-%d} "
            "to test on; choose other years with data.test or give more prices"
        )


def tell_absent(prices: Prices, split: Split, config: Config, notify: Notify) -> None:
    """Say in one note which tickers have no window to train on, and which none to test on."""
    lookback, learnt = config.window.lookback, split.train if config.train.refit_epochs else split.fit

    def without(part: Part, ahead: int, read_from: pd.Timestamp | None) -> list[str]:
        codes = cast("pd.MultiIndex", prices.index).codes[0]
        found = set(np.unique(codes[origins_for(prices, part, lookback, ahead, read_from)]).tolist())
        return [name for name, rows in row_spans(prices).items() if int(codes[rows.start]) not in found]

    untrained = without(learnt, config.outputs, learnt[0])
    untested = without(split.test, config.window.horizon, None)
    parts = []
    if untrained:
        needed = lookback + config.outputs
        parts.append(f"not learnt from for want of {needed} sessions in the training years: {first_few(untrained)}")
    if untested:
        parts.append(
            f"not tested for want of sessions in the test years, or of {lookback} before: {first_few(untested)}"
        )
    if parts:
        notify(f"Note: {'; '.join(parts)}.")


def _features(config: Config, prices: Prices, notify: Notify) -> tuple[str, ...]:
    """Return the registered features that these prices can have; says which were left out."""
    if not config.feature_names:
        return ()
    kept, left_out = available_features(config.feature_names, prices.columns, len(tickers_of(prices)))
    if left_out:
        notify(f"Note: left out for want of columns or tickers: {', '.join(left_out)}.")
    if not kept and not config.feature_columns:
        raise PriceDataError(f"these prices ({', '.join(prices.columns)}) allow none of the features of the config")
    return kept


def _possible_targets(config: Config, prices: Prices, notify: Notify) -> Config:
    """Leave out what cannot be learnt beside the target for want of columns, or of prices in most of their rows."""
    there = {name for name in prices.columns if np.mean(prices[name].to_numpy() > 0) > _FEWEST_PRICES}
    kept = [each for each in config.target.beside if ({"high", "low"} if each == RANGE else {each}) <= there]
    left_out = [each for each in config.target.beside if each not in kept]
    if not left_out:
        return config
    notify(f"Note: not learnt beside {config.target.column} for want of prices: {', '.join(left_out)}.")
    return config.model_copy(update={"target": config.target.model_copy(update={"beside": tuple(kept)})})


def _columns_read(config: Config, prices: Prices) -> tuple[str, ...]:
    columns = dict.fromkeys((*config.feature_columns, config.target.column))
    if "close" in prices.columns:
        columns["close"] = None  # every forecast is compared with the last close
    return tuple(columns)


def _warn(loaded: LoadedPrices, columns: Sequence[str], notify: Notify) -> None:
    found = [note for each in diagnose(loaded.prices.reset_index(), loaded.calendar) for note in each.notes]
    notes: list[PriceNote] = told_once([*loaded.notes, *warnings_touching(found, columns)])
    for note in notes[:_MOST_WARNINGS]:
        notify(f"Warning: {note.text.rstrip('.')}.")
    if len(notes) > _MOST_WARNINGS:
        notify(f"Warning: {len(notes) - _MOST_WARNINGS} more; see stockrnn inspect.")


def _split(prices: Prices, border: pd.Timestamp | None, recipe: Recipe, notify: Notify) -> Split:
    data, window, sessions = recipe.config.data, recipe.config.window, sessions_of(prices)
    needed = window.lookback + window.horizon
    if border is not None:
        after = sessions > border
        return split_at_border(sessions[~after], sessions[after], data, needed, window.horizon)
    split, notes = split_sessions(sessions, data, needed, recipe.chosen, window.horizon)
    for sentence in notes:
        notify(f"Note: {sentence}.")
    return split


def trainable(prices: Prices, split: Split, needed: int, notify: Notify) -> Prices:
    """Return the prices of the tickers that have enough sessions to be trained on; says which were left out.

    Args:
        prices: The prices table.
        split: Which sessions are fitted.
        needed: How many sessions are enough: lookback + horizon.
        notify: Hears the note.

    Raises:
        PriceDataError: No ticker has enough.
    """
    days = prices.index.get_level_values("session")
    counts = {
        ticker: int(((days[rows] >= split.fit[0]) & (days[rows] <= split.fit[1])).sum())
        for ticker, rows in row_spans(prices).items()
    }
    short = [ticker for ticker, count in counts.items() if count < needed]
    if not short:
        return prices
    if len(short) == len(counts):
        most = max(counts.values())
        raise PriceDataError(
            f"no ticker has {needed} sessions to train on (lookback + horizon); the longest has {most}"
        )
    notify(
        f"Note: left out for want of {needed} training sessions (lookback + horizon) from {split.fit[0]:%Y-%m-%d} to "
        f"{split.fit[1]:%Y-%m-%d} (data.train): {first_few(short, 5)}."
    )
    return prices[~prices.index.get_level_values("ticker").isin(short)]

"""Forecast the sessions to come with a saved run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.config import Config
from stockrnn.errors import ConfigError
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.gate import pass_gate
from stockrnn.forecasts.standstill import holding_still
from stockrnn.forecasts.table import Forecasts
from stockrnn.messages import Notify
from stockrnn.prices.intervals import counted
from stockrnn.prices.read_options import ReadOptions
from stockrnn.runs.content import read_config_of, read_encoding_of, read_heads_of, read_prices_of
from stockrnn.runs.folder import SCORES_FILE, Run, load_run_with_networks
from stockrnn.workflows.combining import naive_forecast
from stockrnn.workflows.future import Future, future_of
from stockrnn.workflows.newest_prices import newest_prices
from stockrnn.workflows.predicted_intervals import USUAL_LEVEL, bands_fan, check_levels, network_fan, warn_of_levels
from stockrnn.workflows.predictors import predictors_of


@dataclass(frozen=True)
class PredictRequest:
    """What is asked of which run.

    Attributes:
        run: The run folder.
        prices: Newer price files; nothing for the prices that the run was trained on.
        days: Sessions ahead.
        calendar: The exchange that dates them; None leaves it to the config and the prices.
        levels: Shares of the intervals, such as 0.9; nothing for the usual one where the run has a distribution.
        options: What the files cannot say themselves.
    """

    run: Path
    prices: tuple[str, ...] = ()
    days: int = 1
    calendar: str | None = None
    levels: tuple[float, ...] = ()
    options: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True)
class Prediction:
    """Dated forecasts of the days to come, the last close beside them, and what such forecasts were worth.

    Attributes:
        config: The config of the run.
        calendar: The exchange calendar that dated the sessions; several are joined by `and`.
        interval: That of the prices, such as `1d`.
        forecasts: The network's, as a forecasts table; with levels, the ends of their intervals too (`range_columns`).
        beside: The naive forecaster's and, where there are intervals, the best bands', as a forecasts table.
        levels: Shares of the intervals; none without a distribution.
        verdicts: Those of the run, as JSON values.
        coverage: What share of the test sessions' prices came true in ranges of these levels, made as those here, as JSON values.
        learnt: The ranges were learnt from misses on the test sessions; a verdict on the distribution is of others.
    """

    config: Config
    calendar: str
    interval: str
    forecasts: Forecasts
    beside: Forecasts
    levels: tuple[float, ...]
    verdicts: Sequence[dict[str, Any]]
    coverage: Sequence[dict[str, Any]] = ()
    learnt: bool = False


def predict(request: PredictRequest, notify: Notify) -> Prediction:
    """Forecast the next sessions after the newest prices.

    Args:
        request: What is asked of which run.
        notify: Hears warnings and notes.

    Raises:
        RunFolderError: The run folder is missing or damaged.
        PriceDataError: The prices are unusable, too few, or of a ticker that the run does not know.
        ConfigError: More days than this network can forecast, an unknown calendar, or a level that is none.
    """
    run = load_run_with_networks(request.run)
    config = read_config_of(run)
    check_days(config, request.days)
    check_levels(request.levels)
    if run.interruption:
        notify(run.interruption)
    newest = newest_prices(run, config, request.prices, request.options, notify)
    named = (request.calendar or newest.calendar, run.document["prices"]["calendar"])
    future = future_of(newest.prices, config, request.days, named, notify)
    verdicts = json.loads(run.file(SCORES_FILE).read_text(encoding="utf-8"))["verdicts"]
    levels = request.levels or ((USUAL_LEVEL,) if config.has_distribution else ())
    forecasts, beside = _forecasts(run, config, future, notify)
    coverage: Sequence[dict[str, Any]] = ()
    learnt = False
    if levels:
        warn_of_levels(read_prices_of(run), config.target.column, notify)
        fan = network_fan(run, config, forecasts, future.prices)
        forecasts, displaced, coverage = fan.at(levels), fan.displacement(levels), fan.coverage(levels)
        learnt = fan.learnt
        if displaced:
            notify(f"Note: {displaced}.")
        beside = pd.concat([beside, bands_fan(run, config, verdicts, future, levels).at(levels)], ignore_index=True)
    return Prediction(config, future.calendar, future.interval, forecasts, beside, levels, verdicts, coverage, learnt)


def _forecasts(run: Run, config: Config, future: Future, notify: Notify) -> tuple[Forecasts, Forecasts]:
    """Return what the networks say, as far as the gate lets it differ from the naive forecast, and the naive forecast."""
    target, gate = config.target.column, run.document.get("gate")
    naive = naive_forecast(future.prices, target, future.origins, future.days)
    network = NetworkForecaster(predictors_of(run, notify), read_encoding_of(run), config, read_heads_of(run))
    forecast = network.forecast(future.prices, future.origins, future.days)
    gated = forecast if gate is None else pass_gate(forecast, naive.values, float(gate))
    held = holding_still(gated, future.prices, future.origins, target)
    return future.tabulated(held, target), future.tabulated(naive, target)


def check_days(config: Config, days: int) -> None:
    """Refuse days further ahead than a network can forecast.

    Raises:
        ConfigError: They are.
    """
    if config.most_days is None or days <= config.most_days:
        return
    if config.window.strategy != "recursive":
        ahead = counted(config.outputs, "session")
        raise ConfigError(
            f"--days {days}: this network was trained for {ahead} ahead; ask for no more, or train one with --set window.horizon={days}"
        )
    raise ConfigError(
        f"--days {days}: this network reads {', '.join((*config.feature_columns, *config.feature_names))} and forecasts "
        f"{config.target.column} only, so it cannot go on from its own forecasts; ask for 1 day"
    )

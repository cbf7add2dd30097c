"""Forecast the sessions to come with a saved run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.config import Config
from stockrnn.errors import ConfigError, PriceDataError
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.forecasts.gate import pass_gate
from stockrnn.forecasts.table import Forecast, Forecasts, tabulate_future
from stockrnn.prices.intervals import DAILY, counted, intervals_of
from stockrnn.prices.reader import ReadOptions
from stockrnn.prices.sessions import calendar_for, coming_sessions
from stockrnn.prices.table import Prices, check_columns, row_spans, sessions_of, tickers_of
from stockrnn.runs.content import read_config_of, read_encoding_of, read_heads_of, read_prices_of
from stockrnn.runs.folder import SCORES_FILE, Run, load_run_with_networks
from stockrnn.runs.places import resume_command
from stockrnn.samples.encoding import Encoding
from stockrnn.samples.windows import Positions
from stockrnn.workflows.combining import naive_forecast
from stockrnn.workflows.loading import LoadedPrices, load_prices
from stockrnn.workflows.predicted_intervals import USUAL_LEVEL, best_bands, check_levels, with_fan
from stockrnn.workflows.predictors import predictors_of

Notify = Callable[[str], None]

# Of calendars, which tend to be the same for all tickers.
_MOST_WARNINGS = 3
_STALE = 10


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
        forecasts: The network's, as a forecasts table.
        beside: The naive forecaster's and, where there are intervals, the best bands', as a forecasts table.
        levels: Shares of the intervals; none without a distribution.
        verdicts: Those of the run, as JSON values.
    """

    config: Config
    calendar: str
    interval: str
    forecasts: Forecasts
    beside: Forecasts
    levels: tuple[float, ...]
    verdicts: Sequence[dict[str, Any]]


def predict(request: PredictRequest, notify: Notify) -> Prediction:
    """Forecast the next sessions after the newest prices.

    Args:
        request: What is asked of which run.
        notify: Hears warnings and notes.

    Raises:
        RunFolderError: The run folder is missing or damaged.
        PriceDataError: The prices are unusable, too few, or of a ticker that the run does not know.
        ConfigError: More days than this network can forecast, or an unknown calendar.
    """
    run = load_run_with_networks(request.run)
    config = read_config_of(run)
    _check_days(config, request.days)
    check_levels(request.levels)
    if run.document.get("interrupted"):
        notify(f"Note: the training of this run was interrupted; go on with: {resume_command(run.path)}")
    newest = _newest_prices(run, config, request, notify)
    prices = newest.prices
    interval = next(iter(intervals_of(prices).values()))
    origins = _last_origins(prices, config, notify)
    calendars = calendars_of(
        prices,
        request.calendar or newest.calendar,
        run.document["prices"]["calendar"],
        notify if interval == DAILY else None,
    )
    last = prices.index[origins]
    sessions = np.stack(
        [coming_sessions(interval, calendars[name], day, request.days).to_numpy() for name, day in last]
    )
    target = config.target.column
    table = partial(tabulate_future, prices=prices, origins=origins, target=target, sessions=sessions)
    naive = naive_forecast(prices, target, origins, request.days)
    forecasts, beside = table(_network_forecast(run, config, prices, naive, origins, notify)), [table(naive)]
    verdicts = json.loads(run.file(SCORES_FILE).read_text(encoding="utf-8"))["verdicts"]
    levels = request.levels or ((USUAL_LEVEL,) if config.has_distribution else ())
    if levels:
        forecasts = with_fan(run, config, forecasts, prices)
        beside.append(table(best_bands(run, config, verdicts, prices, origins, request.days)))
    return Prediction(
        config=config,
        calendar=" and ".join(dict.fromkeys(calendars[name] for name, _ in last)),
        interval=interval,
        forecasts=forecasts,
        beside=pd.concat(beside, ignore_index=True),
        levels=levels,
        verdicts=verdicts,
    )


def calendars_of(prices: Prices, named: str | None, usual: str | None, notify: Notify | None) -> dict[str, str]:
    """Return the exchange calendar of each ticker: the one named, or that of its own prices.

    Args:
        prices: The prices table.
        named: What the user or the source says; None and `auto` leave it to each ticker's prices.
        usual: The calendar of prices that say nothing of themselves.
        notify: Hears a warning of days that are no sessions; None where they need not be.
    """
    calendars: dict[str, str] = {}
    warnings: dict[str, list[tuple[str, str]]] = {}
    spans = row_spans(prices)
    for ticker, rows in spans.items():
        calendars[ticker], warning = calendar_for(prices.iloc[rows], named, usual)
        if warning:
            warnings.setdefault(calendars[ticker], []).append((ticker, warning))
    if notify is not None:
        for told in list(warnings.values())[:_MOST_WARNINGS]:
            # An exchange is asked for once, however many tickers do not follow it.
            (ticker, text), others = told[0], len(told) - 1
            who = f"{ticker} and {counted(others, 'more ticker')}" if others else ticker
            notify(f"Warning: {f'{who}: ' if len(spans) > 1 else ''}{text}.")
    return calendars


def _network_forecast(
    run: Run, config: Config, prices: Prices, naive: Forecast, origins: Positions, notify: Notify
) -> Forecast:
    """Return what the networks say, as far as the gate lets it differ from the naive forecast."""
    network = NetworkForecaster(predictors_of(run, notify), read_encoding_of(run), config, read_heads_of(run))
    forecast, gate = network.forecast(prices, origins, naive.values.shape[1]), run.document.get("gate")
    return forecast if gate is None else pass_gate(forecast, naive.values, float(gate))


def _last_origins(prices: Prices, config: Config, notify: Notify) -> Positions:
    """Return the newest row of each ticker that a network can forecast from."""
    lookback, spans = config.window.lookback, row_spans(prices)
    short = [ticker for ticker, rows in spans.items() if rows.stop - rows.start < lookback]
    if len(short) == len(spans):
        raise PriceDataError(f"no ticker has the {lookback} sessions that the network reads (window.lookback)")
    if short:
        notify(f"Note: not forecast for want of {lookback} sessions (window.lookback): {', '.join(short[:5])}.")
    origins = np.array([rows.stop - 1 for ticker, rows in spans.items() if ticker not in short])
    stale = stale_tickers(prices, origins)
    if stale:
        more = f" and {len(stale) - 4} more" if len(stale) > 4 else ""
        notify(
            f"Note: the prices of {', '.join(stale[:4])}{more} end more than {_STALE} sessions before the newest; "
            "these forecasts are of days that are past."
        )
    return origins


def stale_tickers(prices: Prices, origins: Positions) -> list[str]:
    """Return the tickers whose last session is more than ten sessions of the others older than the newest."""
    days = sessions_of(prices)
    return [name for name, day in prices.index[origins] if (days > day).sum() > _STALE]


def _check_days(config: Config, days: int) -> None:
    if config.target.kind == "log_return" or config.can_go_on or days <= config.outputs:
        return
    if config.window.strategy != "recursive":
        raise ConfigError(
            f"--days {days}: this network was trained for {config.outputs} sessions ahead (window.horizon)"
        )
    raise ConfigError(
        f"--days {days}: this network reads {', '.join((*config.feature_columns, *config.feature_names))} and forecasts "
        f"{config.target.column} only, so it cannot go on from its own forecasts; ask for 1 day"
    )


def _newest_prices(run: Run, config: Config, request: PredictRequest, notify: Notify) -> LoadedPrices:
    recorded = run.document["prices"]
    named = config.data.calendar if config.data.calendar != "auto" else None
    if not request.prices:
        return LoadedPrices(read_prices_of(run), calendar=named or recorded["calendar"])
    options = replace(request.options, adjust=request.options.adjust or recorded["adjust"])
    loaded = load_prices(request.prices, options)
    for note in loaded.notes:
        notify(f"Warning: {note.text}")
    prices, known, given = loaded.prices, recorded["tickers"], tickers_of(loaded.prices)
    encoding = read_encoding_of(run)
    _check_newest(prices, config, encoding, request)
    if encoding.reads_the_pool and len(given) < len(known):
        notify(
            f"Note: this network reads means over its pool of {len(known)} tickers; of these prices' {len(given)} alone, "
            "they are others than it was trained and tested on."
        )
    if not config.needs_own_training:
        return LoadedPrices(prices, calendar=named or loaded.calendar)
    if len(known) == len(given) == 1:
        # One ticker each: the file may carry any name, the scaling is the run's.
        if given != known:
            notify(f"Note: these are prices of {given[0]}; the network was trained and scaled on {known[0]}.")
        prices = prices.rename(index={given[0]: known[0]}, level="ticker")
    elif set(given) - set(known):
        strange = sorted(set(given) - set(known))
        raise PriceDataError(f"the run was not trained on {', '.join(strange[:5])}; it knows {', '.join(known[:10])}")
    return LoadedPrices(prices, calendar=named or loaded.calendar)


def _check_newest(prices: Prices, config: Config, encoding: Encoding, request: PredictRequest) -> None:
    source, lookback = ", ".join(request.prices), config.window.lookback
    newest = prices.groupby(level="ticker", sort=False).tail(lookback)
    columns = [*config.feature_columns, config.target.column, *({"close"} & set(prices.columns))]
    check_columns(newest, dict.fromkeys(columns), source)
    lacking = [name for name in encoding.columns_of_features if name not in prices.columns]
    if lacking:
        raise PriceDataError(
            f"{source}: no column {', '.join(lacking)}, which the features of this network are made of; "
            f"there are {', '.join(prices.columns)}"
        )
    for ticker, rows in row_spans(newest).items():
        if rows.stop - rows.start < lookback:
            raise PriceDataError(
                f"{source}: {ticker} has {rows.stop - rows.start} sessions; the network needs {lookback} (window.lookback)"
            )

"""Judge forecasts: scores beside the naive ones, and the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.arrays import Positions
from stockrnn.config import Config
from stockrnn.config_sections import EvaluationConfig
from stockrnn.evaluation.metrics import Score, Yardstick, YearScore, score_by_year, score_forecasts
from stockrnn.evaluation.required_skill import RequiredSkill, check_skill
from stockrnn.evaluation.shared_rows import with_shared_quantiles
from stockrnn.evaluation.terms import Terms
from stockrnn.evaluation.trading import DEFAULT_COST_BPS, TradingResult, trade
from stockrnn.evaluation.verdict import Verdict, verdicts
from stockrnn.evaluation.verdict_text import OPPONENTS
from stockrnn.evaluation.yardstick import make_yardstick
from stockrnn.forecasts.bands import BAND_KINDS, fit_bands
from stockrnn.forecasts.baselines import naive_forecasters
from stockrnn.forecasts.garch import GARCH
from stockrnn.forecasts.table import Forecasts, tabulate
from stockrnn.messages import Notify
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.runs.content import read_config_of, read_forecasts_of, read_prices_of, read_split_of
from stockrnn.runs.folder import load_run
from stockrnn.samples.samples import origins_for
from stockrnn.samples.splits import TRADING_YEAR, Part, Split


@dataclass(frozen=True)
class Judgement:
    """What forecasts are worth.

    Attributes:
        scores: Of all forecasters.
        verdicts: On those that are judged.
        yardstick: What they are measured against.
        by_year: The scores of each calendar year.
        judged: The forecasters that are neither naive nor bands.
        trading: What trading on their signs would have brought, and buy-and-hold.
    """

    scores: Sequence[Score]
    verdicts: Sequence[Verdict]
    yardstick: Yardstick
    by_year: Sequence[YearScore] = ()
    judged: Sequence[str] = ()
    trading: Sequence[TradingResult] = ()

    def to_json(self) -> dict[str, Any]:
        """Return scores, verdicts and trading as JSON values."""
        return {
            "scores": [dataclasses.asdict(score) for score in self.scores],
            "by_year": [dataclasses.asdict(score) for score in self.by_year],
            "verdicts": [dataclasses.asdict(verdict) for verdict in self.verdicts],
            "trading": [result.to_json() for result in self.trading],
        }

    def require(self, required: RequiredSkill | None) -> None:
        """Check the skill of every forecaster that was judged, where some is required.

        Raises:
            SkillNotMetError: It is not met.
        """
        if required is not None:
            for forecaster in self.judged or ("network",):
                check_skill(required, self.scores, self.yardstick, forecaster)


def evaluate(
    run_folder: Path, cost_bps: float = DEFAULT_COST_BPS, notify: Notify = lambda _: None
) -> tuple[Config, Split, Judgement]:
    """Judge the forecasts of a run folder, and return its config, split and judgement.

    Args:
        run_folder: The run folder.
        cost_bps: What trading costs, in basis points of each unit of position bought or sold.
        notify: Hears that the training of the run was interrupted.

    Raises:
        RunFolderError: The run folder is missing or damaged.
    """
    run = load_run(run_folder)
    if run.interruption:
        notify(run.interruption)
    config, split = read_config_of(run), read_split_of(run)
    return config, split, judge(read_prices_of(run), read_forecasts_of(run), Terms.of(config, split), cost_bps)


def judge(prices: Prices, forecasts: Forecasts, terms: Terms, cost_bps: float = DEFAULT_COST_BPS) -> Judgement:
    """Score a forecasts table; the opponent and the scales come from the training years.

    Distributions are scored on the rows that all of them have, points on all rows.

    Args:
        prices: The prices table.
        forecasts: The forecasts of the test sessions, naive ones included.
        terms: What is forecast, and the training years.
        cost_bps: What trading costs, in basis points of each unit of position bought or sold.
    """
    forecasts = with_shared_quantiles(forecasts)
    yardstick = yardstick_of(prices, terms)
    closes = prices["close"] if "close" in prices.columns else None
    scores = score_forecasts(forecasts, closes, yardstick)
    judged = [name for name in forecasts["forecaster"].unique() if name not in OPPONENTS]
    return Judgement(
        scores=scores,
        verdicts=[each for name in judged for each in verdicts(forecasts, scores, yardstick, name)],
        yardstick=yardstick,
        by_year=score_by_year(forecasts, closes, yardstick),
        judged=judged,
        trading=trade(forecasts, prices, cost_bps, judged),
    )


def yardstick_of(prices: Prices, terms: Terms) -> Yardstick:
    """Choose what forecasts are measured against; no price after the training years is looked at.

    Args:
        prices: The prices table.
        terms: What is forecast, and the training years.
    """
    days = prices.index.get_level_values("session")
    training = prices[(days >= terms.train[0]) & (days <= terms.train[1])]
    return make_yardstick(training, terms.target, _naive_in_last_training_year(training, terms))


def wanted_bands(evaluation: EvaluationConfig) -> tuple[str, ...]:
    """Return the names of the bands that a config asks for; none without `evaluation.bands` or `evaluation.garch`."""
    return (BAND_KINDS if evaluation.bands else ()) + ((GARCH,) if evaluation.garch else ())


def naive_forecasts(
    prices: Prices, origins: Positions, terms: Terms, bands_part: Part | None = None, bands: Sequence[str] | None = None
) -> Forecasts:
    """Return the forecasts-table rows of all naive forecasters, and of bands around the last close.

    Args:
        prices: The prices table.
        origins: Rows of the origins.
        terms: What is forecast, and what the forecasts are compared with.
        bands_part: First and last session that bands are fitted to; None for the training years. They read nothing after the last.
        bands: Names of the bands; None for those that the terms ask for.
    """
    target, horizon = terms.target, terms.horizon
    naive = naive_forecasters(prices, target, terms.evaluation.moving_average)
    names = wanted_bands(terms.evaluation) if bands is None else bands
    fitted = fit_bands(prices, target, names, bands_part or terms.train, horizon)
    forecasts = [
        *(forecaster(prices, target, origins, horizon) for forecaster in naive),
        *(each.forecast(prices, target, origins, horizon) for each in fitted),
    ]
    return pd.concat([tabulate(each, prices, origins, target) for each in forecasts], ignore_index=True)


def _naive_in_last_training_year(training: Prices, terms: Terms) -> Forecasts:
    # The validation sessions, or else the last year of training: old years, and old faults in them, say less of the test year.
    year = sessions_of(training)[-TRADING_YEAR:]
    part = terms.validation or (year[0], year[-1])
    origins = origins_for(training, part, 1, terms.horizon, read_from=None)
    return naive_forecasts(training, origins, terms, (terms.train[0], part[0] - pd.Timedelta(microseconds=1)))

"""Judge the forecasts of any tool: our baselines beside them, scores, verdicts, and what looks wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from stockrnn.errors import PriceDataError, SkillNotMetError
from stockrnn.evaluation.intervals import IntervalScore, score_intervals
from stockrnn.evaluation.judged_rows import distribution_rows
from stockrnn.evaluation.required_skill import RequiredSkill
from stockrnn.evaluation.suspicions.case import Evidence, Suspicion
from stockrnn.evaluation.suspicions.finding import find_suspicions
from stockrnn.evaluation.terms import Terms
from stockrnn.evaluation.trading import DEFAULT_COST_BPS
from stockrnn.evaluation.verdict_text import OPPONENTS
from stockrnn.forecasts.foreign.headers import listed
from stockrnn.forecasts.foreign.layouts import ForeignOptions
from stockrnn.forecasts.foreign.reader import read_foreign_forecasts
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts
from stockrnn.prices.read_options import ReadOptions
from stockrnn.prices.table import PriceNote, check_columns
from stockrnn.samples.splits import Part
from stockrnn.workflows.evaluate import Judgement, judge
from stockrnn.workflows.judged_baselines import naive_beside
from stockrnn.workflows.judged_prices import facts_of, prices_for
from stockrnn.workflows.judged_terms import terms_for, years_note


@dataclass(frozen=True)
class JudgeRequest:
    """What is to be judged by what.

    Attributes:
        forecasts: A CSV or Parquet file.
        prices: A price file, a folder of them, or `bundled:NAME`.
        train: The training years, ends included; None: those of the file, or all sessions until the first origin.
        reading: What the price file cannot say itself.
        options: What the file of forecasts cannot say itself.
        cost_bps: What trading costs, in basis points of each unit of position bought or sold.
    """

    forecasts: Path
    prices: str
    train: Part | None = None
    reading: ReadOptions = field(default_factory=ReadOptions)
    options: ForeignOptions = field(default_factory=ForeignOptions)
    cost_bps: float = DEFAULT_COST_BPS


@dataclass(frozen=True)
class Judged:
    """A judgement of foreign forecasts.

    Attributes:
        terms: What was forecast, and the training years.
        tested: First and last session that was judged.
        judgement: Scores and verdicts, our baselines beside the forecasts.
        intervals: How often the intervals that were given held what came true.
        suspicions: What looks wrong.
        notes: What was decided or left out.
    """

    terms: Terms
    tested: Part
    judgement: Judgement
    intervals: Sequence[IntervalScore]
    suspicions: Sequence[Suspicion]
    notes: Sequence[PriceNote]

    def require(self, required: RequiredSkill | None) -> None:
        """Check the skill of every forecaster, where some is required; who sees the future has none, whatever the scores say.

        Raises:
            SkillNotMetError: It is not met.
        """
        if required is None:
            return
        leak = next((suspicion for suspicion in self.suspicions if suspicion.sees_future), None)
        if leak is not None:
            raise SkillNotMetError(f"{required} is not met, because of [{leak.code}]: {leak.text}")
        self.judgement.require(required)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON document of `judge`."""
        return {
            "terms": self.terms.to_json(),
            **self.judgement.to_json(),
            "intervals": [dataclasses.asdict(interval) for interval in self.intervals],
            "suspicions": [dataclasses.asdict(suspicion) for suspicion in self.suspicions],
            "notes": [{"code": note.code, "rows": note.rows, "text": note.text} for note in self.notes],
        }


def judge_forecasts(request: JudgeRequest) -> Judged:
    """Judge a file of forecasts by the prices that came true.

    Raises:
        PriceDataError: Forecasts or prices that cannot be read, or that do not fit each other.
        ConfigError: Training years that reach into the sessions that are judged.
    """
    facts = facts_of(request.forecasts)
    prices, notes = prices_for(request.prices, request.reading, facts)
    foreign = read_foreign_forecasts(request.forecasts, prices, request.options, OPPONENTS)
    target = str(foreign.forecasts["target"].iloc[0])
    tickers = facts.tickers or list(foreign.forecasts["ticker"].unique())
    prices = prices[prices.index.get_level_values("ticker").isin(tickers)]
    check_columns(prices, [target, *(["close"] if "close" in prices.columns else [])], request.prices)
    terms = terms_for(request, facts.terms, foreign.forecasts, prices)
    if facts.terms is not None and request.train is None:
        notes.append(years_note(request, terms))
    compared = _in_common(foreign.forecasts)
    if compared.empty:
        names = listed(foreign.forecasts["forecaster"])
        raise PriceDataError(
            f"{request.forecasts}: no session that all forecasters have ({names}); judge each in its own file"
        )
    if len(compared) < len(foreign.forecasts):
        notes.append(_not_compared(request, len(foreign.forecasts) - len(compared)))
    notes += _without_quantiles(request, compared)
    beside = naive_beside(prices, compared, terms, facts.refits if request.train is None else ())
    judgement = judge(prices, pd.concat([compared, beside], ignore_index=True), terms, request.cost_bps)
    return Judged(
        terms=terms,
        tested=(foreign.forecasts["session"].min(), foreign.forecasts["session"].max()),
        judgement=judgement,
        intervals=score_intervals(foreign.forecasts, foreign.quantiles),
        suspicions=find_suspicions(Evidence(foreign.forecasts, foreign.quantiles, foreign.said_actual, prices)),
        notes=(*notes, *foreign.notes),
    )


def _in_common(forecasts: Forecasts) -> Forecasts:
    """Return the forecasts that all forecasters made, so that all are compared on the same sessions."""
    forecasters = forecasts.groupby(["ticker", "origin", "horizon"], observed=True)["forecaster"].transform("size")
    return forecasts[forecasters == forecasts["forecaster"].nunique()].reset_index(drop=True)


def _not_compared(request: JudgeRequest, rows: int) -> PriceNote:
    text = f"{request.forecasts}: rows of sessions that not all forecasters have, left out of the scores: {rows}"
    return PriceNote("not_in_common", rows, text)


def _without_quantiles(request: JudgeRequest, forecasts: Forecasts) -> list[PriceNote]:
    """Tell of forecasters whose rows are distributions but for some."""
    notes = []
    for (name, ahead), mine in forecasts.groupby(["forecaster", "horizon"], sort=False, observed=True):
        whole = mine[list(QUANTILE_COLUMNS)].notna().all(axis=1)
        lacking = int((~whole).sum())
        if lacking and whole.any():
            few = len(distribution_rows(mine[list(QUANTILE_COLUMNS)].to_numpy())) > 0
            judged = (
                "the distributions of all forecasters are judged on the others"
                if few
                else "none is judged as a distribution"
            )
            text = f"{request.forecasts}: {lacking} of {len(mine)} forecasts {ahead} ahead by {name} have no quantiles, or not all; {judged}"
            notes.append(PriceNote("missing_quantiles", lacking, text))
    return notes

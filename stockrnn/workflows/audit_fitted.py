"""Comparisons of an audit, from the split to what the networks read: what is known and fitted up to a cut-off.

Each is given what was made of the prices as they are, what was made of others, and the session where they part. It says what changed that
must not have: nothing (""), or how much and since when; None where there is nothing to compare.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy.typing as npt
import pandas as pd

from stockrnn.evaluation.leaks import Cutoff, changed, listed, told
from stockrnn.prices.table import Prices
from stockrnn.workflows.held_out import validation_parts
from stockrnn.workflows.rebuilding import Fitting, Rebuilt


def split(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Look whether what is fitted, the uses of the validation and the test follow one another without an overlap."""
    del after, cutoff
    job = before.job
    fit, test = ("what is fitted", job.split.fit), ("the test", job.split.test)
    uses = validation_parts(job.prices, job.config, job.split).items()
    chains = [
        [fit, *([("validation", job.split.validation)] if job.split.validation else []), test],
        [fit, *((f"the part of validation for its {use}", part) for use, part in uses), test],
    ]
    for chain in chains:
        for (earlier, one), (later, other) in itertools.pairwise(chain):
            if one[1] >= other[0]:
                return f"{earlier} ends on {day(one[1])}, and {later} begins on {day(other[0])}"
    return ""


def tickers(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare which tickers are trained on: none may be left out because it ends later."""
    del cutoff
    lost = [name for name in before.tickers if name not in after.tickers]
    more = [name for name in after.tickers if name not in before.tickers]
    texts = [f"{listed(names)} {what}" for names, what in ((lost, "left out"), (more, "added")) if names]
    return f"of the tickers that are trained on, {' and '.join(texts)}" if texts else ""


def volatility(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the volatility known at the close of each session."""
    return _changed_values(before, after, (before.volatility, after.volatility), cutoff, "values of the volatility")


def features(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the features that network and anchor read, as they are before anything fitted is applied."""
    if not before.feature_names:
        return None
    for column, name in enumerate(before.feature_names):
        pair = (before.features[:, column], after.features[:, column])
        text = _changed_values(before, after, pair, cutoff, f"values of {name}")
        if text:
            return text
    return ""


def scaling(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the range of each ticker's prices."""
    pairs = compared_fittings(before, after, cutoff)
    if after.fitted or not any(ours.encoding.scalings for ours, _ in pairs):
        return None
    names = [
        ticker
        for ours, theirs in pairs
        for ticker, scaling in ours.encoding.scalings.items()
        if scaling != theirs.encoding.scalings.get(ticker)
    ]
    return f"the fitted range of {listed(names)} changed" if names else ""


def standardization(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare mean and deviation of the features."""
    names, compared = [], False
    for ours, theirs in compared_fittings(before, after, cutoff):
        one, other = ours.encoding.standardization, theirs.encoding.standardization
        if one is None or other is None or after.fitted:
            continue
        compared = True
        columns = zip(ours.encoding.features, one.mean, other.mean, one.deviation, other.deviation, strict=True)
        names += [name for name, *numbers in columns if numbers[0] != numbers[1] or numbers[2] != numbers[3]]
    if not compared:
        return None
    return f"mean or deviation of {listed(names)} changed" if names else ""


def anchor(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the fitted anchor, and what it expects after each session."""
    pairs = [pair for pair in compared_fittings(before, after, cutoff) if pair[0].encoding.anchor]
    if not pairs:
        return None
    wrong = []
    for one, other in ((ours.encoding, theirs.encoding) for ours, theirs in pairs):
        wrong += ["its scale or coefficients"] if one.anchor != other.anchor else []
        wrong += ["the mean volatility"] if one.mean_volatility != other.mean_volatility else []
        wrong += ["the mean range"] if one.range_centre != other.range_centre else []
        wrong += ["the moves that it expects"] if one.expected != other.expected else []
    if wrong:
        return f"{listed(wrong)} changed"
    for ours, theirs in pairs:
        volatilities = (ours.anchor_volatility, theirs.anchor_volatility)
        text = _changed_values(before, after, volatilities, cutoff, "volatilities that it expects")
        if text:
            return text
    return ""


def inputs(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare what the network reads of each session."""
    for ours, theirs in compared_fittings(before, after, cutoff):
        for column, name in enumerate((*ours.encoding.columns, *ours.encoding.features)):
            pair = (ours.inputs[:, column], theirs.inputs[:, column])
            text = _changed_values(before, after, pair, cutoff, f"values of {name}")
            if text:
                return text
    return ""


def compared_fittings(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> list[tuple[Fitting, Fitting]]:
    """Return the fittings that end by the cut-off: a refit learns from the validation sessions too."""
    if after.fitted:
        return [(before.fitting, after.fitting)]
    return list(zip(before.fittings_by(cutoff.session), after.fittings_by(cutoff.session), strict=True))


def _changed_values(
    before: Rebuilt, after: Rebuilt, values: tuple[npt.NDArray[Any], npt.NDArray[Any]], cutoff: Cutoff, what: str
) -> str:
    """Compare the values of all sessions up to the cut-off; where tickers end early, all of these are still there."""
    days = sessions_of_rows(before.job.prices)
    known, still = days <= cutoff.session, sessions_of_rows(after.job.prices) <= cutoff.session
    return told(changed(values[0][known], values[1][still]), days[known], what)


def sessions_of_rows(prices: Prices) -> npt.NDArray[Any]:
    """Return the session of each row, of shape (rows,)."""
    return prices.index.get_level_values("session").to_numpy()


def day(session: Any) -> str:
    """Return a session as an ISO date."""
    return f"{pd.Timestamp(session):%Y-%m-%d}"

"""The stages of a leak audit: each holds what was made of the prices beside what was made of others after a cut-off.

A stage says what changed that must not have: nothing (""), or how much and since when; None where there is nothing to compare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.evaluation.leaks import Cutoff, changed, told
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecast, Forecasts
from stockrnn.prices.table import Prices
from stockrnn.samples.encoding import Encoding
from stockrnn.samples.windows import Positions, Windows
from stockrnn.workflows.held_out import held_out_origins, tested_origins
from stockrnn.workflows.rebuilding import Fitting, Rebuilt

Bools = npt.NDArray[np.bool_]
# What was made of the prices as they are, what was made of the others, where they part.
Compare = Callable[[Rebuilt, Rebuilt, Cutoff], str | None]

# Windows gathered at a time.
_CHUNK = 512
_MOST_NAMES = 3


def _scaling(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    pairs = _encodings(before, after, cutoff)
    if not any(ours.scalings for ours, _ in pairs):
        return None
    tickers = [
        ticker for ours, theirs in pairs for ticker in ours.scalings if ours.scalings[ticker] != theirs.scalings[ticker]
    ]
    return f"the fitted range of {_listed(tickers)} changed" if tickers else ""


def _standardization(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    names, compared = [], False
    for ours, theirs in _encodings(before, after, cutoff):
        if ours.standardization is None or theirs.standardization is None:
            continue
        compared = True
        one, other = ours.standardization, theirs.standardization
        columns = zip(ours.features, one.mean, other.mean, one.deviation, other.deviation, strict=True)
        names += [name for name, *numbers in columns if numbers[0] != numbers[1] or numbers[2] != numbers[3]]
    if not compared:
        return None
    return f"mean or deviation of {_listed(names)} changed" if names else ""


def _anchor(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    pairs = [(ours, theirs) for ours, theirs in _encodings(before, after, cutoff) if ours.anchor]
    if not pairs:
        return None
    wrong = []
    for ours, theirs in pairs:
        wrong += ["its scale or coefficients"] if ours.anchor != theirs.anchor else []
        wrong += ["the mean volatility"] if ours.mean_volatility != theirs.mean_volatility else []
        wrong += ["the mean range"] if ours.range_centre != theirs.range_centre else []
    return f"{_listed(wrong)} changed" if wrong else ""


def _features(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    sessions = _sessions(before.job.prices)
    known = sessions <= cutoff.session
    for ours, theirs in _compared_fittings(before, after, cutoff):
        encoding = ours.samples.encoding
        for column, name in enumerate((*encoding.columns, *encoding.features)):
            rows = changed(ours.inputs[known, column], theirs.inputs[known, column])
            if rows.any():
                return told(rows, sessions[known], f"values of {name}")
    return ""


def _windows(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    for ours, theirs in _compared_fittings(before, after, cutoff):
        rows = _changed_windows(ours.samples.windows, theirs.samples.windows)
        days, watched = _target_days(before, ours)
        # Those that hold watched sessions are for the stage of validation to name.
        text = told(rows & ~watched, days, "training windows")
        if text:
            return f"{text} (its next session)"
    return ""


def _validation(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    pairs = [(ours, theirs) for ours, theirs in _compared_fittings(before, after, cutoff) if ours.split.validation]
    for ours, theirs in pairs:
        days, watched = _target_days(before, ours)
        if watched.any():
            return f"{int(watched.sum())} of {len(watched)} training windows learn watched sessions, from {_day(days[watched].min())} on"
        one, other = ours.samples.validation, theirs.samples.validation
        if cutoff.knows_validation and one is not None and other is not None:
            text = told(_changed_windows(one, other), _sessions_of_rows(before, one)[one.origins], "watched windows")
            if text:
                return text
    return "" if pairs else None


def _weights(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    if before.learnt is None or after.learnt is None or not after.learnt.trained_anew:
        return None
    count = _compared_count(before, cutoff)
    pairs = zip(before.learnt.states[:count], after.learnt.states[:count], strict=True)
    arrays = [
        changed(one.ravel(), other.ravel())
        for ours, theirs in pairs
        for one, other in zip(ours.weights, theirs.weights, strict=True)
    ]
    differ = sum(int(array.sum()) for array in arrays)
    return f"{differ} of {sum(map(len, arrays))} weights changed after an epoch" if differ else ""


def _forecasts(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    if before.learnt is None or after.learnt is None:
        return None
    ours, theirs = before.learnt.trained, after.learnt.trained
    texts = [_changed_forecasts(before, (ours.test, theirs.test), tested_origins(before.job), cutoff)]
    if ours.held_out and theirs.held_out:
        # These are of the network that was fitted first.
        pair = (ours.held_out, theirs.held_out)
        texts.insert(0, _changed_forecasts(before, pair, held_out_origins(before.job), cutoff))
    return _first_told(texts)


def _combining(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    if before.learnt is None or after.learnt is None:
        return None
    ours, theirs = before.learnt.combined, after.learnt.combined
    if cutoff.knows_validation and ours.gate != theirs.gate:
        return f"the gate changed from {ours.gate} to {theirs.gate}"
    return _changed_rows(ours.forecasts, theirs.forecasts, cutoff)


def _bands(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    return _changed_rows(before.bands, after.bands, cutoff)


COMPARISONS: Mapping[str, Compare] = {
    "scaling": _scaling,
    "standardization": _standardization,
    "anchor": _anchor,
    "features": _features,
    "windows": _windows,
    "validation": _validation,
    "weights": _weights,
    "forecasts": _forecasts,
    "combining": _combining,
    "bands": _bands,
}


def _compared_count(before: Rebuilt, cutoff: Cutoff) -> int:
    # A refit learns from the watched sessions too.
    return len(before.fittings) if cutoff.knows_validation else 1


def _compared_fittings(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> list[tuple[Fitting, Fitting]]:
    count = _compared_count(before, cutoff)
    return list(zip(before.fittings[:count], after.fittings[:count], strict=True))


def _encodings(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> list[tuple[Encoding, Encoding]]:
    return [
        (ours.samples.encoding, theirs.samples.encoding) for ours, theirs in _compared_fittings(before, after, cutoff)
    ]


def _changed_windows(before: Windows, after: Windows) -> Bools:
    if not np.array_equal(before.origins, after.origins):
        return np.ones(len(before.origins), dtype=bool)
    chunks = (slice(start, start + _CHUNK) for start in range(0, len(before.origins), _CHUNK))
    rows = [
        np.logical_or.reduce(
            [changed(one, other) for one, other in zip(_held(before, which), _held(after, which), strict=True)]
        )
        for which in chunks
    ]
    return np.concatenate(rows) if rows else np.zeros(0, dtype=bool)


def _held(windows: Windows, which: slice) -> Iterator[npt.NDArray[Any]]:
    """Yield all that is gathered of some windows: inputs, targets, and what these count."""
    yield windows.inputs(which)
    yield windows.targets(which)
    if windows.weights is not None:
        yield windows.weights[np.add.outer(windows.origins[which], windows.target_steps())]


def _target_days(before: Rebuilt, fitting: Fitting) -> tuple[npt.NDArray[Any], Bools]:
    """Return the session after each training window, and whether validation watches it."""
    windows, split = fitting.samples.windows, fitting.split
    sessions = _sessions_of_rows(before, windows)
    days = sessions[np.minimum(windows.origins + 1, len(sessions) - 1)]
    watched = days > split.fit[1] if split.validation else np.zeros(len(days), dtype=bool)
    return days, watched


def _sessions_of_rows(before: Rebuilt, windows: Windows) -> npt.NDArray[Any]:
    """Return the session of each row that windows are laid over: those of the training years, or all there are."""
    sessions = _sessions(before.job.prices)
    training = sessions[sessions <= before.job.split.train[1]]
    return training if len(training) == len(windows.features) else sessions


def _sessions(prices: Prices) -> npt.NDArray[Any]:
    return prices.index.get_level_values("session").to_numpy()


def _changed_forecasts(
    before: Rebuilt, pair: tuple[Forecast, Forecast], origins: Positions, cutoff: Cutoff
) -> str | None:
    sessions = _sessions(before.job.prices)[origins]
    known = sessions <= cutoff.session
    if not known.any():
        return None
    ours, theirs = pair
    rows = changed(ours.values[known], theirs.values[known])
    if ours.quantiles is not None and theirs.quantiles is not None:
        rows |= changed(ours.quantiles[known], theirs.quantiles[known])
    return told(rows, sessions[known], "origins' forecasts")


def _changed_rows(before: Forecasts, after: Forecasts, cutoff: Cutoff) -> str | None:
    """Compare what the rows of a forecasts table say that were made up to the cut-off."""
    known = (before["origin"] <= cutoff.session).to_numpy()
    if not known.any():
        return None
    columns = ["forecast", *QUANTILE_COLUMNS]
    ours, theirs = (table.loc[known, columns].to_numpy(np.float64) for table in (before, after))
    rows = changed(ours, theirs)
    names = list(before.loc[known, "forecaster"][rows])
    text = told(rows, before.loc[known, "origin"].to_numpy(), "forecasts")
    return f"{_listed(names)}: {text}" if text else ""


def _first_told(texts: Sequence[str | None]) -> str | None:
    said = [text for text in texts if text is not None]
    return next((text for text in said if text), "" if said else None)


def _listed(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(map(str, names)))
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _day(session: Any) -> str:
    return f"{pd.Timestamp(session):%Y-%m-%d}"

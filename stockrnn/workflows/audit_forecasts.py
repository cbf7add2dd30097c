"""Comparisons of an audit: weights, forecasts, what becomes of them, and what they are judged against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stockrnn.arrays import Positions
from stockrnn.evaluation.leaks import Cutoff, changed, listed, told
from stockrnn.evaluation.metrics import Yardstick
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecast, Forecasts
from stockrnn.workflows.audit_fitted import sessions_of_rows
from stockrnn.workflows.held_out import GATE, held_out_origins, origins_tested, validation_parts, watched_part
from stockrnn.workflows.rebuilding import Rebuilt, States


def weights(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the weights and the losses of each seed, and of its refit where that learns nothing after the cut-off."""
    if before.learnt is None or after.learnt is None or not after.learnt.trained_anew:
        return None
    ends = [before.job.split.fit[1], before.job.split.train[1]]
    count = sum(end <= cutoff.session for end in ends)
    seeds = before.job.config.train.seeds
    for seed, ours, theirs in zip(seeds, before.learnt.states, after.learnt.states, strict=True):
        text = _changed_weights(ours[:count], theirs[:count]) or _changed_losses(before, cutoff, ours, theirs)
        if text:
            return f"seed {seed}: {text}" if len(seeds) > 1 else text
    return ""


def forecasts(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare what each seed says at origins up to the cut-off: of validation sessions, before the refit, and of the test."""
    if before.learnt is None or after.learnt is None:
        return None
    texts: list[str | None] = []
    for ours, theirs in zip(before.learnt.trained, after.learnt.trained, strict=False):
        if ours.held_out and theirs.held_out:
            pair = (ours.held_out, theirs.held_out)
            text = _changed_forecasts(before, pair, held_out_origins(before.job), cutoff)
            texts.append(text and f"{text}, of validation sessions")
        texts.append(_changed_forecasts(before, (ours.test, theirs.test), origins_tested(before.job), cutoff))
    said = [text for text in texts if text is not None]
    return next((text for text in said if text), "" if said else None)


def combining(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the gate, and the averaged forecasts that passed through it."""
    ours, theirs = (each.learnt.combined if each.learnt else None for each in (before, after))
    if ours is None or theirs is None:
        return None
    part = validation_parts(before.job.prices, before.job.config, before.job.split).get(GATE)
    known = part is not None and part[1] <= cutoff.session
    if known and ours.gate != theirs.gate:
        return f"the gate changed from {ours.gate} to {theirs.gate}"
    text = _changed_rows(ours.forecasts, theirs.forecasts, cutoff)
    return "" if text is None and known else text


def intervals(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the intervals that were made of past misses."""
    ours, theirs = (each.learnt.with_intervals if each.learnt else None for each in (before, after))
    if ours is None or theirs is None:
        return None
    return _changed_rows(ours, theirs, cutoff)


def bands(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the naive forecasts and the bands."""
    if before.job.split.train[1] > cutoff.session:
        return None
    return _changed_rows(before.bands, after.bands, cutoff)


def yardstick(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare who the opponents of the verdicts are, by which losses they were chosen, and the scale of MASE."""
    if before.job.split.train[1] > cutoff.session:
        return None
    ours, theirs = before.yardstick, after.yardstick
    for what, one, other in (
        ("the best naive forecaster", ours.best_naive, theirs.best_naive),
        ("the best bands", ours.best_band, theirs.best_band),
    ):
        for horizon, name in one.items():
            if name != other.get(horizon):
                return f"{what} at horizon {horizon} changed from {name} to {other.get(horizon)}"
    return _changed_scales(ours, theirs)


def _changed_scales(ours: Yardstick, theirs: Yardstick) -> str:
    chosen_by = [name for (name, ahead), loss in ours.losses.items() if loss != theirs.losses.get((name, ahead))]
    if chosen_by:
        return f"the losses by which opponents are chosen changed, of {listed(chosen_by)}"
    tickers = [name or "all tickers" for name, scale in ours.naive_mae.items() if scale != theirs.naive_mae.get(name)]
    return f"the scale of MASE changed, of {listed(tickers)}" if tickers else ""


def _changed_weights(ours: States, theirs: States) -> str:
    if len(ours) != len(theirs):
        return f"{len(ours)} networks were fitted, and then {len(theirs)}"
    arrays = [
        changed(one.ravel(), other.ravel())
        for first, second in zip(ours, theirs, strict=True)
        for one, other in zip(first.weights, second.weights, strict=True)
    ]
    differ = sum(int(array.sum()) for array in arrays)
    return f"{differ} of {sum(map(len, arrays))} weights changed after an epoch" if differ else ""


def _changed_losses(before: Rebuilt, cutoff: Cutoff, ours: States, theirs: States) -> str:
    """Compare what training told of its epochs: early stopping goes by it."""
    part = watched_part(before.job.prices, before.job.config, before.job.split)
    names = ["loss", "val_loss"] if part is None or part[1] <= cutoff.session else ["loss"]
    for name in names:
        one, other = ([epoch.get(name) for epoch in states[0].history] for states in (ours, theirs))
        if one != other:
            return f"the {'validation' if name == 'val_loss' else 'training'} loss changed"
    return ""


def _changed_forecasts(
    before: Rebuilt, pair: tuple[Forecast, Forecast], origins: Positions, cutoff: Cutoff
) -> str | None:
    sessions = sessions_of_rows(before.job.prices)[origins]
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
    names: Sequence[str] = list(before.loc[known, "forecaster"][rows])
    text = told(rows, before.loc[known, "origin"].to_numpy(), "forecasts")
    return f"{listed(names)}: {text}" if text else ""

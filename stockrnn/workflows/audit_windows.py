"""Comparisons of an audit: the windows that networks learn from, and those that are watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from stockrnn.arrays import Bools
from stockrnn.evaluation.leaks import Cutoff, changed, told
from stockrnn.samples.windows import Windows
from stockrnn.workflows.audit_fitted import compared_fittings, day, sessions_of_rows
from stockrnn.workflows.held_out import watched_part
from stockrnn.workflows.rebuilding import Fitting, Rebuilt

# Windows gathered at a time.
_CHUNK = 512


def windows(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare inputs, targets and weights of the training windows."""
    for ours, theirs in compared_fittings(before, after, cutoff):
        rows = _changed_windows(ours.samples.windows, theirs.samples.windows)
        days, watched = _target_days(before, ours)
        # Those that hold watched sessions are for the stage of validation to name.
        text = told(rows & ~watched, days, "training windows")
        if text:
            return f"{text} (its next session)"
    return ""


def validation(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> str | None:
    """Compare the watched windows; and look whether training windows learn watched sessions."""
    if before.job.split.validation is None:
        return None
    fitting, part = before.fitting, watched_part(before.job.prices, before.job.config, before.job.split)
    days, watched = _target_days(before, fitting)
    if watched.any():
        return (
            f"{int(watched.sum())} of {len(watched)} training windows learn watched sessions, "
            f"from {day(days[watched].min())} on"
        )
    one, other = fitting.samples.validation, after.fitting.samples.validation
    if part is None or part[1] > cutoff.session or one is None:
        return ""
    if other is None:
        return "the watched windows are gone"
    return told(_changed_windows(one, other), _sessions_of(before, one)[one.origins], "watched windows")


def _changed_windows(before: Windows, after: Windows) -> Bools:
    # By what they hold, not by their rows: those of one ticker come after those of another that may have ended.
    if len(before.origins) != len(after.origins):
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
    learnt, part = fitting.samples.windows, fitting.split
    sessions = _sessions_of(before, learnt)
    days = sessions[np.minimum(learnt.origins + 1, len(sessions) - 1)]
    watched = days > part.fit[1] if part.validation else np.zeros(len(days), dtype=bool)
    return days, watched


def _sessions_of(before: Rebuilt, laid: Windows) -> npt.NDArray[Any]:
    """Return the session of each row that windows are laid over: those of the training years, or all there are."""
    sessions = sessions_of_rows(before.job.prices)
    training = sessions[sessions <= before.job.split.train[1]]
    return training if len(training) == len(laid.features) else sessions

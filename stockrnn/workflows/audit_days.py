"""The days after which an audit changes prices: those of the training itself, some of refits, and some to look at single rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from stockrnn.errors import PriceDataError
from stockrnn.evaluation.leaks import Cutoff
from stockrnn.prices.table import row_spans, sessions_of
from stockrnn.samples.folds import WalkForward, fold_tickers, only_tickers, walk_forward_folds
from stockrnn.samples.splits import Part, Split
from stockrnn.workflows.fold_forecasts import fold_job
from stockrnn.workflows.held_out import WATCH, validation_parts
from stockrnn.workflows.job import TrainJob

# How many refits are tried, and where in the sessions that there are: between a fifth and the end.
_REFITS = 3
_FIRST_SHARE = 0.2
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Days before the longest gaps, and beginnings and ends of tickers, that are looked at.
_GAPS, _EDGES = 2, 2


def training_days(job: TrainJob) -> list[Cutoff]:
    """Return where a training passes from one use of the sessions to the next, and one session amid the test."""
    split, sessions = job.split, sessions_of(job.prices)
    cutoffs = []
    if split.validation:
        cutoffs.append(Cutoff("the end of what is fitted", split.fit[1]))
        parts = validation_parts(job.prices, job.config, split)
        held_out = [part for use, part in parts.items() if use != WATCH]
        if held_out:
            # The first of several uses is over then; else half of the only one.
            last = held_out[0][1] if len(held_out) > 1 else _middle(sessions, held_out[0])
            cutoffs.append(Cutoff("amid what is held out", last))
    cutoffs.append(Cutoff("the end of training", split.train[1]))
    tested = sessions[(sessions >= split.test[0]) & (sessions <= split.test[1])]
    if len(tested) > 1:
        cutoffs.append(Cutoff("the middle of the test", tested[(len(tested) - 1) // 2]))
    days = [cutoff.session for cutoff in cutoffs]
    return [cutoff for place, cutoff in enumerate(cutoffs) if cutoff.session not in days[:place]]


def _middle(sessions: pd.DatetimeIndex, part: Part) -> pd.Timestamp:
    inside = sessions[(sessions >= part[0]) & (sessions <= part[1])]
    return pd.Timestamp(inside[(len(inside) - 1) // 2])


def refits(job: TrainJob, plan: WalkForward | None) -> list[tuple[TrainJob, Cutoff]]:
    """Return folds of a backtest as jobs, each with the last session that it may know.

    Args:
        job: The job, whose config and prices they have.
        plan: How a backtest walked through the test sessions, for some of its own refits; None takes days throughout
            the training and the test years.
    """
    sessions = sessions_of(job.prices)
    stop = int(sessions.searchsorted(job.split.test[1], side="right"))
    if plan is None:
        begin = int(sessions.searchsorted(job.split.train[0]))
        starts = _spread(sessions, begin + int(_FIRST_SHARE * (stop - begin)), stop - job.config.window.horizon)
    else:
        own = range(int(sessions.searchsorted(job.split.test[0])), stop, plan.refit_every)
        starts = [own[place] for place in sorted({0, len(own) // 2, len(own) - 1})] if own else []
    found = []
    for start in starts:
        fold = _fold_from(job, sessions, start, plan or WalkForward())
        if fold is not None:
            found.append((fold, Cutoff("a refit", sessions[start - 1], "refit")))
    return found


def _spread(sessions: pd.DatetimeIndex, first: int, stop: int) -> list[int]:
    """Return rows spread over a stretch, the sessions before them on different weekdays where there are some."""
    starts: list[int] = []
    taken: set[int] = set()
    for share in (np.arange(_REFITS) + 0.5) / _REFITS:
        near = first + int(share * (stop - first))
        days = [row for row in range(near, min(near + len(_WEEKDAYS), stop)) if row > 0]
        row = next((row for row in days if sessions[row - 1].weekday() not in taken), days[0] if days else None)
        if row is not None and row not in starts:
            starts.append(row)
            taken.add(sessions[row - 1].weekday())
    return starts


def _fold_from(job: TrainJob, sessions: pd.DatetimeIndex, start: int, plan: WalkForward) -> TrainJob | None:
    config, window = job.config, (job.config.window.lookback, job.config.window.horizon)
    split = Split(job.split.fit, None, (sessions[start], job.split.test[1]))
    try:
        folds = walk_forward_folds(sessions, split, config.data, plan, window)
    except PriceDataError:
        return None  # a backtest could not begin so early
    if not folds:
        return None
    known = fold_tickers(job.prices, folds[0], window, sum(window) if config.needs_own_training else 0)
    pool = {"config": config.model_dump(mode="json"), "features": job.features}
    return fold_job(pool, folds[0], only_tickers(job.prices, known)) if known else None


def row_days(job: TrainJob) -> list[Cutoff]:
    """Return days on which single rows may leak: one a weekday, those before long gaps, and where tickers begin and end."""
    sessions = sessions_of(job.prices)
    named = [*_weekdays(sessions), *_before_gaps(sessions), *_edges(job, sessions)]
    unique = {session: name for session, name in named if sessions[0] <= session < sessions[-1]}
    return [Cutoff(name, session, "row") for session, name in sorted(unique.items())]


def _weekdays(sessions: pd.DatetimeIndex) -> Iterator[tuple[pd.Timestamp, str]]:
    random = np.random.default_rng(0)
    for number, name in enumerate(_WEEKDAYS):
        mine = np.flatnonzero(sessions.day_of_week == number)
        if len(mine):
            yield sessions[int(random.choice(mine))], f"a {name}"


def _before_gaps(sessions: pd.DatetimeIndex) -> Iterator[tuple[pd.Timestamp, str]]:
    gaps = np.diff(sessions.to_numpy()).astype("timedelta64[D]").astype(int)
    for row in np.argsort(-gaps, kind="stable")[:_GAPS]:
        yield sessions[int(row)], f"{gaps[row]} days before the next session"


def _edges(job: TrainJob, sessions: pd.DatetimeIndex) -> Iterator[tuple[pd.Timestamp, str]]:
    days = job.prices.index.get_level_values("session")
    spans = {ticker: (days[rows.start], days[rows.stop - 1]) for ticker, rows in row_spans(job.prices).items()}
    yield sessions[0], "the first session"
    yield from _first_of([(first, f"the first session of {name}") for name, (first, _) in spans.items()], sessions[0])
    yield from _first_of([(last, f"the last session of {name}") for name, (_, last) in spans.items()], sessions[-1])


def _first_of(edges: Sequence[tuple[pd.Timestamp, str]], usual: pd.Timestamp) -> list[tuple[pd.Timestamp, str]]:
    return [edge for edge in edges if edge[0] != usual][:_EDGES]

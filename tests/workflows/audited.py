"""Small jobs to be audited for leaks, and what several of the tests ask of an audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest import mock

import pandas as pd

from stockrnn.config import parse_config
from stockrnn.evaluation.leaks import STAGES, Kind
from stockrnn.models.runtime import start_keras
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.samples import TrainingSamples
from stockrnn.samples.splits import Split
from stockrnn.workflows.audit import Audit, audit
from stockrnn.workflows.audit_stages import compared_stages
from stockrnn.workflows.job import TrainJob

start_keras(lambda _: None)

TINY = {"layers": 1, "units": 2}
# The tutorial's recipe and the recommended one in the small.
LEVEL: dict[str, Any] = {"window": {"lookback": 5}, "model": TINY, "train": {"batch_size": 64}}
MOVES: dict[str, Any] = {
    "window": {"lookback": 12, "strategy": "direct"},
    "target": {"column": "close", "kind": "log_return", "anchor": "har", "beside": ["open", "range"]},
    "features": {"names": ["recommended"]},
    "model": {**TINY, "shape": "many_to_many", "skip": True, "head": "quantiles"},
    "train": {"batch_size": 64, "warm_up": 4, "stride": 4, "early_stopping": 3, "refit_epochs": 2},
    "evaluation": {"gate": True},
}
FEATURES_READ = ("return_1", "return_5", "parkinson_1", "volume_22", "weekday_mon", "volatility_60")
TESTED = 30

MakeSamples = Callable[[TrainJob, Split], TrainingSamples]


def job_of(
    prices: Prices, document: dict[str, Any], validation: float = 0.0, features: tuple[str, ...] = FEATURES_READ
) -> TrainJob:
    """A job whose last 30 sessions are tested, and whose end of training is watched."""
    sessions = sessions_of(prices)
    watched = int(validation * len(sessions))
    border = len(sessions) - TESTED
    known = border - watched
    split = Split(
        (sessions[0], sessions[known - 1]),
        (sessions[known], sessions[border - 1]) if watched else None,
        (sessions[border], sessions[-1]),
    )
    config = parse_config({**document, "data": {"validation": validation}}, "a test")
    return TrainJob(config, prices, ("a walk",), split, "none", None, features if config.feature_names else ())


def without_refit(job: TrainJob) -> TrainJob:
    return with_training(job, refit_epochs=0)


def with_training(job: TrainJob, **values: Any) -> TrainJob:
    train = job.config.train.model_copy(update=values)
    return replace(job, config=job.config.model_copy(update={"train": train}))


def with_evaluation(job: TrainJob, **values: Any) -> TrainJob:
    evaluation = job.config.evaluation.model_copy(update=values)
    return replace(job, config=job.config.model_copy(update={"evaluation": evaluation}))


def ragged(prices: Prices) -> Prices:
    """Let the tickers of a pool begin and end on days of their own: CCC late, BBB before the test, DDD amid it."""
    sessions = sessions_of(prices)
    bounds = {"BBB": (0, -TESTED - 10), "CCC": (40, -1), "DDD": (5, -TESTED // 2)}
    days = prices.index.get_level_values("session")
    stays = pd.Series(True, prices.index)
    for ticker, (first, last) in bounds.items():
        mine = prices.index.get_level_values("ticker") == ticker
        stays &= ~mine | ((days >= sessions[first]) & (days <= sessions[last]))
    return prices[stays.to_numpy()]


def all_stages(job: TrainJob) -> Audit:
    return audit(job, "a test", lambda _: None)


def stages_of_training(job: TrainJob) -> Audit:
    """Audit everything, at the days of the training only."""
    with mock.patch.multiple("stockrnn.workflows.audit", refits=lambda *_: [], row_days=lambda _: [], DRAWS=1):
        return all_stages(job)


def stages_without_training(job: TrainJob, *kinds: str, draws: int = 1) -> Audit:
    """Audit everything but the network and what comes of it, at days of some kinds: those of the training, or others."""
    kinds = kinds or ("training",)
    names = {"training": "training_days", "refit": "refits", "row": "row_days"}
    elsewhere = {name: mock.Mock(return_value=[]) for kind, name in names.items() if kind not in kinds}
    untrained = mock.Mock(return_value=None)
    with mock.patch.multiple("stockrnn.workflows.audit", learn=untrained, DRAWS=draws, **elsewhere):
        return all_stages(job)


def stages_up_to_windows(job: TrainJob, *kinds: str, draws: int = 1) -> Audit:
    """The same without what is judged against, which takes half of the time."""

    def compared(kind: Kind, ended: bool) -> list[str]:
        return [stage for stage in compared_stages(kind, ended) if stage not in ("bands", "yardstick")]

    with mock.patch("stockrnn.workflows.audit.compared_stages", compared):
        return stages_without_training(job, *kinds, draws=draws)


def leaking_stage(found: Audit) -> str | None:
    return found.leak and found.leak.stage


def leaking_stages(found: Audit) -> set[str]:
    return {each.stage for each in found.findings if each.changes}


def outcomes(found: Audit, kind: str = "training") -> dict[str, list[str]]:
    """The outcomes of each stage at the days of one kind."""
    mine = [each for each in found.findings if each.cutoff.kind == kind]
    return {stage: [each.outcome for each in mine if each.stage == stage] for stage in STAGES}

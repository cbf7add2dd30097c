"""The leak audit: change every price after a day, rebuild everything, and see that nothing made before that day knows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stockrnn.errors import StockrnnError
from stockrnn.evaluation.leaks import STAGES, Cutoff, Finding, first_leak
from stockrnn.messages import Notify
from stockrnn.prices.alteration import altered_after, ended_after
from stockrnn.samples.folds import only_tickers
from stockrnn.workflows.audit_days import refits, row_days, training_days
from stockrnn.workflows.audit_stages import COMPARISONS, compared_stages
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.rebuilding import Learnt, Rebuilt, for_one_epoch, learn

if TYPE_CHECKING:
    from stockrnn.prices.table import Prices
    from stockrnn.samples.folds import WalkForward


# How often later prices are others. All change what is made of prices; networks are trained for the first of them alone.
DRAWS = 2


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        subject: The run or config.
        cutoffs: The days after which prices were changed: of the training, of refits, and of single rows.
        findings: One a stage and cut-off, in the order of the stages; at days of refits and rows, of what is compared there.
        draws: How often all later prices were changed.
    """

    subject: str
    cutoffs: Sequence[Cutoff]
    findings: Sequence[Finding]
    draws: int = DRAWS

    @property
    def leak(self) -> Finding | None:
        """The first stage that leaks; None: it is clean."""
        return first_leak(self.findings)

    @property
    def leaks(self) -> dict[str, list[Finding]]:
        """Each stage that leaks, in their order, with its findings."""
        stages = dict.fromkeys(each.stage for each in self.findings if each.changes)
        return {stage: [each for each in self.findings if each.changes and each.stage == stage] for stage in stages}

    def require_clean(self) -> None:
        """Check that nothing leaks.

        Raises:
            StockrnnError: Something does; names the first stage that leaks.
        """
        if self.leak:
            raise StockrnnError(
                f"{self.subject}: the stage {self.leak.stage} leaks; with other prices after "
                f"{self.leak.cutoff.session:%Y-%m-%d}, {self.leak.changes}"
            )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "subject": self.subject,
            "clean": self.leak is None,
            "leak": self.leak and _finding_json(self.leak),
            "draws": self.draws,
            "cutoffs": [
                {"session": f"{each.session:%Y-%m-%d}", "name": each.name, "kind": each.kind} for each in self.cutoffs
            ],
            "stages": [_finding_json(each) for each in self.findings],
        }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "stage": finding.stage,
        "cutoff": f"{finding.cutoff.session:%Y-%m-%d}",
        "kind": finding.cutoff.kind,
        "outcome": finding.outcome,
        "text": finding.changes or None,
    }


def audit(job: TrainJob, subject: str, notify: Notify, plan: WalkForward | None = None) -> Audit:
    """Rebuild a job with other prices after each cut-off, and compare what must not have changed.

    Args:
        job: What is trained on what; one epoch of each of its seeds is.
        subject: Names it.
        notify: Hears what is done.
        plan: How it was backtested, if it was.

    Raises:
        KeyboardInterrupt: Interrupted while a network was trained.
    """
    from stockrnn.models.runtime import start_keras

    start_keras(notify)
    job = _trained_on(replace(job, config=for_one_epoch(job.config)))
    found = _Found()
    notify("Training for an epoch.")
    before = Rebuilt(job, learn(job))
    for cutoff in training_days(job):
        notify(f"Making everything again, with other prices after {cutoff.session:%Y-%m-%d}, {cutoff.name}.")
        for draw, (prices, ended) in enumerate(_futures(job, cutoff)):
            altered = replace(job, prices=prices)
            learnt = None if draw else _learn(altered, before, cutoff)
            found.compare(before, Rebuilt(altered, learnt, before.fitting if ended else None), cutoff, ended)
    notify("Trying further days, of refits and of single rows, without training.")
    for number, (fold, cutoff) in enumerate(refits(job, plan)):
        fold_before = Rebuilt(fold)
        for prices, ended in _futures(fold, cutoff, number):
            found.compare(fold_before, Rebuilt(replace(fold, prices=prices)), cutoff, ended)
    for cutoff in row_days(job):
        for prices, ended in _futures(job, cutoff):
            after = Rebuilt(replace(job, prices=prices), fitted=before.fitting)
            found.compare(before, after, cutoff, ended)
    return Audit(subject, found.cutoffs, found.findings())


class _Found:
    """What was found so far, by stage and cut-off."""

    def __init__(self) -> None:
        self.cutoffs: list[Cutoff] = []
        self.changes: dict[tuple[str, Cutoff], str | None] = {}

    def compare(self, before: Rebuilt, after: Rebuilt, cutoff: Cutoff, ended: bool) -> None:
        if cutoff not in self.cutoffs:
            self.cutoffs.append(cutoff)
        for stage in compared_stages(cutoff.kind, ended):
            found, place = COMPARISONS[stage](before, after, cutoff), (stage, cutoff)
            # Without training there is nothing to say of the later stages: what the first draw said stands.
            if found is not None or place not in self.changes:
                self.changes[place] = self.changes.get(place) or found

    def findings(self) -> list[Finding]:
        return [
            Finding(stage, cutoff, self.changes[stage, cutoff])
            for stage in STAGES
            for cutoff in self.cutoffs
            if (stage, cutoff) in self.changes
        ]


def _trained_on(job: TrainJob) -> TrainJob:
    # A backtest keeps tickers for its later folds that its first one does not know yet.
    return replace(job, prices=only_tickers(job.prices, Rebuilt(job).tickers))


def _futures(job: TrainJob, cutoff: Cutoff, number: int | None = None) -> Iterator[tuple[Prices, bool]]:
    """Give the prices with other ones after a cut-off, and with tickers that end after it instead.

    Refits are given a number, and one draw each: they take turns with low prices and high ones.
    """
    for draw in range(DRAWS) if number is None else [number % DRAWS]:
        yield altered_after(job.prices, cutoff.session, draw), False
    yield ended_after(job.prices, cutoff.session, 0), True


def _learn(altered: TrainJob, before: Rebuilt, cutoff: Cutoff) -> Learnt | None:
    if before.learnt is None:
        return learn(altered)
    if cutoff.session > altered.split.train[1]:
        # Weights that the whole test cannot move are not moved by a part of it: only the forecasts are made again.
        return learn(altered, before.learnt.states)
    if cutoff.session == altered.split.train[1]:
        return learn(altered)
    if cutoff.session > altered.split.fit[1]:
        # What was fitted first knows nothing of it, as the end of what is fitted shows; a refit learns from it.
        seeds = 1 if altered.config.train.refit_epochs else None
        return learn(altered, [states[:1] for states in before.learnt.states[:seeds]])
    unrefitted = altered.config.train.model_copy(update={"refit_epochs": 0})
    return learn(replace(altered, config=altered.config.model_copy(update={"train": unrefitted})))

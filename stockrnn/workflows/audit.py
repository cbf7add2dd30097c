"""The leak audit: change every price after a day, rebuild everything, and see that nothing made before that day knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stockrnn.errors import StockrnnError
from stockrnn.evaluation.leaks import STAGES, Cutoff, Finding, first_leak
from stockrnn.prices.alteration import altered_after
from stockrnn.prices.table import sessions_of
from stockrnn.workflows.audit_stages import COMPARISONS
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.rebuilding import Learnt, Rebuilt, for_one_epoch, learn, rebuild

Notify = Callable[[str], None]

# All of them change prices; the network is trained for the first, which takes most of the time.
DRAWS = 3


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        subject: The run or config.
        cutoffs: The days after which prices were changed.
        findings: One a stage and cut-off, in the order of the stages.
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
            "cutoffs": [{"session": f"{each.session:%Y-%m-%d}", "name": each.name} for each in self.cutoffs],
            "stages": [_finding_json(each) for each in self.findings],
        }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "stage": finding.stage,
        "cutoff": f"{finding.cutoff.session:%Y-%m-%d}",
        "outcome": finding.outcome,
        "text": finding.changes or None,
    }


def audit(job: TrainJob, subject: str, notify: Notify) -> Audit:
    """Rebuild a job with other prices after each cut-off, and compare what must not have changed.

    Args:
        job: What is trained on what; one epoch of its first seed is.
        subject: Names it.
        notify: Hears what is done.

    Raises:
        KeyboardInterrupt: Interrupted while a network was trained.
    """
    from stockrnn.models.runtime import start_keras

    start_keras(notify)
    job = replace(job, config=for_one_epoch(job.config))
    cutoffs = cutoffs_of(job)
    before = replace(rebuild(job), learnt=learn(job))
    changes: dict[tuple[str, Cutoff], str | None] = {}
    for cutoff in cutoffs:
        notify(f"Making everything again, with other prices after {cutoff.session:%Y-%m-%d}, {cutoff.name}.")
        for draw in range(DRAWS):
            altered = replace(job, prices=altered_after(job.prices, cutoff.session, draw))
            after = rebuild(altered)
            if draw == 0:
                after = replace(after, learnt=_learn(altered, before, cutoff))
            for stage, found in _compared(before, after, cutoff):
                # Without training there is nothing to say of the later stages: what the first draw said stands.
                if found is not None or (stage, cutoff) not in changes:
                    changes[stage, cutoff] = changes.get((stage, cutoff)) or found
    findings = [Finding(stage, cutoff, changes[stage, cutoff]) for stage in STAGES for cutoff in cutoffs]
    return Audit(subject, cutoffs, findings)


def _learn(altered: TrainJob, before: Rebuilt, cutoff: Cutoff) -> Learnt:
    if before.learnt is not None and cutoff.session > altered.split.train[1]:
        # Weights that the whole test cannot move are not moved by a part of it: only the forecasts are made again.
        return learn(altered, before.learnt.states)
    if not cutoff.knows_validation:
        # A refit learns from the watched sessions, whose prices are others now.
        unrefitted = altered.config.train.model_copy(update={"refit_epochs": 0})
        altered = replace(altered, config=altered.config.model_copy(update={"train": unrefitted}))
    return learn(altered)


def _compared(before: Rebuilt, after: Rebuilt, cutoff: Cutoff) -> list[tuple[str, str | None]]:
    return [(stage, COMPARISONS[stage](before, after, cutoff)) for stage in STAGES]


def cutoffs_of(job: TrainJob) -> list[Cutoff]:
    """Return the days after which prices are changed: the ends of what is fitted and of training, and one amid the test."""
    split, sessions = job.split, sessions_of(job.prices)
    cutoffs = [Cutoff("the end of training", split.train[1], knows_validation=True)]
    if split.validation:
        cutoffs.insert(0, Cutoff("the end of what is fitted", split.fit[1], knows_validation=False))
    tested = sessions[(sessions >= split.test[0]) & (sessions <= split.test[1])]
    if len(tested) > 1:
        cutoffs.append(Cutoff("the middle of the test", tested[(len(tested) - 1) // 2], knows_validation=True))
    return cutoffs

"""What a leak audit found: for each stage and cut-off, whether anything changed that must not depend on later prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from stockrnn.messages import first_few

# From prices to verdicts: what leaks in one stage leaks in those after it, so that the first one is to be mended.
STAGES = (
    "split",
    "tickers",
    "volatility",
    "features",
    "scaling",
    "standardization",
    "anchor",
    "inputs",
    "windows",
    "validation",
    "weights",
    "forecasts",
    "combining",
    "intervals",
    "bands",
    "yardstick",
)

# A day of the training itself; the day of a refit, up to which all is fitted anew; a day whose row is looked at.
Kind = Literal["training", "refit", "row"]


@dataclass(frozen=True)
class Cutoff:
    """A session after which every price is changed.

    Attributes:
        name: What ends there, in plain words.
        session: The last session that keeps its prices.
        kind: What is made again there.
    """

    name: str
    session: pd.Timestamp
    kind: Kind = "training"


@dataclass(frozen=True)
class Finding:
    """What became of a stage at a cut-off.

    Attributes:
        stage: The stage.
        cutoff: The cut-off.
        changes: What changed and must not have; empty where nothing did, None where there was nothing to compare.
    """

    stage: str
    cutoff: Cutoff
    changes: str | None

    @property
    def outcome(self) -> Literal["ok", "leaks", "nothing"]:
        """Whether it leaks; `nothing` where there was nothing to compare."""
        return "nothing" if self.changes is None else "leaks" if self.changes else "ok"


def first_leak(findings: Sequence[Finding]) -> Finding | None:
    """Return the leak of the first stage that leaks, at its first cut-off; None without any."""
    leaks = [finding for finding in findings if finding.outcome == "leaks"]
    return min(leaks, key=lambda finding: (STAGES.index(finding.stage), finding.cutoff.session), default=None)


def changed(before: npt.NDArray[Any], after: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Say of each row whether any of its values is another, to the last bit; a missing value equals a missing one.

    Args:
        before: Numbers, of shape (rows, ...).
        after: The same from other prices; of another shape, all rows count as changed.
    """
    if before.shape != after.shape:
        return np.ones(len(before), dtype=bool)
    differ = (before != after) & ~(np.isnan(before) & np.isnan(after))
    rows: npt.NDArray[np.bool_] = differ.any(axis=tuple(range(1, differ.ndim)))
    return rows


def told(rows: npt.NDArray[np.bool_], sessions: npt.NDArray[Any], what: str) -> str:
    """Say how many of some rows changed, and the first session of them; nothing when none did.

    Args:
        rows: Whether each row changed, of shape (rows,).
        sessions: The session of each, of shape (rows,).
        what: What the rows are, in the plural.
    """
    if not rows.any():
        return ""
    return (
        f"{int(rows.sum())} of {len(rows)} {what} changed, the first of {pd.Timestamp(sessions[rows].min()):%Y-%m-%d}"
    )


def listed(names: Sequence[object], most: int = 3) -> str:
    """Return the first of some names in one line, each once, and how many more there are."""
    return first_few(list(dict.fromkeys(map(str, names))), most)

"""What the doctor of price tables finds, in words for people and in rows for repairs and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from stockrnn.prices.doctor.bars import Rows, Sessions
from stockrnn.prices.intervals import counted
from stockrnn.prices.table import PriceNote

RepairKind = Literal["split", "units", "duplicates", "sessions"]

# The code of days that follow no calendar that could be supposed.
UNCLEAR = "calendar_unclear"


@dataclass(frozen=True)
class Remedy:
    """One change that takes a finding away.

    Attributes:
        kind: The repair that it belongs to.
        reason: Why, for the log.
        sessions: The sessions whose rows are multiplied, or dropped where there are no factors.
        factors: Column to the number that its values are multiplied with; empty where rows are dropped.
        drop: Positions of rows to drop among the ticker's bars as read; only duplicates need them.
    """

    kind: RepairKind
    reason: str
    sessions: Sessions
    factors: Mapping[str, float] = field(default_factory=dict)
    drop: Rows | None = None


@dataclass(frozen=True)
class Finding:
    """Sessions of one ticker that one check objects to.

    Attributes:
        code: A stable name in snake case.
        ticker: The ticker.
        sessions: The sessions that it touches, one a row.
        text: One sentence: what, where and what to do.
        columns: The columns that it touches; empty when it touches all of them.
        remedies: The changes that take it away; empty where there is no honest one.
    """

    code: str
    ticker: str
    sessions: Sessions
    text: str
    columns: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def note(self) -> PriceNote:
        """The finding as a note."""
        return PriceNote(self.code, len(self.sessions), f"{self.ticker}: {self.text}", self.ticker, self.columns)


def warnings_touching(notes: Iterable[PriceNote], columns: Iterable[str]) -> tuple[PriceNote, ...]:
    """Return the notes that concern any of some columns, or all columns."""
    used = set(columns)
    return tuple(note for note in notes if not note.columns or used & set(note.columns))


def told_once(notes: Iterable[PriceNote]) -> list[PriceNote]:
    """Return notes with one for all tickers of which the same is to be said; an exchange is asked for once.

    Args:
        notes: Notes whose texts begin with their ticker where they have one.
    """
    alike: dict[tuple[str, str], list[PriceNote]] = {}
    for note in notes:
        said = "" if note.code == UNCLEAR else note.text.removeprefix(f"{note.ticker}: ")
        alike.setdefault((note.code, said), []).append(note)
    return [_for_all(each) for each in alike.values()]


def _for_all(notes: list[PriceNote]) -> PriceNote:
    first = notes[0]
    others = len({note.ticker for note in notes} - {first.ticker})
    if not others:
        return first
    who = f"{first.ticker} and {counted(others, 'more ticker')}"
    text = f"{who}: {first.text.removeprefix(f'{first.ticker}: ')}"
    return replace(first, rows=sum(note.rows for note in notes), text=text)


def date_text(session: np.datetime64) -> str:
    """Return a session as an ISO date, with the time of day where it has one."""
    moment = pd.Timestamp(session)
    return f"{moment:%Y-%m-%d}" if moment == moment.normalize() else f"{moment:%Y-%m-%d %H:%M}"


def first_dates(sessions: Sessions, count: int = 3) -> str:
    """Return the first few sessions in words: `2020-01-02, 2020-01-03 and 5 more`."""
    shown = ", ".join(date_text(session) for session in sessions[:count])
    return f"{shown} and {len(sessions) - count} more" if len(sessions) > count else shown


def rows_text(count: int) -> str:
    """Return a number of rows in words."""
    return "1 row" if count == 1 else f"{count} rows"

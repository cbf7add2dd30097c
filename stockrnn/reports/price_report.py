"""What the doctor of price tables found, as text for people and as a document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from stockrnn.prices.doctor.bars import Bars
from stockrnn.prices.doctor.diagnosis import Diagnosis
from stockrnn.prices.doctor.findings import date_text, told_once
from stockrnn.prices.table import PriceNote

# With more tickers than this the text is a summary and the tickers with warnings.
_FEW_TICKERS = 12
_MANY_WARNINGS = 30


def notes_for(diagnosis: Diagnosis, notes: Iterable[PriceNote]) -> tuple[PriceNote, ...]:
    """Return the notes on one ticker: those of the reader on it or on the whole source, then the doctor's."""
    own = [note for note in notes if note.ticker in {"", diagnosis.bars.ticker}]
    return (*own, *diagnosis.notes)


def inspection_document(diagnoses: Iterable[Diagnosis], notes: Sequence[PriceNote]) -> dict[str, Any]:
    """Return the document that `inspect --json` prints."""
    return {"tickers": [_ticker_document(diagnosis, notes) for diagnosis in diagnoses]}


def _ticker_document(diagnosis: Diagnosis, notes: Sequence[PriceNote]) -> dict[str, Any]:
    bars = diagnosis.bars
    main = bars.columns[bars.main_column]
    known = main[~np.isnan(main)]
    return {
        "ticker": bars.ticker,
        "interval": bars.interval,
        "sessions": diagnosis.session_count,
        "first": _day(bars, 0),
        "last": _day(bars, -1),
        "first_close": float(known[0]) if len(known) else None,
        "last_close": float(known[-1]) if len(known) else None,
        "columns": list(bars.columns),
        "warnings": [{"code": note.code, "rows": note.rows, "text": note.text} for note in notes_for(diagnosis, notes)],
    }


def _day(bars: Bars, row: int) -> str:
    return f"{pd.Timestamp(bars.sessions[row]):%Y-%m-%d}"


def inspection_lines(diagnoses: Sequence[Diagnosis], notes: Sequence[PriceNote]) -> Iterator[str]:
    """Yield the lines that `inspect` prints: a table of the tickers, then the warnings."""
    # A note on the whole source is one note, however many tickers there are.
    warnings = [note for note in notes if not note.ticker]
    for diagnosis in diagnoses:
        warnings += [note for note in notes_for(diagnosis, notes) if note.ticker]
    several = len(diagnoses) > 1
    warned = {note.ticker for note in warnings}
    shown = diagnoses
    if len(diagnoses) > _FEW_TICKERS:
        yield from _summary(diagnoses, len([diagnosis for diagnosis in diagnoses if diagnosis.bars.ticker in warned]))
        shown = [diagnosis for diagnosis in diagnoses if diagnosis.bars.ticker in warned][:_FEW_TICKERS]
    if shown:
        yield from _table([_row(diagnosis) for diagnosis in shown])
    left = len(warned - {""} - {diagnosis.bars.ticker for diagnosis in shown})
    if left:
        yield f"and {left} more tickers with warnings; --json names them all"
    supposed = sorted({diagnosis.supposed for diagnosis in diagnoses if diagnosis.supposed})
    if supposed:
        yield f"Checked against the sessions of {', '.join(supposed)}, as supposed; --calendar names another exchange."
    yield ""
    yield from _warning_lines(warnings, several)


def _summary(diagnoses: Sequence[Diagnosis], warned: int) -> Iterator[str]:
    intervals = sorted({diagnosis.bars.interval for diagnosis in diagnoses})
    first = min(_day(diagnosis.bars, 0) for diagnosis in diagnoses)
    last = max(_day(diagnosis.bars, -1) for diagnosis in diagnoses)
    rows = sum(len(diagnosis.bars) for diagnosis in diagnoses)
    yield (
        f"{len(diagnoses)} tickers, {', '.join(intervals)}, {first} to {last}, {rows} rows; "
        f"{warned} of them with warnings{':' if warned else ''}"
    )


def _row(diagnosis: Diagnosis) -> tuple[str, ...]:
    bars = diagnosis.bars
    return (
        bars.ticker,
        bars.interval,
        date_text(bars.sessions[0]),
        date_text(bars.sessions[-1]),
        str(diagnosis.session_count),
        " ".join(bars.columns),
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    header = ("ticker", "interval", "first", "last", "sessions", "columns")
    table = [header, *rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(header))]
    for row in table:
        cells = [
            cell.rjust(width) if name == "sessions" else cell.ljust(width)
            for name, cell, width in zip(header, row, widths, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _warning_lines(warnings: Sequence[PriceNote], several: bool) -> Iterator[str]:
    if not warnings:
        yield "No warnings."
        return
    if several:
        for code in dict.fromkeys(note.code for note in warnings):
            own = [note for note in warnings if note.code == code]
            tickers = len({note.ticker for note in own})
            rows = sum(note.rows for note in own)
            yield f"{code}: {tickers} {'ticker' if tickers == 1 else 'tickers'}, {rows} {'row' if rows == 1 else 'rows'}"
        yield ""
    told = told_once(warnings)
    for note in told[:_MANY_WARNINGS]:
        yield f"warning [{note.code}] {note.text}"
    if len(told) > _MANY_WARNINGS:
        yield f"and {len(told) - _MANY_WARNINGS} more warnings; --json has them all"

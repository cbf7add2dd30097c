"""Write one table of prices in the dialects of the world, so that reading each of them can be checked against it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from tests.prices.dialect_words import ENGLISH_MONTHS, HEADERS, MONTHS


@dataclass(frozen=True)
class Dialect:
    """How to write a table.

    Attributes:
        number: Writes a price or a volume.
        date: Writes a date.
    """

    delimiter: str = ","
    number: Callable[[float, str], str] = lambda value, _role: f"{value:g}"
    date: Callable[[pd.Timestamp], str] = lambda day: f"{day:%Y-%m-%d}"
    header: Sequence[str] | None = HEADERS["en"]
    newest_first: bool = False
    quote_all: bool = False
    line_end: str = "\n"
    above: str = ""
    below: str = ""
    trailing: int = 0


def prices(sessions: int = 60, seed: int = 7) -> pd.DataFrame:
    """Return open, high, low, close with two decimals from 0.9 to about 2,000 and whole volumes, by session."""
    generator = np.random.default_rng(seed)
    days = pd.bdate_range("2019-11-05", periods=sessions, name="session")
    close = np.round(np.linspace(90, 1950, sessions) * np.exp(generator.normal(0, 0.02, sessions)), 2)
    opened = np.round(close * (1 + generator.normal(0, 0.01, sessions)), 2)
    table = pd.DataFrame({"open": opened, "high": np.round(np.maximum(opened, close) * 1.013, 2)}, index=days)
    return table.assign(
        low=np.round(np.minimum(opened, close) * 0.987, 2),
        close=close,
        volume=generator.integers(900, 90_000_000, sessions).astype(float),
    )


def write(table: pd.DataFrame, dialect: Dialect) -> str:
    """Write a table by session in a dialect."""
    rows = table.iloc[::-1] if dialect.newest_first else table
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=dialect.delimiter,
        lineterminator=dialect.line_end,
        quoting=csv.QUOTE_ALL if dialect.quote_all else csv.QUOTE_MINIMAL,
    )
    if dialect.header is not None:
        writer.writerow([*dialect.header[: 1 + table.shape[1]], *[""] * dialect.trailing])
    for day, row in rows.iterrows():
        cells = [dialect.number(value, role) for role, value in row.items()]
        writer.writerow([dialect.date(day), *cells, *[""] * dialect.trailing])
    return dialect.above + out.getvalue() + dialect.below


def grouped(decimal: str, group: str, digits: int = 2) -> Callable[[float, str], str]:
    """Return a writer of numbers with this decimal sign and this sign between groups of three."""

    def number(value: float, role: str) -> str:
        text = f"{value:,.0f}" if role == "volume" else f"{value:,.{digits}f}"
        return text.replace(",", "\0").replace(".", decimal).replace("\0", group)

    return number


def lakh(value: float, role: str) -> str:
    """Write a number in the Indian way: 12,34,567.89."""
    whole, _, fraction = (f"{value:.0f}" if role == "volume" else f"{value:.2f}").partition(".")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    text = ",".join([*groups, tail])
    return f"{text}.{fraction}" if fraction else text


NUMBERS = {
    "plain": lambda value, _role: f"{value:.10g}" if value < 1e9 else f"{value:.0f}",
    "fixed": lambda value, role: f"{value:.0f}" if role == "volume" else f"{value:.6f}",
    "english": grouped(".", ","),
    "german": grouped(",", "."),
    "french": grouped(",", "\u202f"),
    "czech": grouped(",", " "),
    "polish": grouped(",", "\u00a0"),
    "swiss": grouped(".", "'"),
    "swiss round": grouped(".", "\u2019"),
    "comma only": grouped(",", ""),
    "indian": lakh,
    "dollar": lambda value, role: f"{value:.0f}" if role == "volume" else f"${value:,.2f}",
    "euro": lambda value, role: grouped(",", ".")(value, role) + ("" if role == "volume" else " €"),
    "rupee": lambda value, role: lakh(value, role) if role == "volume" else f"₹{lakh(value, role)}",
    "real": lambda value, role: grouped(",", ".")(value, role) if role == "volume" else "R$ " + grouped(",", ".")(value, role),
}  # fmt: skip


def _epoch(day: pd.Timestamp) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _eastern(day: pd.Timestamp) -> str:
    return str(day.tz_localize("America/New_York"))


DATES = {
    "iso": lambda day: f"{day:%Y-%m-%d}",
    "iso time": lambda day: f"{day:%Y-%m-%d} 00:00:00",
    "iso t z": lambda day: f"{day:%Y-%m-%d}T00:00:00.000Z",
    "iso offset": _eastern,
    "slashes": lambda day: f"{day:%Y/%m/%d}",
    "unpadded": lambda day: f"{day.year}/{day.month}/{day.day}",
    "dotted": lambda day: f"{day:%Y.%m.%d}",
    "hungarian": lambda day: f"{day:%Y. %m. %d.}",
    "compact": lambda day: f"{day:%Y%m%d}",
    "mdy": lambda day: f"{day:%m/%d/%Y}",
    "mdy bare": lambda day: f"{day.month}/{day.day}/{day.year}",
    "mdy yy": lambda day: f"{day:%m/%d/%y}",
    "dmy": lambda day: f"{day:%d/%m/%Y}",
    "dmy dots": lambda day: f"{day:%d.%m.%Y}",
    "dmy dots yy": lambda day: f"{day:%d.%m.%y}",
    "dmy dashes": lambda day: f"{day:%d-%m-%Y}",
    "dmy blanks": lambda day: f"{day.day}. {day.month}. {day.year}",
    "dmy compact": lambda day: f"{day:%d%m%Y}",
    "mdy clock": lambda day: f"{day.month}/{day.day}/{day.year} 16:00:00",
    "mdy pm": lambda day: f"{day.month}/{day.day}/{day.year} 4:00:00 PM",
    "named": lambda day: f"{ENGLISH_MONTHS[day.month - 1]} {day.day:02d}, {day.year}",
    "named yy": lambda day: f"{day.day}-{ENGLISH_MONTHS[day.month - 1]}-{day:%y}",
    "named dmy": lambda day: f"{day.day:02d}-{ENGLISH_MONTHS[day.month - 1].upper()}-{day.year}",
    "named ymd": lambda day: f"{day.year}-{ENGLISH_MONTHS[day.month - 1]}-{day.day:02d}",
    "weekday": lambda day: f"{['Mon', 'Tue', 'Wed', 'Thu', 'Fri'][day.weekday()]}, {day.day} {ENGLISH_MONTHS[day.month - 1]} {day.year}",
    "ordinal": lambda day: f"{day.day}th {ENGLISH_MONTHS[day.month - 1]} {day.year}",
    "spanish long": lambda day: f"{day.day} de {MONTHS['es'][day.month - 1]} de {day.year}",
    "chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "korean": lambda day: f"{day.year}년 {day.month:02d}월 {day.day:02d}일",
    "javascript": lambda day: f"{['Mon', 'Tue', 'Wed', 'Thu', 'Fri'][day.weekday()]} {ENGLISH_MONTHS[day.month - 1]} {day.day:02d} {day.year} 00:00:00 GMT-0500 (EST)",
    "epoch s": lambda day: str(_epoch(day)),
    "epoch s float": lambda day: f"{_epoch(day)}.0",
    "epoch ms": lambda day: str(_epoch(day) * 1000),
    "epoch us": lambda day: str(_epoch(day) * 10**6),
    "epoch ns": lambda day: str(_epoch(day) * 10**9),
    "excel": lambda day: str((day - pd.Timestamp("1899-12-30")).days),
    "excel float": lambda day: f"{(day - pd.Timestamp('1899-12-30')).days}.00",
    "excel text": lambda day: f'="{day:%Y-%m-%d}"',
    **{
        f"months {language}": (lambda day, names=names: f"{day.day} {names[day.month - 1]} {day.year}")
        for language, names in MONTHS.items()
    },
    **{
        f"short {language}": (lambda day, names=names: f"{day.day}. {names[day.month - 1][:4]}. {day.year}")
        for language, names in MONTHS.items() if language not in {"fr", "it", "cs", "tr"}
    },
}  # fmt: skip

DIALECTS = {
    "plain": Dialect(number=NUMBERS["plain"]),
    "quoted": Dialect(number=NUMBERS["english"], quote_all=True, line_end="\r\n"),
    "german": Dialect(";", NUMBERS["german"], DATES["dmy dots"], HEADERS["de"], newest_first=True),
    "swiss tabs": Dialect("\t", NUMBERS["swiss"], DATES["dmy dots"]),
    "pipes": Dialect("|", NUMBERS["plain"], DATES["compact"], HEADERS["upper"]),
}

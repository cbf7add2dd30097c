"""Dates whose month is a word, in any language of `month_names`."""

from __future__ import annotations

import re

from stockrnn.prices.dialects.date_fields import KNOWN, MONTH, DateCell, full_year, with_time
from stockrnn.prices.dialects.month_names import fold, month_number
from stockrnn.prices.dialects.weekday_names import is_weekday

_CLOCK_START = re.compile(r"[T ,]*\b\d{1,2}:\d{2}")
_WORDS = re.compile(r"\d+|[^\W\d_]+")
# Words that stand in dates beside the month: ordinals, `of` and its sisters, and the Russian abbreviation of year.
_FILLERS = frozenset(
    {"de", "del", "of", "the", "den", "le", "st", "nd", "rd", "th", "г", "год", "года", "a", "o", "er", "e"}
)


def read_named_date(cell: str) -> DateCell | None:
    """Read a date whose month is a word, such as `Mar 11, 2021`, `31-Dec-10` or `Tue, 3 de enero de 2012`."""
    if not any(map(str.isalpha, cell)):
        return None
    clock = _CLOCK_START.search(cell)
    date, time = (cell[: clock.start()], cell[clock.start() :].strip("T ,")) if clock else (cell, "")
    if clock and (year := re.search(r"\s(\d{4})$", time)):  # Tue Jan 03 16:00:00 2012
        date, time = f"{date} {year[1]}", time[: year.start()]
    words = _WORDS.findall(date)
    month_at = _month_place(words)
    if month_at is None:
        return None
    numbers = [(place, word) for place, word in enumerate(words) if word.isdigit()]
    fields = _named_fields(month_number(words[month_at]) or 0, month_at, numbers)
    style = MONTH if len(numbers) == 1 and len(numbers[0][1]) == 2 else KNOWN
    return None if fields is None else with_time(fields, style, time)


def _month_place(words: list[str]) -> int | None:
    """Return where the month stands among the words of a date; None where a word is none that dates have."""
    rest = [place for place, word in enumerate(words) if not word.isdigit() and fold(word) not in _FILLERS]
    # `mar` is a Tuesday in French, Spanish and Italian: where two words remain, the first one is the weekday.
    if len(rest) == 2 and is_weekday(words[rest[0]]):
        rest = rest[1:]
    return rest[0] if len(rest) == 1 and month_number(words[rest[0]]) else None


def _named_fields(month: int, month_at: int, numbers: list[tuple[int, str]]) -> tuple[str, str, str] | None:
    texts = [text for _, text in numbers]
    if len(texts) == 1:
        # `Mar 21` on its own: monthly exports mean the year; a day without its year is no date.
        return (_full_year(texts[0]), str(month), "1") if len(texts[0]) in {2, 4} and numbers[0][0] > month_at else None
    if len(texts) != 2:
        return None
    if len(texts[0]) == 4:
        return texts[0], str(month), texts[1]
    if len(texts[1]) in {2, 4} and numbers[1][0] > month_at:
        return _full_year(texts[1]), str(month), texts[0]
    return None


def _full_year(text: str) -> str:
    return str(full_year(int(text))) if len(text) <= 2 else text

"""What one date cell says, before its column has decided the order of day and month."""

from __future__ import annotations

import re
import unicodedata

from stockrnn.prices.dialects.date_fields import COMPACT, DateCell, with_time
from stockrnn.prices.dialects.named_dates import read_named_date
from stockrnn.prices.dialects.weekday_names import is_weekday

_LONGEST = 80  # longer cells are lines that were split at the wrong sign, and slow to match
_TORN = re.compile(r"[\t;|]")  # a date and the next cell: a line that was split at the decimal comma
_YEAR_FIRST = re.compile(r"(\d{4})([-/. ])\s*(\d{1,2})\2\s*(\d{1,2})\.?(?:[T ,]+(.*)|$)", re.IGNORECASE)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])\s*(\d{1,2})\2\s*(\d{4}|\d{2})\.?(?:[T ,]+(.*)|$)", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ,]*(\d{4}|\d{6}|\d{1,2}:.*))?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})")
_QUARTER = re.compile(r"(\d{4})[- ]?q([1-4])|q([1-4])[- ]?(\d{4})", re.IGNORECASE)
_NUMBER = re.compile(r"\s*[+-]?\d*\.?\d*\s*")
_EAST_ASIAN = str.maketrans({"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " "})
_WEEKDAY_AFTER = re.compile(r"\s*\([^\W\d_]{1,3}\.?\)$")
_WEEKDAY_BEFORE = re.compile(r"([^\W\d_]+)[.,]?\s+(?=\d+[-/.]\d)")


def read_date_cell(text: str) -> DateCell | None:
    """Read one date cell; None where it is no date in any known way of writing one."""
    cell = _plain(text) if len(text) <= _LONGEST else ""
    if not cell or _TORN.search(cell) or not any(letter.isdigit() for letter in cell):
        return None
    for reader in (_read_numeric, _read_compact, _read_month, read_named_date):
        found = reader(cell)
        if found is not None:
            return found
    return None


def looks_like_date(text: str) -> bool:
    """Tell whether a cell is written as a date and cannot be taken for a number."""
    return not _NUMBER.fullmatch(text) and read_date_cell(text) is not None


def _plain(text: str) -> str:
    cell = text.strip().strip("\"'")
    if not cell.isascii():
        cell = unicodedata.normalize("NFKC", cell).translate(_EAST_ASIAN).strip().rstrip("-")
    cell = _WEEKDAY_AFTER.sub("", cell)
    if cell.startswith("="):
        cell = cell.strip('="')
    return cell.strip()


def _read_numeric(cell: str) -> DateCell | None:
    word = _WEEKDAY_BEFORE.match(cell)
    if word and is_weekday(word[1]):
        cell = cell[word.end() :]
    match = _YEAR_FIRST.fullmatch(cell)
    if match:
        # Year, day, month is so rare that only a month above 12 tells it.
        return with_time((match[1], match[3], match[4]), "9999" + match[2], match[5])
    match = _YEAR_LAST.fullmatch(cell)
    if match:
        style = match[2] + "9" * len(match[4])
        return with_time((match[1], match[3], match[4]), style, match[5])
    return None


def _read_compact(cell: str) -> DateCell | None:
    match = _COMPACT.fullmatch(cell.removesuffix(".0"))
    if match is None:
        return None
    return with_time((match[1], match[2], match[3]), COMPACT, match[4])


def _read_month(cell: str) -> DateCell | None:
    match = _MONTH.fullmatch(cell)
    if match:
        return DateCell((int(match[1] or match[4]), int(match[2] or match[3]), 1))
    match = _QUARTER.fullmatch(cell)
    if match:
        return DateCell((int(match[1] or match[4]), int(match[2] or match[3]) * 3 - 2, 1))
    return None

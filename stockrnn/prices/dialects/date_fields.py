"""The fields of one date cell: year, month and day in some order, and a time."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from stockrnn.prices.dialects.weekday_names import is_weekday

_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([ap]\.?m\.?)?\s*"
    r"(Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5}|[A-Z][a-z]+/\w+)?(?:\s*\(.*\))?",
    re.IGNORECASE,
)
_DIGIT_CLOCK = re.compile(r"(\d{1,2})(\d{2})(\d{2})|(\d{1,2})(\d{2})")


@dataclass(frozen=True)
class DateCell:
    """The fields of one date cell.

    Attributes:
        fields: Three numbers: year, month, day when `style` is `known`; otherwise in the order in which they stand.
        style: `known`, or what cells of one column share while their order is open: the sign between the fields and
            the place of the year, such as `/9999` (day or month first) or `-99` (any order).
        seconds: Seconds after midnight, local time of the cell.
        utc: The cell says that its time is in UTC.
    """

    fields: tuple[int, int, int]
    style: str = "known"
    seconds: float = 0.0
    utc: bool = False


KNOWN = "known"
MONTH = "month 99"  # a month and two digits: a year, or a day without its year
COMPACT = "99999999"  # eight digits, cut as YYYYMMDD


def with_time(fields: tuple[str, str, str], style: str, clock: str | None) -> DateCell | None:
    """Return a date cell of its fields and its time; None where the time is none."""
    word = (clock or "").strip("() .,")
    time = clock_seconds("" if is_weekday(word) else clock or "")
    if time is None:
        return None
    first, second, third = map(int, fields)
    return DateCell((first, second, third), style, *time)


def clock_seconds(text: str) -> tuple[float, bool] | None:
    """Return the seconds after midnight of a time cell and whether it says UTC; None where it is no time.

    `09:30`, `4:00 PM`, `093000`, `930` and `16:00:00-05:00` are times; the offset is dropped, a session is a local date.
    """
    cell = text.strip()
    if not cell:
        return 0.0, False
    match = _CLOCK.fullmatch(cell)
    if match is None:
        digits = _DIGIT_CLOCK.fullmatch(cell.removesuffix(".0"))
        if digits is None:
            return (0.0, False) if cell.strip("0") in {"", "."} else None
        hour, minute, second = (int(part or 0) for part in (digits[1] or digits[4], digits[2] or digits[5], digits[3]))
        return _seconds(hour, minute, second)
    hour = int(match[1])
    if match[5]:
        hour = hour % 12 + (12 if match[5].lower().startswith("p") else 0)
    zone = (match[6] or "").upper()
    found = _seconds(hour, int(match[2]), int(match[3] or 0))
    fraction = float(f"0.{match[4]}") if match[4] else 0.0
    return None if found is None else (found[0] + fraction, _is_utc(zone))


def _is_utc(zone: str) -> bool:
    return zone in {"Z", "UTC", "GMT"} or (bool(zone) and zone.strip("+-0:") in {"", "UTC", "GMT"})


def _seconds(hour: int, minute: int, second: int) -> tuple[float, bool] | None:
    if hour > 23 or minute > 59 or second > 59:
        return None
    return hour * 3600.0 + minute * 60.0 + second, False


def full_year(year: int) -> int:
    """Return the four-digit year of a two-digit one: the latest that is not in the future, as prices never are."""
    if year >= 100:
        return year
    century = dt.datetime.now(dt.UTC).year + 1
    return year + 100 * ((century - year) // 100)

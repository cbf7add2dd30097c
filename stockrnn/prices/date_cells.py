"""What one date cell says, before its column has decided the order of day and month."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from stockrnn.prices.month_names import fold, month_number


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
_YEAR_FIRST = re.compile(r"(\d{4})([-/. ])\s*(\d{1,2})\2\s*(\d{1,2})\.?(?:[T ,;]+(.*)|$)", re.IGNORECASE)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/. ])\s*(\d{1,2})\2\s*(\d{4}|\d{2})\.?(?:[T ,;]+(.*)|$)", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ,;]*(\d{4}|\d{6}|\d{1,2}:.*))?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4})")
_QUARTER = re.compile(r"(\d{4})[- ]?q([1-4])|q([1-4])[- ]?(\d{4})", re.IGNORECASE)
_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s*([ap]\.?m\.?)?\s*"
    r"(Z|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?|[A-Z]{2,5}|[A-Z][a-z]+/\w+)?(?:\s*\(.*\))?",
    re.IGNORECASE,
)
_DIGIT_CLOCK = re.compile(r"(\d{1,2})(\d{2})(\d{2})|(\d{1,2})(\d{2})")
_CLOCK_START = re.compile(r"[T ,;]*\b\d{1,2}:\d{2}")
_NUMBER = re.compile(r"\s*[+-]?\d*\.?\d*\s*")
_WORDS = re.compile(r"\d+|[^\W\d_]+")
_EAST_ASIAN = str.maketrans({"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " "})
# Beginnings of the words that stand in dates beside the month: weekdays, ordinals, `de`, `of`, and the Russian `g.` for year.
_WEEKDAYS = frozenset(
    [
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "die",
        "mit",
        "don",
        "fre",
        "sam",
        "son",
        "lun",
        "jeu",
        "mer",
        "mie",
        "ven",
        "vie",
        "sab",
        "dom",
        "dim",
        "seg",
        "ter",
        "qua",
        "qui",
        "sex",
        "gio",
        "mar",
        "maa",
        "din",
        "woe",
        "vri",
        "zat",
        "zon",
        "pon",
        "wto",
        "uto",
        "sro",
        "str",
        "czw",
        "ctv",
        "pia",
        "pat",
        "sob",
        "nie",
        "ned",
        "man",
        "tir",
        "ons",
        "tor",
        "lor",
        "pn",
        "wt",
        "sr",
        "cz",
        "pt",
        "sb",
        "nd",
        "mo",
        "di",
        "mi",
        "do",
        "fr",
        "sa",
        "so",
        "пон",
        "вто",
        "сре",
        "чет",
        "пят",
        "суб",
        "вос",
        "пн",
        "вт",
        "ср",
        "чт",
        "пт",
        "сб",
        "вс",
    ]
)
_FILLERS = frozenset(
    {"de", "del", "of", "the", "den", "le", "st", "nd", "rd", "th", "г", "год", "года", "a", "o", "er", "e"}
)


def read_date_cell(text: str) -> DateCell | None:
    """Read one date cell; None where it is no date in any known way of writing one."""
    cell = _plain(text)
    if not cell or not any(letter.isdigit() for letter in cell):
        return None
    for reader in (_read_numeric, _read_compact, _read_month, _read_named):
        found = reader(cell)
        if found is not None:
            return found
    return None


def looks_like_date(text: str) -> bool:
    """Tell whether a cell is written as a date and cannot be taken for a number."""
    return not _NUMBER.fullmatch(text) and read_date_cell(text) is not None


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


def _plain(text: str) -> str:
    cell = text.strip().strip("\"'")
    if not cell.isascii():
        cell = unicodedata.normalize("NFKC", cell).translate(_EAST_ASIAN).strip().rstrip("-")
    if cell.startswith("="):
        cell = cell.strip('="')
    return cell.strip()


def _with_time(fields: tuple[str, str, str], style: str, clock: str | None) -> DateCell | None:
    time = clock_seconds(clock or "")
    if time is None:
        return None
    first, second, third = map(int, fields)
    return DateCell((first, second, third), style, *time)


def _read_numeric(cell: str) -> DateCell | None:
    match = _YEAR_FIRST.fullmatch(cell)
    if match:
        # Year, day, month is so rare that only a month above 12 tells it.
        return _with_time((match[1], match[3], match[4]), "9999" + match[2], match[5])
    match = _YEAR_LAST.fullmatch(cell)
    if match:
        style = match[2] + "9" * len(match[4])
        return _with_time((match[1], match[3], match[4]), style, match[5])
    return None


def _read_compact(cell: str) -> DateCell | None:
    match = _COMPACT.fullmatch(cell.removesuffix(".0"))
    if match is None:
        return None
    return _with_time((match[1], match[2], match[3]), COMPACT, match[4])


def _read_month(cell: str) -> DateCell | None:
    match = _MONTH.fullmatch(cell)
    if match:
        return DateCell((int(match[1] or match[4]), int(match[2] or match[3]), 1))
    match = _QUARTER.fullmatch(cell)
    if match:
        return DateCell((int(match[1] or match[4]), int(match[2] or match[3]) * 3 - 2, 1))
    return None


def _read_named(cell: str) -> DateCell | None:
    """Read a date whose month is a word, such as `Mar 11, 2021`, `31-Dec-10` or `Tue, 3 de enero de 2012`."""
    if not any(map(str.isalpha, cell)):
        return None
    clock = _CLOCK_START.search(cell)
    date, time = (cell[: clock.start()], cell[clock.start() :].strip("T ,;")) if clock else (cell, "")
    if clock and (year := re.search(r"\s(\d{4})$", time)):  # Tue Jan 03 16:00:00 2012
        date, time = f"{date} {year[1]}", time[: year.start()]
    words = _WORDS.findall(date)
    month_at = _month_place(words)
    if month_at is None:
        return None
    numbers = [(place, word) for place, word in enumerate(words) if word.isdigit()]
    fields = _named_fields(month_number(words[month_at]) or 0, month_at, numbers)
    style = MONTH if len(numbers) == 1 and len(numbers[0][1]) == 2 else KNOWN
    return None if fields is None else _with_time(fields, style, time)


def _month_place(words: list[str]) -> int | None:
    """Return where the month stands among the words of a date; None where a word is none that dates have."""
    rest = [place for place, word in enumerate(words) if not word.isdigit() and fold(word) not in _FILLERS]
    # `mar` is a Tuesday in French, Spanish and Italian: where two words remain, the first one is the weekday.
    if len(rest) == 2 and (fold(words[rest[0]])[:3] in _WEEKDAYS):
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


def full_year(year: int) -> int:
    """Return the four-digit year of a two-digit one: the latest that is not in the future, as prices never are."""
    if year >= 100:
        return year
    century = dt.datetime.now(dt.UTC).year + 1
    return year + 100 * ((century - year) // 100)

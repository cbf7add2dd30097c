"""Numbers as people and their programs write them: which sign is the decimal, and what a cell is worth.

The decimal sign is decided once for a whole file. Cells such as `1.234` read as a number with three decimals or as
one thousand; where no other cell tells which, the file cannot decide and its user is asked.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

from stockrnn.prices.dialects.number_words import CURRENCIES, MISSING, MULTIPLIERS

Sign = Literal[".", ","]
Evidence = Literal["decimal point", "decimal comma", "grouped by point", "grouped by comma", "ungrouped", "none"]

# A number's inner part, between currency signs and suffixes: digits and the signs that can stand between them.
_CORE = re.compile(r"[0-9.,' ]*[0-9][0-9.,' ]*(?:[eE][+-]?[0-9]+)?")
_PLAIN = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+\.")
# India writes groups of two before the last three: 12,34,567 is twelve lakh.
_GROUPED_WEST = {sign: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(sign)}[0-9]{{3}})+") for sign in ".,' "}
_GROUPED_INDIA = {
    sign: re.compile(rf"[0-9]{{1,2}}(?:{re.escape(sign)}[0-9]{{2}})+{re.escape(sign)}[0-9]{{3}}") for sign in ".,' "
}
_LONGEST = 64  # longer cells are lines that were split at the wrong sign, and slow to match
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")
_UNSTEADY = 30  # a reading that makes the prices of one column so much wider apart than the other one is wrong
_CODE = re.compile(r"0[0-9]")  # `FR0000120073` is no amount of francs
# Yahoo's pages put events between the prices: `0.57 Dividend`, `4:1 Stock Split`.
_EVENT = re.compile(r"[\d.,:/ ]+(dividend|stock split|split|capital gains?)", re.IGNORECASE)
_EDGES = re.compile(r"^([^0-9.,]*)(.*?)([^0-9.,]*)$", re.DOTALL)


def clean_cell(cell: str) -> str:
    """Return a cell in plain signs: no odd blanks, minus signs, apostrophes or full-width digits, no Excel `="..."`."""
    text = cell.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).strip()
        text = text.translate(_PLAIN_SIGNS)
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    return text


_PLAIN_SIGNS = str.maketrans({"−": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "´": "'", "٫": ",", "٬": "'"})


def is_missing(cell: str) -> bool:
    """Tell whether a cell says that there is no number: empty, `null`, `-`, `*`, `N/A`, `inf` and the like."""
    if cell[:1].isdigit() and "#" not in cell:  # the usual cell, told fast
        return False
    return clean_cell(cell).casefold() in MISSING


def split_number(cell: str) -> tuple[float, str] | None:
    """Split a cell into a signed multiplier and the digits with their signs; None where it is no number.

    `-$1,234.5K` is `(-1000.0, "1,234.5")`.
    """
    if len(cell) > _LONGEST:
        return None
    if _PLAIN.fullmatch(cell):
        return 1.0, cell
    match = _EDGES.match(clean_cell(cell))
    if match is None or not match[2]:
        return None
    before, core, after = match[1], match[2].strip(), match[3]
    if not _CORE.fullmatch(core):
        return None
    sign = -1.0 if _is_negative(before, after) else 1.0
    factor = None if _word(before) and _CODE.match(core) else _factor(before, after)
    return None if factor is None else (sign * factor, core)


def _is_negative(before: str, after: str) -> bool:
    return "-" in before or after.strip().startswith("-") or ("(" in before and ")" in after)


_DECORATION = str.maketrans(dict.fromkeys("-+()*%~'\"", " "))


def _factor(before: str, after: str) -> float | None:
    """Return what the suffix multiplies by, or None where there is a word beside the digits that is none of ours."""
    if _word(before) not in CURRENCIES and _word(before):
        return None
    factor = 1.0
    for word in after.translate(_DECORATION).casefold().split():
        name = word.rstrip(".")
        if name in MULTIPLIERS:
            factor *= MULTIPLIERS[name]
        elif name not in CURRENCIES and not _is_sign(name):
            return None
    return factor


def _word(text: str) -> str:
    word = text.translate(_DECORATION).strip().casefold().rstrip(".")
    return "" if _is_sign(word) else word


def _is_sign(text: str) -> bool:
    return all(unicodedata.category(letter) == "Sc" for letter in text)


def looks_like_number(cell: str) -> bool:
    """Tell whether a cell is a number in any of the known ways of writing one."""
    return not is_missing(cell) and (parse_number(cell, ".") is not None or parse_number(cell, ",") is not None)


def evidence_of(core: str) -> Evidence:
    """Return what the digits of one number say about the decimal sign of its file."""
    point, comma = core.count("."), core.count(",")
    if point and comma:
        return "decimal point" if core.rindex(".") > core.rindex(",") else "decimal comma"
    if not point and not comma:
        digits = core.split("e", maxsplit=1)[0].split("E", maxsplit=1)[0]
        return "ungrouped" if len(digits) >= 4 and digits.isdigit() else "none"
    sign: Sign = "." if point else ","
    if point + comma > 1:
        return "grouped by point" if sign == "." else "grouped by comma"
    if _AMBIGUOUS.fullmatch(core):
        return "none"
    return "decimal point" if sign == "." else "decimal comma"


def proven_sign(cells: Iterable[str]) -> Sign | None:
    """Return the decimal sign that a single number proves, such as `0.5` or `1.234.567`; None where none does."""
    for cell in cells:
        split = split_number(cell)
        evidence = evidence_of(split[1]) if split else "none"
        if evidence in {"decimal point", "grouped by comma"}:
            return "."
        if evidence in {"decimal comma", "grouped by point"}:
            return ","
    return None


def decimal_sign(columns: Iterable[Iterable[str]]) -> Sign | None:
    """Return the decimal sign of a file from all its numbers; None where they read both ways.

    Args:
        columns: The numbers of each column, each distinct one at least once, as they are written.
    """
    numbers = [[split for cell in cells if (split := split_number(cell))] for cells in columns]
    cores = [core for column in numbers for _, core in column]
    proven = proven_sign(cores)
    if proven:
        return proven
    ambiguous = {sign for core in cores for sign in ".," if sign in core}
    if not ambiguous:
        return "."
    steady = {sign for column in numbers if (sign := _steady_sign([core for unit, core in column if abs(unit) == 1]))}
    return steady.pop() if len(steady) == 1 else None


def suggests_point(cells: Iterable[str]) -> bool:
    """Tell whether numbers that read both ways stand beside one that says how they were written.

    A program that writes 1995282 without groups writes 1.319 with three decimals. The comma has no such witness: prices
    are often grouped for the eye beside a volume that is not.
    """
    cores = [split[1] for cell in cells if (split := split_number(cell))]
    return not any("," in core for core in cores) and any(evidence_of(core) == "ungrouped" for core in cores)


def _steady_sign(cores: Sequence[str]) -> Sign | None:
    """Return the decimal sign that leaves a column of `998` and `1.004` in one order of magnitude; None where both do."""
    whole = [float(core) for core in cores if core.isdigit() and float(core) > 0]
    both = [core for core in cores if _AMBIGUOUS.fullmatch(core)]
    signs = {sign for core in both for sign in ".," if sign in core}
    if not whole or len(signs) != 1:
        return None
    fractions = [float(core.replace(",", ".")) for core in both]
    as_decimals, as_thousands = _spread(whole + fractions), _spread(whole + [1000 * value for value in fractions])
    point = signs == {"."}
    if as_decimals * _UNSTEADY < as_thousands:
        return "." if point else ","
    return ("," if point else ".") if as_thousands * _UNSTEADY < as_decimals else None


def _spread(values: Sequence[float]) -> float:
    return max(values) / min(values)


def parse_number(cell: str, decimal: Sign) -> float | None:
    """Return the number in a cell: NaN where the cell says that there is none, None where it cannot be read.

    Args:
        cell: The text of one cell.
        decimal: The decimal sign of the file; the other sign, blanks and apostrophes can only group digits.
    """
    if decimal == "." and _PLAIN.fullmatch(cell):
        return float(cell)
    if is_missing(cell):
        return math.nan
    split = split_number(cell)
    if split is None:
        return math.nan if len(cell) <= _LONGEST and _EVENT.fullmatch(cell) else None
    factor, core = split
    whole, sign, fraction = core.partition(decimal)
    ungrouped = _without_groups(whole, "," if decimal == "." else ".")
    if ungrouped is None:
        return None
    text = f"{ungrouped}.{fraction}" if sign else ungrouped
    return factor * float(text) if _PLAIN.fullmatch(text) else None


def _without_groups(whole: str, sign: str) -> str | None:
    """Return the digits without their group signs, or None where the groups are no groups."""
    for group in (sign, "'", " "):
        if group in whole:
            if not (_GROUPED_WEST[group].fullmatch(whole) or _GROUPED_INDIA[group].fullmatch(whole)):
                return None
            return whole.replace(group, "")
    return whole

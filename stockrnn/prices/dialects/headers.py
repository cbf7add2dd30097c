"""Which column is what: headers matched to roles by the table of synonyms, prefixes and suffixes cut off."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stockrnn.messages import first_few
from stockrnn.prices.dialects.header_synonyms import DATE_PARTS, FILLER_WORDS, SYNONYMS
from stockrnn.prices.dialects.month_names import fold

PRICE_ROLES = ("open", "high", "low", "close", "adj_close", "volume")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_NUMBERING = re.compile(r"^\d+[a-z]?[.)]\s+", re.IGNORECASE)
_TUPLE = re.compile(r"^\(\s*'(.*?)'\s*,\s*'(.*?)'\s*\)$")
_COPY = re.compile(r"\.\d+$")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NOT_WORDS = re.compile(r"[\W_]+")
_CUTS = re.compile(r"[\W_]+|(?<=[a-z0-9])(?=[A-Z][a-z])")
_AXES = re.compile(r"(.+?)[_. -]([xy])", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """What a column's name says.

    Attributes:
        role: A key of `SYNONYMS`, or empty for an unknown name.
        rank: Where the name stands in the list of the role; lower is better.
        affix: What stands before or after the role's name and may be a ticker: `AAPL` of `AAPL.Close`.
        decorated: The name says more than the role, such as `Volume USD`: a plain name stands before it.
    """

    role: str = ""
    rank: int = 0
    affix: str = ""
    decorated: bool = False


def plain_name(name: str) -> str:
    """Return a column's name in lower case, without accents, numbering and signs, with one blank between words."""
    text = unicodedata.normalize("NFKC", name).strip()
    text = _CAMEL.sub(" ", _NUMBERING.sub("", text)).replace("%", " percent ")
    return _NOT_WORDS.sub(" ", fold(text)).strip()


def copied_name(name: str) -> str:
    """Return the name that a program numbered because it stands there twice: `Close` of `Close.1`."""
    return _COPY.sub("", name)


def _table(synonyms: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, int]]:
    table: dict[str, tuple[str, int]] = {}
    for role, names in synonyms.items():
        for rank, name in enumerate(names):
            table.setdefault(plain_name(name), (role, rank))
    return table


_ROLES = _table(SYNONYMS)
_DATE_PARTS = _table(DATE_PARTS)


def read_header(name: str) -> Header:
    """Find the role of a column by its name.

    `Close`, `4. close`, `Close*`, `Close (USD)` and `Schlusskurs` are closes; `AAPL.Close`, `Close_AAPL` and `VIX Close`
    are closes with an affix; `MSFT` is unknown.
    """
    pair = _TUPLE.match(name.strip())
    if pair:
        return _tuple_header(pair[1], pair[2])
    found = _ROLES.get(plain_name(copied_name(name)))
    if found:
        return Header(*found)
    found = _ROLES.get(plain_name(_BRACKETS.sub(" ", name)))
    if found:
        inside = " ".join(_BRACKETS.findall(name)).strip("()[] ")
        return _affixed(found, inside) if looks_like_ticker(inside) else Header(*found, decorated=True)
    return _with_affix(name)


def _tuple_header(first: str, second: str) -> Header:
    if not second:
        return read_header(first)
    for role, affix in ((first, second), (second, first)):
        found = _ROLES.get(plain_name(role))
        if found:
            return Header(*found, affix=affix)
    return Header()


def _with_affix(name: str) -> Header:
    """Find a role at the end or the beginning of a name; the longest one, and at the end first."""
    text = _COPY.sub("", unicodedata.normalize("NFKC", name).strip())
    for cut in _CUTS.finditer(text):
        found = _price_role(text[cut.end() :])
        if found and text[: cut.start()]:
            return _affixed(found, text[: cut.start()])
    for cut in reversed(list(_CUTS.finditer(text))):
        found = _price_role(text[: cut.start()])
        if found and text[cut.end() :].strip(" )]"):
            return _affixed(found, text[cut.end() :])
    return Header()


def _price_role(text: str) -> tuple[str, int] | None:
    name = plain_name(text)
    found = _ROLES.get(name)
    # One letter is too little to cut a name at: `S&P` and `BRK.C` would be tickers with a role.
    return found if found and found[0] in {*PRICE_ROLES, "price", "ignored"} and len(name) > 1 else None


def _affixed(found: tuple[str, int], affix: str) -> Header:
    words = plain_name(affix).split()
    if all(word in FILLER_WORDS for word in words):
        return Header(*found, decorated=True)
    return Header(*found, affix=affix.strip(" _.:|/()[]"))


def date_part(name: str) -> str:
    """Return `year`, `month` or `day` for the name of a column that holds a part of a date, else nothing."""
    return _DATE_PARTS.get(plain_name(name), ("", 0))[0]


def axis_of(name: str) -> tuple[str, str] | None:
    """Split the name of a plotted axis: `AAPL_x` is `("AAPL", "x")`; None for any other name."""
    match = _AXES.fullmatch(name.strip())
    return (match[1], match[2].lower()) if match else None


def looks_like_ticker(name: str) -> bool:
    """Tell whether an unknown name can be a ticker: its letters are capitals, such as `BTC-USD`, `^GSPC` or `600519`."""
    text = name.strip()
    capitals = all(
        letter.isupper() for letter in text if letter.isalpha()
    )  # a word in a script without case is no ticker
    return capitals and len(text) <= 30 and any(map(str.isalnum, text))


def listed(names: Iterable[str]) -> str:
    """Return names for a message: the first dozen, and how many more there are."""
    given = [name for name in names if name]
    return first_few(given, 12) or "no names"


def is_known_name(name: str) -> bool:
    """Tell whether a text is the name of a column in any language, without affix."""
    return plain_name(name) in _ROLES

"""What is wrong with a config value, in the words of who wrote it."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

# By the kind of error of pydantic; what stands in braces is the limit that the value breaks.
_EXPECTED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "bool_type": lambda _: "true or false",
    "int_type": lambda _: "a whole number",
    "int_from_float": lambda _: "a whole number",
    "float_type": lambda _: "a number",
    "finite_number": lambda _: "a finite number",
    "string_type": lambda _: "text",
    "date_type": lambda _: "a date such as 2012-01-31",
    "tuple_type": lambda _: "a value or a list of them",
    "too_short": lambda _: "at least one",
    "greater_than": lambda limit: f"more than {limit['gt']:.12g}",
    "greater_than_equal": lambda limit: f"{limit['ge']:.12g} or more",
    "less_than": lambda limit: f"less than {limit['lt']:.12g}",
    "less_than_equal": lambda limit: f"{limit['le']:.12g} or less",
    "literal_error": lambda limit: limit["expected"],
    "model_type": lambda _: "a section with keys",
}


def explain_value(error: Mapping[str, Any]) -> str:
    """Return what an error of pydantic's says of a value, in one line.

    Args:
        error: One of `ValidationError.errors()`.
    """
    where = ".".join(str(part) for part in error["loc"][:2])
    kind, found = error["type"], error["input"]
    if kind == "value_error":
        message = error["msg"].removeprefix("Value error, ")
    elif kind in _EXPECTED:
        message = f"expected {_EXPECTED[kind](error.get('ctx', {}))}"
    else:
        message = error["msg"]
    if not where or isinstance(found, Mapping) or not _is_plain(found):
        return f"{where}: {message}" if where else message
    return f"{where}: {message}, found {_as_written(found)}{_near(error)}"


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | dt.date | list | tuple)


def _as_written(value: Any) -> str:
    """Return a value as it stands in a TOML file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_as_written(item) for item in value)}]"
    return repr(value)


def _near(error: Mapping[str, Any]) -> str:
    """Return the known word that a misspelt one is near to."""
    if not isinstance(error["input"], str):
        return ""
    words = error.get("ctx", {}).get("expected", "").split("'")[1::2]
    near = difflib.get_close_matches(error["input"].lower(), words, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def explain_unknown_key(location: Sequence[str], known: Sequence[str], homes: Sequence[str] = ()) -> str:
    """Return which keys there are instead of one that there is not.

    Args:
        location: The unknown key after the names of what it is in.
        known: The keys that are known there.
        homes: Sections that have a key of this name.
    """
    parents, key = "".join(f"{name}." for name in location[:-1]), location[-1]
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    meant = [f"{home}.{key}" for home in homes] or [f"{parents}{name}" for name in near]
    hint = f"; did you mean {' or '.join(meant)}?" if meant else ""
    return f"unknown {'key' if parents else 'section'} {parents}{key}{hint} (known: {', '.join(known)})"

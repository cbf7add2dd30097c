"""Options that several commands share, each one decorator."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")

calendar_option = click.option(
    "--calendar",
    metavar="NAME",
    help="Exchange calendar that dates the sessions to come, such as XNYS, XLON or 24/7.  [default: XNYS, or 24/7 when the prices have weekends]",
)

force_option = click.option("--force", is_flag=True, help="Replace what is there.")


def notify(message: str) -> None:
    """Tell the user something beside the result, on stderr."""
    click.echo(message, err=True)


def print_json(document: Any) -> None:
    """Print one JSON document on stdout; what JSON has no number for (NaN, infinity) becomes null."""
    json.dump(_finite(document), sys.stdout, indent=2, allow_nan=False, ensure_ascii=False)
    sys.stdout.write("\n")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value

"""Options that several commands share, each one decorator."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

# Exit code of a command that Ctrl-C ended.
INTERRUPTED = 130

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")

calendar_option = click.option(
    "--calendar",
    metavar="NAME",
    help="Exchange calendar that dates the sessions to come, such as XNYS, XLON or 24/7.  [default: XNYS, or 24/7 when the prices have weekends]",
)

everything_option = click.option("--all", "everything", is_flag=True, help="Show every metric and every ticker.")

run_argument = click.argument("run", type=click.Path(path_type=Path), metavar="RUN")

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


def config_options(command: F) -> F:
    """Add --config and --set."""
    command = click.option(
        "--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override a config value; repeatable."
    )(command)
    return click.option(
        "--config", metavar="NAME|PATH", help="A bundled recipe, such as google, or a TOML file.  [default: google]"
    )(command)


runs_option = click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Folder of all runs."
)

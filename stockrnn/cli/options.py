"""Options that several commands share, each one decorator."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from stockrnn.evaluation.required_skill import RequiredSkill
    from stockrnn.prices.read_options import ReadOptions

# Exit code of a command that Ctrl-C ended.
INTERRUPTED = 130

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")

calendar_option = click.option(
    "--calendar",
    metavar="NAME",
    help="Exchange calendar of the sessions, such as XNYS, XLON or 24/7.  [default: 24/7 when the prices have weekends, else that of the tickers' suffix (.L is XLON), else XNYS]",
)

everything_option = click.option("--all", "everything", is_flag=True, help="Show every metric and every ticker.")

run_argument = click.argument("run", type=click.Path(path_type=Path), metavar="RUN")

cost_option = click.option(
    "--cost-bps",
    type=click.FloatRange(0, 10_000),
    default=10.0,
    show_default=True,
    help="Trading costs: basis points of each unit of position bought or sold.",
)

# A day of a calendar, such as 2017-06-09.
DAY = click.DateTime(["%Y-%m-%d"])

force_option = click.option("--force", is_flag=True, help="Replace what is there.")


def reading_options(command: F) -> F:
    """Add the options that say what price files cannot say themselves; see `read_options_from`."""
    options = (
        click.option(
            "--date-order",
            type=click.Choice(["dmy", "mdy", "ymd"]),
            help="Order of day, month and year in dates such as 03/04/2017.  [default: what the file shows]",
        ),
        click.option(
            "--decimal",
            type=click.Choice([".", ","]),
            help="Decimal sign of numbers such as 1.234.  [default: what the file shows]",
        ),
        click.option(
            "--columns",
            multiple=True,
            metavar="ROLE=NAME[,...]",
            callback=_columns,
            help="Which column of the file is what, such as close=Last or date=Day.",
        ),
        click.option(
            "--adjust",
            type=click.Choice(["none", "all"]),
            help="all: multiply open, high, low and close by Adj Close / Close.  [default: none]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def skill_options(command: F) -> F:
    """Add --require-skill and --part; see `required_skill`."""
    command = click.option(
        "--part",
        type=click.Choice(["point", "distribution"]),
        help="What the required skill is of: RMSE against the best naive forecast, or CRPS against the best bands.  [default: point]",
    )(command)
    return click.option(
        "--require-skill",
        type=float,
        callback=_finite_number,
        metavar="SKILL",
        help="Exit with 9 unless the skill (0.02: 2 % better than the opponent) is at least this, at every horizon.",
    )(command)


def _finite_number(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is not a number; expected one such as 0.02")
    return value


def required_skill(require_skill: float | None, part: str | None) -> RequiredSkill | None:
    """Return what the options of `skill_options` require; None where they require nothing.

    Raises:
        click.UsageError: A part of what is not required.
    """
    if require_skill is None:
        if part is not None:
            raise click.UsageError(f"--part {part} says what --require-skill is of; give both.")
        return None
    from stockrnn.evaluation.required_skill import RequiredSkill

    return RequiredSkill(require_skill, cast("Any", part or "point"))


_MAPPED = ("date", "time", "ticker", "open", "high", "low", "close", "adj_close", "volume")


def _columns(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Turn `close=Last,volume=Vol` into a mapping; a comma that no role follows belongs to the name before it."""
    pairs: list[tuple[str, str]] = []
    for value in values:
        for position, part in enumerate(value.split(",")):
            role, sign, name = part.partition("=")
            if sign and role.strip().lower() in _MAPPED:
                pairs.append((role.strip().lower(), name.strip()))
            elif position and pairs and not sign:
                pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]},{part}")
            else:
                raise click.BadParameter(f"{part!r} is not ROLE=NAME with a role of {', '.join(_MAPPED)}")
    roles = [role for role, _ in pairs]
    if any(not name for _, name in pairs) or len(set(roles)) < len(roles):
        raise click.BadParameter("each role needs one name, such as close=Last")
    return dict(pairs)


def read_options_from(options: Mapping[str, Any]) -> ReadOptions:
    """Return what the options of `reading_options`, among those of a command, say to the reader of prices."""
    from stockrnn.prices.read_options import ReadOptions

    return ReadOptions(**{name: options[name] for name in ("adjust", "date_order", "decimal", "columns")})


def notify(message: str) -> None:
    """Tell the user something beside the result, on stderr."""
    # Named, because Click would write past what a live bar puts in its place to keep messages above itself.
    click.echo(message, file=sys.stderr)


def tell_pictures(*pictures: Path | None) -> None:
    """Say below a result where its pictures were drawn; nothing of those that nobody asked for."""
    for picture in filter(None, pictures):
        click.echo(f"Picture: {picture}")


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


def complete_config(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return what a shell may make of the beginning of a config: recipes of that name, and files."""
    from stockrnn.bundled import bundled_names

    recipes = [name for name in bundled_names("configs", ".toml") if name.startswith(incomplete)]
    return [*(CompletionItem(name) for name in recipes), CompletionItem(incomplete, type="file")]


def config_options(command: F) -> F:
    """Add --config and --set."""
    command = click.option(
        "--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Override a config value; repeatable."
    )(command)
    return click.option(
        "--config",
        metavar="NAME|PATH",
        shell_complete=complete_config,
        help="A bundled recipe, such as google, or a TOML file.  [default: google]",
    )(command)


def as_overrides(seeds: int | None, calendar: str | None = None) -> list[str]:
    """Return what --seeds and --calendar say as values for --set; nothing without them."""
    chosen = [f"train.seeds={list(range(1, seeds + 1))}"] if seeds else []
    return [*chosen, f"data.calendar='{calendar}'"] if calendar else chosen


name_option = click.option("--name", help="Name of the run folder.  [default: the recipe's name, then -2, -3, ...]")

networks_option = click.option(
    "--jobs", type=click.IntRange(1), help="Networks trained at a time, each in a process.  [default: all cores]"
)

runs_option = click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Folder of all runs."
)

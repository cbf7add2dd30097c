"""Tables for people, as text."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from stockrnn.evaluation.metrics import Score, YearScore

# A line under the header, in ASCII: every console can show it.
_LINES = box.Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)

_NAMES = {
    "network": "network",
    "last_value": "last value",
    "last_close": "last close",
    "drift": "drift",
    "moving_average": "moving average",
    "ewma_gaussian": "EWMA, Gaussian",
    "ewma_bands": "EWMA bands",
    "har_bands": "HAR bands",
    "garch": "GARCH",
}
# More tickers than these are summed up in the pooled rows.
_MOST_TICKERS = 5

_FEW = ("rmse", "mae", "mape", "skill")
# All metrics, in tables that fit a line: what was missed, to which side and how late, and how good the ranges were.
_ALL = (
    _FEW,
    ("mase", "r2", "direction", "majority", "direction_p", "lag", "rows"),
    ("crps", "crps_pct", "pinball", "coverage90", "width90"),
)
_HEADERS = {
    "rmse": "typical\nmiss\n(RMSE)",
    "mae": "average\nmiss\n(MAE)",
    "mape": "in\nper cent\n(MAPE)",
    "skill": "gain on\nbest naive\n(skill)",
    "mase": "MASE",
    "r2": "R2 on\nlast close",
    "rows": "forecasts",
    "direction": "right\ndirection",
    "majority": "always\nthe same",
    "direction_p": "by chance\n(p)",
    "lag": "lag",
    "crps": "CRPS",
    "crps_pct": "CRPS,\nlog %",
    "pinball": "pinball\nloss",
    "coverage90": "in 90 %\nrange",
    "width90": "its\nwidth",
}
# Longer numbers would push the table apart.
_LONG = 1e9
_SHARES = ("skill", "direction", "majority", "coverage90", "r2")


def forecaster_name(forecaster: str) -> str:
    """Return what a forecaster is called in tables and sentences."""
    return _NAMES.get(forecaster, forecaster)


def score_table(scores: Sequence[Score], everything: bool = False) -> str:
    """Return a table of scores: few columns in plain words, or all of them in up to three tables."""
    # What a distribution is worth belongs to the few where there is one.
    ranges = ("crps", "coverage90") if any(score.crps is not None for score in scores) else ()
    groups = _ALL if everything else ((*_FEW, *ranges),)
    return "\n\n".join(_one_table(scores, columns, everything) for columns in groups if _present(scores, columns))


def year_table(scores: Sequence[YearScore]) -> str:
    """Return a table of the scores of each year: those of all tickers, or of the only one."""
    first = scores[0].ticker if scores else None
    shown = [score for score in scores if score.ticker == first]
    return _one_table(shown, ("rmse", "mae", "skill", "direction", "crps", "coverage90"), everything=True)


def _present(scores: Sequence[Score], columns: Sequence[str]) -> list[str]:
    return [name for name in columns if any(getattr(score, name) is not None for score in scores)]


def _one_table(scores: Sequence[Score], columns: Sequence[str], everything: bool) -> str:
    tickers = list(dict.fromkeys(score.ticker for score in scores))
    shown = tickers if everything or len(tickers) <= _MOST_TICKERS + 1 else tickers[:1]
    keys, columns = _key_columns(scores), _present(scores, columns)
    table = Table(box=_LINES)
    for name in keys:
        table.add_column(name, no_wrap=True)
    for name in columns:
        table.add_column(_HEADERS[name], justify="right")
    for score in scores:
        # Who has none of a table's metrics, as a point forecast has no range, is left out of it.
        if score.ticker not in shown or not _present([score], columns):
            continue
        table.add_row(*(_key(score, name) for name in keys), *(_cell(name, getattr(score, name)) for name in columns))
    return _text(table)


def plain_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text under headers, numbers to the right."""
    table = Table(box=_LINES)
    for header, first in zip(headers, rows[0] if rows else headers, strict=True):
        table.add_column(header, justify="right" if set(first) <= set("0123456789.-% ") else "left")
    for row in rows:
        table.add_row(*row)
    return _text(table)


def _key_columns(scores: Sequence[Score]) -> list[str]:
    several = {
        "year": any(isinstance(score, YearScore) for score in scores),
        "ticker": len({score.ticker for score in scores}) > 1,
        "forecast": True,
        "ahead": len({score.horizon for score in scores}) > 1,
    }
    return [name for name, shown in several.items() if shown]


def _key(score: Score, column: str) -> str:
    names = {
        "year": str(getattr(score, "year", "")),
        "ticker": score.ticker or "all, in log %",
        "forecast": forecaster_name(score.forecaster),
        "ahead": str(score.horizon),
    }
    return names[column]


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name in _SHARES:
        # Nothing less than nothing: no "-0.0 %".
        return f"{round(100 * value, 1) + 0.0:.1f} %"
    if name == "mape":
        return f"{value:.2f} %"
    return str(value) if isinstance(value, int) else f"{value:.4g}" if not 1 <= abs(value) < _LONG else f"{value:.2f}"


def _text(table: Table) -> str:
    # A fixed width and no styles: the same text in a narrow terminal, a pipe and a log. Tickers are no markup.
    console = Console(
        file=io.StringIO(),
        width=120,
        color_system=None,
        force_terminal=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(table)
    output = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in output.splitlines()).strip("\n")

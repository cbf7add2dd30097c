"""Tables for people, as text."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from stockrnn.evaluation.metrics import Score

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
_ALL = (*_FEW, "mase", "direction", "crps", "crps_pct", "coverage90", "rows")
_HEADERS = {
    "rmse": "typical miss\n(RMSE)",
    "mae": "average miss\n(MAE)",
    "mape": "in per cent\n(MAPE)",
    "skill": "gain on best\nnaive (skill)",
    "mase": "MASE",
    "direction": "right\ndirection",
    "crps": "CRPS",
    "crps_pct": "CRPS,\nlog %",
    "coverage90": "in 90 %\nrange",
    "rows": "forecasts",
}
_SHARES = ("skill", "direction", "coverage90")


def score_table(scores: Sequence[Score], everything: bool = False) -> str:
    """Return a table of scores: few columns in plain words, or all of them."""
    columns = [name for name in (_ALL if everything else _FEW) if any(getattr(s, name) is not None for s in scores)]
    tickers = list(dict.fromkeys(score.ticker for score in scores))
    horizons = {score.horizon for score in scores}
    shown = tickers if everything or len(tickers) <= _MOST_TICKERS + 1 else tickers[:1]
    table = Table(box=_LINES)
    for name in _key_columns(tickers, horizons):
        table.add_column(name)
    for name in columns:
        table.add_column(_HEADERS[name], justify="right")
    for score in (s for s in scores if s.ticker in shown):
        keys = [_key(score, name) for name in _key_columns(tickers, horizons)]
        table.add_row(*keys, *(_cell(name, getattr(score, name)) for name in columns))
    return _text(table)


def plain_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text under headers, numbers to the right."""
    table = Table(box=_LINES)
    for header, first in zip(headers, rows[0] if rows else headers, strict=True):
        table.add_column(header, justify="right" if first.replace(".", "").replace("-", "").isdigit() else "left")
    for row in rows:
        table.add_row(*row)
    return _text(table)


def _key_columns(tickers: Sequence[str | None], horizons: set[int]) -> list[str]:
    return [*(["ticker"] if len(tickers) > 1 else []), "forecast", *(["ahead"] if len(horizons) > 1 else [])]


def _key(score: Score, column: str) -> str:
    if column == "ticker":
        return score.ticker or "all, in log %"
    return str(score.horizon) if column == "ahead" else _NAMES.get(score.forecaster, score.forecaster)


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name in _SHARES:
        return f"{100 * value:.1f} %"
    if name == "mape":
        return f"{value:.2f} %"
    return str(value) if isinstance(value, int) else f"{value:.4g}" if abs(value) < 1 else f"{value:.2f}"


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

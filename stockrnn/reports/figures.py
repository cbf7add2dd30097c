"""Pictures of forecasts, drawn without a display."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from stockrnn.forecasts.bands import BAND_NAMES
from stockrnn.forecasts.baselines import BASELINES
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecasts
from stockrnn.reports.picture_files import save_picture

# More panels than these cannot be read in one picture.
_MOST_PANELS = 6

# So many are marked one by one.
_FEW_SESSIONS = 12
# The least that the price axis spans, as a share of the price.
_LEAST_SPAN = 0.002

_ACTUAL_COLOUR, _NAIVE_COLOUR = "#1a1a1a", "#1f77b4"
# Of the forecasters that are judged, one after the other.
_COLOURS = ("#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf")


def save_forecast_figures(forecasts: Forecasts, folder: Path) -> list[Path]:
    """Draw real against predicted price as PNG and SVG into a folder, and return the files."""
    paths = [folder / "forecast.png", folder / "forecast.svg"]
    save_picture(lambda: draw_forecasts(forecasts), *paths)
    return paths


def save_forecast_figure(forecasts: Forecasts, path: Path) -> None:
    """Draw real against predicted price, 1200 x 700 pixels, in the format of the file's suffix.

    Raises:
        ConfigError: A suffix of no known format.
    """
    save_picture(lambda: draw_forecasts(forecasts), path)


def draw_forecasts(forecasts: Forecasts) -> Figure:
    """Draw the network beside the actual price and the naive forecast.

    Of one ticker the first horizon, and below it the last one where there are several; of more tickers the first horizon,
    a panel a ticker.
    """
    panels, title = _panels(forecasts)
    rows = 1 if len(panels) <= 2 else 2
    columns = -(-len(panels) // rows)
    if forecasts["ticker"].nunique() == 1:
        rows, columns = len(panels), 1
    figure = Figure(figsize=(12, 7), layout="constrained")
    # Horizons are of the same sessions.
    axes = figure.subplots(rows, columns, squeeze=False, sharex=columns == 1).ravel()
    for axis, (name, shown) in zip(axes, panels.items(), strict=False):
        _draw_ticker(axis, shown, most_ticks=12 if columns == 1 else 6)
        axis.legend(loc="best", fontsize="medium" if len(panels) == 1 else "x-small", framealpha=0.6)
        axis.set_title(name if len(panels) > 1 else title)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    if len(panels) > 1:
        figure.suptitle(title)
    return figure


def _panels(forecasts: Forecasts) -> tuple[dict[str, Forecasts], str]:
    """Return what each panel shows by its title, and the title of all."""
    horizons = sorted(forecasts["horizon"].unique())
    nearest = forecasts[forecasts["horizon"] == horizons[0]]
    tickers = list(dict.fromkeys(nearest["ticker"]))
    first, last = forecasts["session"].min(), forecasts["session"].max()
    what = f"real and predicted {nearest['target'].iloc[0]}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"
    if len(tickers) == 1:
        ends = dict.fromkeys((horizons[0], horizons[-1]))
        return {_ahead(each): forecasts[forecasts["horizon"] == each] for each in ends}, f"{tickers[0]}: {what}"
    which = f"the first {_MOST_PANELS} of {len(tickers)} tickers: " if len(tickers) > _MOST_PANELS else ""
    ahead = f", {_ahead(horizons[0])}" if len(horizons) > 1 else ""
    return {name: nearest[nearest["ticker"] == name] for name in tickers[:_MOST_PANELS]}, f"{which}{what}{ahead}"


def _ahead(horizon: int) -> str:
    return "one session ahead" if horizon == 1 else f"{horizon} sessions ahead"


def _draw_ticker(axis: Axes, forecasts: Forecasts, most_ticks: int) -> None:
    target = forecasts["target"].iloc[0]
    by_forecaster = {str(name): rows for name, rows in forecasts.groupby("forecaster", sort=False)}
    naive = "last_close" if "last_close" in by_forecaster else "last_value"
    actual = next(iter(by_forecaster.values()))
    # A few sessions are points, which a line alone would hide.
    marker: dict[str, Any] = {"marker": "o", "markersize": 4} if len(actual) <= _FEW_SESSIONS else {}
    axis.plot(
        actual["session"], actual["actual"], color=_ACTUAL_COLOUR, linewidth=1.6, label=f"real {target}", **marker
    )
    if naive in by_forecaster:
        # On top: a network behind a shut gate is the naive forecast, and would hide it.
        style = {"linewidth": 1.4, "linestyle": (0, (5, 5)), "zorder": 3, **marker}
        _draw_line(axis, by_forecaster[naive], naive.replace("_", " "), _NAIVE_COLOUR, **style)
    judged = [name for name in by_forecaster if name not in (*BASELINES, *BAND_NAMES)]
    for name, colour in zip(judged, itertools.cycle(_COLOURS)):
        _draw_range(axis, by_forecaster[name], name, colour)
        _draw_line(axis, by_forecaster[name], name, colour, linewidth=1.8, **marker)
    axis.set_xlabel("session")
    axis.set_ylabel(f"{target} (quote currency)")
    locator = AutoDateLocator(minticks=3, maxticks=most_ticks)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axis.grid(alpha=0.3)
    _scale(axis, actual["actual"].mean())


def _scale(axis: Axes, price: float) -> None:
    """Write prices in full, and let prices that hardly move be a line and not a drama."""
    axis.yaxis.get_major_formatter().set_useOffset(False)  # type: ignore[attr-defined]
    low, high = axis.get_ylim()
    least = _LEAST_SPAN * price
    if high - low < least:
        middle = (low + high) / 2
        axis.set_ylim(middle - least / 2, middle + least / 2)


def _draw_line(axis: Axes, rows: Forecasts, name: str, colour: str, **style: Any) -> None:
    error = ((rows["forecast"] - rows["actual"]) ** 2).mean() ** 0.5
    label = f"{name} (RMSE {error:.2f})" if error >= 1 else f"{name} (RMSE {error:.3g})"
    axis.plot(rows["session"], rows["forecast"], color=colour, label=label, **style)


def _draw_range(axis: Axes, rows: Forecasts, name: str, colour: str) -> None:
    """Shade where 90 % of the actual prices should lie, and say how many did."""
    low, high = rows[QUANTILE_COLUMNS[0]], rows[QUANTILE_COLUMNS[-1]]
    if low.isna().any():
        return
    inside = ((rows["actual"] >= low) & (rows["actual"] <= high))[rows["actual"].notna()].mean()
    label = f"{name}, 90 % range ({100 * inside:.0f} % inside)"
    # The edge shows the range of a single session too.
    edge = 0 if len(rows) > 1 else 8
    axis.fill_between(rows["session"], low, high, color=colour, alpha=0.18, linewidth=edge, label=label)

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
    """Draw the first horizon of the network beside the actual price and the naive forecast, a panel a ticker."""
    shown = forecasts[forecasts["horizon"] == forecasts["horizon"].min()]
    tickers = list(dict.fromkeys(shown["ticker"]))
    panels = tickers[:_MOST_PANELS]
    rows = 1 if len(panels) <= 2 else 2
    columns = -(-len(panels) // rows)
    figure = Figure(figsize=(12, 7), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, ticker in zip(axes, panels, strict=False):
        _draw_ticker(axis, shown[shown["ticker"] == ticker], most_ticks=12 if columns == 1 else 6)
        axis.legend(loc="best", fontsize="medium" if len(panels) == 1 else "x-small", framealpha=0.6)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    what = _what_is_shown(shown, forecasts["horizon"].nunique() > 1)
    if len(tickers) == 1:
        axes[0].set_title(f"{tickers[0]}: {what}")
        return figure
    for axis, ticker in zip(axes, panels, strict=False):
        axis.set_title(ticker)
    which = f"the first {len(panels)} of {len(tickers)} tickers: " if len(tickers) > len(panels) else ""
    figure.suptitle(f"{which}{what}")
    return figure


def _what_is_shown(shown: Forecasts, several_horizons: bool) -> str:
    target, ahead = shown["target"].iloc[0], " one session ahead" if several_horizons else ""
    first, last = shown["session"].min(), shown["session"].max()
    return f"real and predicted {target}{ahead}, {first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _draw_ticker(axis: Axes, forecasts: Forecasts, most_ticks: int) -> None:
    target = forecasts["target"].iloc[0]
    by_forecaster = {str(name): rows for name, rows in forecasts.groupby("forecaster", sort=False)}
    naive = "last_close" if "last_close" in by_forecaster else "last_value"
    actual = next(iter(by_forecaster.values()))
    axis.plot(actual["session"], actual["actual"], color=_ACTUAL_COLOUR, linewidth=1.6, label=f"real {target}")
    if naive in by_forecaster:
        _draw_line(axis, by_forecaster[naive], naive.replace("_", " "), _NAIVE_COLOUR, linewidth=1.0, linestyle="--")
    judged = [name for name in by_forecaster if name not in (*BASELINES, *BAND_NAMES)]
    for name, colour in zip(judged, itertools.cycle(_COLOURS)):
        _draw_range(axis, by_forecaster[name], name, colour)
        _draw_line(axis, by_forecaster[name], name, colour, linewidth=1.8)
    axis.set_xlabel("session")
    axis.set_ylabel(f"{target} (quote currency)")
    locator = AutoDateLocator(minticks=3, maxticks=most_ticks)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axis.grid(alpha=0.3)


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
    axis.fill_between(rows["session"], low, high, color=colour, alpha=0.18, linewidth=0, label=label)

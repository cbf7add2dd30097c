"""Pictures of forecasts, drawn without a display."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from stockrnn.forecasts.table import Forecasts
from stockrnn.reports.picture_files import save_picture

# More panels than these cannot be read in one picture.
_MOST_PANELS = 6

_LABELS = {"network": "network", "last_close": "last close", "last_value": "last value"}
_COLOURS = {"actual": "#1a1a1a", "network": "#d62728", "last_close": "#1f77b4", "last_value": "#1f77b4"}


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
    by_forecaster = dict(list(forecasts.groupby("forecaster", sort=False)))
    naive = "last_close" if "last_close" in by_forecaster else "last_value"
    actual = next(iter(by_forecaster.values()))
    axis.plot(actual["session"], actual["actual"], color=_COLOURS["actual"], linewidth=1.6, label=f"real {target}")
    for name, style in ((naive, {"linewidth": 1.0, "linestyle": "--"}), ("network", {"linewidth": 1.8})):
        if name in by_forecaster:
            rows = by_forecaster[name]
            error = ((rows["forecast"] - rows["actual"]) ** 2).mean() ** 0.5
            label = f"{_LABELS[name]} (RMSE {error:.2f})" if error >= 1 else f"{_LABELS[name]} (RMSE {error:.3g})"
            axis.plot(rows["session"], rows["forecast"], color=_COLOURS[name], label=label, **style)
    axis.set_xlabel("session")
    axis.set_ylabel(f"{target} (quote currency)")
    locator = AutoDateLocator(minticks=3, maxticks=most_ticks)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axis.grid(alpha=0.3)

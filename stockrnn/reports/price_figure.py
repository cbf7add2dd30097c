"""A picture of prices with what the doctor of price tables found marked in it, drawn without a display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from stockrnn.arrays import Floats
from stockrnn.prices.doctor.bars import Bars, runs_of
from stockrnn.prices.doctor.diagnosis import Diagnosis
from stockrnn.prices.doctor.findings import Finding
from stockrnn.reports.picture_files import save_picture

# More panels than these cannot be read in one picture.
_MOST_PANELS = 6
# Neighbouring rows from this many on are a shaded stretch, fewer are markers.
_STRETCH = 5
# Prices that span more than this are drawn on a logarithmic axis.
_WIDE = 12.0

_COLOURS = ("#d62728", "#ff7f0e", "#9467bd", "#2ca02c", "#8c564b", "#e377c2", "#17becf", "#bcbd22")
_MARKERS = ("v", "o", "s", "D", "^", "P", "X", "*")


def save_price_figure(diagnoses: Sequence[Diagnosis], path: Path) -> None:
    """Draw prices and findings, 1200 x 700 points, in the format of the file's suffix.

    Raises:
        ConfigError: A suffix of no known format.
    """
    save_picture(lambda: draw_prices(diagnoses), path)


def draw_prices(diagnoses: Sequence[Diagnosis]) -> Figure:
    """Draw a panel a ticker, those with findings first."""
    panels = sorted(diagnoses, key=lambda diagnosis: not diagnosis.findings)[:_MOST_PANELS]
    rows = 1 if len(panels) <= 2 else 2
    columns = -(-len(panels) // rows)
    figure = Figure(figsize=(12, 7), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, diagnosis in zip(axes, panels, strict=False):
        _draw_ticker(axis, diagnosis, crowded=len(panels) > 2)
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    if len(diagnoses) > len(panels):
        figure.suptitle(f"{len(panels)} of {len(diagnoses)} tickers, those with warnings first")
    return figure


def _draw_ticker(axis: Axes, diagnosis: Diagnosis, *, crowded: bool) -> None:
    bars = diagnosis.bars
    main = bars.columns[bars.main_column]
    if {"high", "low"} <= set(bars.columns):
        low, high = bars.columns["low"], bars.columns["high"]
        axis.fill_between(bars.sessions, low, high, color="#1f77b4", alpha=0.35, linewidth=0.6, label="low to high")
    axis.plot(bars.sessions, main, color="#1a1a1a", linewidth=1.0, label=bars.main_column)
    for place, finding in enumerate(diagnosis.findings):
        _mark(axis, bars, finding, place)
    _scale(axis, bars)
    span = (bars.sessions[0].astype("datetime64[D]"), bars.sessions[-1].astype("datetime64[D]"))
    name = bars.ticker if len(bars.ticker) <= 40 else f"{bars.ticker[:37]}..."
    axis.set_title(f"{name}\n{span[0]} to {span[1]}" if crowded else f"{name}: {span[0]} to {span[1]}")
    axis.set_xlabel("session")
    axis.set_ylabel("price" if crowded else "price (quote currency)")
    locator = AutoDateLocator(minticks=3, maxticks=6 if crowded else 12)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    axis.grid(alpha=0.3)
    # Below the axis, where it hides no price: what was found may lie anywhere.
    below = (0.5, -0.22 if crowded else -0.1)
    axis.legend(loc="upper center", bbox_to_anchor=below, ncols=2 if crowded else 4, fontsize=8 if crowded else 10)


def _mark(axis: Axes, bars: Bars, finding: Finding, place: int) -> None:
    """Shade the stretches of a finding, and put markers on its single rows."""
    colour = _COLOURS[place % len(_COLOURS)]
    label: str | None = f"{finding.code} ({len(finding.sessions)})"
    touched = np.isin(bars.sessions, finding.sessions)
    single = touched.copy()
    for start, stop in runs_of(touched):
        if stop - start >= _STRETCH:
            axis.axvspan(bars.sessions[start], bars.sessions[stop - 1], color=colour, alpha=0.15, label=label)
            single[start:stop] = False
            label = None
    if finding.code == "unadjusted_split":
        for session in finding.sessions:
            axis.axvline(session, color=colour, linestyle="--", linewidth=1.2)
    marker = _MARKERS[place % len(_MARKERS)]
    drawn = single & np.isfinite(_marked_values(bars, finding))
    if drawn.any():
        values = _marked_values(bars, finding)[drawn]
        axis.scatter(bars.sessions[drawn], values, color=colour, marker=marker, s=36, zorder=3, label=label)
        label = None
    # Sessions without a price to put a marker on: a row of ticks along the lower edge.
    bare = np.setdiff1d(finding.sessions, bars.sessions[touched & ~(single & ~drawn)])
    if len(bare):
        edge = np.full(len(bare), 0.02)
        transform = axis.get_xaxis_transform()
        axis.scatter(bare, edge, color=colour, marker="|", s=90, linewidth=1.4, transform=transform, label=label)


def _marked_values(bars: Bars, finding: Finding) -> Floats:
    """Return the column that a finding is about: the first price column it names, else the main one."""
    prices = bars.prices
    name = next((column for column in finding.columns if column in prices), bars.main_column)
    return prices[bars.main_column if bars.main_column in finding.columns else name]


def _scale(axis: Axes, bars: Bars) -> None:
    values = np.concatenate(list(bars.prices.values()))
    values = values[np.isfinite(values)]
    if len(values) and values.min() > 0 and values.max() > _WIDE * values.min():
        axis.set_yscale("log")
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_formatter("")

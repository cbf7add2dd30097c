"""Pictures of what is inside a network: gradients by lag, gates over a window, importance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stockrnn.forecasts.cell_trace import DatedTrace
from stockrnn.models.lag_norms import GradientFlow
from stockrnn.reports.explain_gates import layer_title
from stockrnn.reports.explain_gradients import GradientReport
from stockrnn.reports.explain_importance import ImportanceReport

_GATES = ("forget", "input", "output", "update", "reset")
_MEANINGS = {
    "forget": "forget gate\n0 drop, 1 keep",
    "input": "input gate\n0 shut, 1 add",
    "candidate": "candidate\nwhat to add",
    "output": "output gate\n0 shut, 1 let out",
    "update": "update gate\n0 renew, 1 keep",
    "reset": "reset gate\n0 ignore, 1 look",
}


def draw_gates(dated: DatedTrace) -> Figure:
    """Draw the prices of the window above a heat map a gate and state, all over the same sessions."""
    trace = dated.trace
    state = trace.output if trace.memory is None else trace.memory
    # The units that hold most on the day are at the top of every panel.
    order = np.argsort(state[-1])[::-1]
    panels: list[tuple[str, Any, str]] = [(_MEANINGS[name], values, name) for name, values in trace.gates.items()]
    if trace.memory is not None:
        panels.append(("cell state\nthe memory", trace.memory, "state"))
    panels.append(("hidden state\nwhat is let out" if trace.gates else "state\none tanh", trace.output, "state"))
    if trace.gates:
        panels.append(("plain cell\none tanh, no gates", trace.plain, "state"))
    figure = Figure(figsize=(12, 2.6 + 1.45 * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels) + 1, 1, sharex=True, height_ratios=[1.4, *[1.0] * len(panels)])
    _draw_prices(axes[0], dated)
    for axis, (label, values, kind) in zip(axes[1:], panels, strict=True):
        _heat_map(figure, axis, values[:, order].T, kind in _GATES)
        axis.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=10)
    _date_axis(axes[-1], dated)
    day = f"{dated.sessions[-1]:%Y-%m-%d}"
    figure.suptitle(
        f"{dated.ticker}: {layer_title(trace)}, window up to {day}\n(units ordered by their state on that day)"
    )
    return figure


def _draw_prices(axis: Axes, dated: DatedTrace) -> None:
    places = np.arange(len(dated.prices))
    axis.plot(places, dated.prices, color="#1a1a1a", linewidth=1.6, marker="o" if len(places) == 1 else None)
    axis.set_ylabel(f"{dated.target}\n(quote currency)", rotation=0, ha="right", va="center", fontsize=10)
    axis.grid(alpha=0.3)


def _heat_map(figure: Figure, axis: Axes, values: np.ndarray, is_gate: bool) -> None:
    limit = 1.0 if is_gate else max(float(np.abs(values).max()), 1e-6)
    colours = (
        {"vmin": 0.0, "vmax": 1.0, "cmap": "viridis"} if is_gate else {"vmin": -limit, "vmax": limit, "cmap": "RdBu_r"}
    )
    image = axis.imshow(values, aspect="auto", interpolation="nearest", **colours)  # type: ignore[arg-type]
    axis.set_yticks([])
    figure.colorbar(image, ax=axis, pad=0.01, aspect=8)


def _date_axis(axis: Axes, dated: DatedTrace) -> None:
    # Sessions stand side by side, weekends leave no gap; the last one is always named.
    count = len(dated.sessions)
    places = np.unique(np.linspace(count - 1, 0, min(count, 8)).round().astype(int))
    axis.set_xticks(places, [f"{dated.sessions[place]:%Y-%m-%d}" for place in places])
    axis.set_xlabel("session")


def draw_importance(report: ImportanceReport) -> Figure:
    """Draw how much the error grows and how far the forecast moves, with the spread of the repeats."""
    kinds, (metric, moving) = ("feature", "lags"), report.measured
    counts = [sum(each.part.kind == kind for each in report.found) for kind in kinds]
    figure = Figure(figsize=(12, 3.0 + 0.5 * len(report.found)), layout="constrained")
    axes = figure.subplots(2, 1, height_ratios=[count + 0.6 for count in counts], sharex=True)
    for axis, kind in zip(axes, kinds, strict=True):
        found = [each for each in report.found if each.part.kind == kind][::-1]
        places = np.arange(len(found))
        series = ((f"{metric} grows by", "#d62728", 0.2, "growth"), (f"{moving} moves by", "#1f77b4", -0.2, "movement"))
        for label, colour, shift, name in series:
            values = [getattr(each, name) for each in found]
            spread = [each.std(ddof=1) for each in values]
            axis.barh(places + shift, [each.mean() for each in values], 0.38, xerr=spread, color=colour, label=label)
        axis.set_yticks(places, [each.part.name for each in found])
        axis.set_ylabel("feature" if kind == "feature" else "lag (1: newest session)")
        axis.axvline(0, color="#1a1a1a", linewidth=0.8)
        axis.grid(alpha=0.3, axis="x")
    axes[0].legend(loc="best")
    axes[1].set_xlabel(
        f"{report.target} (quote currency); bars: mean, lines: standard deviation of {report.repeats} permutations"
    )
    figure.suptitle(
        f"{report.ticker}: permutation importance, {report.test[0]} to {report.test[1]}, {metric} as it is {report.loss:.3g}"
        + ("; the gate is shut: the point forecast is the naive one" if report.gate == 0 else "")
    )
    return figure


def draw_gradients(report: GradientReport) -> Figure:
    """Draw the norm of every gradient by lag on a logarithmic axis, and what clipping does when cells are compared."""
    if report.is_trained:
        figure = Figure(figsize=(12, 7), layout="constrained")
        axes = [figure.subplots()]
    else:
        figure = Figure(figsize=(14, 13), layout="constrained")
        axes = list(figure.subplots(-(-(len(report.flows) + 1) // 2), 2).ravel())
    norms = np.concatenate([each.norms for flow in report.flows for each in flow.by_lag])
    shown = norms[np.isfinite(norms) & (norms > 0)]
    for axis, flow in zip(axes, report.flows, strict=False):
        _draw_flow(axis, flow)
        if len(shown):
            axis.set_ylim(shown.min() / 3, shown.max() * 3)
    if not report.is_trained:
        _draw_clipping(axes[len(report.flows)], report.flows)
    for axis in axes[len(report.flows) + 1 :]:
        axis.set_visible(False)
    what = "trained network" if report.is_trained else f"untrained cells, median of {len(report.seeds)} seeds"
    figure.suptitle(f"{report.run}: gradient of the loss by lag, {what}, mean of {report.windows} training windows")
    return figure


def _draw_flow(axis: Axes, flow: GradientFlow) -> None:
    styles = {"input": ("#1a1a1a", "-"), "hidden state": (None, "-"), "cell state": (None, "--")}
    layers = list(dict.fromkeys(each.layer for each in flow.by_lag[1:]))
    colours = mpl.colormaps["viridis"](np.linspace(0.05, 0.85, max(len(layers), 1)))
    for each in flow.by_lag:
        colour, line = styles[each.of]
        values = np.where(each.norms > 0, each.norms, np.nan)
        chosen = colour if colour else colours[layers.index(each.layer)]
        width = 2.2 if each.of == "input" else 1.4
        axis.plot(np.arange(1, len(values) + 1), values, color=chosen, linestyle=line, linewidth=width, label=each.name)
    to_input = flow.by_lag[0]
    _log_axis(axis)
    axis.invert_xaxis()
    axis.set_title(f"{flow.name}: input {to_input.verdict}, x {to_input.factor:.3f} a step", fontsize=11)
    axis.set_xlabel("lag in sessions (1: the newest)")
    axis.set_ylabel("gradient norm (scaled units)")
    axis.grid(alpha=0.3)
    # Below the small end of the lines.
    free: Literal["lower left", "lower right"] = "lower left" if to_input.verdict == "explodes" else "lower right"
    axis.legend(loc=free, fontsize=9, ncols=1 + len(flow.by_lag) // 8)


def _draw_clipping(axis: Axes, flows: Sequence[GradientFlow]) -> None:
    places = np.arange(len(flows))
    clips = [flow.clipping for flow in flows]
    for label, shift, colour, values in (
        ("before", -0.2, "#d62728", [clip.before for clip in clips]),
        ("after", 0.2, "#1f77b4", [clip.after for clip in clips]),
    ):
        axis.bar(places + shift, values, 0.38, color=colour, label=label)
    _log_axis(axis)
    axis.set_xticks(places, [flow.name.replace(", ", ",\n") for flow in flows])
    axis.set_ylabel("norm of the weights' gradient")
    axis.set_title(
        f"Clipping to {'clip_norm' if clips[0].rule == 'norm' else 'clip_value'} {clips[0].limit:g}", fontsize=11
    )
    axis.grid(alpha=0.3, axis="y")
    axis.legend(loc="best")


def _log_axis(axis: Axes) -> None:
    axis.set_yscale("log")
    # Formulas are off, so that a $ in a name stays one: powers of ten are written out.
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter("")

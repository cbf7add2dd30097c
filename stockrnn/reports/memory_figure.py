"""A picture of how far back networks remember, drawn without a display."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from stockrnn.evaluation.memory_recall import NETWORK_NAMES, MemoryCell
from stockrnn.reports.picture_files import save_picture

_STYLES = {
    "feed_forward_last": {"color": "#7f7f7f", "marker": "x"},
    "feed_forward_window": {"color": "#8c564b", "marker": "s"},
    "simple_rnn": {"color": "#ff7f0e", "marker": "v"},
    "lstm": {"color": "#d62728", "marker": "o"},
    "gru": {"color": "#1f77b4", "marker": "D"},
}


def save_memory_figure(cells: Sequence[MemoryCell], chance: float, path: Path, quick: bool = False) -> None:
    """Draw accuracy and seconds by lag, a line a network, 1200 x 700 pixels, in the format of the file's suffix.

    Raises:
        ConfigError: A suffix of no known format.
    """
    save_picture(lambda: draw_memory(cells, chance, quick), path)


def draw_memory(cells: Sequence[MemoryCell], chance: float, quick: bool = False) -> Figure:
    """Draw accuracy by lag, with the spread over the seeds and the chance level, beside the seconds of training."""
    figure = Figure(figsize=(12, 7), layout="constrained")
    accuracy, seconds = figure.subplots(1, 2, width_ratios=(2, 1))
    lags = sorted({cell.lag for cell in cells})
    networks = list(dict.fromkeys(cell.network for cell in cells))
    for place, network in enumerate(networks):
        mine = sorted((cell for cell in cells if cell.network == network), key=lambda cell: cell.lag)
        # Lines that lie on one another are moved apart a little sideways.
        shift = (place - (len(networks) - 1) / 2) * 0.006 * (lags[-1] - lags[0])
        at = [cell.lag + shift for cell in mine]
        below = [cell.mean - cell.lowest for cell in mine]
        above = [cell.highest - cell.mean for cell in mine]
        label, style = NETWORK_NAMES[network], _STYLES[network]
        accuracy.errorbar(at, [cell.mean for cell in mine], yerr=[below, above], capsize=4, label=label, **style)
        seconds.plot([cell.lag for cell in mine], [max(cell.seconds, 1e-3) for cell in mine], label=label, **style)
    accuracy.axhline(chance, color="#1a1a1a", linestyle="--", linewidth=1, label=f"guessing ({100 * chance:.0f} %)")
    accuracy.set_ylim(0.4, 1.04)
    accuracy.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    _finish(
        accuracy, lags, "How often the value is recalled", "accuracy on unseen sequences: mean, worst and best seed"
    )
    if quick:
        figure.suptitle("Quick: trained on few batches, this shows what an answer looks like, not what it is")
    figure.legend(*accuracy.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    seconds.set_yscale("log")
    seconds.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    seconds.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    seconds.yaxis.set_minor_formatter(NullFormatter())
    _finish(seconds, lags, "What it took", "seconds of training")
    return figure


def _finish(axis: Axes, lags: Sequence[int], title: str, label: str) -> None:
    axis.set_title(title)
    axis.set_xlabel("steps since the value was shown")
    axis.set_ylabel(label)
    axis.set_xticks(lags)
    axis.grid(alpha=0.3)

"""Where actual prices fell in the forecast ranges, as bars of letters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_HEIGHT = 5


def pit_histogram(name: str, horizon: int, counts: Sequence[int]) -> str:
    """Return the histogram of the probability integral transform of one forecaster, in ASCII.

    Args:
        name: Whose it is.
        horizon: Sessions ahead.
        counts: Rows in each of the 20 equally likely ranges, from the lowest.
    """
    shares = np.array(counts) / max(sum(counts), 1)
    top = max(float(shares.max()), 0.1)
    filled = np.rint(shares / top * _HEIGHT)
    fair = round(1 / len(counts) / top * _HEIGHT)
    rows = []
    for level in range(_HEIGHT, 0, -1):
        bars = "".join("##" if height >= level else "--" if level == fair else "  " for height in filled)
        label = f"{100 * top:.0f} %" if level == _HEIGHT else "5 %" if level == fair else ""
        rows.append(f"  {label:>5} |{bars}".rstrip())
    axis = f"  {'':>5} +{'-' * 2 * len(counts)}\n  {'':>5}  0 %{'':{2 * len(counts) - 8}}100 %"
    ahead = "" if horizon == 1 else f", {horizon} sessions ahead"
    title = (
        f"Where the actual price fell in the ranges of {name}{ahead} (PIT): bars at the line of 5 % are right;\n"
        "a valley is too narrow, a hill too wide, a slope too low or too high."
    )
    return "\n".join([title, "", *rows, axis])

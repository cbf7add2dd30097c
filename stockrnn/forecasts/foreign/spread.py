"""Intervals of several levels below each other, brought beside each other."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from stockrnn.forecasts.foreign.cells import numbers_of
from stockrnn.forecasts.foreign.headers import plain

_KEYS = ("ticker", "session", "origin", "horizon", "forecaster", "target")


def spread_levels(frame: pd.DataFrame, roles: Mapping[str, str]) -> pd.DataFrame:
    """Turn a row a level, with columns `level`, `lower` and `upper`, into a row a forecast with `lower_90`, `upper_90`.

    Args:
        frame: The table; without such columns it is returned as it is.
        roles: A role to its header.
    """
    named = {plain(name): name for name in frame.columns}
    if "level" not in roles or not {"lower", "upper"} <= set(named):
        return frame
    levels = numbers_of(frame[roles["level"]])
    keys = [roles[role] for role in _KEYS if role in roles]
    bounds = [named["lower"], named["upper"]]
    spread = frame.drop(columns=bounds).drop_duplicates(keys)
    for level in sorted({float(level) for level in levels if level > 0}):
        names = {name: f"{plain(name)}_{level:g}" for name in bounds}
        of_level = frame.loc[levels == level, [*keys, *bounds]].drop_duplicates(keys).rename(columns=names)
        spread = spread.merge(of_level, on=keys, how="left")
    return spread

"""The names of the features, and of groups of them; what they are is in `samples/features.py`."""

from __future__ import annotations

from collections.abc import Iterable

FEATURE_NAMES = (
    "gap",
    "intraday",
    "return_1",
    "absolute_return",
    "negative_return",
    "return_5",
    "parkinson_1",
    "parkinson_5",
    "parkinson_22",
    "parkinson_66",
    "garman_klass_1",
    "garman_klass_5",
    "garman_klass_22",
    "garman_klass_66",
    "volatility_60",
    "volatility_250",
    "volume_22",
    "close_place",
    "weekday_mon",
    "weekday_tue",
    "weekday_wed",
    "weekday_thu",
    "weekday_fri",
    "season_63",
    "season_126",
    "season_252",
    "largest_move_29",
    "pool_return",
    "pool_absolute_return",
    "pool_range",
    "pool_move_1",
    "pool_move_5",
    "pool_move_22",
)
# What the network of the recommended recipe reads. Not the pools: a hundred tickers share one history of the market, and networks learn it by heart.
RECOMMENDED_FEATURES = (
    *("gap", "intraday", "return_1", "absolute_return", "negative_return", "return_5"),
    *("parkinson_1", "parkinson_5", "parkinson_22", "volatility_60", "volume_22", "close_place"),
    *("season_63", "season_126", "season_252", "largest_move_29"),
)
_GROUPS = {"recommended": RECOMMENDED_FEATURES}
FEATURE_GROUPS = tuple(_GROUPS)


def named_features(names: Iterable[str]) -> tuple[str, ...]:
    """Return names with each group replaced by its members, in order, each once."""
    return tuple(dict.fromkeys(member for name in names for member in _GROUPS.get(name, (name,))))

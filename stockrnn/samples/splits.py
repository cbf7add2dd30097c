"""Split sessions into training, validation and test years, by date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from stockrnn.config_sections import DataConfig, DateRange
from stockrnn.errors import PriceDataError

# A trading year: what is tested when the data do not hold the recipe's years.
TRADING_YEAR = 252

# First and last session, both included.
Part = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class Split:
    """First and last sessions of each part, all in the data and all ends included.

    Attributes:
        fit: What the network and its scaler learn from.
        validation: The sessions after these that are watched only; None without validation.
        test: What the forecasts are judged on.
    """

    fit: Part
    validation: Part | None
    test: Part

    @property
    def train(self) -> Part:
        """The training years: what is fitted and what is watched."""
        return self.fit[0], self.validation[1] if self.validation else self.fit[1]

    @property
    def unwatched(self) -> Split:
        """The same with all training years to learn from, as a refit does, and none to watch."""
        return Split(self.train, None, self.test)

    def to_json(self) -> dict[str, list[str] | None]:
        """Return the parts as ISO dates."""
        return {name: part and [f"{day:%Y-%m-%d}" for day in part] for name, part in vars(self).items()}

    @classmethod
    def from_json(cls, document: dict[str, list[str] | None]) -> Split:
        """Make a split of what `to_json` gave."""
        parts = {name: part and (pd.Timestamp(part[0]), pd.Timestamp(part[1])) for name, part in document.items()}
        return cls(**parts)  # type: ignore[arg-type]


def split_sessions(
    sessions: pd.DatetimeIndex, data: DataConfig, needed: int, chosen: Collection[str], horizon: int = 1
) -> tuple[Split, tuple[str, ...]]:
    """Split sessions as the config says, cut to what there is.

    Args:
        sessions: Sorted sessions of the prices.
        data: The years for training and test, and the share for validation.
        needed: Fewest sessions for training: lookback + horizon.
        chosen: The parts, `train` and `test`, that the user wrote: where the data lack one of them is an error. Of a
            recipe's own years, those to train on give way to all sessions before a test that the user wrote, and both
            to a test on the last sessions.
        horizon: Fewest sessions for test.

    Returns:
        The split, and sentences about what was cut or replaced.

    Raises:
        PriceDataError: Too few sessions, or none in a part that the user chose.
    """
    if len(sessions) < needed + horizon:
        raise PriceDataError(
            f"too few sessions: {len(sessions)}; at least {needed + horizon} are needed to train on one window and test one "
            f"(lookback + horizon = {needed}); give more prices or a smaller window.lookback"
        )
    problems = _problems(sessions, data, needed, horizon)
    if not problems:
        train, test = _within(sessions, data.train), _within(sessions, data.test)
        notes = tuple(filter(None, (_cut("train", data.train, train), _cut("test", data.test, test))))
    elif chosen:
        train, test = sessions[sessions < pd.Timestamp(data.test[0])], _within(sessions, data.test)
        if "train" in chosen or "test" in problems or len(train) < needed:
            # Years to train on that nobody wrote are not what has to be mended first.
            written = "test" if "test" in problems and "train" not in chosen else next(iter(problems))
            raise PriceDataError(problems[written])
        notes = (
            f"these prices do not hold the recipe's training years ({_briefly(problems)}): training on the {len(train)} "
            f"sessions before the test, {train[0]:%Y-%m-%d} to {train[-1]:%Y-%m-%d}",
        )
    else:
        train, test = _last_sessions(sessions, needed, horizon)
        notes = (
            f"these prices do not hold the recipe's years ({_briefly(problems)}): testing on the last {len(test)} sessions, "
            f"{test[0]:%Y-%m-%d} to {test[-1]:%Y-%m-%d}, training on the {len(train)} before, from {train[0]:%Y-%m-%d}",
        )
    return _with_validation(train, test, data.validation, needed), notes


def split_at_border(
    train: pd.DatetimeIndex, test: pd.DatetimeIndex, data: DataConfig, needed: int, horizon: int = 1
) -> Split:
    """Split where one file ends and the next begins.

    Raises:
        PriceDataError: There are too few sessions to train on, or to test on.
    """
    if len(train) < needed:
        raise PriceDataError(
            f"too few sessions to train on: {len(train)}; at least {needed} are needed (lookback + horizon)"
        )
    if len(test) < horizon:
        raise PriceDataError(
            f"too few sessions to test on: {len(test)}; at least {horizon} are needed (window.horizon)"
        )
    return _with_validation(train, test, data.validation, needed)


def _within(sessions: pd.DatetimeIndex, part: DateRange) -> pd.DatetimeIndex:
    first, last = pd.Timestamp(part[0]), pd.Timestamp(part[1])
    return sessions[(sessions >= first) & (sessions < last + pd.Timedelta(days=1))]


def _problems(sessions: pd.DatetimeIndex, data: DataConfig, needed: int, horizon: int) -> dict[str, str]:
    """Return what is wrong with each part that the data do not hold; nothing where they hold both."""
    parts = (("train", data.train, needed, "lookback + horizon"), ("test", data.test, horizon, "horizon"))
    problems = {}
    for name, part, fewest, reason in parts:
        found = len(_within(sessions, part))
        if found < fewest:
            problems[name] = (
                f"data.{name} {part[0]} to {part[1]} has {found or 'no'} session{'s' * (found != 1)} in the data"
                f"{f', {fewest} are needed ({reason})' if found else ''}; "
                f"the data cover {sessions[0]:%Y-%m-%d} to {sessions[-1]:%Y-%m-%d}"
            )
    return problems


def _briefly(problems: dict[str, str]) -> str:
    return next(iter(problems.values())).split(";")[0]


def _cut(name: str, wanted: DateRange, found: pd.DatetimeIndex) -> str | None:
    # Holidays and weekends at an end are no loss: exchanges rest for up to two weeks at most.
    margin = pd.Timedelta(days=15)
    if found[0] - pd.Timestamp(wanted[0]) <= margin and pd.Timestamp(wanted[1]) - found[-1] <= margin:
        return None
    return (
        f"data.{name} {wanted[0]} to {wanted[1]} is cut to the data: {len(found)} sessions, "
        f"{found[0]:%Y-%m-%d} to {found[-1]:%Y-%m-%d}"
    )


def _last_sessions(sessions: pd.DatetimeIndex, needed: int, horizon: int) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    tested = TRADING_YEAR if len(sessions) >= 5 * TRADING_YEAR else max(len(sessions) // 5, 1)
    # A short file still leaves one window to train on, and one to test.
    tested = min(max(tested, horizon), len(sessions) - needed)
    return sessions[:-tested], sessions[-tested:]


def _with_validation(train: pd.DatetimeIndex, test: pd.DatetimeIndex, share: float, needed: int) -> Split:
    watched = round(share * len(train))
    if share and (watched < 1 or len(train) - watched < needed):
        raise PriceDataError(
            f"data.validation {share} of {len(train)} training sessions leaves {len(train) - watched} to train on and "
            f"{watched} to watch; {needed} (lookback + horizon) and 1 are needed"
        )
    fit = train[: len(train) - watched]
    validation = (train[-watched], train[-1]) if watched else None
    return Split((fit[0], fit[-1]), validation, (test[0], test[-1]))

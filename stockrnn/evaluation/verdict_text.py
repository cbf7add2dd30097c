"""The sentences of the verdicts."""

from __future__ import annotations

from stockrnn.evaluation.alignment import longest_lag
from stockrnn.evaluation.measurement import SIGNIFICANCE, Measured, Part
from stockrnn.evaluation.metrics import Score
from stockrnn.evaluation.significance import Comparison
from stockrnn.prices.intervals import counted

# Fewer days than this, a quarter of a trading year, prove little whatever they show.
_FEW_DAYS = 63

NAIVE_WORDS = {
    "last_value": "repeating the last value",
    "last_close": "repeating the last close",
    "drift": "the drift line",
    "moving_average": "the moving average",
}
BAND_WORDS = {
    "ewma_gaussian": "EWMA-Gaussian bands",
    "ewma_bands": "EWMA bands",
    "har_bands": "HAR bands",
    "garch": "GARCH bands",
}
# Who others are measured against, and is not judged itself.
OPPONENTS = (*NAIVE_WORDS, *BAND_WORDS)

_ALL_TICKERS = " in log per cent, all tickers"


def verdict_text(part: Part, measured: Measured, score: Score, opponent: str, unit: str = "session") -> str:
    """Return what a forecaster is worth, by how much and how sure that is.

    Args:
        part: What of the forecasts is judged.
        measured: The metric of both, and the test.
        score: The score of the forecaster that is judged.
        opponent: The name of its opponent.
        unit: What a session is called.
    """
    ahead = "" if score.horizon == 1 else f" {counted(score.horizon, unit)} ahead"
    day = "day" if unit == "session" else unit
    rivals = f"the best {'naive forecast' if part == 'point' else 'bands'}{ahead}"
    never = "never misses" if part == "point" else "never miss"
    figures = _misses(measured, score, opponent) if part == "point" else _ranges(measured, score, opponent)
    sentence = f"{_outcome(measured, rivals, never, day)}: {figures}{_caution(measured.compared.rows, day)}"
    if part == "distribution":
        return f"Its distribution is {sentence}"
    return f"{sentence[0].upper()}{sentence[1:]}"


def _outcome(measured: Measured, rivals: str, never: str, day: str) -> str:
    gain = measured.gain
    if gain is None:
        return f"worse than {rivals}, which {never}"
    if measured.outcome == "level":
        return f"not distinguishable from {rivals} (gain {_per_cent(gain)}, {_evidence(measured, day)})"
    return f"{measured.outcome} than {rivals} by {_per_cent(abs(gain))} ({_p(measured.compared.p_value)})"


def _evidence(measured: Measured, day: str) -> str:
    compared = measured.compared
    if compared.p_value is not None:
        other_way = f", which holds for {day}s but not for rows" if measured.is_contradictory else ""
        nothing = (
            ", but it gains nothing on the last close" if measured.only_no_change and (measured.gain or 0) > 0 else ""
        )
        return f"{_p(compared.p_value)}{_overlap(compared)}{other_way}{nothing}"
    return why_untested(measured, day)


def why_untested(measured: Measured, day: str = "day") -> str:
    """Say why two forecasters could not be tested."""
    if not measured.compared.is_long_enough:
        return f"too few {day}s for a test"
    return "the same forecasts" if measured.gain == 0 else f"no test: the difference is the same every {day}"


def _overlap(compared: Comparison) -> str:
    if (
        compared.p_value is None
        or compared.p_overlap is None
        or not compared.p_value < SIGNIFICANCE <= compared.p_overlap
    ):
        return ""
    return f", but {compared.p_overlap:.2g} by a test that allows more for overlap"


def _p(p_value: float | None) -> str:
    if p_value is None:
        return "no test"
    if p_value < 0.001:
        return "p < 0.001"
    # What is significant is not rounded to what is not.
    return "p < 0.05" if p_value < SIGNIFICANCE <= float(f"{p_value:.3g}") else f"p = {p_value:.3g}"


def _per_cent(share: float) -> str:
    per_cent = 100 * share
    return f"{per_cent:.1f} %" if abs(per_cent) >= 0.1 or not per_cent else f"{per_cent:.1g} %"


def _misses(measured: Measured, score: Score, opponent: str) -> str:
    unit = f"RMSE{_ALL_TICKERS if measured.pooled else ''}"
    subject = "the network" if score.forecaster == "network" else score.forecaster
    naive = f"{NAIVE_WORDS.get(opponent, _plain(opponent))} by {_amount(measured.opponent)}"
    closer = _how_much_closer(measured) if measured.outcome == "worse" else ""
    return f"{subject} misses by {_amount(measured.own)} ({unit}), {naive}{closer}"


def _ranges(measured: Measured, score: Score, opponent: str) -> str:
    unit = f"CRPS{_ALL_TICKERS if measured.pooled else ''}"
    subject = "the network" if score.forecaster == "network" else score.forecaster
    bands = BAND_WORDS.get(opponent, _plain(opponent))
    return f"{subject}'s ranges miss by {measured.own:.4g} ({unit}), {bands} by {measured.opponent:.4g}"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _how_much_closer(measured: Measured) -> str:
    if not measured.opponent:
        return ""
    ratio = measured.own / measured.opponent
    return f", {ratio:.1f} times closer" if ratio >= 1.5 else f", {_per_cent(1 - 1 / ratio)} less"


def _caution(days: int, day: str) -> str:
    return f"; but {counted(days, day)} {'proves' if days == 1 else 'prove'} little." if days < _FEW_DAYS else "."


def lateness_text(score: Score, unit: str = "session") -> str:
    """Return the sentence that a forecast is an old price, to be added to its verdict; nothing where it is none.

    Prices of the sessions between origin and forecast cannot be repeated: a shorter lag is no delay.
    """
    if score.lag is None or score.lag < score.horizon:
        return ""
    more = " or more" if score.lag == longest_lag(score.horizon) else ""
    ago = counted(1, unit) if score.lag == 1 else f"{score.lag}{more} {unit}s"
    return f" In shape, this forecast repeats the price of {ago} ago."


def _amount(rmse: float) -> str:
    # Exchange rates and small coins move by fractions of a cent.
    return f"{rmse:.2f}" if rmse >= 1 else f"{rmse:.3g}"

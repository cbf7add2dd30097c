"""Each suspicion is raised by what is planted, and by nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from stockrnn.evaluation.suspicions.case import Evidence, Suspicion
from stockrnn.evaluation.suspicions.finding import CODES, find_suspicions
from stockrnn.forecasts.table import LEVELS, QUANTILE_COLUMNS, Forecast, Forecasts, tabulate
from stockrnn.prices.table import Prices, row_spans

SEEDS = range(5)
# The daily step of the prices in tests/conftest.py.
STEP = 0.01


def clean(prices: Prices, seed: int = 0, target: str = "close", horizon: int = 1, rows: int = 250) -> Forecasts:
    """Return the last close with noise of its own, and a normal distribution that is right for a random walk."""
    random = np.random.default_rng(100 + seed)
    spans = row_spans(prices).values()
    origins = np.concatenate([np.arange(span.stop - horizon - rows, span.stop - horizon) for span in spans])
    close = prices["close"].to_numpy()[origins][:, None]
    ahead = np.sqrt(np.arange(1, horizon + 1))
    width = np.hypot(STEP, 0.003) if target == "open" else STEP
    fan = np.exp(width * ahead[:, None] * norm.ppf(LEVELS))
    values = close * np.exp(0.3 * STEP * random.standard_normal((len(origins), horizon)))
    return tabulate(Forecast("mine", values, close[:, :, None] * fan), prices, origins, target)


def found(
    forecasts: Forecasts, prices: Prices, said: np.ndarray | None = None, quantiles: pd.DataFrame | None = None
) -> list[Suspicion]:
    given = forecasts[list(QUANTILE_COLUMNS)].set_axis(LEVELS, axis=1) if quantiles is None else quantiles
    nothing = np.full(len(forecasts), np.nan)
    return find_suspicions(Evidence(forecasts, given, nothing if said is None else said, prices))


def only(suspicions: Sequence[Suspicion]) -> Suspicion:
    (suspicion,) = suspicions
    assert suspicion.code in CODES
    assert not suspicion.text.endswith(".")
    return suspicion


@pytest.fixture(scope="module")
def prices(make_prices) -> Prices:
    return make_prices(400)


@pytest.mark.parametrize("target", ["open", "high", "low", "close"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_last_close_with_noise_raises_none(make_prices, seed: int, target: str) -> None:
    prices = make_prices(400, ("AAA", "BBB"), seed=seed)
    forecasts = clean(prices, seed, target)
    if target in ("high", "low"):
        forecasts[list(QUANTILE_COLUMNS)] = np.nan  # the distribution above is that of the close
    assert found(forecasts, prices, forecasts["actual"].to_numpy()) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_several_sessions_ahead_raise_none_either(make_prices, seed: int) -> None:
    prices = make_prices(800, seed=seed)
    assert found(clean(prices, seed, horizon=5, rows=600), prices) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bad_forecast_raises_none_for_being_bad(make_prices, seed: int) -> None:
    # As a network does whose inputs left its range: a tenth too low, and sluggish.
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices, seed)
    forecasts["forecast"] = 0.9 * forecasts["forecast"].ewm(span=20).mean()
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert found(forecasts, prices) == []


def test_a_network_stuck_at_the_edge_of_its_range_is_bad_and_not_adjusted_otherwise(make_prices) -> None:
    prices = make_prices(400)
    prices = prices.mul(np.exp(np.linspace(0, 1.5, 400)), axis=0)
    forecasts = clean(prices)
    forecasts["forecast"] = 120.0
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert found(forecasts, prices) == []


@pytest.mark.parametrize("back", [2, 7, 20])
def test_the_price_of_so_many_sessions_before_is_a_copy(prices, back: int) -> None:
    forecasts = clean(prices)
    series = prices["close"].to_numpy()
    forecasts["forecast"] = series[np.arange(150, 400) - back]
    suspicion = only([each for each in found(forecasts, prices) if each.code != "wrong_coverage"])
    assert (suspicion.code, suspicion.rows, suspicion.horizon) == ("shifted_copy", 250, 1)
    assert f"close {back} session" in suspicion.text
    assert "naive" not in suspicion.text


@pytest.mark.parametrize(("ahead", "words"), [(0, "the very close"), (1, "1 session after"), (5, "5 sessions after")])
def test_the_price_that_nobody_knew_is_a_leak(make_prices, ahead: int, words: str) -> None:
    prices = make_prices(420)
    forecasts = clean(prices.iloc[:400])
    forecasts["forecast"] = prices["close"].to_numpy()[np.arange(150, 400) + ahead]
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "shifted_copy"
    assert words in suspicion.text


def test_a_price_between_origin_and_session_is_a_leak(prices) -> None:
    forecasts = clean(prices, horizon=3).query("horizon == 3").reset_index(drop=True)
    close = prices["close"]
    before = close.groupby(level="ticker").shift(1)
    forecasts["forecast"] = before.loc[list(zip(forecasts["ticker"], forecasts["session"], strict=True))].to_numpy()
    suspicion = only([each for each in found(forecasts, prices) if each.code == "shifted_copy"])
    assert "after the forecast was made" in suspicion.text


def test_a_rounded_copy_of_the_last_close_is_a_copy(prices) -> None:
    forecasts = clean(prices)
    forecasts["forecast"] = np.round(prices["close"].to_numpy()[149:399], 2)
    copy = only(found(forecasts, prices))
    assert copy.code == "shifted_copy"
    assert "naive" in copy.text


@pytest.mark.parametrize("target", ["open", "close"])
def test_the_very_last_close_raises_none_because_the_verdict_says_it(prices, target: str) -> None:
    forecasts = clean(prices, target=target)
    forecasts["forecast"] = prices["close"].to_numpy()[149:399].astype(np.float32)
    assert found(forecasts, prices) == []


def test_an_open_forecast_that_is_nearly_the_last_close_is_a_copy_of_the_close(prices) -> None:
    forecasts = clean(prices, target="open")
    forecasts["forecast"] = np.round(prices["close"].to_numpy()[149:399], 2)
    assert "the close 1 session before" in only(found(forecasts, prices)).text


@pytest.mark.parametrize("seed", SEEDS)
def test_errors_far_below_the_last_closes_are_too_good(make_prices, seed: int) -> None:
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices)
    noise = 0.15 * STEP * np.random.default_rng(seed).standard_normal(250)
    forecasts["forecast"] = forecasts["actual"] * np.exp(noise)
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "too_good"
    assert "RMSE" in suspicion.text


@pytest.mark.parametrize("seed", SEEDS)
def test_the_right_direction_on_most_days_is_too_good(make_prices, seed: int) -> None:
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices)
    last = prices["close"].to_numpy()[149:399]
    right = np.random.default_rng(seed).random(250) < 0.85
    forecasts["forecast"] = last + 0.1 * np.where(right, 1, -1) * np.sign(forecasts["actual"] - last)
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "too_good"
    assert "right side" in suspicion.text


@pytest.mark.parametrize("horizon", [1, 2, 5])
@pytest.mark.parametrize("seed", SEEDS)
def test_half_of_the_way_to_the_future_is_too_good_at_any_horizon(make_prices, seed: int, horizon: int) -> None:
    prices = make_prices(600, seed=seed)
    forecasts = clean(prices, horizon=horizon, rows=252).query("horizon == @horizon").reset_index(drop=True)
    origins = prices["close"].to_numpy()[599 - horizon - 251 : 600 - horizon]
    forecasts["forecast"] = np.sqrt(origins * forecasts["actual"])
    suspicion = only(found(forecasts, prices))
    assert (suspicion.code, suspicion.horizon) == ("too_good", horizon)


def test_the_right_side_in_thirty_steps_that_do_not_overlap_is_too_good(make_prices) -> None:
    prices = make_prices(600)
    forecasts = clean(prices, horizon=5, rows=150).query("horizon == 5").reset_index(drop=True)
    origins = prices["close"].to_numpy()[600 - 5 - 150 : 600 - 5]
    forecasts["forecast"] = origins + 0.1 * np.sign(forecasts["actual"] - origins)
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "too_good"
    assert "in 30 of 30 cases" in suspicion.text


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("horizon", [2, 5, 10])
def test_a_year_of_honest_forecasts_raises_none_at_any_horizon(make_prices, seed: int, horizon: int) -> None:
    prices = make_prices(600, seed=seed)
    assert found(clean(prices, seed, horizon=horizon, rows=252), prices) == []


def test_a_wrong_price_that_is_taken_back_makes_nothing_too_good(make_prices) -> None:
    prices = make_prices(400)
    close = prices["close"].to_numpy(copy=True)
    right = close[149:399].copy()
    close[200] *= 0.2
    prices = prices.assign(close=close)
    forecasts = clean(prices).assign(forecast=right * np.exp(0.003 * np.random.default_rng(0).standard_normal(250)))
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert "too_good" not in {each.code for each in found(forecasts, prices)}


def test_the_usual_direction_in_a_steady_trend_is_not_too_good(make_prices) -> None:
    prices = make_prices(400)
    prices = prices.mul(np.exp(0.012 * np.arange(400)), axis=0)
    forecasts = clean(prices)
    forecasts["forecast"] = prices["close"].to_numpy()[149:399] * 1.012
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert found(forecasts, prices) == []


def test_quantiles_that_cross_are_counted(prices) -> None:
    forecasts = clean(prices)
    forecasts.loc[[3, 8, 9], ["q0.40", "q0.60"]] = forecasts.loc[[3, 8, 9], ["q0.60", "q0.40"]].to_numpy()
    suspicion = only(found(forecasts, prices))
    assert (suspicion.code, suspicion.rows) == ("crossing_quantiles", 3)


def test_quantiles_that_are_equal_or_missing_do_not_cross(prices) -> None:
    forecasts = clean(prices)
    forecasts["q0.45"] = forecasts["q0.40"]
    forecasts.loc[4, "q0.30"] = np.nan
    assert found(forecasts, prices) == []


@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_bands_half_or_twice_as_wide_hold_what_they_do_not_promise(make_prices, seed: int, factor: float) -> None:
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices, seed)
    median = forecasts["q0.50"].to_numpy()[:, None]
    forecasts[list(QUANTILE_COLUMNS)] = median * (forecasts[list(QUANTILE_COLUMNS)] / median) ** factor
    suspicion = only(found(forecasts, prices))
    assert suspicion.code == "wrong_coverage"


def test_one_interval_of_any_level_is_tested(prices) -> None:
    forecasts = clean(prices)
    narrow = pd.DataFrame({0.025: forecasts["q0.40"], 0.975: forecasts["q0.60"]})
    suspicion = only(found(forecasts, prices, quantiles=narrow))
    assert suspicion.code == "wrong_coverage"
    assert "95 % interval" in suspicion.text


def test_days_that_are_left_out_are_counted_and_their_difficulty_is_said(prices) -> None:
    forecasts = clean(prices)
    miss = np.abs(np.diff(prices["close"].to_numpy())[149:399])
    kept = miss < np.quantile(miss, 0.8)
    kept[[0, -1]] = True
    easy = forecasts[kept].reset_index(drop=True).assign(**dict.fromkeys(QUANTILE_COLUMNS, np.nan))
    suspicion = only(found(easy, prices))
    assert (suspicion.code, suspicion.rows) == ("skipped_sessions", 250 - kept.sum())
    assert suspicion.text.startswith(f"{250 - kept.sum()} of the 250 sessions")
    there, here = [float(word.split(" ")[0]) for word in suspicion.text.split("by ")[1:]]
    assert there > 2 * here


@pytest.mark.parametrize("every", [2, 5])
def test_a_forecast_every_so_many_sessions_skips_none(prices, every: int) -> None:
    assert found(clean(prices)[::every].reset_index(drop=True), prices) == []


def test_a_forecast_a_week_skips_none(prices) -> None:
    forecasts = clean(prices)
    weeks = forecasts.drop(index=[10, 44]).groupby(forecasts["session"].dt.to_period("W")).head(1)
    assert found(weeks.reset_index(drop=True), prices) == []


def test_a_forecast_a_month_skips_none(prices) -> None:
    forecasts = clean(prices).assign(**dict.fromkeys(QUANTILE_COLUMNS, np.nan))
    months = forecasts.groupby(forecasts["session"].dt.to_period("M"))
    assert found(months.tail(1).iloc[:-1].reset_index(drop=True), prices) == []
    middle = forecasts[forecasts["session"].dt.day >= 15]
    assert (
        found(middle.groupby(middle["session"].dt.to_period("M")).head(1).iloc[1:].reset_index(drop=True), prices) == []
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_easy_days_picked_three_to_six_sessions_apart_are_skipped_sessions(prices, seed: int) -> None:
    gaps = np.random.default_rng(seed).integers(3, 7, 50)
    picked = np.append(0, np.cumsum(gaps))
    suspicion = only(found(clean(prices).iloc[picked].reset_index(drop=True), prices))
    assert (suspicion.code, suspicion.horizon) == ("skipped_sessions", 1)


def test_the_easiest_day_of_each_week_is_a_choice(prices) -> None:
    forecasts = clean(prices)
    misses = (forecasts["forecast"] - forecasts["actual"]).abs()
    easiest = misses.groupby(forecasts["session"].dt.to_period("W")).idxmin()
    picked = forecasts.loc[easiest].assign(**dict.fromkeys(QUANTILE_COLUMNS, np.nan)).reset_index(drop=True)
    assert "skipped_sessions" in {each.code for each in found(picked, prices)}


def test_weeks_left_out_of_a_forecast_a_week_are_a_choice(prices) -> None:
    forecasts = clean(prices)
    weeks = forecasts.groupby(forecasts["session"].dt.to_period("W")).head(1)
    assert (
        only(found(weeks.drop(index=weeks.index[[9, 20, 21]]).reset_index(drop=True), prices)).code
        == "skipped_sessions"
    )


def test_sessions_are_looked_for_at_each_horizon(prices) -> None:
    # Between them the two horizons leave no session out.
    forecasts = clean(prices, horizon=2)
    odd = np.random.default_rng(0).random(250) < 0.5
    first = np.isin(forecasts["session"], forecasts.query("horizon == 1")["session"][odd])
    kept = np.where(forecasts["horizon"] == 1, first, ~first)
    skipped = [
        each for each in found(forecasts[kept].reset_index(drop=True), prices) if each.code == "skipped_sessions"
    ]
    assert [each.horizon for each in skipped] == [1, 2]
    assert "forecast 2 sessions ahead of mine" in skipped[1].text


@pytest.mark.parametrize("factor", [0.05, 0.5, 2, 7])
@pytest.mark.parametrize("seed", SEEDS)
def test_another_adjustment_for_a_split_is_named_with_its_factor(make_prices, seed: int, factor: float) -> None:
    prices = make_prices(400, seed=seed)
    forecasts = clean(prices, seed)
    scaled = ["forecast", *QUANTILE_COLUMNS]
    forecasts[scaled] *= factor
    codes = {each.code: each for each in found(forecasts, prices)}
    assert set(codes) == {"other_adjustment", "wrong_coverage"}
    assert codes["other_adjustment"].rows == 250
    assert (f"{factor:g} times" if factor > 1 else f"1/{1 / factor:g} of") in codes["other_adjustment"].text


def test_an_adjustment_that_ends_within_the_forecasts_is_found(prices) -> None:
    forecasts = clean(prices)
    forecasts.loc[:99, ["forecast", *QUANTILE_COLUMNS]] *= 4
    codes = {each.code: each for each in found(forecasts, prices)}
    assert codes["other_adjustment"].rows == 100


@pytest.mark.parametrize(
    ("factor", "code", "words"),
    [
        (12, "other_adjustment", "12:1"),
        (1 / 12, "other_adjustment", "12:1"),
        (3, "other_adjustment", "3:1"),
        (100, "other_units", "cents"),
        (0.01, "other_units", "cents"),
        (83.3, "other_units", "currency"),
        (1.82, "other_adjustment", "currency"),
    ],
)
@pytest.mark.parametrize("noise", [0.005, 0.04])
def test_forecasts_a_factor_away_are_named_with_the_factor_however_noisy(
    make_prices, factor: float, code: str, words: str, noise: float
) -> None:
    # Quarter of a year: prices that hardly move beside the noise of the forecasts.
    prices = make_prices(400, seed=3)
    forecasts = clean(prices, 3, rows=63)
    forecasts["forecast"] *= factor * np.exp(noise * np.random.default_rng(1).standard_normal(63))
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    named = only(found(forecasts, prices))
    assert (named.code, named.rows) == (code, 63)
    said = re.search(r"are (1/)?([0-9.]+) (?:times|of) the last known price", named.text)
    assert said is not None
    assert float(said[2]) ** (-1 if said[1] else 1) == pytest.approx(factor, rel=0.02)
    assert words in named.text


def test_a_network_far_below_the_prices_that_it_never_saw_is_named_with_the_factor(make_prices) -> None:
    prices = make_prices(400)
    prices = prices.mul(np.exp(np.linspace(0, 3, 400)), axis=0)
    forecasts = clean(prices)
    forecasts["forecast"] = 100.0
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    named = only(found(forecasts, prices))
    factor = np.median(prices["close"].to_numpy()[149:399]) / 100
    assert named.code == "other_units"
    assert f"1/{factor:.3g} of it" in named.text
    assert "never saw such prices" in named.text


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (np.log, "natural logs"),
        (np.log10, "decimal logs"),
        (lambda forecast: forecast / np.roll(forecast, 1), "growth factors"),
        (lambda forecast: (forecast > np.roll(forecast, 1)).astype(float), "directions"),
        (lambda forecast: (forecast - forecast.min()) / np.ptp(forecast), "scaled values"),
    ],
)
def test_numbers_on_another_scale_are_told_apart(prices, scale, words: str) -> None:
    forecasts = clean(prices)
    forecasts["forecast"] = scale(forecasts["forecast"].to_numpy())
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    named = only(found(forecasts, prices))
    assert named.code == "other_units"
    assert words in named.text


@pytest.mark.parametrize("what", ["returns", "scaled"])
def test_numbers_that_are_no_prices_are_told(prices, what: str) -> None:
    forecasts = clean(prices)
    random = np.random.default_rng(0)
    forecasts["forecast"] = np.maximum(random.normal(0, 0.01, 250), 0) if what == "returns" else random.random(250)
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    assert only(found(forecasts, prices)).code == "other_units"


def test_another_actual_value_in_the_file_is_told_by_its_first_day(prices) -> None:
    forecasts = clean(prices)
    said = forecasts["actual"].to_numpy().copy()
    said[[7, 30]] *= 1.05
    suspicion = only(found(forecasts, prices, said))
    assert (suspicion.code, suspicion.rows, suspicion.forecaster) == ("actual_disagrees", 2, None)
    assert f"{forecasts['session'][7]:%Y-%m-%d}" in suspicion.text


def test_actual_values_of_another_column_or_day_are_recognised(prices) -> None:
    forecasts = clean(prices)
    opens, closes = (prices[name].to_numpy() for name in ("open", "close"))
    assert "--target open" in only(found(forecasts, prices, opens[150:400])).text
    assert "1 session before" in only(found(forecasts, prices, closes[149:399])).text
    shifted = np.append(closes[152:400], [np.nan, np.nan])
    assert "2 sessions after" in only(found(forecasts, prices, shifted)).text


def test_actual_values_adjusted_for_dividends_are_another_adjustment(prices) -> None:
    forecasts = clean(prices)
    factors = np.repeat([0.97, 0.98, 0.99, 1.0], [62, 63, 63, 62])
    suspicion = only(found(forecasts, prices, forecasts["actual"].to_numpy() * factors))
    assert (suspicion.code, suspicion.rows) == ("other_adjustment", 188)


def test_what_came_true_is_named_once_for_all_forecasters_of_a_ticker(prices) -> None:
    forecasts = pd.concat([clean(prices), clean(prices, 1).assign(forecaster="other")], ignore_index=True)
    assert only(found(forecasts, prices, forecasts["actual"].to_numpy() * 1.5)).ticker == "AAA"


def test_each_forecaster_ticker_and_horizon_is_looked_at_alone(make_prices) -> None:
    prices = make_prices(400, ("AAA", "BBB"))
    forecasts = pd.concat([clean(prices, horizon=2), clean(prices, 1, horizon=2).assign(forecaster="other")])
    forecasts = forecasts.reset_index(drop=True)
    planted = (forecasts["forecaster"] == "other") & (forecasts["ticker"] == "BBB") & (forecasts["horizon"] == 2)
    forecasts.loc[planted, "forecast"] = forecasts.loc[planted, "actual"]
    suspicion = only(found(forecasts, prices))
    assert (suspicion.forecaster, suspicion.ticker, suspicion.horizon, suspicion.rows) == ("other", "BBB", 2, 250)


def test_few_forecasts_or_prices_that_stand_still_raise_none(make_prices) -> None:
    prices = make_prices(60)
    assert found(clean(prices, rows=3), prices) == []
    still = prices.assign(**dict.fromkeys(["open", "high", "low", "close"], 7.0))
    flat = clean(still, rows=30).assign(forecast=7.0, **dict.fromkeys(QUANTILE_COLUMNS, 7.0))
    assert found(flat, still) == []


def test_a_little_over_the_usual_direction_is_not_too_good_however_many_days_show_it(make_prices) -> None:
    prices = make_prices(2500)
    prices = prices.mul(np.exp(0.0039 * np.arange(2500)), axis=0)
    forecasts = clean(prices, rows=2300)
    last, actual = prices["close"].to_numpy()[199:2499], forecasts["actual"].to_numpy()
    told = np.random.default_rng(0).random(2300) < 0.25
    forecasts["forecast"] = last * np.where((actual < last) & told, 0.998, 1.002)
    forecasts[list(QUANTILE_COLUMNS)] = np.nan
    hits = np.mean((forecasts["forecast"] > last) == (actual > last))
    assert 0.7 < hits < np.mean(actual > last) + 0.1
    assert found(forecasts, prices) == []


def test_single_days_left_out_are_no_pattern(prices) -> None:
    forecasts = clean(prices).drop(index=[10, 60, 61 + 20]).reset_index(drop=True)
    assert only(found(forecasts, prices)).rows == 3


def test_actual_values_that_differ_each_day_are_no_adjustment(prices) -> None:
    forecasts = clean(prices)
    noise = np.exp(0.05 * np.random.default_rng(0).standard_normal(250))
    assert only(found(forecasts, prices, forecasts["actual"].to_numpy() * noise)).code == "actual_disagrees"


def test_accuracy_is_measured_by_the_price_known_at_the_origin(make_prices) -> None:
    # Too good for five sessions ahead, though it would not be for one.
    prices = make_prices(800)
    forecasts = clean(prices, horizon=5, rows=600).query("horizon == 5").reset_index(drop=True)
    forecasts["forecast"] = forecasts["actual"] * np.exp(0.35 * STEP * np.random.default_rng(0).standard_normal(600))
    suspicion = only(found(forecasts, prices))
    assert (suspicion.code, suspicion.horizon) == ("too_good", 5)
    assert "RMSE" in suspicion.text


def test_coverage_counts_sessions_that_do_not_overlap(make_prices) -> None:
    prices = make_prices(800)
    forecasts = clean(prices, horizon=5, rows=600).query("horizon == 5").reset_index(drop=True)
    median = forecasts["q0.50"].to_numpy()[:, None]
    forecasts[list(QUANTILE_COLUMNS)] = median * (forecasts[list(QUANTILE_COLUMNS)] / median) ** 0.3
    suspicion = only(found(forecasts, prices))
    assert (suspicion.code, suspicion.rows) == ("wrong_coverage", 120)

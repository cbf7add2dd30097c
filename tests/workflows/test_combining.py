from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stockrnn.config import Config, parse_config
from stockrnn.forecasts.table import QUANTILE_COLUMNS, Forecast
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.encoding import fit_encoding
from stockrnn.samples.outputs import HeadValues
from stockrnn.samples.splits import Split
from stockrnn.workflows import held_out
from stockrnn.workflows.combining import average, combine_seeds, naive_forecast
from stockrnn.workflows.held_out import held_out_origins
from stockrnn.workflows.job import TrainJob
from stockrnn.workflows.trained_seed import TrainedSeed

SEED_OF_A_SMALL_GAIN = 1
QUANTILES = list(QUANTILE_COLUMNS)


def job_of(prices: Prices, **evaluation: Any) -> TrainJob:
    days = sessions_of(prices)
    split = Split((days[0], days[99]), (days[100], days[179]), (days[180], days[-1]))
    document = {
        "data": {"validation": 0.4},
        "target": {"column": "close"},
        "window": {"lookback": 5},
        "evaluation": evaluation,
    }
    return TrainJob(parse_config(document, "test"), prices, (), split, "none", None)


@pytest.fixture(scope="module")
def prices(make_prices) -> Prices:
    return make_prices(240, ("AAA", "BBB"))


def known_part(prices: Prices, origins: np.ndarray, factor: float) -> np.ndarray:
    """Give forecasts that go `factor` times the way that the next close went, and some noise."""
    closes = prices["close"].to_numpy()
    noise = 0.002 * np.random.default_rng(len(origins)).standard_normal(len(origins))
    move = np.log(closes[origins + 1] / closes[origins])
    return (closes[origins] * np.exp(factor * move + noise))[:, None]


def trained(job: TrainJob, factor: float, seed: int = 1, spread: float | None = None) -> TrainedSeed:
    def forecast(origins: np.ndarray) -> Forecast:
        values = known_part(job.prices, origins, factor)
        quantiles = None if spread is None else values[..., None] * np.exp(spread * np.linspace(-1.6, 1.6, 19))
        return Forecast("network", values, quantiles)

    origins = held_out_origins(job)
    config: Config = job.config
    return TrainedSeed(
        seed=seed,
        history=[{"loss": 1.0}],
        engine="keras",
        interrupted=False,
        windows=9,
        encoding=fit_encoding(job.prices, config, (), job.split.fit),
        head=None if spread is None else HeadValues(np.zeros((1, 1, 19))),
        test=forecast(held_out.origins_tested(job)),
        held_out=forecast(origins) if len(origins) else None,
    )


@pytest.mark.parametrize(("factor", "gate"), [(1.0, 1.0), (2.0, 0.5), (-1.0, 0.0)])
def test_the_test_forecasts_keep_the_share_that_validation_supports(prices: Prices, factor: float, gate: float) -> None:
    job = job_of(prices, gate=True)
    seed = trained(job, factor)
    combined = combine_seeds(job, [seed])
    assert combined.gate == gate
    closes = prices["close"].to_numpy()[held_out.origins_tested(job)]
    expected = closes * (seed.test.values[:, 0] / closes) ** gate
    np.testing.assert_allclose(combined.forecasts["forecast"], expected, rtol=1e-12)


def test_what_a_regression_has_proven_needs_no_clear_gain_on_validation(prices: Prices) -> None:
    job = job_of(prices, gate=True)
    # Right by less than its noise: some gain, and not a clear one.
    weak = trained(job, 0.0)
    closes, origins = prices["close"].to_numpy(), held_out_origins(job)
    random = np.random.default_rng(SEED_OF_A_SMALL_GAIN)
    moves = 0.002 * np.log(closes[origins + 1] / closes[origins]) + 0.0002 * random.standard_normal(len(origins))
    said = Forecast("network", (closes[origins] * np.exp(moves))[:, None])
    shares = {
        proven: combine_seeds(job, [replace(weak, held_out=said, proven=proven)]).gate for proven in (False, True)
    }
    assert shares[False] == 0
    assert shares[True] > 0


def test_the_gate_looks_at_no_test_session(prices: Prices) -> None:
    job = job_of(prices, gate=True)
    right, wrong = trained(job, 1.0), trained(job, -1.0)
    swapped = TrainedSeed(**{**vars(right), "test": wrong.test})
    assert combine_seeds(job, [swapped]).gate == 1


def test_without_a_gate_the_forecasts_are_the_networks(prices: Prices) -> None:
    job = job_of(prices)
    seed = trained(job, 2.0)
    combined = combine_seeds(job, [seed])
    assert combined.gate is None
    np.testing.assert_array_equal(combined.forecasts["forecast"], seed.test.values[:, 0])
    assert combined.forecasts[QUANTILES].isna().all(axis=None)


def test_seeds_are_averaged_before_the_gate(prices: Prices) -> None:
    job = job_of(prices, gate=True)
    seeds = [trained(job, 3.0), trained(job, 1.0, seed=2)]
    assert combine_seeds(job, seeds).gate == 0.5
    assert combine_seeds(job, seeds[1:]).gate == 1


@pytest.mark.parametrize("intervals", ["conformal", "adaptive"])
@pytest.mark.parametrize("spread", [None, 0.0005], ids=["points", "a head that is far too sure"])
def test_intervals_from_the_misses_of_validation_cover_the_test(prices: Prices, intervals: str, spread) -> None:
    job = job_of(prices, intervals=intervals)
    table = combine_seeds(job, [trained(job, 0.0, spread=spread)]).forecasts
    covered = ((table["q0.05"] <= table["actual"]) & (table["actual"] <= table["q0.95"])).mean()
    assert 0.82 < covered < 0.98
    assert (np.diff(table[QUANTILES], axis=1) >= 0).all()


def test_a_calibration_part_comes_after_that_of_the_gate(prices: Prices) -> None:
    job = job_of(prices, gate=True, intervals="conformal")
    combined = combine_seeds(job, [trained(job, 2.0)])
    assert combined.gate == 0.5
    # What came true of the gated forecasts is noise of .1 %: the intervals are of that size and not of the 1 % of the price.
    width = np.log(combined.forecasts["q0.95"] / combined.forecasts["q0.05"])
    assert 0.002 < width.median() < 0.006


def test_the_average_of_forecasts_is_that_of_points_and_of_quantiles() -> None:
    first = Forecast("network", np.array([[1.0]]), np.array([[np.arange(19.0)]]))
    second = Forecast("network", np.array([[3.0]]), np.array([[np.arange(19.0) + 4]]))
    both = average([first, second])
    assert both.values.tolist() == [[2]]
    np.testing.assert_array_equal(both.quantiles, [[np.arange(19.0) + 2]])
    assert average([first]) is first
    assert average([Forecast("network", first.values)] * 2).quantiles is None


def test_the_gate_leads_back_to_the_last_close_or_where_there_is_none_to_the_last_value(make_ramp) -> None:
    prices = make_ramp(10)
    assert naive_forecast(prices, "open", np.array([3]), 2).values.tolist() == [[1003.5, 1003.5]]
    assert naive_forecast(prices[["open"]], "open", np.array([3]), 2).values.tolist() == [[1003, 1003]]

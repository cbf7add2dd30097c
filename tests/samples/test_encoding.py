from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from stockrnn.config import Config, parse_config
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.encoding import Encoding, fit_encoding, output_layout
from stockrnn.samples.outputs import RANGE
from stockrnn.samples.splits import Part
from stockrnn.samples.volatility import squared_moves

FEATURES = ("gap", "return_1", "parkinson_5", "weekday_mon", "pool_return")
LEVEL = {"features": {"names": ["close", "open", "return_1"]}}
MOVES = {
    "target": {"column": "close", "kind": "log_return", "anchor": "har", "beside": ["open", "range"]},
    "features": {"names": list(FEATURES)},
    "model": {"head": "quantiles"},
    "window": {"strategy": "direct", "horizon": 2},
}
MIXED = {"target": {"column": "open", "kind": "log_return"}, "features": {"names": ["target", "volume", "gap"]}}
DOCUMENTS = {"level": LEVEL, "moves": MOVES, "mixed": MIXED}


def config_of(name: str) -> Config:
    return parse_config(DOCUMENTS[name], "test")


@pytest.fixture(scope="module")
def prices(make_prices) -> Prices:
    table = make_prices(160, ("AAA", "BBB"))
    # One ticker of another size and pace.
    table.loc["BBB"] = (table.loc[["BBB"]] ** 1.5).to_numpy()
    return table


@pytest.fixture(scope="module")
def part(prices: Prices) -> Part:
    days = sessions_of(prices)
    return days[10], days[99]


@pytest.fixture(scope="module")
def encodings(prices: Prices, part: Part) -> dict[str, Encoding]:
    return {name: fit_encoding(prices, config_of(name), config_of(name).feature_names, part) for name in DOCUMENTS}


def changed_after(prices: Prices, last: pd.Timestamp) -> Prices:
    """Give the same prices up to a session, and others from there on."""
    changed = prices.copy()
    later = changed.index.get_level_values("session") > last
    changed[later] = changed[later] * np.random.default_rng(1).uniform(2, 3, (later.sum(), 1))
    return changed


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_after_the_part_is_fitted_to(prices: Prices, part: Part, encodings, name: str) -> None:
    again = fit_encoding(changed_after(prices, part[1]), config_of(name), config_of(name).feature_names, part)
    assert again == encodings[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_fitted_does_change_with_the_last_session_of_the_part(prices, part, encodings, name: str) -> None:
    before = sessions_of(prices)[98]
    again = fit_encoding(changed_after(prices, before), config_of(name), config_of(name).feature_names, part)
    assert again != encodings[name]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_inputs_and_weights_of_a_session_read_nothing_after_it(prices: Prices, encodings, name: str) -> None:
    days = sessions_of(prices)
    changed, known = changed_after(prices, days[120]), prices.index.get_level_values("session") <= days[120]
    encoding = encodings[name]
    inputs = encoding.inputs(prices)
    assert inputs.shape == (320, encoding.width)
    assert inputs.dtype == np.float32
    assert np.isfinite(inputs).all()
    np.testing.assert_array_equal(encoding.inputs(changed)[known], inputs[known])
    assert (encoding.inputs(changed)[~known] != inputs[~known]).any()
    weights = encoding.weights(prices)
    if weights is not None:
        np.testing.assert_array_equal(encoding.weights(changed)[known], weights[known])


def test_the_network_reads_the_scaled_columns_and_then_the_standardised_features(prices, part, encodings) -> None:
    encoding = encodings["mixed"]
    assert (encoding.columns, encoding.features, encoding.width) == (("open", "volume"), ("gap",), 3)
    inputs, own = encoding.inputs(prices), prices.loc["BBB"]
    fitted = own.loc[part[0] : part[1], "open"]
    expected = (own["open"] - fitted.min()) / (fitted.max() - fitted.min())
    np.testing.assert_allclose(inputs[160:, 0], expected, rtol=1e-5, atol=1e-6)
    sessions = prices.index.get_level_values("session")
    gaps = inputs[(sessions >= part[0]) & (sessions <= part[1]), 2]
    assert gaps.mean() == pytest.approx(0, abs=0.02)
    assert gaps.std() == pytest.approx(1, abs=0.05)


def test_level_targets_are_the_scaled_prices_after_each_row(make_ramp) -> None:
    prices = make_ramp(11)
    config = parse_config({"window": {"strategy": "direct", "horizon": 2}}, "test")
    encoding = fit_encoding(prices, config, (), (sessions_of(prices)[0], sessions_of(prices)[-1]))
    targets = encoding.targets(prices)
    np.testing.assert_allclose(targets[:9], np.column_stack([np.arange(1, 10), np.arange(2, 11)]) / 10, rtol=1e-6)
    assert encoding.weights(prices) is None


def test_moves_are_in_what_the_anchor_says_is_usual(prices, encodings) -> None:
    encoding = encodings["moves"]
    usual, targets = encoding.anchor.apply(prices), encoding.targets(prices)
    assert targets.shape == (320, 6)
    for row, horizon in ((50, 1), (50, 2), (200, 1)):
        logs = {name: np.log(prices[name].to_numpy()) for name in ("open", "close")}
        for place, name in enumerate(("close", "open")):
            expected = (logs[name][row + horizon] - logs["close"][row]) / usual[row]
            assert targets[row, 2 * place + horizon - 1] == pytest.approx(expected, rel=1e-5)


def test_the_range_is_centred_on_the_training_rows(prices, part, encodings) -> None:
    encoding = encodings["moves"]
    days = sessions_of(prices)
    known = prices[prices.index.get_level_values("session") <= part[1]]
    inside = known.index.get_level_values("session") >= part[0]
    ranges = encoding.layout.values(encoding.targets(known), RANGE)[inside]
    assert np.nanmean(ranges) == pytest.approx(0, abs=1e-6)
    usual = encoding.anchor.apply(prices)
    expected = 0.5 * np.log(squared_moves(prices)[41]) - np.log(usual[40]) - encoding.range_centre
    assert encoding.layout.values(encoding.targets(prices), RANGE)[40, 0] == pytest.approx(expected, rel=1e-5)
    assert len(days) == 160


def test_a_row_counts_as_much_as_its_volatility_is_of_the_usual_one(prices, part, encodings) -> None:
    encoding = encodings["moves"]
    weights, usual = encoding.weights(prices), encoding.anchor.apply(prices)
    sessions = prices.index.get_level_values("session")
    fitted = (sessions >= part[0]) & (sessions <= part[1])
    assert weights[fitted].mean() == pytest.approx(1, rel=1e-5)
    np.testing.assert_allclose(weights[5:160] / weights[5], usual[5:160] / usual[5], rtol=1e-5)
    # Nothing is known of a ticker on its first session.
    assert weights[[0, 160]].tolist() == [0, 0]


@pytest.mark.parametrize("name", ["moves", "mixed"])
def test_moves_become_the_prices_that_they_were_made_of(prices: Prices, encodings, name: str) -> None:
    encoding = encodings[name]
    origins = np.array([40, 130, 220, 300])
    own = encoding.layout.values(encoding.targets(prices)[origins], encoding.layout.targets[0])
    found = encoding.undo(prices, origins, own.astype(np.float64))
    rows = origins[:, None] + np.arange(1, encoding.layout.horizon + 1)
    np.testing.assert_allclose(found, prices[encoding.layout.targets[0]].to_numpy()[rows], rtol=1e-6)
    fans = encoding.undo(prices, origins, np.repeat(own[..., None], 19, axis=-1))
    np.testing.assert_allclose(fans, np.repeat(found[..., None], 19, axis=-1), rtol=1e-6)


def test_levels_become_prices_of_their_own_ticker(prices: Prices, encodings) -> None:
    origins = np.array([300, 40, 220])
    levels = encodings["level"].targets(prices)[origins]
    found = encodings["level"].undo(prices, origins, levels.astype(np.float64))
    np.testing.assert_allclose(found[:, 0], prices["open"].to_numpy()[origins + 1], rtol=1e-6)
    fans = encodings["level"].undo(prices, origins, np.zeros((3, 1, 19)))
    assert fans.shape == (3, 1, 19)


def test_before_the_second_session_of_a_ticker_what_is_usual_of_all_stands_in(prices: Prices, encodings) -> None:
    encoding = encodings["moves"]
    found = encoding.undo(prices, np.array([0, 160]), np.array([[0.0, 1.0], [0.0, 1.0]]))
    closes = prices["close"].to_numpy()[[0, 160]]
    np.testing.assert_allclose(found[:, 0], closes)
    np.testing.assert_allclose(found[:, 1], closes * np.exp(encoding.mean_volatility))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_encoding_comes_back_from_json_as_it_was(prices: Prices, encodings, name: str) -> None:
    encoding = encodings[name]
    document = json.loads(json.dumps(encoding.to_json(), allow_nan=False))
    scaler = json.loads(json.dumps({ticker: ranges.to_json() for ticker, ranges in encoding.scalings.items()}))
    again = Encoding.from_json(document, scaler, config_of(name))
    assert again == encoding
    np.testing.assert_array_equal(again.inputs(prices), encoding.inputs(prices))
    np.testing.assert_array_equal(again.targets(prices), encoding.targets(prices))


def test_a_network_of_moves_that_reads_no_price_needs_no_scaling(encodings) -> None:
    assert encodings["moves"].scalings == {}
    assert set(encodings["moves"].columns_of_features) == {"open", "high", "low", "close"}
    assert set(encodings["level"].scalings["AAA"].columns) == {"close", "open"}


def test_it_is_told_whether_the_features_are_means_over_tickers(encodings) -> None:
    assert encodings["moves"].reads_the_pool
    assert not encodings["mixed"].reads_the_pool
    assert not encodings["level"].reads_the_pool


def test_a_target_that_stands_beside_itself_is_learnt_once() -> None:
    document = {"target": {"column": "close", "kind": "log_return", "beside": ["open", "close", "range"]}}
    assert output_layout(parse_config(document, "test")).targets == ("close", "open", RANGE)


def test_a_network_that_goes_on_from_its_own_forecasts_has_one_output() -> None:
    assert output_layout(parse_config({"window": {"horizon": 5}}, "test")).horizon == 1
    assert output_layout(parse_config({"window": {"horizon": 5, "strategy": "direct"}}, "test")).horizon == 5


def test_a_column_that_one_ticker_lacks_is_read_as_the_usual_one(prices: Prices, part: Part) -> None:
    lacking = prices.copy()
    lacking.loc["BBB", "volume"] = np.nan
    lacking.loc["AAA", "volume"] = np.random.default_rng(4).uniform(1, 2, 160)
    config = parse_config({**MOVES, "features": {"names": ["volume_22", "return_1"]}}, "test")
    encoding = fit_encoding(lacking, config, ("volume_22", "return_1"), part)
    inputs = encoding.inputs(lacking)
    assert (inputs[160:, 0] == 0).all()
    assert np.abs(inputs[30:160, 0]).max() > 0.5
    assert np.isfinite(inputs).all()

"""Encodings of prices whose next move can be told from the last one, and of prices where it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from stockrnn.config import Config, parse_config
from stockrnn.forecasts.forecasting import NetworkForecaster
from stockrnn.prices.table import Prices, sessions_of
from stockrnn.samples.encoding import Encoding, Part, fit_encoding
from stockrnn.samples.outputs import HeadValues
from tests.samples.test_encoding import changed_after

FAN = np.linspace(-1.8, 1.8, 19)
ORIGINS = np.array([300, 420, 700, 950])


def config(horizon: int = 1, head: str = "quantiles", expected: str = "ridge") -> Config:
    document = {
        "window": {"lookback": 4, "strategy": "direct", "horizon": horizon},
        "target": {"column": "close", "kind": "log_return", "beside": ["open"], "expected": expected},
        "features": {"names": ["volume", "return_1", "return_5"]},
        "model": {"head": head},
    }
    return parse_config(document, "test")


def encoded(prices: Prices, of: Config, part: Part) -> Encoding:
    return fit_encoding(prices, of, of.feature_names, part)


@pytest.fixture(scope="module")
def swinging(make_swinging) -> Prices:
    return make_swinging(500, ("AAA", "BBB"))


@pytest.fixture(scope="module")
def part(swinging: Prices) -> Part:
    days = sessions_of(swinging)
    return days[20], days[399]


@pytest.fixture(scope="module")
def encoding(swinging: Prices, part: Part) -> Encoding:
    return encoded(swinging, config(), part)


def test_a_swing_is_expected_to_go_back(swinging: Prices, encoding: Encoding) -> None:
    assert encoding.expected is not None
    expected = encoding.expected_moves(encoding.inputs(swinging))[:, 0]
    closes = np.log(swinging["close"].to_numpy())
    last = np.diff(closes[:500], prepend=closes[0])
    assert np.corrcoef(expected[30:500], -last[30:500])[0, 1] > 0.9


def test_what_is_learnt_is_what_is_left_of_the_first_target(swinging: Prices, part: Part, encoding: Encoding) -> None:
    plain = encoded(swinging, config(expected="nothing"), part)
    assert plain.expected is None
    own, all_of_it = encoding.targets(swinging), plain.targets(swinging)
    expected = encoding.expected_moves(encoding.inputs(swinging))
    np.testing.assert_allclose(own[:, :1] + expected, all_of_it[:, :1], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(own[:, 1:], all_of_it[:, 1:])
    learnt = slice(30, 400)
    assert np.nanstd(own[learnt, 0]) < 0.95 * np.nanstd(all_of_it[learnt, 0])


def test_nothing_is_expected_of_a_walk(make_prices: Callable[..., Prices]) -> None:
    walk = make_prices(500, ("AAA", "BBB"))
    days = sessions_of(walk)
    part = (days[20], days[399])
    assert encoded(walk, config(), part) == encoded(walk, config(expected="nothing"), part)


def test_nothing_after_the_part_is_regressed_on_and_its_last_session_is(
    swinging: Prices, part: Part, encoding: Encoding
) -> None:
    assert encoded(changed_after(swinging, part[1]), config(), part) == encoding
    before = sessions_of(swinging)[398]
    assert encoded(changed_after(swinging, before), config(), part).expected != encoding.expected


def test_expected_moves_of_a_session_read_nothing_after_it(swinging: Prices, encoding: Encoding) -> None:
    day = sessions_of(swinging)[440]
    known = swinging.index.get_level_values("session") <= day
    changed = changed_after(swinging, day)
    ours, theirs = (encoding.expected_moves(encoding.inputs(prices)) for prices in (swinging, changed))
    np.testing.assert_array_equal(ours[known], theirs[known])
    assert (ours[~known] != theirs[~known]).any()


def test_it_comes_back_from_json_as_it_was(encoding: Encoding) -> None:
    document = json.loads(json.dumps(encoding.to_json(), allow_nan=False))
    scaler = json.loads(json.dumps({ticker: ranges.to_json() for ticker, ranges in encoding.scalings.items()}))
    assert Encoding.from_json(document, scaler, config()) == encoding


@pytest.mark.parametrize("horizon", [1, 3])
@pytest.mark.parametrize("head", ["quantiles", "student_t", "point"])
def test_a_network_that_says_nothing_forecasts_the_expected_move(
    swinging: Prices, part: Part, horizon: int, head: str
) -> None:
    of = config(horizon, head)
    encoding = encoded(swinging, of, part)
    heads = [] if head == "point" else [HeadValues(np.broadcast_to(FAN, (2, horizon, 19)))]

    def silent(inputs):
        return np.zeros((len(inputs), encoding.layout.width), np.float32)

    network, inputs = NetworkForecaster([silent, silent], encoding, of, heads * 2), encoding.inputs(swinging)
    usual, closes = encoding.anchor.apply(swinging)[ORIGINS, None], swinging["close"].to_numpy()[ORIGINS, None]
    moves = encoding.expected_moves(inputs[ORIGINS])
    # Past the trained horizon the last one stays.
    moves = moves[:, [*range(horizon), *[horizon - 1] * 2]]
    found = network.forecast(swinging, ORIGINS, horizon + 2)
    np.testing.assert_allclose(np.log(found.values / closes) / usual, moves, rtol=1e-6, atol=1e-9)
    if heads:
        wide = np.log(found.quantiles[:, :horizon] / closes[..., None]) / usual[..., None]
        np.testing.assert_allclose(wide, moves[:, :horizon, None] + FAN, rtol=1e-6, atol=1e-9)
    windows = inputs[ORIGINS[:, None] + np.arange(-3, 1)]
    points, fans = network.of_windows(swinging, ORIGINS, windows, horizon + 2)
    np.testing.assert_allclose(points, found.values, rtol=1e-12)
    if heads:
        np.testing.assert_allclose(fans, found.quantiles, rtol=1e-12)


def test_windows_that_are_changed_are_expected_to_move_otherwise(swinging: Prices, encoding: Encoding) -> None:
    network = NetworkForecaster(
        [lambda inputs: np.zeros((len(inputs), encoding.layout.width), np.float32)],
        encoding,
        config(),
        [HeadValues(np.broadcast_to(FAN, (2, 1, 19)))],
    )
    windows = encoding.inputs(swinging)[ORIGINS[:, None] + np.arange(-3, 1)]
    points, _ = network.of_windows(swinging, ORIGINS, windows, 1)
    windows[:, :-1] = 0
    np.testing.assert_array_equal(network.of_windows(swinging, ORIGINS, windows, 1)[0], points)
    windows[:, -1] = 0
    still, _ = network.of_windows(swinging, ORIGINS, windows, 1)
    np.testing.assert_allclose(still[:, 0], swinging["close"].to_numpy()[ORIGINS], rtol=1e-12)

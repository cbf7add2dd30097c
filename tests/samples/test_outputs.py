from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stockrnn.samples.outputs import RANGE, HeadValues, OutputLayout, decode

HEADS = ("point", "quantiles", "student_t")
TARGETS = [("close",), ("close", "open"), ("close", RANGE), ("open", RANGE, "close"), ("close", "open", RANGE)]


@st.composite
def layouts(draw: st.DrawFn, heads: tuple[str, ...] = HEADS) -> OutputLayout:
    return OutputLayout(draw(st.sampled_from(TARGETS)), draw(st.integers(1, 4)), draw(st.sampled_from(heads)))


def parts_of(layout: OutputLayout, outputs: np.ndarray) -> list[np.ndarray]:
    """Give every slice of the outputs that the layout names."""
    scales = [layout.log_scale(outputs, name) for name in layout.distributions]
    return [*(layout.location(outputs, name) for name in layout.targets), *scales]


@given(layouts())
def test_the_parameters_share_out_the_outputs_without_gap_or_overlap(layout: OutputLayout) -> None:
    places = np.arange(layout.width)
    parts = parts_of(layout, places)
    assert {len(part) for part in parts} == {layout.horizon}
    assert sorted(np.concatenate(parts).tolist()) == places.tolist()


@given(layouts())
def test_the_values_share_out_the_targets_in_their_order(layout: OutputLayout) -> None:
    places = np.arange(len(layout.targets) * layout.horizon)
    parts = [layout.values(places, name) for name in layout.targets]
    np.testing.assert_array_equal(np.concatenate(parts), places)


def test_slices_are_of_the_last_axis() -> None:
    layout = OutputLayout(("close", RANGE), 2, "quantiles")
    outputs = np.arange(3 * 5 * 6).reshape(3, 5, 6)
    np.testing.assert_array_equal(layout.location(outputs, "close"), outputs[..., 0:2])
    np.testing.assert_array_equal(layout.log_scale(outputs, "close"), outputs[..., 2:4])
    np.testing.assert_array_equal(layout.location(outputs, RANGE), outputs[..., 4:6])


@pytest.mark.parametrize(
    ("head", "targets", "width", "distributions"),
    [
        ("point", ("close", "open", RANGE), 9, ()),
        ("quantiles", ("close",), 6, ("close",)),
        ("student_t", ("close", "open"), 12, ("close", "open")),
        ("quantiles", ("close", RANGE, "open"), 15, ("close", "open")),
    ],
)
def test_a_price_with_a_head_has_two_parameters_a_session_and_a_range_one(head, targets, width, distributions) -> None:
    layout = OutputLayout(targets, 3, head)
    assert (layout.width, layout.distributions) == (width, distributions)


def head_values(layout: OutputLayout, levels: int = 19) -> HeadValues:
    shape = (len(layout.distributions), layout.horizon, levels)
    return HeadValues(np.sort(np.random.default_rng(3).normal(size=shape), axis=-1))


@given(layouts(heads=HEADS[1:]), st.integers(0, 3))
def test_outputs_of_zero_are_a_location_of_zero_and_the_quantiles_of_the_head(layout: OutputLayout, rows: int) -> None:
    head = head_values(layout)
    location, quantiles = decode(layout, np.zeros((rows, layout.width), np.float32), head)
    np.testing.assert_array_equal(location, np.zeros((rows, layout.horizon)))
    np.testing.assert_array_equal(quantiles, np.repeat(head.quantiles[:1], rows, axis=0))


def test_a_location_is_a_tenth_of_its_output_and_a_scale_the_exponential_within_two() -> None:
    layout, head = OutputLayout(("close",), 1, "quantiles"), HeadValues(np.array([[[-1.0, 0.5, 2.0]]]))
    outputs = np.array([[3, 0], [0, np.log(2)], [-1, -50], [0, 50]], np.float32)
    location, quantiles = decode(layout, outputs, head)
    np.testing.assert_allclose(location[:, 0], [0.3, 0, -0.1, 0], atol=1e-7)
    wide, narrow = np.exp(2.0), np.exp(-2.0)
    expected = [
        [-0.7, 0.8, 2.3],
        [-2, 1, 4],
        [-0.1 - narrow, -0.1 + narrow / 2, -0.1 + 2 * narrow],
        [-wide, wide / 2, 2 * wide],
    ]
    np.testing.assert_allclose(quantiles[:, 0], expected, rtol=1e-6)


@given(st.data(), layouts(heads=HEADS[1:]))
def test_quantiles_never_cross_whatever_the_network_says(data: st.DataObject, layout: OutputLayout) -> None:
    numbers = st.floats(-1e6, 1e6, width=32)
    outputs = data.draw(arrays(np.float32, (3, layout.width), elements=numbers))
    location, quantiles = decode(layout, outputs, head_values(layout))
    assert location.shape == (3, layout.horizon)
    assert quantiles.shape == (3, layout.horizon, 19)
    assert (np.diff(quantiles, axis=-1) >= 0).all()


@given(layouts(heads=HEADS[1:]))
def test_only_the_first_target_moves_what_is_decoded(layout: OutputLayout) -> None:
    head, outputs = head_values(layout), np.zeros((1, layout.width))
    before = decode(layout, outputs, head)
    for name in layout.targets[1:]:
        layout.location(outputs, name)[...] = 7
    for name in layout.distributions[1:]:
        layout.log_scale(outputs, name)[...] = 1
    for first, second in zip(before, decode(layout, outputs, head), strict=True):
        np.testing.assert_array_equal(first, second)


@given(layouts(heads=HEADS[1:]))
def test_what_a_head_has_learnt_survives_json(layout: OutputLayout) -> None:
    head = head_values(layout)
    again = HeadValues.from_json(head.to_json())
    np.testing.assert_array_equal(again.quantiles, head.quantiles)

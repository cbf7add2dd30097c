from __future__ import annotations

from typing import Any

import pytest

from stockrnn.config import Config, impossible_combinations
from stockrnn.errors import ConfigError
from stockrnn.recipes import load_recipe

MOVES = ["target.kind=log_return", "target.column=close"]
EVERY_STEP = ["model.shape=many_to_many"]
HEAD = [*MOVES, "model.head=quantiles"]
DECODER = ["window.strategy=sequence_to_sequence", "model.shape=many_to_many", "window.horizon=3"]
ONE_STEP = ["window.lookback=1", "model.shape=one_to_one"]

REFUSED: list[tuple[list[str], str]] = [
    (["model.shape=one_to_one"], "model.shape one_to_one reads one step; window.lookback is 60"),
    (["window.lookback=1"], "model.shape many_to_one reads many steps; window.lookback is 1"),
    (["model.shape=one_to_many", "window.lookback=1"], "model.shape one_to_many gives a path"),
    (["model.shape=one_to_many", "window.lookback=1", DECODER[0]], "model.shape one_to_many gives a path"),
    (
        DECODER[:1],
        "window.strategy sequence_to_sequence needs model.shape many_to_many or one_to_many, not many_to_one",
    ),
    (["window.horizon=2", "features.names=['open', 'close']"], "features.names = ['target']"),
    (["window.horizon=2", *MOVES], "target.kind = 'level'"),
    (["model.cell=feed_forward", *EVERY_STEP], "model.cell feed_forward has no steps"),
    (["model.cell=feed_forward", "model.bidirectional=true"], "model.cell feed_forward has no steps"),
    (["model.cell=feed_forward", "train.truncate_steps=5"], "model.cell feed_forward has no steps"),
    ([*ONE_STEP, "model.bidirectional=true"], "model.bidirectional needs several steps to read backwards"),
    ([*EVERY_STEP, "model.bidirectional=true"], "would read the very target from the steps after it"),
    (["train.truncate_steps=5", "model.bidirectional=true"], "train.truncate_steps goes through a window forwards"),
    (["train.truncate_steps=5", *DECODER], "train.truncate_steps goes through a window forwards"),
    ([*ONE_STEP, "train.truncate_steps=5"], "train.truncate_steps goes through a window forwards"),
    (["train.truncate_steps=60"], "train.truncate_steps 60 truncates nothing: it must be below window.lookback 60"),
    (["model.head=quantiles"], "are for moves and not for prices; set target.kind = 'log_return'"),
    (["model.head=student_t"], "are for moves and not for prices; set target.kind = 'log_return'"),
    (["target.beside=close"], "are for moves and not for prices; set target.kind = 'log_return'"),
    (["target.anchor=har_x"], "target.anchor har_x is what moves are divided by; set target.kind = 'log_return'"),
    (["target.expected=ridge"], "target.expected ridge is of moves; set target.kind = 'log_return'"),
    ([*HEAD, "train.loss=huber"], "train.loss huber is for model.head point; quantiles has a loss of its own"),
    ([*MOVES, "target.beside=['open', 'open']"], "target.beside ['open', 'open'] has a target twice"),
    ([*HEAD, *DECODER], "window.strategy sequence_to_sequence has no model.head quantiles"),
    (["model.skip=true", "model.cell=feed_forward"], "model.skip leads past recurrent layers to one output"),
    (["model.skip=true", *DECODER], "model.skip leads past recurrent layers to one output"),
    (["train.warm_up=5"], "train.warm_up and train.stride are for a target at every step"),
    (["train.stride=5"], "train.warm_up and train.stride are for a target at every step"),
    ([*EVERY_STEP, "train.warm_up=60"], "train.warm_up 60 leaves no step of window.lookback 60"),
    (["train.weight_decay=0.1"], "train.weight_decay is for train.optimizer adamw, not adam"),
    (["train.refit_epochs=3"], "train.refit_epochs trains again with the sessions of data.validation"),
    (["evaluation.gate=true"], "evaluation.gate is chosen on the sessions of data.validation"),
    (["evaluation.intervals=conformal"], "evaluation.intervals conformal starts from the misses on data.validation"),
    (["evaluation.intervals=adaptive"], "evaluation.intervals adaptive starts from the misses on data.validation"),
    (["train.early_stopping=3"], "train.early_stopping needs sessions to watch"),
    (["train.clip_norm=1", "train.clip_value=1"], "exclude each other"),
    (["train.seeds=[1, 2, 1]"], "train.seeds has a seed twice: [1, 2, 1]"),
]


@pytest.mark.parametrize(("overrides", "words"), REFUSED, ids=[" ".join(overrides) for overrides, _ in REFUSED])
def test_what_makes_no_sense_together_is_refused_in_one_line(overrides: list[str], words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_recipe(overrides=overrides)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


POSSIBLE = [
    HEAD,
    [*HEAD, *EVERY_STEP, "model.skip=true", "train.warm_up=59", "train.stride=20"],
    [*HEAD, "target.beside=['close', 'open', 'range']", "window.horizon=3", "window.strategy=direct"],
    [*HEAD, "model.cell=feed_forward"],
    [*HEAD, *ONE_STEP, "model.skip=true"],
    ["model.skip=true"],
    [*DECODER, "model.bidirectional=true"],
    ["train.truncate_steps=59"],
    ["train.optimizer=adamw", "train.weight_decay=0.1"],
    ["data.validation=0.2", "evaluation.gate=true", "evaluation.intervals=conformal", "train.refit_epochs=2"],
]


@pytest.mark.parametrize("overrides", POSSIBLE, ids=" ".join)
def test_what_goes_together_is_let_through(overrides: list[str]) -> None:
    assert load_recipe(overrides=overrides).config != Config()


def test_the_tutorial_has_no_impossible_combination() -> None:
    assert list(impossible_combinations(Config())) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("retrun_1", "no feature 'retrun_1' (near: return_1"),
        ("opne", "no feature 'opne' (near: open"),
        ("recomended", "near: recommended"),
        ("zzzz", "no feature 'zzzz' (such as target, open, high, low, close, volume, recommended; docs/features.md"),
    ],
)
def test_an_unknown_feature_is_told_with_those_near_to_it(name: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load_recipe(overrides=[f"features.names=['{name}']"])
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("overrides", "facts"),
    [
        ([], {"has_distribution": False, "needs_own_training": True, "can_go_on": True, "targets_every_step": False}),
        (HEAD, {"has_distribution": True, "needs_own_training": True, "can_go_on": False}),
        ([*HEAD, "features.names=return_1"], {"needs_own_training": False, "feature_columns": ()}),
        (["features.names=['return_1']"], {"needs_own_training": True, "can_go_on": False}),
        (
            ["data.validation=0.2", "evaluation.intervals=conformal"],
            {"has_distribution": True, "can_go_on": True},
        ),
        (EVERY_STEP, {"targets_every_step": True}),
        (DECODER, {"targets_every_step": False, "outputs": 3}),
    ],
)
def test_what_follows_from_a_config(overrides: list[str], facts: dict[str, Any]) -> None:
    config = load_recipe(overrides=overrides).config
    assert {name: getattr(config, name) for name in facts} == facts

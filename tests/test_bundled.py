from __future__ import annotations

import re

import pytest

from stockrnn.bundled import bundled_folder, bundled_prices, bundled_recipe
from stockrnn.errors import ConfigError


def test_the_tutorials_prices_and_recipe_are_found() -> None:
    assert bundled_prices("googl").read_text(encoding="utf-8").startswith("date,open,high,low,close,volume\n")
    assert bundled_recipe("google").suffix == ".toml"


@pytest.mark.parametrize("name", ["nothing", "", "../google", "google.toml"])
def test_an_unknown_recipe_is_an_error_that_names_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigError, match=r"no bundled recipe called .*known: .*google"):
        bundled_recipe(name)


@pytest.mark.parametrize(("name", "meant"), [("recomended", "recommended"), ("Google", "google"), ("lstm-gru", None)])
def test_the_recipe_that_may_be_meant_is_named_first(name: str, meant: str | None) -> None:
    hint = f"; did you mean {meant}? (known: " if meant else "; known: "
    with pytest.raises(ConfigError, match=re.escape(f"{name!r}{hint}")):
        bundled_recipe(name)


def test_unknown_prices_are_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no bundled prices called 'goog'; did you mean googl\?"):
        bundled_prices("goog")


def test_a_missing_folder_says_how_to_mend_it() -> None:
    with pytest.raises(ConfigError, match=r"install stockrnn again"):
        bundled_folder("nothing")

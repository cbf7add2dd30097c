from __future__ import annotations

import json

import numpy as np
import pytest

from stockrnn.runs.folder import write_run_file

TOPICS = ("gradients", "gates", "importance")


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_help_with_an_example(run_cli, topic):
    output = run_cli("explain", "anywhere", topic, "--help").stdout
    assert f"stockrnn explain runs/google {topic}" in output.split("Example")[1]


@pytest.mark.parametrize("words", [["gradients"], ["runs/x"], ["runs/x", "grates"]])
def test_a_topic_that_is_missing_or_unknown_is_one_line_that_names_them(run_cli, words):
    message = run_cli("explain", *words, code=2).stderr
    assert "gradients, gates, memory, importance" in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("topic", TOPICS)
def test_what_is_no_run_folder_or_no_picture_is_one_line(run_cli, trained_smoke, tmp_path, topic):
    assert run_cli("explain", tmp_path, topic, code=4).stderr.count("\n") == 1
    result = run_cli("explain", trained_smoke, topic, "--out", tmp_path / "x.gif", code=2)
    assert ".png" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_gates_end_on_the_date_and_add_up_to_the_cell_state(run_cli, trained_smoke, tmp_path):
    picture = tmp_path / "deeper" / "gates.svg"
    result = run_cli("explain", trained_smoke, "gates", "--date", "2017-03-09", "--json", "--out", picture)
    document = json.loads(result.stdout)
    assert document["sessions"][-1] == document["date"] == "2017-03-09"
    assert len(document["sessions"]) == 10
    gates = {name: np.array(values) for name, values in document["gates"].items()}
    memory = np.array(document["cell_state"])
    expected = gates["forget"][1:] * memory[:-1] + gates["input"][1:] * gates["candidate"][1:]
    np.testing.assert_allclose(memory[1:], expected, atol=1e-6)
    assert "2017-03-09" in picture.read_text(encoding="utf-8") or picture.stat().st_size > 10_000


def test_the_words_say_what_was_kept_added_and_let_out(run_cli, trained_smoke):
    output = run_cli("explain", trained_smoke, "gates", "--date", "2017-03-09").stdout
    for word in ("kept", "added", "let out", "plain cell"):
        assert word in output


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--date", "2017-03-11"), 3, "2017-03-10 and 2017-03-13"),
        (("--date", "1990-01-02"), 3, "nearest"),
        (("--date", "2050-01-03"), 3, "nearest"),
        (("--date", "next week"), 2, "next week"),
        (("--layer", "2"), 2, "layers 1 to 1"),
        (("--ticker", "ZZZ"), 3, "GOOGL"),
    ],
)
def test_what_has_no_window_is_refused_in_one_line(run_cli, trained_smoke, options, code, words):
    result = run_cli("explain", trained_smoke, "gates", *options, code=code)
    assert words in result.stderr
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1


def test_the_importance_is_in_price_units_and_starts_from_the_runs_own_error(run_cli, trained_smoke):
    document = json.loads(run_cli("explain", trained_smoke, "importance", "--json").stdout)
    scores = json.loads((trained_smoke / "scores.json").read_text(encoding="utf-8"))["scores"]
    network = next(score for score in scores if score["forecaster"] == "network")
    assert (document["metric"], document["gate"]) == ("rmse", None)
    assert document["loss"] == pytest.approx(network["rmse"], rel=1e-4)
    assert [part["name"] for part in document["importance"]] == ["open", "1", "2-5", "6-10"]


def gated(run, share):
    """Give a run a gate that it was not trained with."""
    document = json.loads((run / "run.json").read_text(encoding="utf-8"))
    write_run_file(run, {**document, "gate": share})
    return run


def test_behind_a_shut_gate_nothing_has_any_importance(run_cli, smoke_run):
    document = json.loads(run_cli("explain", gated(smoke_run, 0.0), "importance", "--json").stdout)
    scores = json.loads((smoke_run / "scores.json").read_text(encoding="utf-8"))["scores"]
    naive = next(score for score in scores if score["forecaster"] == "last_close")
    assert document["loss"] == pytest.approx(naive["rmse"])
    assert {value for part in document["importance"] for value in (*part["growths"], *part["movements"])} == {0.0}
    output = run_cli("explain", smoke_run, "importance").stdout
    assert "The gate is shut: the point forecast is the naive one" in output
    assert "No permutation moves the forecast." in output


def test_behind_a_gate_that_is_half_open_half_of_the_way_moves(run_cli, trained_smoke, smoke_run):
    whole, half = (
        json.loads(run_cli("explain", run, "importance", "--json").stdout)
        for run in (trained_smoke, gated(smoke_run, 0.5))
    )
    moved = [np.array([part["movement"] for part in each["importance"]]) for each in (whole, half)]
    # In log price, half of the way; the forecasts are of one size.
    np.testing.assert_allclose(moved[1] / moved[0], 0.5, rtol=0.1)
    assert "keeps 50 % of the network's way" in half["text"]


def test_the_gradients_of_a_run_come_at_every_lag(run_cli, trained_smoke, tmp_path):
    result = run_cli("explain", trained_smoke, "gradients", "--json", "--out", tmp_path / "g.png")
    document = json.loads(result.stdout)
    assert document["run"] == str(trained_smoke)
    (network,) = document["networks"]
    assert [(each["layer"], each["of"]) for each in network["gradients"]] == [
        ("input", "input"),
        ("layer 1", "hidden state"),
        ("layer 1", "cell state"),
    ]
    assert {len(each["norms"]) for each in network["gradients"]} == {10}
    assert (tmp_path / "g.png").stat().st_size > 10_000


@pytest.mark.slow
def test_cells_are_compared_side_by_side(run_cli, trained_smoke):
    document = json.loads(run_cli("explain", trained_smoke, "gradients", "--compare-cells", "--json").stdout)
    assert [network["name"] for network in document["networks"]][:3] == ["simple_rnn", "lstm", "gru"]


@pytest.mark.slow
def test_the_ends_of_a_window_that_is_read_both_ways_are_not_taken_for_near_and_far(run_cli, tmp_path):
    both_ways = ("--set", "model.bidirectional=true", "--set", "train.epochs=1")
    run_cli("train", "--config", "smoke", "--runs", tmp_path, *both_ways)
    said = run_cli("explain", tmp_path / "smoke", "gradients").stdout
    assert "each end of the window is near the output, and its middle is far" in said

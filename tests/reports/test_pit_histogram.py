from __future__ import annotations

from stockrnn.reports.pit_histogram import pit_histogram


def bars(text: str) -> list[str]:
    return [line.split("|")[1] for line in text.splitlines() if "|" in line]


def test_even_ranges_fill_the_line_of_5_per_cent() -> None:
    text = pit_histogram("network", 1, [10] * 20)
    assert [line for line in bars(text) if line.strip()] == ["##" * 20] * 2
    assert any(line.strip().startswith("5 %") for line in text.splitlines())


def test_too_narrow_ranges_are_a_valley() -> None:
    rows = bars(pit_histogram("network", 1, [50, *[0] * 18, 50]))
    assert rows[0] == f"##{'  ' * 18}##"
    assert len(rows) == 5


def test_the_histogram_is_narrow_ascii_and_names_whose_it_is() -> None:
    text = pit_histogram("har bands", 5, [3, 1, *range(18)])
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 120
    assert "har bands, 5 sessions ahead" in text


def test_nothing_counted_draws_nothing() -> None:
    assert "#" not in pit_histogram("network", 1, [0] * 20)

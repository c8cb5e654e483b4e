import pytest

from benchmarks.__main__ import list_names, main
from benchmarks.harness import Report, at_least, at_most, interleave, percentile


def test_a_figure_says_its_goal_and_whether_it_was_missed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = Report()

    report.figure("load.ratio", 0.412, "×", at_least(0.3))
    report.figure("pages.board", 1.31, "×", at_most(1.2))
    report.figure("load.rows", 123456.7, "rows/s")

    assert capsys.readouterr().out.splitlines() == [
        "load.ratio 0.412 ×, goal ≥ 0.3",
        "pages.board 1.31 ×, goal ≤ 1.2 — MISSED",
        "load.rows 123,457 rows/s",
    ]
    assert report.missed == ["pages.board"]


def test_sides_take_turns() -> None:
    turns: list[str] = []
    sides = {name: lambda name=name: turns.append(name) for name in ("ours", "bare")}

    medians = interleave(Report(), sides, rounds=2)

    assert turns == ["ours", "bare", "ours", "bare"]
    assert set(medians) == {"ours", "bare"}


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (1, 100), (0.001, 1)])
def test_a_percentile_is_the_nearest_rank(share: float, expected: int) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(SystemExit, match="No benchmark nothing"):
        main(["nothing"])


def test_every_benchmark_says_what_it_measures(capsys: pytest.CaptureFixture[str]) -> None:
    main([])

    listed = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert [name for name, _about in listed] == list_names()

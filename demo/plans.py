"""Ways of a patient through the clinic: which services in which order, how many days apart."""

import random
from dataclasses import dataclass, field, replace


@dataclass(slots=True)
class Line:
    """A line of a prescribed course."""

    offer: str
    sessions: int
    every: tuple[int, int]
    is_repeat_exam: bool = False
    booked: list[int] = field(default_factory=list)
    attended: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One appointment to come, `after` so many days. A consultation may prescribe `lines`."""

    offer: str
    after: tuple[int, int]
    line: Line | None = None
    prescribes: tuple[Line, ...] = ()


FIRST_DAYS = (1, 6)


def next_plan(dice: random.Random, *, is_child: bool, has_orthopaedist: bool) -> list[Step]:
    """Return what one complaint leads to; the next one comes months later, if ever."""
    if is_child:
        return _child_plan(dice, has_orthopaedist=has_orthopaedist)
    ortho = has_orthopaedist and dice.random() < 0.4
    first, again = ("ortho_first", "ortho_again") if ortho else ("neuro_first", "neuro_again")
    scan = dice.choice(("scan_joint", "posture", "feet")) if ortho else "scan_neck"
    roll = dice.random()
    if roll < 0.12:
        return [Step(first, FIRST_DAYS)]
    if roll < 0.2:
        return [Step(dice.choice(("massage_full", "massage_lymph", "osteopathy")), FIRST_DAYS)]
    if roll < 0.3:
        return [Step(first, FIRST_DAYS), Step(scan, (1, 5)), Step(again, (2, 9))]
    if roll < 0.46:
        return _regular(dice)
    lines = _lines(dice, long=roll > 0.74)
    if roll < 0.6:
        return [Step(first, FIRST_DAYS), *_course(Step(again, (3, 9)), lines)]
    if roll < 0.88:
        return [
            *(Step(first, FIRST_DAYS), Step(scan, (1, 5))),
            *_course(Step(again, (2, 6)), lines),
        ]
    return _course(Step(first, FIRST_DAYS), lines)


def _regular(dice: random.Random) -> list[Step]:
    """Someone who comes by habit, once in a few weeks, with no doctor's order."""
    offer = dice.choice(("massage_full", "massage_sport", "massage_lymph", "osteopathy"))
    pause = dice.choice(((12, 16), (19, 24), (26, 34)))
    return [Step(offer, FIRST_DAYS), *[Step(offer, pause)] * dice.randint(3, 14)]


def _child_plan(dice: random.Random, *, has_orthopaedist: bool) -> list[Step]:
    first = "child_first" if has_orthopaedist else "neuro_first"
    offer = dice.choice(("massage_child", "exercise_child"))
    if dice.random() < 0.3:
        return [Step(first, FIRST_DAYS)]
    lines = (Line(offer, 10, (2, 4)), Line("control", 1, (5, 14), is_repeat_exam=True))
    return _course(Step(first, FIRST_DAYS), lines)


def _lines(dice: random.Random, *, long: bool) -> tuple[Line, ...]:
    exam = Line("control", 1, (5, 14), is_repeat_exam=True)
    exercise = Line(
        dice.choice(("exercise_single", "exercise_injury", "exercise_sling")),
        dice.choice((6, 8, 10)),
        (2, 4),
    )
    manual = Line(dice.choice(("manual_back", "manual_neck")), dice.choice((4, 5, 6)), (5, 8))
    massage = Line(dice.choice(("massage_back", "massage_neck")), 10, (2, 3))
    if long:
        pairs = ((massage, exercise), (manual, exercise), (manual, massage))
        return *dice.choice(pairs), exam
    return dice.choice((massage, manual, exercise)), exam


def _course(visit: Step, lines: tuple[Line, ...]) -> list[Step]:
    steps = [replace(visit, prescribes=lines)]
    for line in lines:
        steps += [Step(line.offer, line.every, line)] * line.sessions
    return steps

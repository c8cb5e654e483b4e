"""The packages that the demo clinic sells."""

from collections.abc import Mapping
from decimal import Decimal

from packages.actions import PartRule, TypeRule, save_type
from packages.models import Activation


def put_packages_on_sale(services: Mapping[str, int]) -> None:
    """One balance for several services, a balance for each, and a present for whoever has the code.

    `services` are ids by offer code.
    """

    def part(sessions: int, *codes: str) -> PartRule:
        return PartRule(sessions=sessions, service_ids=frozenset(services[code] for code in codes))

    save_type(
        rule=TypeRule(
            name="Массаж, 10 сеансов",
            price=Decimal(15_900),
            term_days=150,
            freeze_days=14,
            is_transferable=True,
            parts=[part(10, "massage_back", "massage_neck", "massage_legs")],
        )
    )
    save_type(
        rule=TypeRule(
            name="Здоровая спина: массаж и ЛФК",
            price=Decimal(19_800),
            term_days=120,
            activation=Activation.FIRST_VISIT,
            freeze_days=30,
            parts=[part(5, "massage_back"), part(5, "exercise_single", "exercise_injury")],
        )
    )
    save_type(
        rule=TypeRule(
            name="Подарочный: 3 массажа на выбор",
            price=Decimal(7_900),
            term_days=180,
            activation=Activation.FIRST_VISIT,
            is_transferable=True,
            is_bearer=True,
            parts=[part(3, "massage_full", "massage_sport", "massage_lymph", "massage_neck")],
        )
    )

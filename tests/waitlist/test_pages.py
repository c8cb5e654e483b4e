"""The waiting list for reception."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment
from clinic.models import Branch, User
from tests.factories import Clinic, make_appointment, make_clinic
from tests.waitlist.factories import NOW, UNTIL, free, make_entry, offer_all
from waitlist.models import Entry, Offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(moscow: Branch) -> Clinic:
    return make_clinic(branch=moscow)


@pytest.fixture
def desk(olga: User, client_for: Callable[[User], Client]) -> Client:
    return client_for(olga)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def make_offer(clinic: Clinic) -> Offer:
    make_entry(clinic)
    free(clinic, "12:00")
    (offer,) = offer_all()
    return offer


def join(desk: Client, clinic: Clinic, **fields: object) -> object:
    return desk.post(
        reverse("waitlist:add"),
        {
            "relative": clinic.patient.pk,
            "service": clinic.service.pk,
            "whom": "",
            "until_on": UNTIL.isoformat(),
            "key": "5f2c1c58-6a0e-4c7e-9d58-0f2f6d3b7a11",
        }
        | fields,
    )


def test_the_list_shows_who_waits_for_what(desk: Client, clinic: Clinic) -> None:
    entry = make_entry(
        clinic,
        employee_id=clinic.doctor.pk,
        weekdays=[2],
    )

    page = desk.get(reverse("waitlist:list")).content.decode()

    assert entry.patient.full_name in page
    assert clinic.service.name in page
    assert f"{clinic.doctor.short_name} · вт" in page


def test_filters_narrow_the_list(desk: Client, clinic: Clinic) -> None:
    entry = make_entry(clinic)
    name = entry.patient.full_name

    def shown(query: str) -> bool:
        return name in desk.get(reverse("waitlist:list") + query).content.decode()

    found = ("", "?state=all", f"?service={clinic.service.pk}", f"?branch={clinic.branch.pk}")
    wrong = ("?state=WRONG&service=x&whom=99999999999999999999",)
    assert all(shown(query) for query in (*found, *wrong, f"?text={entry.patient.last_name}"))
    assert not any(shown(query) for query in ("?state=BOOKED", "?state=offered", "?text=Нет"))


def test_an_empty_list_says_how_to_fill_it(desk: Client, clinic: Clinic) -> None:
    page = desk.get(reverse("waitlist:list")).content.decode()

    assert "Никто не ждёт" in page


def test_a_patient_is_put_on_the_list(desk: Client, clinic: Clinic) -> None:
    response = join(
        desk,
        clinic,
        whom=f"e:{clinic.doctor.pk}",
        branches=[clinic.branch.pk],
        weekdays=["1", "3"],
        from_clock="09:00",
        until_clock="12:00",
    )

    assert response.status_code == 204  # type: ignore[attr-defined]
    entry = Entry.objects.get()
    assert (entry.employee, entry.weekdays) == (clinic.doctor, [1, 3])
    assert entry.origin == "DESK"


def test_what_does_not_pass_comes_back_with_what_was_typed(desk: Client, clinic: Clinic) -> None:
    wrong = join(desk, clinic, from_clock="12:00", until_clock="09:00", note="звонить вечером")
    nobody = join(desk, clinic, relative="")
    late = join(desk, clinic, until_on="2020-01-01")

    assert wrong.status_code == nobody.status_code == 422  # type: ignore[attr-defined]
    assert "звонить вечером" in wrong.content.decode()  # type: ignore[attr-defined]
    assert late.status_code == 409  # type: ignore[attr-defined]
    assert not Entry.objects.exists()


def test_waiting_twice_is_refused_in_words(desk: Client, clinic: Clinic) -> None:
    join(desk, clinic)

    again = join(desk, clinic, key="5f2c1c58-6a0e-4c7e-9d58-0f2f6d3b7a12")

    assert again.status_code == 409  # type: ignore[attr-defined]
    assert "уже" in again.content.decode()  # type: ignore[attr-defined]
    assert Entry.objects.count() == 1


def test_earlier_than_a_visit(desk: Client, clinic: Clinic) -> None:
    visit = make_appointment(clinic, "16:00")
    dialog = desk.get(reverse("waitlist:add"), {"earlier": visit.pk}).content.decode()
    assert all(words in dialog for words in ("Хочет раньше", "16:00"))

    join(desk, clinic, earlier=visit.pk)

    assert Entry.objects.get().earlier_than == visit
    assert "Хочет раньше" in desk.get(reverse("desk:appointment", args=[visit.pk])).content.decode()


def test_free_times_are_shown_before_anybody_waits(desk: Client, clinic: Clinic) -> None:
    asked = {"service": clinic.service.pk, "relative": clinic.patient.pk}
    page = desk.get(reverse("waitlist:free_now"), asked).content.decode()

    assert clinic.doctor.short_name in page
    assert "Уже свободно" in page
    assert "Уже свободно" not in desk.get(reverse("waitlist:free_now")).content.decode()


def test_a_wish_is_changed_taken_off_and_put_back(desk: Client, clinic: Clinic) -> None:
    entry = make_entry(clinic)
    address = reverse("waitlist:entry", args=[entry.pk])
    assert desk.get(address).status_code == 200

    desk.post(address, {"whom": "p:врач", "until_on": UNTIL.isoformat()})
    entry.refresh_from_db()
    assert entry.position == "врач"

    refused = desk.post(reverse("waitlist:withdraw", args=[entry.pk]), {"reason": "?"})
    assert refused.status_code == 422
    desk.post(reverse("waitlist:withdraw", args=[entry.pk]), {"reason": "NO_ANSWER"})
    entry.refresh_from_db()
    assert entry.status == "WITHDRAWN"
    assert "не дозвониться" in desk.get(address).content.decode()

    desk.post(reverse("waitlist:resume", args=[entry.pk]))
    entry.refresh_from_db()
    assert entry.status == "WAITING"


def test_reception_books_who_says_yes_on_the_phone(
    desk: Client, clinic: Clinic, olga: User
) -> None:
    offer = make_offer(clinic)
    page = desk.get(reverse("waitlist:offers")).content.decode()
    assert offer.entry.patient.full_name in page
    assert "занимает окно целиком" in page

    assert desk.post(reverse("waitlist:accept", args=[offer.pk])).status_code == 204

    offer.refresh_from_db()
    assert (offer.status, offer.by_patient) == ("ACCEPTED", False)
    booked = Appointment.objects.get(status="BOOKED")
    assert offer.appointment == booked
    assert booked.created_by == olga


def test_reception_notes_a_no(desk: Client, clinic: Clinic) -> None:
    offer = make_offer(clinic)

    desk.post(reverse("waitlist:decline", args=[offer.pk]))

    offer.refresh_from_db()
    assert offer.status == "DECLINED"


def test_why_whoever_is_next_is_next(desk: Client, clinic: Clinic) -> None:
    offer = make_offer(clinic)
    following = make_entry(clinic)

    page = desk.get(reverse("waitlist:opening", args=[offer.opening_id])).content.decode()

    assert offer.entry.patient.full_name in page
    assert following.patient.full_name in page
    assert "Следующие в очереди" in page


def test_the_card_tells_what_he_waits_for(desk: Client, clinic: Clinic) -> None:
    offer = make_offer(clinic)

    page = desk.get(reverse("desk:card", args=[offer.entry.patient_id])).content.decode()

    assert f"Ждёт времени: {clinic.service.name}" in page
    assert "Предложили освободившееся время" in page
    assert "Встал в лист ожидания" in page


def test_a_doctor_is_not_let_in(
    dmitry: User, client_for: Callable[[User], Client], clinic: Clinic
) -> None:
    entry = make_entry(clinic)
    client = client_for(dmitry)

    for name, args in [("list", []), ("offers", []), ("entry", [entry.pk]), ("add", [])]:
        assert client.get(reverse(f"waitlist:{name}", args=args)).status_code == 403


def test_what_is_not_there_is_not_found(desk: Client, clinic: Clinic) -> None:
    assert desk.get(reverse("waitlist:entry", args=[999])).status_code == 404
    assert desk.get(reverse("waitlist:opening", args=[999])).status_code == 404
    assert desk.post(reverse("waitlist:accept", args=[999])).status_code == 404
    assert desk.get(reverse("waitlist:add"), {"patient": "999999"}).status_code == 404

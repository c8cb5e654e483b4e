import pytest

from clinic.models import User
from intake.actions import RequestEmpty, RequestKeyReused, receive_request
from intake.models import Request
from outbox.models import Event
from patients.phones import WrongPhone
from tests.factories import make_branch, make_patient, make_source
from tests.intake.factories import NOW, make_order

pytestmark = pytest.mark.django_db


def test_a_form_waits_for_an_answer() -> None:
    branch, source = make_branch(), make_source()
    order = make_order(
        phone="8 (916) 765-43-21",
        branch_id=branch.pk,
        source_id=source.pk,
        comment=" Болит спина ",
        utm={"utm_campaign": "spina"},
    )

    request = receive_request(order=order, actor_id=None, now=NOW)

    request.refresh_from_db()
    assert (request.status, request.phone, request.comment) == (
        "NEW",
        "+79167654321",
        "Болит спина",
    )
    assert request.utm == {"utm_campaign": "spina"}
    assert request.answered_at is None
    assert list(Event.objects.values_list("name", "patient_id")) == [
        ("intake.RequestReceived", None)
    ]


@pytest.mark.parametrize("kind", ["CALL", "WALK_IN"])
def test_whoever_writes_down_a_call_has_answered_it(kind: str, olga: User) -> None:
    request = receive_request(order=make_order(kind=kind), actor_id=olga.pk, now=NOW)

    assert (request.status, request.answered_at, request.taken_by_id) == ("IN_WORK", NOW, olga.pk)


def test_a_call_told_by_a_telephony_has_not_been_answered() -> None:
    request = receive_request(order=make_order(kind="CALL"), actor_id=None, now=NOW)

    assert (request.status, request.answered_at) == ("NEW", None)


def test_the_same_key_is_the_same_request() -> None:
    order = make_order()
    first = receive_request(order=order, actor_id=None, now=NOW)

    second = receive_request(order=order, actor_id=None, now=NOW)

    assert second.pk == first.pk
    assert Event.objects.count() == 1


def test_a_key_of_another_request_is_refused() -> None:
    receive_request(order=make_order(key="one"), actor_id=None, now=NOW)

    with pytest.raises(RequestKeyReused):
        receive_request(order=make_order(key="one", name="Пётр"), actor_id=None, now=NOW)

    assert Request.objects.count() == 1


def test_nobody_to_call_back_is_no_request() -> None:
    with pytest.raises(RequestEmpty):
        receive_request(order=make_order(phone=" ", name="  "), actor_id=None, now=NOW)

    assert not Request.objects.exists()


@pytest.mark.parametrize("phone", ["12", "0000000000", "+7 999 99", "позвоните мне"])
def test_a_wrong_phone_is_refused(phone: str) -> None:
    with pytest.raises(WrongPhone):
        receive_request(order=make_order(phone=phone), actor_id=None, now=NOW)

    assert not Request.objects.exists()


@pytest.mark.parametrize("name", ["Анна", "анна петрова", "Петрова Анна", "Петрова А."])
def test_a_patient_is_recognised_by_number_and_name(name: str) -> None:
    anna = make_patient(last_name="Петрова", phone="+79161112233")
    make_patient(last_name="Петров", first_name="Игорь", phone="+79161112233")

    request = receive_request(
        order=make_order(phone="+79161112233", name=name), actor_id=None, now=NOW
    )

    assert request.patient_id == anna.pk


@pytest.mark.parametrize("name", ["", "Мария", "Сергеев"])
def test_a_number_alone_recognises_nobody(name: str) -> None:
    make_patient(last_name="Петрова", phone="+79161112233")

    request = receive_request(
        order=make_order(phone="+79161112233", name=name), actor_id=None, now=NOW
    )

    assert request.patient_id is None


def test_two_of_one_name_at_one_number_are_left_to_a_person() -> None:
    make_patient(last_name="Петрова", phone="+79161112233")
    make_patient(last_name="Петрова", phone="+79161112233")

    request = receive_request(
        order=make_order(phone="+79161112233", name="Анна"), actor_id=None, now=NOW
    )

    assert request.patient_id is None

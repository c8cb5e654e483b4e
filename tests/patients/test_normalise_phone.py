import pytest

from patients.phones import WrongPhone, mask_email, mask_phone, normalise_phone


@pytest.mark.parametrize(
    "written",
    [
        "+7 916 123-45-67",
        "8 (916) 123-45-67",
        "8-916-123-45-67",
        "89161234567",
        "79161234567",
        "9161234567",
        "+8 916 123 45 67",
        "моб. 8.916.123.45.67",
        "8 916 123–45–67 доб. 12",
        "(916)1234567 мама",
    ],
)
def test_a_russian_number_however_written(written: str) -> None:
    assert normalise_phone(written) == "+79161234567"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+375 29 123-45-67", "+375291234567"),
        ("375291234567", "+375291234567"),
        ("+49 30 123456", "+4930123456"),
        ("0049 30 123456", "+4930123456"),
        ("810 49 30 123456", "+4930123456"),
        ("+84 912 345 678", "+84912345678"),
        ("+1 212 555 0123", "+12125550123"),
        ("8 701 234 56 78", "+77012345678"),
        ("8 800 555-35-35", "+78005553535"),
    ],
)
def test_other_countries_and_codes(written: str, kept: str) -> None:
    assert normalise_phone(written) == kept


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "empty"),
        ("нет", "empty"),
        ("123-45-67", "short"),
        ("8916123456", "short"),
        ("+7 916 123 45 6", "short"),
        ("0000000000", "junk"),
        ("+7 (999) 999-99-99", "junk"),
        ("+7 900 000-00-00", "junk"),
        ("1234567890", "junk"),
        ("89161234567, 89031234567", "long"),
        ("+7 016 123-45-67", "unknown"),
        ("1161234567", "unknown"),
    ],
)
def test_what_is_no_number_is_refused_with_a_reason(written: str, reason: str) -> None:
    with pytest.raises(WrongPhone) as refused:
        normalise_phone(written)

    assert refused.value.details == {"reason": reason}
    assert str(refused.value)


def test_a_normal_number_stays_as_it_is() -> None:
    assert normalise_phone(normalise_phone("8 916 123 45 67")) == "+79161234567"


def test_masks_leave_only_the_tail() -> None:
    assert mask_phone("+79161234567") == "+7 ••• •••-45-67"
    assert mask_email("anna.petrova@mail.ru") == "a•••@mail.ru"

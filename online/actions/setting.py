"""What the clinic decides about online booking, and what patients see of its doctors."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from online.models import OnlineSetting, Profile
from online.photos import mark_of, remake_photo


@dataclass(frozen=True, kw_only=True)
class Rules:
    """All that the page of settings says; `frame_origins` are clean origins."""

    is_open: bool
    code_channel: str
    code_price: Decimal
    code_budget: Decimal
    greeting: str
    accent: str
    frame_origins: tuple[str, ...]
    source_id: int | None


@transaction.atomic
def change_rules(*, rules: Rules) -> OnlineSetting:
    setting, _is_new = OnlineSetting.objects.update_or_create(
        pk=1,
        defaults={
            "is_open": rules.is_open,
            "code_channel": rules.code_channel,
            "code_price": rules.code_price,
            "code_budget": rules.code_budget,
            "greeting": rules.greeting,
            "accent": rules.accent.lower(),
            "frame_origins": "\n".join(rules.frame_origins),
            "source_id": rules.source_id,
        },
    )
    return setting


@dataclass(frozen=True, kw_only=True)
class ProfileDetails:
    """`photo` is a file as it was uploaded, None leaves the photo; `without_photo` takes it off."""

    is_shown: bool
    since_year: int | None
    about: str
    photo: bytes | None = None
    without_photo: bool = False


@transaction.atomic
def change_profile(*, employee_id: int, details: ProfileDetails) -> Profile:
    """Write down what patients see of the employee. Raises `PhotoRefused`."""
    profile, _is_new = Profile.objects.select_for_update().get_or_create(employee_id=employee_id)
    profile.is_shown, profile.since_year = details.is_shown, details.since_year
    profile.about = " ".join(details.about.split())
    if details.photo is not None:
        made = remake_photo(details.photo)
        profile.photo, profile.photo_mark = made, mark_of(made)
    elif details.without_photo:
        profile.photo, profile.photo_mark = None, ""
    profile.save()
    return profile

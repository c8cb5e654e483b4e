"""How the patient can be reached, and what he agreed to."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.segments.moment import Moment
from campaigns.segments.traits.base import Condition, Topic, Trait
from campaigns.segments.traits.kinds import ChoiceTrait, FlagTrait, SetTrait
from campaigns.segments.traits.options import Codes
from patients.models import (
    Channel,
    Consent,
    ConsentAction,
    ConsentPurpose,
    ContactKind,
    ContactPoint,
    Relation,
)


def has_contact(kind: ContactKind) -> Condition:
    working = ContactPoint.objects.filter(patient=OuterRef("pk"), kind=kind, is_valid=True)
    return lambda moment: Q(Exists(working))


def live_consents(purpose: ConsentPurpose) -> QuerySet[Consent]:
    """What holds now: the newest row of each channel, where it is a grant."""
    newer = Consent.objects.filter(
        patient=OuterRef("patient"),
        purpose=OuterRef("purpose"),
        channel=OuterRef("channel"),
        pk__gt=OuterRef("pk"),
    )
    return Consent.objects.filter(
        ~Exists(newer), patient=OuterRef("pk"), purpose=purpose, action=ConsentAction.GIVEN
    )


def live_marketing_consents(moment: Moment) -> QuerySet[Consent]:
    return live_consents(ConsentPurpose.MARKETING)


CONTACT: tuple[Trait, ...] = (
    FlagTrait(
        code="has_phone",
        topic=Topic.CONTACT,
        label=_("Has a working phone"),
        holds=has_contact(ContactKind.PHONE),
    ),
    FlagTrait(
        code="has_email",
        topic=Topic.CONTACT,
        label=_("Has a working e-mail"),
        holds=has_contact(ContactKind.EMAIL),
    ),
    ChoiceTrait(
        code="channel",
        topic=Topic.CONTACT,
        label=_("Preferred channel"),
        column="channel",
        choices=Codes.of(Channel),
    ),
    SetTrait(
        code="marketing_consent",
        topic=Topic.CONTACT,
        label=_("Consent to marketing"),
        hint=_("As it holds now, withdrawals taken into account."),
        rows=live_marketing_consents,
        column="channel",
        choices=Codes.of(Channel),
    ),
    FlagTrait(
        code="data_consent",
        topic=Topic.CONTACT,
        label=_("Consent to personal data processing"),
        holds=lambda moment: Q(Exists(live_consents(ConsentPurpose.PERSONAL_DATA))),
    ),
    FlagTrait(
        code="reachable",
        topic=Topic.CONTACT,
        label=_("May be contacted"),
        hint=_("No: the patient asked not to be disturbed at all."),
        holds=lambda moment: Q(is_reachable=True),
    ),
    FlagTrait(
        code="has_family",
        topic=Topic.CONTACT,
        label=_("Has family among patients"),
        holds=lambda moment: Q(
            Exists(Relation.objects.filter(patient=OuterRef("pk")))
            | Exists(Relation.objects.filter(relative=OuterRef("pk")))
        ),
    ),
)

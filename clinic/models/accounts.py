from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMINISTRATOR = "ADMINISTRATOR", _("administrator")
    DOCTOR = "DOCTOR", _("doctor")
    MARKETER = "MARKETER", _("marketer")
    MANAGER = "MANAGER", _("manager")


class User(AbstractUser):
    """Someone who signs in. What they may open follows from `role`; without one, nothing."""

    role = models.CharField(_("role"), max_length=20, choices=Role, blank=True)
    last_branch = models.ForeignKey(
        "Branch",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("branch last looked at"),
    )

    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["", *Role.values]), name="user_role"),
        ]


class Integration(models.Model):
    """Another system that calls the API: an account with a role of its own, and one token.

    Only the hash of the token is kept (`clinic.tokens`): it is shown once, when it is issued.
    What the system does stands in the events and the journal under its account.
    """

    name = models.CharField(_("name"), max_length=100, unique=True)
    user = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="integration", verbose_name=_("user")
    )
    token_hash = models.BinaryField(unique=True, max_length=32)
    issued_at = models.DateTimeField(_("token issued"))
    last_used_at = models.DateTimeField(_("last used"), null=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True)

    class Meta:
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")

    def __str__(self) -> str:
        return self.name

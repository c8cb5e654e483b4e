"""The words that a template may use, and what each stands for.

A template gets plain strings under these names and nothing else. `lines` is the only list.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, str | Promise]

WORDS: Mapping[str, Words] = {
    "document": {
        "number": _("number of the document, in its own sequence"),
        "date": _("day on which it is made"),
    },
    "contract": {
        "number": _("number of the patient’s contract, empty without one"),
        "date": _("day of that contract"),
    },
    "clinic": {
        "legal_name": _("legal name"),
        "tax_number": _("tax number"),
        "registration_number": _("registration number"),
        "license": _("license"),
        "legal_address": _("legal address"),
        "signatory": _("who signs for the clinic"),
    },
    "branch": {
        "name": _("branch"),
        "city": _("city"),
        "address": _("address"),
        "phone": _("phone"),
    },
    "patient": {
        "full_name": _("last, first and middle name"),
        "short_name": _("last name and initials"),
        "birth_on": _("birth date"),
        "phone": _("main phone"),
        "email": _("main e-mail"),
    },
    "representative": {
        "full_name": _("a parent, of a patient under 18; empty otherwise"),
        "short_name": _("the same, last name and initials"),
        "phone": _("the parent’s main phone"),
    },
    "visit": {
        "date": _("day of the visit"),
        "time": _("its time"),
        "doctor": _("who sees the patient"),
        "position": _("that employee’s position"),
        "service": _("service that was booked"),
    },
    "bill": {
        "total": _("owed for the services, in figures"),
        "total_words": _("the same in words"),
        "paid": _("paid so far"),
        "debt": _("left to pay, empty when nothing is"),
    },
}

LINE: Words = {
    "number": _("1, 2, 3…"),
    "service": _("service rendered"),
    "quantity": _("quantity"),
    "price": _("price"),
    "discount": _("discount, empty when there is none"),
    "sum": _("sum; 0 when a package pays"),
    "note": _("“by package”, where one pays"),
}

LISTS: Mapping[str, Words] = {"lines": LINE}
"""What `{% for line in lines %}` may run over, and what each of its items has."""

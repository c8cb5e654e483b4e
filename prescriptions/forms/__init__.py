from prescriptions.forms.chain import ChainForm, WishForm, read_slots, write_slot
from prescriptions.forms.courses import CourseFilterForm, DropForm
from prescriptions.forms.prescribe import CourseForm, make_lines

__all__ = [
    "ChainForm",
    "CourseFilterForm",
    "CourseForm",
    "DropForm",
    "WishForm",
    "make_lines",
    "read_slots",
    "write_slot",
]

from desk.api.check_out import AppointmentComplete
from desk.api.schedule import AbsenceList, ShiftList

__all__ = ["AbsenceList", "AppointmentComplete", "ShiftList"]

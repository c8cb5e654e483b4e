"""Who may open what: every address of the product, by its name.

An address that is missing here is closed, and `tests/platform/test_access.py` fails. Objects are
guarded once more where they are found, by the `access_…` query of their app.
"""

from clinic.access import PUBLIC, SIGNED_IN, SUPERUSER, AccessTable
from clinic.models import Role

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
DOCTOR = frozenset({Role.DOCTOR})
MARKETER = frozenset({Role.MARKETER})
MANAGER = frozenset({Role.MANAGER})
RECEPTION = ADMINISTRATOR | MANAGER
CARE = ADMINISTRATOR | DOCTOR | MANAGER
GROWTH = MARKETER | MANAGER
STAFF = CARE | MARKETER

ACCESS: AccessTable = {
    # The project
    "healthz": PUBLIC,
    "admin:*": SUPERUSER,
    "api-schema": SIGNED_IN,
    "api-docs": SIGNED_IN,
    # clinic
    "clinic:sign_in": PUBLIC,
    "clinic:sign_out": SIGNED_IN,
    "clinic:password": SIGNED_IN,
    "clinic:language": PUBLIC,
    "clinic:texts": PUBLIC,
    "clinic:branch": STAFF,
    "clinic_api:branches": STAFF,
    "clinic_api:services": STAFF,
    "clinic_api:employees": STAFF,
    # desk
    "desk:home": SIGNED_IN,
    "desk:search": STAFF,
    "desk:patients": STAFF,
    "desk:card": STAFF,
    "desk:timeline": STAFF,
    "desk:journal": MANAGER,
    # patients
    "patients:add": RECEPTION,
    "patients:edit": RECEPTION,
    "patients:status": RECEPTION,
    "patients:consents": RECEPTION,
    "patients:relation_add": RECEPTION,
    "patients:relation_remove": RECEPTION,
    "patients:pick": RECEPTION,
    "patients_api:patients": RECEPTION,
    "patients_api:patient": RECEPTION,
    "patients_api:consents": RECEPTION,
    # desk, board and booking
    "desk:board": RECEPTION,
    "desk:board_feed": RECEPTION,
    "desk:booking": RECEPTION,
    "desk:booking_times": RECEPTION,
    "desk:booking_patients": RECEPTION,
    "desk:booking_newcomer": RECEPTION,
    "desk:booking_patient": RECEPTION,
    "desk:appointment": CARE,
    "desk:appointment_move": RECEPTION,
    "desk:appointment_undo_move": RECEPTION,
    "desk:appointment_cancel": RECEPTION,
    "desk:appointment_unbook": RECEPTION,
    "desk:appointment_confirm": RECEPTION,
    "desk:appointment_restore": RECEPTION,
    "desk:appointment_arrive": CARE,
    "desk:appointment_start": CARE,
    "desk:appointment_miss": RECEPTION,
    # appointments
    "appointments:answer": PUBLIC,
    "appointments_api:slots": CARE,
    "appointments_api:appointments": CARE,
    "appointments_api:appointment": CARE,
    "appointments_api:appointment-move": RECEPTION,
    "appointments_api:appointment-cancel": RECEPTION,
    "appointments_api:appointment-confirm": RECEPTION,
    "appointments_api:appointment-arrive": CARE,
    # feedback
    "feedback:review": PUBLIC,
    "feedback:cases": MANAGER,
    "feedback:answers": MANAGER,
    "feedback:case_take": MANAGER,
    "feedback:case_resolve": MANAGER,
    # campaigns, segments
    "campaigns:segments": GROWTH,
    "campaigns:segment_add": GROWTH,
    "campaigns:segment_count": GROWTH,
    "campaigns:segment_preview": GROWTH,
    "campaigns:draft_why": GROWTH,
    "campaigns:segment": GROWTH,
    "campaigns:segment_change": GROWTH,
    "campaigns:segment_copy": GROWTH,
    "campaigns:segment_archive": GROWTH,
    "campaigns:segment_restore": GROWTH,
    "campaigns:segment_size": GROWTH,
    "campaigns:segment_check": GROWTH,
    "campaigns:segment_why": GROWTH,
    "campaigns_api:segments": GROWTH,
    "campaigns_api:segment-count": GROWTH,
    "campaigns_api:segment-traits": GROWTH,
    "campaigns_api:segment": GROWTH,
    "campaigns_api:segment-archive": GROWTH,
    "campaigns_api:segment-restore": GROWTH,
    "campaigns_api:segment-members": GROWTH,
    "campaigns_api:segment-why": GROWTH,
    "admin:jsi18n": GROWTH,
    "admin:campaigns_segment_changelist": GROWTH,
    "admin:campaigns_segment_add": GROWTH,
    "admin:campaigns_segment_change": GROWTH,
    "admin:campaigns_segment_history": GROWTH,
    # campaigns, scenarios
    "campaigns:scenarios": GROWTH,
    "campaigns:scenario": GROWTH,
    "campaigns:scenario_start": GROWTH,
    "campaigns:scenario_stop": GROWTH,
    "campaigns:scenario_runs": GROWTH,
    "campaigns:scenario_why": GROWTH,
    # intake
    "intake:requests": RECEPTION,
    "intake:request_new": RECEPTION,
    "intake:request_match": RECEPTION,
    "intake:request_take": RECEPTION,
    "intake:request_patient": RECEPTION,
    "intake:request_book": RECEPTION,
    "intake:request_lose": RECEPTION,
    "intake:request_reopen": RECEPTION,
    "intake:imports": RECEPTION,
    "intake:import": RECEPTION,
    "intake:import_decide": RECEPTION,
    "intake:import_start": RECEPTION,
    "intake:import_stop": RECEPTION,
    "intake:import_continue": RECEPTION,
    "intake:import_remap": RECEPTION,
    "intake:import_undo": RECEPTION,
    "intake:import_discard": RECEPTION,
    "intake:import_refused": RECEPTION,
    "intake_api:requests": RECEPTION,
    "intake_api:request": RECEPTION,
    "intake_api:request-take": RECEPTION,
    "intake_api:request-book": RECEPTION,
    "intake_api:request-lose": RECEPTION,
    # worklist
    "worklist:tasks": RECEPTION,
    "worklist:task_take": RECEPTION,
    "worklist:task_release": RECEPTION,
    "worklist:task_postpone": RECEPTION,
    "worklist:task_call": RECEPTION,
    "worklist:task_finish": RECEPTION,
    "worklist:task_reopen": RECEPTION,
    # messaging
    "messaging:unsubscribe": PUBLIC,
    "messaging:messages": RECEPTION | MARKETER,
    "messaging:message": RECEPTION | MARKETER,
    "messaging:channel_resume": RECEPTION,
    "messaging:templates": GROWTH,
    "messaging:template": GROWTH,
    "messaging:template_preview": GROWTH,
    "messaging:template_letter": GROWTH,
    "messaging_api:messages": RECEPTION | MARKETER,
    "messaging_api:message": RECEPTION | MARKETER,
    # outbox
    "outbox:deliveries": MANAGER,
    "outbox:deliveries_retry": MANAGER,
    "outbox:delivery_retry": MANAGER,
}

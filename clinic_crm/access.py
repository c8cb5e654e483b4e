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
    # feedback
    "feedback:review": PUBLIC,
    "feedback:cases": MANAGER,
    "feedback:answers": MANAGER,
    "feedback:case_take": MANAGER,
    "feedback:case_resolve": MANAGER,
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

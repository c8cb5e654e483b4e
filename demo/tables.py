TABLES = (
    *("clinic_setting", "clinic_branch", "clinic_room", "clinic_device", "clinic_service"),
    *("clinic_service_rooms", "clinic_service_devices"),
    *("clinic_user", "clinic_employee", "clinic_employee_branches", "clinic_employee_services"),
    *("clinic_ownterms", "online_onlinesetting", "online_profile"),
    *("clinic_shift", "clinic_timeoff", "patients_source", "patients_patient"),
    *("patients_contactpoint", "patients_relation", "patients_consent"),
    *("appointments_appointment", "appointments_visit", "appointments_visitline"),
    *("packages_packagetype", "packages_typepart", "packages_typepart_services"),
    *("appointments_prepayment", "packages_package", "packages_packagepart"),
    *("packages_packageprice", "packages_packageentry", "packages_packagepayment"),
    *("appointments_payment", "till_tillshift", "appointments_patienttotals", "loyalty_pointentry"),
    *("loyalty_pointaccount", "prescriptions_prescription", "prescriptions_prescriptionline"),
    *("prescriptions_session", "campaigns_run", "messaging_message", "feedback_reviewsite"),
    *(
        "feedback_answer",
        "feedback_case",
        "worklist_task",
        "intake_request",
        "patients_accessentry",
        "outbox_event",
    ),
)
"""All that the demo fills, each after what it points to."""

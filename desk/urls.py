from django.urls import path

from desk.views import (
    absences,
    appointments,
    board,
    booking,
    card,
    check_out,
    closures,
    delays,
    guests,
    home,
    journal,
    my_day,
    news,
    patients,
    prepayment,
    rotations,
    schedule,
    visits,
)

app_name = "desk"

urlpatterns = [
    path("", home.show_home, name="home"),
    path("journal/", journal.list_accesses, name="journal"),
    path("search/", patients.search, name="search"),
    path("patients/", patients.list_all, name="patients"),
    path("patients/<int:patient_id>/", card.show_card, name="card"),
    path("patients/<int:patient_id>/timeline/", card.show_timeline, name="timeline"),
    # The schedule
    path("schedule/", schedule.show_schedule, name="schedule"),
    path("schedule/shifts/add/", schedule.shift_add, name="shift_add"),
    path("schedule/shifts/<int:shift_id>/", schedule.shift, name="shift"),
    path("schedule/shifts/<int:shift_id>/remove/", schedule.shift_remove, name="shift_remove"),
    path("schedule/absences/add/", schedule.time_off_add, name="time_off_add"),
    path("schedule/absences/<int:time_off_id>/", schedule.time_off, name="time_off"),
    path(
        "schedule/absences/<int:time_off_id>/remove/",
        schedule.time_off_remove,
        name="time_off_remove",
    ),
    path("schedule/rotations/", rotations.show_rotations, name="rotations"),
    path("schedule/rotations/add/", rotations.rotation_add, name="rotation_add"),
    path("schedule/rotations/fill/", rotations.shifts_fill, name="shifts_fill"),
    path("schedule/rotations/<int:rotation_id>/", rotations.rotation, name="rotation"),
    path(
        "schedule/rotations/<int:rotation_id>/remove/",
        rotations.rotation_remove,
        name="rotation_remove",
    ),
    path("schedule/exceptions/add/", rotations.exception_add, name="exception_add"),
    path(
        "schedule/exceptions/<int:exception_id>/drop/",
        rotations.exception_drop,
        name="exception_drop",
    ),
    path("schedule/copy/", rotations.shifts_copy, name="shifts_copy"),
    path("schedule/closed/", closures.show_closed, name="closed_days"),
    path("schedule/closed/day/", closures.decide, name="branch_day"),
    path("schedule/closed/day/forget/", closures.forget, name="branch_day_forget"),
    path("schedule/closed/holidays/", closures.close_holidays, name="close_holidays"),
    path("schedule/closed/places/add/", closures.closure_add, name="closure_add"),
    path("schedule/closed/places/<int:closure_id>/", closures.closure, name="closure"),
    path(
        "schedule/closed/places/<int:closure_id>/remove/",
        closures.closure_remove,
        name="closure_remove",
    ),
    path("schedule/year/", absences.show_year, name="absence_year"),
    # The board and booking
    path("board/", board.show_board, name="board"),
    path("board/feed/", board.feed, name="board_feed"),
    path("board/booking/", booking.book, name="booking"),
    path("board/booking/times/", booking.show_times, name="booking_times"),
    path("board/booking/proposals/", booking.show_proposals, name="booking_proposals"),
    path("board/booking/hold/", booking.hold, name="booking_hold"),
    path("board/booking/release/", booking.release, name="booking_release"),
    path("board/booking/patients/", guests.find_guest, name="booking_patients"),
    path("board/booking/patients/new/", guests.show_newcomer, name="booking_newcomer"),
    path("board/booking/patients/<int:patient_id>/", guests.choose_guest, name="booking_patient"),
    path("board/visit/", visits.book_visit, name="visit_book"),
    path("board/visit/options/", visits.show_options, name="visit_options"),
    path("appointments/<int:appointment_id>/visit/unbook/", visits.unbook, name="visit_unbook"),
    path("appointments/<int:appointment_id>/visit/restore/", visits.restore, name="visit_restore"),
    path(
        "appointments/<int:appointment_id>/visit/undo-move/",
        visits.take_back_move,
        name="visit_undo_move",
    ),
    path("appointments/<int:appointment_id>/", appointments.show, name="appointment"),
    path("appointments/<int:appointment_id>/move/", appointments.move, name="appointment_move"),
    path(
        "appointments/<int:appointment_id>/undo-move/<int:version>/",
        appointments.take_back_move,
        name="appointment_undo_move",
    ),
    path(
        "appointments/<int:appointment_id>/cancel/", appointments.cancel, name="appointment_cancel"
    ),
    path(
        "appointments/<int:appointment_id>/unbook/", appointments.unbook, name="appointment_unbook"
    ),
    path(
        "appointments/<int:appointment_id>/confirm/",
        appointments.confirm,
        name="appointment_confirm",
    ),
    path(
        "appointments/<int:appointment_id>/restore/",
        appointments.restore,
        name="appointment_restore",
    ),
    path(
        "appointments/<int:appointment_id>/arrive/", appointments.arrive, name="appointment_arrive"
    ),
    path("doctors/<int:employee_id>/late/", delays.tell, name="late"),
    path("appointments/<int:appointment_id>/call/", appointments.call, name="appointment_call"),
    path("appointments/<int:appointment_id>/start/", appointments.start, name="appointment_start"),
    path("appointments/<int:appointment_id>/miss/", appointments.miss, name="appointment_miss"),
    # The doctor's day
    path("my-day/", my_day.my_day, name="my_day"),
    path("my-day/news/", news.show_news, name="my_day_news"),
    path("my-day/notices/", news.choose_notices, name="my_day_notices"),
    path("my-day/<int:appointment_id>/call/", my_day.call, name="my_day_call"),
    path("my-day/<int:appointment_id>/start/", my_day.start, name="my_day_start"),
    path("my-day/<int:appointment_id>/finish/", my_day.finish, name="my_day_finish"),
    path("my-day/<int:appointment_id>/reopen/", my_day.reopen, name="my_day_reopen"),
    # Check-out
    path(
        "appointments/<int:appointment_id>/check-out/",
        check_out.check_out_visit,
        name="check_out",
    ),
    path("appointments/<int:appointment_id>/prepayment/", prepayment.take, name="prepayment"),
    path("prepayments/<int:prepayment_id>/return/", prepayment.give_back, name="prepayment_return"),
    path("payments/<int:payment_id>/refund/", check_out.refund, name="refund"),
    path("visits/<int:visit_id>/receipt/", check_out.show_receipt, name="receipt"),
]

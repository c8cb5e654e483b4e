from django.urls import path

from online.views import appearance, booking, choosing, staff, wishes

app_name = "online"

urlpatterns = [
    path("book/", choosing.start, name="start"),
    path("book/theme.css", appearance.theme, name="theme"),
    path("book/embed.js", appearance.embed, name="embed"),
    path("book/photos/<slug:mark>.webp", appearance.photo, name="photo"),
    path("book/<int:branch_id>/", choosing.branch, name="branch"),
    path("book/<int:branch_id>/doctor/<int:employee_id>/", choosing.doctor, name="doctor"),
    path("book/<int:branch_id>/times/", choosing.times, name="times"),
    path("book/<int:branch_id>/call/", wishes.wish, name="wish"),
    path("book/go/<str:token>/", booking.person, name="person"),
    path("book/go/<str:token>/code/", booking.code, name="code"),
    path("book/go/<str:token>/times/", booking.other_times, name="other_times"),
    path("book/go/<str:token>/done/", booking.done, name="done"),
    path("online/", staff.settings_page, name="settings"),
    path("online/doctors/", staff.profiles, name="profiles"),
    path("online/doctors/<int:employee_id>/", staff.profile, name="profile"),
]

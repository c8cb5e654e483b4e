from django.urls import path

from waitlist.views import answer, offers, staff

app_name = "waitlist"

urlpatterns = [
    path("waiting-list/", staff.waiting_list, name="list"),
    path("waiting-list/add/", staff.add, name="add"),
    path("waiting-list/free/", staff.free_now, name="free_now"),
    path("waiting-list/offers/", offers.offers, name="offers"),
    path("waiting-list/offers/<int:offer_id>/accept/", offers.accept, name="accept"),
    path("waiting-list/offers/<int:offer_id>/decline/", offers.decline, name="decline"),
    path("waiting-list/times/<int:opening_id>/", offers.opening, name="opening"),
    path("waiting-list/<int:entry_id>/", staff.entry, name="entry"),
    path("waiting-list/<int:entry_id>/withdraw/", staff.withdraw, name="withdraw"),
    path("waiting-list/<int:entry_id>/resume/", staff.resume, name="resume"),
    path("w/<str:token>/", answer.answer, name="answer"),
]

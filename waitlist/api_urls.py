from django.urls import path

from waitlist import api

app_name = "waitlist_api"

urlpatterns = [
    path("waitlist/", api.Entries.as_view(), name="entries"),
    path("waitlist/<int:entry_id>/", api.OneEntry.as_view(), name="entry"),
    path("waitlist/<int:entry_id>/withdraw/", api.EntryWithdraw.as_view(), name="withdraw"),
    path("waitlist/<int:entry_id>/resume/", api.EntryResume.as_view(), name="resume"),
    path("waitlist/offers/", api.Offers.as_view(), name="offers"),
    path("waitlist/offers/<int:offer_id>/accept/", api.OfferAccept.as_view(), name="accept"),
    path("waitlist/offers/<int:offer_id>/decline/", api.OfferDecline.as_view(), name="decline"),
]

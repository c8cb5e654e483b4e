from django.urls import path

from loyalty import views

app_name = "loyalty"

urlpatterns = [
    path("loyalty/", views.points, name="points"),
    path("loyalty/tiers/", views.tiers, name="tiers"),
    path("loyalty/tiers/add/", views.tier_add, name="tier_add"),
    path("loyalty/tiers/<int:tier_id>/", views.tier, name="tier"),
    path("loyalty/tiers/<int:tier_id>/remove/", views.tier_remove, name="tier_remove"),
    path("loyalty/patients/<int:patient_id>/", views.account, name="account"),
    path("loyalty/patients/<int:patient_id>/adjust/", views.adjust, name="adjust"),
]

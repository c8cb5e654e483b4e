from django.urls import path

from packages import views

app_name = "packages"

urlpatterns = [
    path("packages/", views.packages, name="packages"),
    path("packages/types/", views.types, name="types"),
    path("packages/types/add/", views.type_add, name="type_add"),
    path("packages/types/<int:type_id>/", views.type_edit, name="type"),
    path("packages/types/<int:type_id>/sale/", views.type_sale, name="type_sale"),
    path("packages/patients/<int:patient_id>/sell/", views.sell, name="sell"),
    path("packages/<int:package_id>/", views.package, name="package"),
    path("packages/<int:package_id>/freeze/", views.freeze, name="freeze"),
    path("packages/<int:package_id>/unfreeze/", views.unfreeze, name="unfreeze"),
    path("packages/<int:package_id>/share/", views.share, name="share"),
    path("packages/<int:package_id>/transfer/", views.transfer, name="transfer"),
    path("packages/<int:package_id>/refund/", views.refund, name="refund"),
    path("packages/<int:package_id>/slip/", views.slip, name="slip"),
]

from django.urls import path

from documents import views

app_name = "documents"
urlpatterns = [
    path("patients/<int:patient_id>/documents/", views.documents, name="documents"),
    path("patients/<int:patient_id>/documents/make/", views.make, name="make"),
    path("documents/<int:document_id>/", views.document, name="document"),
    path("documents/<int:document_id>/file/", views.document_file, name="file"),
    path("documents/templates/", views.templates, name="templates"),
    path("documents/templates/<int:template_id>/file/", views.template_file, name="template_file"),
    path("documents/templates/<str:kind>/upload/", views.upload, name="upload"),
    path("documents/templates/<str:kind>/standard/", views.standard_file, name="standard"),
    path("documents/templates/<str:kind>/sample/", views.sample_page, name="sample"),
]

from django.urls import path

from clinic import api

app_name = "clinic_api"

urlpatterns = [
    path("branches/", api.BranchList.as_view(), name="branches"),
    path("services/", api.ServiceList.as_view(), name="services"),
    path("employees/", api.EmployeeList.as_view(), name="employees"),
]

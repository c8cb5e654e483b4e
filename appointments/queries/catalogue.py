"""What a booking is chosen from."""

from django.db.models import QuerySet

from clinic.models import Branch, Employee, Service


def list_doctors(*, branch: Branch) -> QuerySet[Employee]:
    """Return those who take appointments at the branch, by name."""
    offers = Employee.services.through.objects.values("employee_id")
    return Employee.objects.filter(branches=branch, is_active=True, pk__in=offers).order_by(
        "last_name", "first_name", "pk"
    )


def list_positions(*, service_id: int | None = None) -> list[str]:
    """Return the specialties of those who take appointments, or who offer the service, by name."""
    offers = Employee.services.through.objects.all()
    if service_id is not None:
        offers = offers.filter(service_id=service_id)
    found = Employee.objects.filter(is_active=True, pk__in=offers.values("employee_id"))
    return list(found.order_by("position").values_list("position", flat=True).distinct())


def list_services(*, branch: Branch, employee_id: int | None = None) -> QuerySet[Service]:
    """Return what the employee offers, or what anybody at the branch does."""
    offers = Employee.services.through.objects.filter(
        employee__branches=branch, employee__is_active=True
    )
    if employee_id is not None:
        offers = offers.filter(employee_id=employee_id)
    return Service.objects.filter(is_active=True, pk__in=offers.values("service_id")).order_by(
        "kind", "name"
    )

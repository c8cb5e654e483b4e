"""What a booking is chosen from."""

from django.db.models import QuerySet

from clinic.models import Branch, Employee, Service


def list_doctors(*, branch: Branch) -> QuerySet[Employee]:
    """Return those who take appointments at the branch, by name."""
    offers = Employee.services.through.objects.values("employee_id")
    return Employee.objects.filter(branches=branch, is_active=True, pk__in=offers).order_by(
        "last_name", "first_name", "pk"
    )


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

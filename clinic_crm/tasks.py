from django.utils import timezone

from clinic_crm.celery import app
from clinic_crm.schedule import BY_NAME, PERIODIC

SECONDS_PER_RUN = 60


@app.task(name="clinic_crm.run_periodic")
def run_periodic(name: str) -> None:
    """Run one entry of the schedule; what it does not finish in a minute the next run takes up."""
    BY_NAME[name].run(timezone.now(), SECONDS_PER_RUN)


# A wake-up that nobody took in time is thrown away: the next one finds the same rows.
app.conf.beat_schedule = {
    entry.name: {
        "task": run_periodic.name,
        "schedule": entry.every,
        "args": [entry.name],
        "options": {"expires": entry.every.total_seconds(), "queue": entry.queue},
    }
    for entry in PERIODIC
}

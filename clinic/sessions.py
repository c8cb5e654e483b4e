"""Django's sessions in the database, read by a statement that is not built anew for every page."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

LIVE = """
SELECT session_key, session_data, expire_date
FROM django_session
WHERE session_key = %s AND expire_date > %s
"""


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        """Return the session of the cookie; a new one begins where there is none."""
        found = Session.objects.raw(LIVE, [self.session_key, timezone.now()])
        session = next(iter(found), None)
        if session is None:
            self._session_key = None
        return session

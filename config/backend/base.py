"""Django's PostgreSQL backend, with a check of kept connections that asks the server nothing."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend of Django that `CONN_HEALTH_CHECKS` may question before every request at no cost."""

    def is_usable(self) -> bool:
        """Whether a kept connection is still good.

        A server that has gone away has closed its end or sent its farewell: then there is something to read where
        nothing was asked. Django's own check, a `SELECT 1`, costs a round trip for every request.
        """
        if self.connection is None or self.connection.closed:
            return False
        waiting = select.poll()
        waiting.register(self.connection.fileno(), select.POLLIN)
        return not waiting.poll(0)

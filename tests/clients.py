"""What every new test client would do again, done once."""

from __future__ import annotations

from whitenoise.middleware import WhiteNoiseMiddleware


def read_static_files_once() -> None:
    """Each test client begins with middleware of its own, and whitenoise's looks through every static file."""
    read = WhiteNoiseMiddleware.add_files_from_finders
    known: dict[str, object] = {}

    def add_files_from_finders(middleware: WhiteNoiseMiddleware) -> None:
        if not known:
            read(middleware)
            known.update(middleware.files)
        middleware.files.update(known)

    WhiteNoiseMiddleware.add_files_from_finders = add_files_from_finders

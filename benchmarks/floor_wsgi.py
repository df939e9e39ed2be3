"""The WSGI application of the floor, served like the real one: the project's settings, the floor's routes."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - only once Django is set up

settings.ROOT_URLCONF = "benchmarks.floor_urls"

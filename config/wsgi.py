"""The WSGI application that granian serves."""

import os

import pypinyin  # noqa: F401 - asked for by the first search, which is not to wait until it is loaded
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

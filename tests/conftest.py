"""Gives the tests a database server of their own and sets Django up on it.

This happens when pytest reads this file, so no option and no setting of pytest may name the settings module:
Django would read them before there is a database to name.
"""

import gc
import os
from contextlib import ExitStack

import django

from config.postgres import ensure_database, scratch_server

BELONGINGS = ExitStack()


def start_database():
    """Start a quick private server unless `DATABASE_URL` names one."""
    if not os.environ.get("DATABASE_URL"):
        url = BELONGINGS.enter_context(scratch_server(in_memory=True)).url("donations")
        ensure_database(url)
        os.environ["DATABASE_URL"] = url


def pytest_collection_finish():
    """What thousands of collected tests hold is not looked through for garbage again and again.

    A tenth of the processor time of the tests went into looking.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure():
    BELONGINGS.close()


start_database()
os.environ["APP_PUBLIC_PAGE_SECONDS"] = "0"  # what a test has just written is on the page that it reads
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()

# Only now can models and middleware be imported.
from tests.clients import read_static_files_once  # noqa: E402

read_static_files_once()
pytest_plugins = ["tests.fixtures"]

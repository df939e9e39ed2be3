"""The index of the search for medicines and products that are there already; nothing where there are none."""

from typing import Any

from django.db import migrations

from catalogue.search_index import rebuild_index


def fill(apps: Any, editor: Any) -> None:
    if apps.get_model("catalogue", "Medicine").objects.exists():
        rebuild_index(apps)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_search")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]

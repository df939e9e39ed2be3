from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat


class Migration(migrations.Migration):
    dependencies = [("organisation", "0017_numbers_of_entries")]

    operations = [
        migrations.AlterField("person", "username", models.CharField(max_length=67, unique=True)),
        # Of another county no name can be taken, so that a refusal tells of one's own alone.
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(
                condition=~Q(username__regex="^[0-9]{6}-")
                | Q(username__startswith=Concat(F("county_id"), Value("-"))),
                name="person_named_by_county",
            ),
        ),
    ]

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0014_bulletin_rhythm")]

    operations = [
        migrations.AddField(
            model_name="policy",
            name="report_cut_off",
            field=models.TimeField(default=datetime.time(17, 0)),
        ),
    ]

"""What a reader of a plan needs to recompute a share is kept with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("distribution", "0018_hand_outs_stay")]

    operations = [
        migrations.AddField("planshare", "own_stock", models.JSONField(default=list)),
        migrations.AddField("planshare", "transit_days", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("planshare", "tier", models.PositiveSmallIntegerField(default=0)),
    ]

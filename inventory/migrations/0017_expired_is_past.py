from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Goods in date are not written down as rejected for their expiry."""

    dependencies = [("inventory", "0016_devices_in_date")]

    operations = [
        migrations.AddConstraint(
            model_name="sortingdecision",
            constraint=models.CheckConstraint(
                condition=~Q(reason="expired")
                | Q(last_usable_day__isnull=True)
                | Q(last_usable_day__lt=F("decided_on")),
                name="decision_expired_is_past",
            ),
        ),
    ]

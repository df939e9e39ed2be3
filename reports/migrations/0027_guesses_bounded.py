from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("reports", "0026_correction_changes")]

    operations = [
        # A place that was given back leaves none taken.
        migrations.RemoveConstraint("receiptguesses", "receipt_guesses_some"),
        migrations.RunSQL("", "DELETE FROM reports_receiptguesses WHERE misses = 0"),
        migrations.AddConstraint(
            "receiptguesses",
            models.CheckConstraint(condition=Q(misses__range=(0, 1000)), name="receipt_guesses_bounded"),
        ),
    ]

import datetime

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

AGE = (
    datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(2200, 1, 1, tzinfo=datetime.UTC),
)
NAMES = {
    ("auditentry", "at"): "audit_entry_of_our_age",
    ("auditlink", "sealed_at"): "audit_link_of_our_age",
    ("auditverification", "at"): "audit_verification_of_our_age",
}


class Migration(migrations.Migration):
    """Rows that stand already are not held against it: the log stays as it is, and `verify_audit` names them."""

    dependencies = [("core", "0005_audit_chain")]

    operations = [
        AddConstraintNotValid(
            model,
            models.CheckConstraint(
                condition=models.Q((f"{field}__gte", AGE[0]), (f"{field}__lt", AGE[1])), name=name
            ),
        )
        for (model, field), name in NAMES.items()
    ]

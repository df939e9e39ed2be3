from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # verify_ledger belongs to a lower room, which cannot know what this one keeps beside its books.
        from inventory.verification_checks import CHECKS
        from reports.verification_checks import CHECKS as OF_THIS_ROOM

        CHECKS.update(OF_THIS_ROOM)

from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "organisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from organisation import schema  # noqa: F401 - registers itself with the OpenAPI generator

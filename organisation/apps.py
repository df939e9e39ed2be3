from django.apps import AppConfig


class OrganisationConfig(AppConfig):
    name = "organisation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from organisation import schema  # noqa: F401 - registers itself with the OpenAPI generator
        from organisation.authentication import bear_sign_in

        user_logged_in.connect(bear_sign_in, dispatch_uid="bear_sign_in")

"""The floor's routes: one bare view for each operation."""

from django.urls import path

from benchmarks.operations import OPERATIONS

urlpatterns = [path(f"{operation.slug}/", operation.bare.as_view()) for operation in OPERATIONS]

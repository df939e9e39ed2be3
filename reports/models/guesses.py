"""Receipt codes that were asked for and never given out, counted by who asks."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ReceiptGuesses(models.Model):
    """How often one address asked for a code that nobody has, since `began_at`; of the address a keyed hash."""

    address_key = models.BinaryField(max_length=32, primary_key=True)
    misses = models.PositiveIntegerField()
    began_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(misses__range=(0, 1000)), name="receipt_guesses_bounded")
        ]
        indexes = [models.Index(fields=["began_at"], name="receipt_guesses_age")]

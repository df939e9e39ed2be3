"""群众咨询与监督: questions of the public and their answers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.constraints import CountyKey, SameCounty, county_fk
from core.public_numbers import LEAST, MOST, RandomNumber
from organisation.models import County, Person


class Question(models.Model):
    """What somebody of the public asks or complains about (群众咨询与监督). It is known by its random `number`.

    Everyone may ask, nobody is named: of the sender there is a keyed hash, another one each day. What is published
    is `shown`, the question in words that name nobody, and the answer; both once and for good.
    """

    county = models.ForeignKey(County, models.PROTECT, related_name="+", db_index=False)
    number = models.BigIntegerField(db_default=RandomNumber(), editable=False)
    text = models.CharField(max_length=1000)
    sender = models.BinaryField(max_length=32)
    asked_at = models.DateTimeField()
    asked_on = models.DateField()
    due_on = models.DateField()
    owner = county_fk(Person, null=True)
    shown = models.CharField(max_length=1000, blank=True)
    answer = models.CharField(max_length=2000, blank=True)
    answered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CountyKey(name="question_key"),
            SameCounty(field="owner", name="question_owner_same_county"),
            models.UniqueConstraint(fields=["county", "number"], name="question_number_once"),
            models.CheckConstraint(condition=Q(number__range=(LEAST, MOST)), name="question_number_digits"),
            models.CheckConstraint(condition=~Q(text=""), name="question_says_something"),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("asked_on")), name="question_due_later"),
            models.CheckConstraint(
                condition=Q(answer="", shown="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(answer="") & ~Q(shown="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
                name="question_answered_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["county", "-answered_at"], name="question_answers"),
            models.Index(fields=["county", "due_on"], condition=Q(answer=""), name="question_open"),
            models.Index(fields=["county", "asked_on", "sender"], name="question_of_sender"),
        ]

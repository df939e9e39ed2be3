import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.constraints

# What was asked stays as it was asked and due; an answer is given once; nothing is swept away.
SQL = """
CREATE FUNCTION question_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        PERFORM refuse('question_kept', 'questions stay');
        RETURN NULL;
    END IF;
    IF OLD.answer <> '' THEN
        PERFORM refuse('question_answered', 'the answer is published');
    END IF;
    IF (OLD.id, OLD.county_id, OLD.text, OLD.sender, OLD.asked_at, OLD.asked_on, OLD.due_on)
        IS DISTINCT FROM (NEW.id, NEW.county_id, NEW.text, NEW.sender, NEW.asked_at, NEW.asked_on, NEW.due_on)
    THEN
        PERFORM refuse('question_kept', 'a question stays as it was asked');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON reports_question FOR EACH ROW EXECUTE FUNCTION question_stays();
CREATE TRIGGER stays_whole BEFORE TRUNCATE ON reports_question
    FOR EACH STATEMENT EXECUTE FUNCTION question_stays();
"""
BACK = """
DROP TRIGGER stays ON reports_question;
DROP TRIGGER stays_whole ON reports_question;
DROP FUNCTION question_stays;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0008_answer_days"),
        ("reports", "0007_corrections"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.CharField(max_length=1000)),
                ("sender", models.BinaryField(max_length=32)),
                ("asked_at", models.DateTimeField()),
                ("asked_on", models.DateField()),
                ("due_on", models.DateField()),
                ("shown", models.CharField(blank=True, max_length=1000)),
                ("answer", models.CharField(blank=True, max_length=2000)),
                ("answered_by", models.BigIntegerField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "county",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.county",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["county", "-answered_at"], name="question_answers"),
                    models.Index(
                        condition=models.Q(("answer", "")), fields=["county", "due_on"], name="question_open"
                    ),
                    models.Index(fields=["county", "asked_on", "sender"], name="question_of_sender"),
                ],
                "constraints": [
                    core.constraints.CountyKey(name="question_key"),
                    core.constraints.SameCounty(field="owner", name="question_owner_same_county"),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="question_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("asked_on"))), name="question_due_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("shown", ""),
                            ),
                            models.Q(
                                models.Q(("answer", ""), _negated=True),
                                models.Q(("shown", ""), _negated=True),
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="question_answered_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL, BACK),
    ]

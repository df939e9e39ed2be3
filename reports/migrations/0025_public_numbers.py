from django.db import migrations, models

import core.public_numbers

# A question is published under its number, so this stays with the rest of what was asked.
STAYS = """
CREATE OR REPLACE FUNCTION question_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        PERFORM refuse('question_kept', 'questions stay');
        RETURN NULL;
    END IF;
    IF OLD.answer <> '' THEN
        PERFORM refuse('question_answered', 'the answer is published');
    END IF;
    IF (OLD.id, OLD.county_id, {number}OLD.text, OLD.sender, OLD.asked_at, OLD.asked_on, OLD.due_on)
        IS DISTINCT FROM
        (NEW.id, NEW.county_id, {new_number}NEW.text, NEW.sender, NEW.asked_at, NEW.asked_on, NEW.due_on)
    THEN
        PERFORM refuse('question_kept', 'a question stays as it was asked');
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0024_names_sealed_anew")]

    operations = [
        migrations.AddField(
            "question",
            "number",
            models.BigIntegerField(db_default=core.public_numbers.RandomNumber(), editable=False),
        ),
        migrations.AddConstraint(
            "question",
            models.UniqueConstraint(fields=["county", "number"], name="question_number_once"),
        ),
        migrations.AddConstraint(
            "question",
            models.CheckConstraint(
                condition=models.Q(("number__range", (100000000000, 999999999999))),
                name="question_number_digits",
            ),
        ),
        migrations.RunSQL(
            STAYS.format(number="OLD.number, ", new_number="NEW.number, "),
            STAYS.format(number="", new_number=""),
        ),
    ]

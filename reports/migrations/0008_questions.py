from django.db import migrations

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
    dependencies = [("reports", "0007_corrections"), ("organisation", "0007_deputies")]

    operations = [
        migrations.RunSQL(SQL, BACK),
    ]

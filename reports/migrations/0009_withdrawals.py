from django.db import migrations

# As in 0002, but what is not signed yet may go back to its drafter or be withdrawn, each with a word why.
MOVES_ON = """
CREATE OR REPLACE FUNCTION bulletin_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            PERFORM refuse('bulletin_begins_as_draft', 'a bulletin begins as a draft');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'published' THEN
        PERFORM refuse('bulletin_frozen', 'a published bulletin stays as it is');
    END IF;
    {kept}
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('draft', 'draft'), ('draft', 'submitted'), ('submitted', 'submitted'), ('submitted', 'published'){back}
    ) THEN
        PERFORM refuse('bulletin_state_forward', 'a bulletin goes from draft to submitted to published');
    END IF;
    {remark}
    IF (OLD.id, OLD.county_id, OLD.drafted_by, OLD.drafted_at)
        IS DISTINCT FROM (NEW.id, NEW.county_id, NEW.drafted_by, NEW.drafted_at)
        OR OLD.state = 'submitted' AND (OLD.campaign_id, OLD.period_start, OLD.period_end)
        IS DISTINCT FROM (NEW.campaign_id, NEW.period_start, NEW.period_end)
    THEN
        PERFORM refuse('bulletin_state_forward', 'what was submitted is what is signed');
    END IF;
    IF NEW.state = 'published' THEN
        PERFORM bulletin_next(NEW);
    END IF;
    RETURN NEW;
END $$;
"""
KEPT = """IF OLD.state = 'withdrawn' THEN
        PERFORM refuse('bulletin_state_forward', 'what was withdrawn stays withdrawn');
    END IF;"""
BACK = ", ('submitted', 'draft'), ('draft', 'withdrawn'), ('submitted', 'withdrawn')"
REMARK = """IF (OLD.state, NEW.state) IN (('submitted', 'draft'), ('draft', 'withdrawn'), ('submitted', 'withdrawn'))
        AND NEW.remark = '' THEN
        PERFORM refuse('bulletin_back_has_remark', 'who takes a bulletin back says why');
    END IF;"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0008_questions")]

    operations = [
        migrations.RunSQL(
            MOVES_ON.format(kept=KEPT, back=BACK, remark=REMARK),
            MOVES_ON.format(kept="", back="", remark=""),
        ),
    ]

from django.db import migrations

# A registration that looked before the campaign was closed and writes after it would come into an account that is
# closed. The lock is the one that the reference takes at the commit; who closes a campaign holds its row against it,
# so that one of the two waits for the other. What a count found in a handover's bags was given while it was open.
OPEN = """
CREATE FUNCTION donations_in_open_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM donations_campaign WHERE id IN (SELECT campaign_id FROM fresh WHERE found_in_id IS NULL)
        ORDER BY id FOR KEY SHARE;
    IF EXISTS (
        SELECT 1 FROM fresh f JOIN donations_campaign c ON c.id = f.campaign_id
        WHERE f.found_in_id IS NULL AND c.state <> 'open'
    ) THEN
        PERFORM refuse('donation_in_open_campaign', 'a closed campaign takes no more donations');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER donation_1_in_open_campaign AFTER INSERT ON donations_donation
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION donations_in_open_campaign();
"""
BACK = """
DROP TRIGGER donation_1_in_open_campaign ON donations_donation;
DROP FUNCTION donations_in_open_campaign;
"""


class Migration(migrations.Migration):
    dependencies = [("donations", "0017_privacy_notices")]

    operations = [migrations.RunSQL(OPEN, BACK)]

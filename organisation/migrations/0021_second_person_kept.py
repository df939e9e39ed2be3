from django.db import migrations

# What one person could do with an account of their own making: ask as a deputy of their own naming what they then
# confirm, lend it a role that watches or signs, and have such a role confirmed for an account that is still theirs.
SQL = """
CREATE FUNCTION confirmation_asked_in_office() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.asked_by <> 0 AND NOT EXISTS (SELECT FROM organisation_rolegrant g
            WHERE g.county_id = NEW.county_id AND g.person_id = NEW.asked_by AND NOT g.waits
            AND g.role IN ('security', 'administrator', 'auditor')) THEN
        PERFORM refuse('confirmation_asked_by_office', 'who asks for a confirmation holds an office themselves');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER asked_in_office BEFORE INSERT ON organisation_confirmation
    FOR EACH ROW EXECUTE FUNCTION confirmation_asked_in_office();

CREATE FUNCTION confirmation_of_somebody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM organisation_person p WHERE p.id = NEW.person_id AND NOT p.is_claimed) THEN
        PERFORM refuse('role_of_somebody', 'a role that watches is confirmed of an account that is somebody''s');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER of_somebody BEFORE UPDATE OF confirmed_by ON organisation_confirmation
    FOR EACH ROW WHEN (NEW.kind = 'role' AND NEW.confirmed_by IS NOT NULL)
    EXECUTE FUNCTION confirmation_of_somebody();

CREATE FUNCTION deputy_watches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM organisation_rolegrant lent WHERE lent.id = NEW.grant_id
            AND lent.county_id = NEW.county_id
            AND lent.role IN ('auditor', 'approver', 'signer', 'administrator', 'security'))
        AND NOT EXISTS (SELECT FROM organisation_rolegrant own WHERE own.county_id = NEW.county_id
            AND own.person_id = NEW.deputy_id AND NOT own.waits
            AND own.role IN ('auditor', 'approver', 'signer', 'administrator', 'security')) THEN
        PERFORM refuse('deputy_watches', 'a role that watches or signs is lent to who holds one');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER watches BEFORE INSERT ON organisation_deputy FOR EACH ROW EXECUTE FUNCTION deputy_watches();
"""
BACK = """
DROP TRIGGER watches ON organisation_deputy;
DROP FUNCTION deputy_watches;
DROP TRIGGER of_somebody ON organisation_confirmation;
DROP FUNCTION confirmation_of_somebody;
DROP TRIGGER asked_in_office ON organisation_confirmation;
DROP FUNCTION confirmation_asked_in_office;
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0020_second_person")]

    operations = [migrations.RunSQL(SQL, BACK)]

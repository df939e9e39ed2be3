import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

# Of policy: alone as long as nobody else of the county ever held one of the roles that confirm, as for roles.
ALONE = """
CREATE OR REPLACE FUNCTION stands_alone(account bigint, kind text, asker bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(policy.second_person, 'all') = 'nobody' OR CASE
        WHEN kind IN ('role', 'policy') THEN NOT EXISTS (
            SELECT FROM organisation_rolegrant g WHERE g.county_id = person.county_id AND NOT g.waits
            AND g.person_id NOT IN (coalesce(account, asker), asker)
            AND g.role IN ('security', 'administrator', 'auditor'))
        ELSE NOT person.is_claimed OR (coalesce(policy.second_person, 'all') = 'watching' AND NOT EXISTS (
            SELECT FROM organisation_rolegrant g
            LEFT JOIN organisation_deputy d ON d.grant_id = g.id AND d.county_id = g.county_id
            WHERE g.county_id = person.county_id AND (g.person_id = account OR d.deputy_id = account)
            AND g.role IN ('auditor', 'approver', 'signer', 'administrator', 'security')))
        END
    FROM organisation_person person LEFT JOIN organisation_policy policy ON policy.county_id = person.county_id
    WHERE person.id = coalesce(account, asker)
$$;
"""
ALONE_BACK = """
CREATE OR REPLACE FUNCTION stands_alone(account bigint, kind text, asker bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(policy.second_person, 'all') = 'nobody' OR CASE kind
        WHEN 'role' THEN NOT EXISTS (
            SELECT FROM organisation_rolegrant g WHERE g.county_id = person.county_id AND NOT g.waits
            AND g.person_id NOT IN (account, asker) AND g.role IN ('security', 'administrator', 'auditor'))
        ELSE NOT person.is_claimed OR (coalesce(policy.second_person, 'all') = 'watching' AND NOT EXISTS (
            SELECT FROM organisation_rolegrant g
            LEFT JOIN organisation_deputy d ON d.grant_id = g.id AND d.county_id = g.county_id
            WHERE g.county_id = person.county_id AND (g.person_id = account OR d.deputy_id = account)
            AND g.role IN ('auditor', 'approver', 'signer', 'administrator', 'security')))
        END
    FROM organisation_person person LEFT JOIN organisation_policy policy ON policy.county_id = person.county_id
    WHERE person.id = account
$$;
"""

# A county's policy is made with it, by its defaults; from then on what guards accounts is loosened by two people.
POLICY = """
CREATE FUNCTION policy_loosened(old organisation_policy, new organisation_policy) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN array_position(ARRAY['nobody', 'watching', 'all'], new.second_person::text)
            < array_position(ARRAY['nobody', 'watching', 'all'], old.second_person::text) THEN 'second_person' END,
        CASE WHEN new.joint_administration AND NOT old.joint_administration THEN 'joint_administration' END,
        CASE WHEN old.second_factor AND NOT new.second_factor THEN 'second_factor' END,
        CASE WHEN old.password_composition AND NOT new.password_composition THEN 'password_composition' END,
        CASE WHEN old.password_days > 0 AND (new.password_days = 0 OR new.password_days > old.password_days)
            THEN 'password_days' END,
        CASE WHEN new.first_password_hours > old.first_password_hours THEN 'first_password_hours' END,
        CASE WHEN new.idle_minutes > old.idle_minutes THEN 'idle_minutes' END,
        CASE WHEN new.sign_in_hours > old.sign_in_hours THEN 'sign_in_hours' END,
        CASE WHEN new.pins AND NOT old.pins THEN 'pins' END
    ], NULL)
$$;

CREATE FUNCTION policy_is_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loosened text[] := policy_loosened(OLD, NEW);
BEGIN
    IF cardinality(loosened) > 0 AND NOT EXISTS (SELECT FROM organisation_confirmation c
            WHERE c.county_id = NEW.county_id AND c.kind = 'policy' AND c.ended_at IS NULL
            AND (c.alone OR c.confirmed_at IS NOT NULL) AND c.changes ?& loosened
            AND to_jsonb(NEW) @> c.changes) THEN
        PERFORM refuse('policy_confirmed', 'a second person has to confirm what guards accounts less');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER confirmed_first BEFORE UPDATE ON organisation_policy
    FOR EACH ROW EXECUTE FUNCTION policy_is_confirmed();
"""
POLICY_BACK = """
DROP TRIGGER confirmed_first ON organisation_policy;
DROP FUNCTION policy_is_confirmed;
DROP FUNCTION policy_loosened;
DELETE FROM organisation_confirmation WHERE kind = 'policy';
"""

# An account that one person alone gave a password may be that person's puppet, whoever signed in to it since.
OWNER = """
CREATE OR REPLACE FUNCTION confirmation_of_somebody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM organisation_person p WHERE p.id = NEW.person_id AND NOT p.is_claimed) THEN
        PERFORM refuse('role_of_somebody', 'a role that watches is confirmed of an account that is somebody''s');
    END IF;
    IF NOT EXISTS (SELECT FROM organisation_confirmation c WHERE c.person_id = NEW.person_id
            AND c.county_id = NEW.county_id AND c.kind = 'password' AND NOT c.alone
            AND (c.confirmed_at IS NOT NULL OR c.ended_at IS NULL)
            AND NOT EXISTS (SELECT FROM organisation_confirmation later WHERE later.person_id = NEW.person_id
                AND later.county_id = NEW.county_id AND later.kind = 'password' AND later.id > c.id)) THEN
        PERFORM refuse('role_of_owner', 'a role that watches is confirmed of who has a password from two people');
    END IF;
    RETURN NEW;
END $$;
"""
OWNER_BACK = """
CREATE OR REPLACE FUNCTION confirmation_of_somebody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM organisation_person p WHERE p.id = NEW.person_id AND NOT p.is_claimed) THEN
        PERFORM refuse('role_of_somebody', 'a role that watches is confirmed of an account that is somebody''s');
    END IF;
    RETURN NEW;
END $$;
"""
# Nobody signs in between two parts of a password, whether the second is there or not; and who is just signing in is
# waited for, so that their sign-in ends with all others.
BETWEEN = """
CREATE OR REPLACE FUNCTION signs_in_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM organisation_person WHERE id = NEW.person_id FOR SHARE;
    IF EXISTS (SELECT FROM organisation_confirmation WHERE person_id = NEW.person_id AND kind = 'password'
            AND ended_at IS NULL AND NOT alone) THEN
        PERFORM refuse('confirmed_first', 'a second person has to confirm the new password first');
    END IF;
    RETURN NEW;
END $$;
"""
BETWEEN_BACK = """
CREATE OR REPLACE FUNCTION signs_in_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new_password_waits(NEW.person_id) THEN
        PERFORM refuse('confirmed_first', 'a second person has to confirm the new password first');
    END IF;
    RETURN NEW;
END $$;
"""
# What asks for a policy names nobody; the trigger that keeps what was asked would not let it go.
KEEPING = "ALTER TABLE organisation_confirmation {} TRIGGER written;"


class Migration(migrations.Migration):
    dependencies = [("organisation", "0021_second_person_kept")]

    operations = [
        migrations.AddField("confirmation", "changes", models.JSONField(null=True)),
        migrations.AlterField(
            "confirmation",
            "person",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            "confirmation",
            "kind",
            models.CharField(
                choices=[
                    ("password", "new password"),
                    ("factor", "second factor forgotten"),
                    ("role", "role given"),
                    ("policy", "policy loosened"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            "confirmation",
            models.CheckConstraint(
                condition=Q(kind="policy", person__isnull=True, changes__isnull=False)
                | (~Q(kind="policy") & Q(person__isnull=False, changes__isnull=True)),
                name="confirmation_of_person_or_policy",
            ),
        ),
        migrations.RemoveConstraint("confirmation", "confirmation_once"),
        migrations.AddConstraint(
            "confirmation",
            models.UniqueConstraint(
                fields=["county", "person", "kind", "grant"],
                condition=Q(ended_at__isnull=True),
                name="confirmation_once",
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(ALONE, ALONE_BACK),
        migrations.RunSQL(migrations.RunSQL.noop, KEEPING.format("ENABLE")),
        migrations.RunSQL(POLICY, POLICY_BACK),
        migrations.RunSQL(migrations.RunSQL.noop, KEEPING.format("DISABLE")),
        migrations.RunSQL(OWNER, OWNER_BACK),
        migrations.RunSQL(BETWEEN, BETWEEN_BACK),
    ]

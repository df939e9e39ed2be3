import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.constraints
from core.guards import numbered_by_county

# What a single person may ask and have at once: where policy says so, of an account that nobody has made theirs yet,
# and, for roles, as long as nobody else of the county ever held one of those that confirm. Roles that ended count:
# who can end them could else be alone at will.
ALONE = """
CREATE FUNCTION stands_alone(account bigint, kind text, asker bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
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

CREATE FUNCTION confirmation_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.alone AND NOT stands_alone(NEW.person_id, NEW.kind, NEW.asked_by) THEN
            PERFORM refuse('alone_by_policy', 'a second person has to confirm this');
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - '{confirmed_by,confirmed_at,second,ended_at}'::text[]
            <> to_jsonb(OLD) - '{confirmed_by,confirmed_at,second,ended_at}'::text[]
        OR OLD.ended_at IS NOT NULL
        OR (OLD.confirmed_at IS NOT NULL AND (NEW.confirmed_by, NEW.confirmed_at, NEW.second)
            IS DISTINCT FROM (OLD.confirmed_by, OLD.confirmed_at, OLD.second)) THEN
        PERFORM refuse('confirmation_stays', 'what was asked and confirmed stays as it was written');
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER written BEFORE INSERT OR UPDATE OR DELETE ON organisation_confirmation
    FOR EACH ROW EXECUTE FUNCTION confirmation_written();
"""
ALONE_BACK = """
DROP TRIGGER written ON organisation_confirmation;
DROP FUNCTION confirmation_written;
DROP FUNCTION stands_alone;
"""

# What is not confirmed opens nothing, whatever a service does.
FIRST = """
CREATE FUNCTION new_password_waits(account bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM organisation_confirmation WHERE person_id = account AND kind = 'password'
        AND ended_at IS NULL AND confirmed_at IS NULL AND NOT alone)
$$;

CREATE FUNCTION signs_in_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new_password_waits(NEW.person_id) THEN
        PERFORM refuse('confirmed_first', 'a second person has to confirm the new password first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER confirmed_first BEFORE INSERT ON organisation_accesstoken
    FOR EACH ROW EXECUTE FUNCTION signs_in_confirmed();

CREATE FUNCTION password_is_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.is_claimed AND NOT NEW.is_claimed THEN
        PERFORM refuse('person_claimed_for_good', 'an account that is somebody''s stays theirs');
    END IF;
    IF OLD.must_change_password AND NOT NEW.must_change_password AND new_password_waits(NEW.id) THEN
        PERFORM refuse('confirmed_first', 'a second person has to confirm the new password first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER confirmed_first BEFORE UPDATE OF is_claimed, must_change_password ON organisation_person
    FOR EACH ROW EXECUTE FUNCTION password_is_confirmed();

CREATE FUNCTION factor_end_is_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM organisation_confirmation WHERE person_id = OLD.person_id AND kind = 'factor'
            AND ended_at IS NULL AND (alone OR confirmed_at IS NOT NULL)) THEN
        PERFORM refuse('confirmed_first', 'a second person has to confirm that the second factor is forgotten');
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER confirmed_first BEFORE DELETE ON organisation_secondfactor
    FOR EACH ROW WHEN (OLD.confirmed) EXECUTE FUNCTION factor_end_is_confirmed();

CREATE FUNCTION role_is_confirmed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.role IN ('auditor', 'approver', 'signer', 'administrator', 'security') AND NOT NEW.waits
        AND coalesce(NEW.granted_by, 0) <> 0
        AND (TG_OP = 'INSERT' OR OLD.waits OR OLD.granted_by IS DISTINCT FROM NEW.granted_by)
        AND NOT EXISTS (SELECT FROM organisation_confirmation WHERE grant_id = NEW.id
            AND county_id = NEW.county_id AND ended_at IS NULL AND (alone OR confirmed_at IS NOT NULL)) THEN
        PERFORM refuse('confirmed_first', 'a second person has to confirm this role first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER confirmed_first BEFORE INSERT OR UPDATE OF role, waits, granted_by ON organisation_rolegrant
    FOR EACH ROW EXECUTE FUNCTION role_is_confirmed();
"""
FIRST_BACK = """
DROP TRIGGER confirmed_first ON organisation_rolegrant;
DROP TRIGGER confirmed_first ON organisation_secondfactor;
DROP TRIGGER confirmed_first ON organisation_person;
DROP TRIGGER confirmed_first ON organisation_accesstoken;
DROP FUNCTION role_is_confirmed;
DROP FUNCTION factor_end_is_confirmed;
DROP FUNCTION password_is_confirmed;
DROP FUNCTION signs_in_confirmed;
DROP FUNCTION new_password_waits;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0019_lanes_of_attempts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("password", "new password"),
                            ("factor", "second factor forgotten"),
                            ("role", "role given"),
                        ],
                        max_length=8,
                    ),
                ),
                ("asked_by", models.BigIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("alone", models.BooleanField(default=False)),
                ("confirmed_by", models.BigIntegerField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("second", models.CharField(blank=True, default="", max_length=128)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="person",
            name="is_claimed",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="second_person",
            field=models.CharField(
                choices=[
                    ("all", "for every account"),
                    ("watching", "for who watches, approves, signs or administers"),
                    ("nobody", "for nobody"),
                ],
                db_default="all",
                default="all",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="waits",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("must_change_password", True), ("is_claimed", True), _connector="OR"),
                name="person_claimed_by_password",
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("second_person__in", ["all", "watching"]),
                    models.Q(("joint_administration", True), ("second_person", "nobody")),
                    _connector="OR",
                ),
                name="policy_second_person",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="county",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.county"
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="grant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="organisation.rolegrant",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=core.constraints.CountyKey(name="confirmation_key"),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=core.constraints.SameCounty(field="person", name="confirmation_person_same_county"),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=core.constraints.SameCounty(field="grant", name="confirmation_grant_same_county"),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_by", models.F("person")), _negated=True),
                name="confirmation_asked_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(
                        models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                        models.Q(("confirmed_by", models.F("person")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="confirmed_by_second_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("confirmed_by__isnull", True), ("second", "")),
                    models.Q(
                        ("alone", False), ("confirmed_at__isnull", False), ("confirmed_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="confirmed_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("grant__isnull", False), ("kind", "role")),
                    models.Q(models.Q(("kind", "role"), _negated=True), ("grant__isnull", True)),
                    _connector="OR",
                ),
                name="confirmation_of_grant",
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("person", "kind", "grant"),
                name="confirmation_once",
                nulls_distinct=False,
            ),
        ),
        numbered_by_county("organisation_confirmation"),
        migrations.RunSQL(ALONE, ALONE_BACK),
        migrations.RunSQL(FIRST, FIRST_BACK),
    ]

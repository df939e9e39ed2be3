from django.db import migrations, models
from django.db.models import Q

# As in 0010, but a report by unit has periods and numbers of its own, for it is not public.
NEXT = """
CREATE OR REPLACE FUNCTION bulletin_next(fresh reports_bulletin) RETURNS void LANGUAGE plpgsql AS $$
DECLARE last_day date; last_number integer;
BEGIN
    SELECT max(period_end), max(number) FILTER (WHERE year = fresh.year) INTO last_day, last_number
        FROM reports_bulletin WHERE county_id = fresh.county_id AND state = 'published' AND id <> fresh.id{series};
    IF fresh.corrects_id IS NULL AND {ordinary} AND fresh.period_start <> last_day + 1 THEN
        PERFORM refuse('bulletin_periods_consecutive', 'the period before ended on ' || last_day);
    END IF;
    IF fresh.corrects_id IS NULL AND fresh.kind = 'closing' AND fresh.period_end IS DISTINCT FROM last_day THEN
        PERFORM refuse('bulletin_closing_ends_with_periods', 'the last period ended on ' || last_day);
    END IF;
    IF fresh.number <> coalesce(last_number, 0) + 1 THEN
        PERFORM refuse('bulletin_number_next', 'numbers of a county and year have no gaps');
    END IF;
    IF fresh.sha256 <> encode(sha256(fresh.content), 'hex') THEN
        PERFORM refuse('bulletin_hash_of_content', 'the hash is not that of the bytes');
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM organisation_county WHERE code = fresh.county_id AND closed_through >= fresh.period_end
    ) THEN
        PERFORM refuse('bulletin_days_closed', 'the days of the period are still open');
    END IF;
END $$;
"""
OWN = {"series": " AND (kind = 'units') = (fresh.kind = 'units')", "ordinary": "fresh.kind <> 'closing'"}
ONE = {"series": "", "ordinary": "fresh.kind = 'period'"}


class Migration(migrations.Migration):
    dependencies = [("reports", "0019_fill_people_served")]

    operations = [
        migrations.AlterField(
            model_name="bulletin",
            name="kind",
            field=models.CharField(
                choices=[
                    ("period", "bulletin of a period"),
                    ("closing", "closing account"),
                    ("units", "internal report by unit"),
                ],
                db_default="period",
                default="period",
                max_length=7,
            ),
        ),
        migrations.RemoveConstraint(model_name="bulletin", name="bulletin_one_draft"),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.UniqueConstraint(
                condition=Q(corrects__isnull=True, state__in=["draft", "submitted"]),
                fields=["county", "campaign", "kind", "period_start", "period_end"],
                name="bulletin_one_draft",
            ),
        ),
        migrations.RemoveConstraint(model_name="bulletin", name="bulletin_number_once"),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.UniqueConstraint(
                condition=Q(kind__in=["period", "closing"]),
                fields=["county", "year", "number"],
                name="bulletin_number_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.UniqueConstraint(
                condition=Q(kind="units"),
                fields=["county", "year", "number"],
                name="bulletin_units_number_once",
            ),
        ),
        migrations.RunSQL(NEXT.format(**OWN), NEXT.format(**ONE)),
    ]

from django.db import migrations, models

NAMES = [
    ("bulletin.csv", "Csv"),
    ("datapackage.json", "Package"),
    ("bulletin.xlsx", "Xlsx"),
    ("bulletin.pdf", "Pdf"),
    ("archive.zip", "Archive"),
    ("stamped.pdf", "Stamped"),
]


class Migration(migrations.Migration):
    dependencies = [("reports", "0021_receipt_guesses")]

    operations = [
        migrations.AlterField(
            model_name="bulletinfile", name="name", field=models.CharField(choices=NAMES, max_length=24)
        ),
    ]

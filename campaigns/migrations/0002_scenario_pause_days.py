from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="scenario",
            name="pause_days",
            field=models.PositiveSmallIntegerField(
                default=0, verbose_name="a patient enters once in, days"
            ),
        ),
    ]

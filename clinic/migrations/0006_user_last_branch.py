import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinic", "0005_rules_of_booking"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="last_branch",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="clinic.branch",
                verbose_name="branch last looked at",
            ),
        ),
    ]

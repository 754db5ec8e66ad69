from typing import Any

import django.core.validators
import integrations.models.setup
from django.core.management import CommandError
from django.db import migrations, models


def refuse_percentages(apps: Any, schema_editor: Any) -> None:
    """A 5 that was meant as five per cent is a person's to correct: nobody else knows."""
    for line in apps.get_model("integrations", "Line").objects.select_related("environment"):
        for name in ("company_commission", "producer_commission"):
            said = getattr(line, name)
            if said is not None and not 0 <= said <= 1:
                raise CommandError(
                    f"IMS environment {line.environment.name}, line {line.kind}: {name} is {said}. "
                    "It is a fraction between 0 and 1, as 0.20. Correct it, then migrate again."
                )


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='imsenvironment',
            name='invoice_number_format',
            field=models.CharField(blank=True, help_text="With {number}, {office_number}, {year}; empty: IMS's number as it is.", max_length=60, validators=[integrations.models.setup.validate_number_format]),
        ),
        migrations.AlterField(
            model_name='line',
            name='company_commission',
            field=models.DecimalField(blank=True, decimal_places=6, max_digits=7, null=True, validators=[django.core.validators.MinValueValidator(0, 'A fraction between 0 and 1, as 0.20.'), django.core.validators.MaxValueValidator(1, 'A fraction between 0 and 1, as 0.20.')]),
        ),
        migrations.AlterField(
            model_name='line',
            name='producer_commission',
            field=models.DecimalField(blank=True, decimal_places=6, max_digits=7, null=True, validators=[django.core.validators.MinValueValidator(0, 'A fraction between 0 and 1, as 0.20.'), django.core.validators.MaxValueValidator(1, 'A fraction between 0 and 1, as 0.20.')]),
        ),
        migrations.RunPython(refuse_percentages, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(('company_commission__isnull', True), models.Q(('company_commission__gte', 0), ('company_commission__lte', 1)), _connector='OR'), name='ims_line_company_fraction'),
        ),
        migrations.AddConstraint(
            model_name='line',
            constraint=models.CheckConstraint(condition=models.Q(('producer_commission__isnull', True), models.Q(('producer_commission__gte', 0), ('producer_commission__lte', 1)), _connector='OR'), name='ims_line_producer_fraction'),
        ),
    ]

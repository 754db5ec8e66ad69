import config.json
import config.money
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('invoicing', '0002_paused_by_whom_breakers_turns_revocation'),
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReconciliationRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('LIST', 'its list'), ('RESEND', 'resending'), ('EXPORT', 'a portal export')], max_length=10)),
                ('first_day', models.DateField(blank=True, help_text='Issued then or later.', null=True)),
                ('last_day', models.DateField(blank=True, help_text='Issued then or earlier.', null=True)),
                ('trigger', models.CharField(choices=[('CALLER', 'Caller'), ('STAFF', 'Staff'), ('COMMAND', 'Command'), ('WORKER', 'Worker')], max_length=10)),
                ('actor', models.CharField(max_length=150)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('file_name', models.CharField(blank=True, max_length=200)),
                ('file_sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the file')),
                ('columns', config.json.JSONTextField(default=dict, help_text='Which header was read as which field.')),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('ours_count', models.PositiveIntegerField(default=0)),
                ('theirs_count', models.PositiveIntegerField(default=0)),
                ('finding_count', models.PositiveIntegerField(default=0)),
                ('left_out', models.PositiveIntegerField(default=0, help_text='Not asked for want of time.')),
                ('summary', config.json.JSONTextField(default=list)),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.egsunit')),
            ],
            options={
                'verbose_name': 'reconciliation',
                'db_table': 'reconciliation_runs',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['tenant', '-id'], name='reconciliation_tenant_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['LIST', 'RESEND', 'EXPORT'])), name='reconciliation_source_known'), models.CheckConstraint(condition=models.Q(models.Q(('source', 'EXPORT'), models.Q(('file_sha256', ''), _negated=True)), models.Q(models.Q(('source', 'EXPORT'), _negated=True), ('file_sha256', '')), _connector='OR'), name='reconciliation_export_has_digest'), models.CheckConstraint(condition=models.Q(('first_day__isnull', True), ('last_day__isnull', True), ('first_day__lte', models.F('last_day')), _connector='OR'), name='reconciliation_days_in_order')],
            },
        ),
        migrations.CreateModel(
            name='ReconciliationFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('missing_at_authority', 'Missing at the authority'), ('unknown_here', 'Not known here'), ('status_differs', 'Status differs'), ('amount_differs', 'Amount differs'), ('hash_differs', 'Hash differs'), ('duplicate_number', 'Number used twice'), ('duplicate_uuid', 'Registered twice'), ('superseded_accepted', 'Older revision accepted'), ('icv_gap', 'Gap in the chain'), ('still_unknown', 'Still no verdict'), ('too_old_to_resend', 'Too old to ask by resending')], max_length=30)),
                ('number', models.CharField(blank=True, max_length=127, verbose_name='invoice number')),
                ('uuid', models.CharField(blank=True, max_length=100, verbose_name='UUID')),
                ('ours', models.CharField(blank=True, choices=[('CLEARED', 'CLEARED'), ('REPORTED', 'REPORTED'), ('ACCEPTED', 'ACCEPTED'), ('REJECTED', 'REJECTED'), ('UNKNOWN', 'UNKNOWN')], max_length=10)),
                ('theirs', models.CharField(blank=True, choices=[('CLEARED', 'CLEARED'), ('REPORTED', 'REPORTED'), ('ACCEPTED', 'ACCEPTED'), ('REJECTED', 'REJECTED'), ('UNKNOWN', 'UNKNOWN')], max_length=10)),
                ('our_total', config.money.MoneyField(null=True)),
                ('their_total', config.money.MoneyField(null=True)),
                ('our_vat', config.money.MoneyField(null=True, verbose_name='our VAT')),
                ('their_vat', config.money.MoneyField(null=True, verbose_name='their VAT')),
                ('our_hash', models.CharField(blank=True, max_length=100)),
                ('their_hash', models.CharField(blank=True, max_length=100)),
                ('csid', models.CharField(blank=True, max_length=64, verbose_name='CSID')),
                ('icv', models.BigIntegerField(null=True, verbose_name='ICV')),
                ('last_icv', models.BigIntegerField(null=True, verbose_name='last ICV')),
                ('line', models.PositiveIntegerField(default=0, help_text='Of the file; 0 where there is none.')),
                ('state', models.CharField(choices=[('OPEN', 'open'), ('EXPLAINED', 'explained')], default='OPEN', max_length=10)),
                ('reason', models.TextField(blank=True)),
                ('explained_by', models.CharField(blank=True, max_length=150)),
                ('explained_at', models.DateTimeField(null=True)),
                ('invoice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='invoicing.invoice')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='invoicing.reconciliationrun')),
            ],
            options={
                'db_table': 'reconciliation_findings',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['run', 'state'], name='finding_run_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['missing_at_authority', 'unknown_here', 'status_differs', 'amount_differs', 'hash_differs', 'duplicate_number', 'duplicate_uuid', 'superseded_accepted', 'icv_gap', 'still_unknown', 'too_old_to_resend'])), name='finding_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('explained_at__isnull', True), ('explained_by', ''), ('reason', ''), ('state', 'OPEN')), models.Q(('explained_at__isnull', False), ('state', 'EXPLAINED'), models.Q(('reason', ''), _negated=True), models.Q(('explained_by', ''), _negated=True)), _connector='OR'), name='finding_explained_whole')],
            },
        ),
    ]

import config.json
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('tenancy', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('parameters', config.json.JSONTextField(default=dict)),
                ('state', models.CharField(choices=[('QUEUED', 'Queued'), ('RUNNING', 'Running'), ('DONE', 'Done'), ('FAILED', 'Failed'), ('CANCELLED', 'Cancelled')], default='QUEUED', max_length=10)),
                ('total', models.PositiveIntegerField(help_text='Empty until it is known.', null=True)),
                ('done', models.PositiveIntegerField(default=0, help_text='Including those that failed.')),
                ('failed', models.PositiveIntegerField(default=0)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('actor', models.CharField(max_length=150)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('pruned_at', models.DateTimeField(null=True)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('error_message', models.TextField(blank=True)),
                ('error_message_ar', models.TextField(blank=True, verbose_name='error message in Arabic')),
                ('file_name', models.CharField(blank=True, max_length=255)),
                ('file_size', models.BigIntegerField(null=True)),
                ('file_sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('tenant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'db_table': 'jobs',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['tenant', '-id'], name='ix_jobs_tenant_newest'), models.Index(condition=models.Q(('state__in', ('QUEUED', 'RUNNING'))), fields=['id'], name='ix_jobs_waiting'), models.Index(condition=models.Q(('pruned_at__isnull', True)), fields=['expires_at'], name='ix_jobs_kept')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED'])), name='job_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'RUNNING'), _negated=True), models.Q(('attempt__gte', 1), ('lease_until__isnull', False)), _connector='OR'), name='job_running_has_lease'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('DONE', 'FAILED', 'CANCELLED')), _negated=True), models.Q(('ended_at__isnull', False), ('expires_at__isnull', False)), _connector='OR'), name='job_ended_has_an_end'), models.CheckConstraint(condition=models.Q(('failed__lte', models.F('done'))), name='job_failed_are_done')],
            },
        ),
        migrations.CreateModel(
            name='JobChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='jobs.job')),
            ],
            options={
                'db_table': 'job_chunks',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('job', 'number'), name='job_chunk_number_once'), models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('content'), 1048576), name='job_chunk_at_most_a_mebibyte')],
            },
        ),
        migrations.CreateModel(
            name='JobNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=200)),
                ('code', models.CharField(max_length=60)),
                ('message', models.TextField()),
                ('message_ar', models.TextField(blank=True, verbose_name='message in Arabic')),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='jobs.job')),
            ],
            options={
                'db_table': 'job_notes',
                'ordering': ['id'],
            },
        ),
    ]

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("attachments", "0003_waveforms")]

    operations = [ValidateConstraint("attachment", "attachments_waveform_parts")]

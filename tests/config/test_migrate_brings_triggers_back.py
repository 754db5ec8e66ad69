"""What the trigger check advises works: migrate runs where a trigger is missing, and mends it."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from config.db.triggers import drop_triggers, missing_triggers


def test_migrate_installs_what_is_missing(committed, capsys):
    drop_triggers()
    with pytest.raises(SystemCheckError, match=r"daftar\.E003"):
        call_command("check", databases=["default"])

    call_command("migrate", verbosity=0, skip_checks=False)

    assert missing_triggers() == []
    assert "daftar.E003" in capsys.readouterr().err  # said once more, as a warning
    call_command("check", databases=["default"])

"""`python -m tests.health.year`: the busy year's reports, from an empty SQLite of its own."""

import json
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

YEAR = {"date_from": "2024-01-01", "date_to": "2024-12-31", "account": "1100-AR"}
# Who wrote a draft is another key each time.
KEY = re.compile(r"key:dk_[a-z]+_[a-z0-9]+")


def reports_of(api: Any) -> dict[str, str]:
    """Every report of the year, and a patient's statement: the bytes of its CSV and its JSON."""
    from health.reports import REPORTS
    from tests.health.conftest import API

    told = {}
    for name in (*(f"reports/{name}" for name in REPORTS), "statements/45"):
        for form in ("csv", "json"):
            answer = api.get(f"{API}/{name}", YEAR | {"format": form})
            assert answer.status_code == 200, name
            told[f"{name}.{form}"] = KEY.sub("key", answer.getvalue().decode())
    return told


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="daftar-year-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder}/year.sqlite3",
            "DAFTAR_DATA": folder,
            "DAFTAR_GENERATE_SECRETS": "1",
        }
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        from config.tenancy.models import Tenant
        from tests.conftest import client_of
        from tests.health.conftest import live_a_year, sample_of

        settings.ALLOWED_HOSTS = ["*"]
        call_command("migrate", verbosity=0)
        lab = Tenant.objects.create(
            company_name="City Lab", environment="SANDBOX", timezone="Asia/Kolkata"
        )
        api = live_a_year(client_of(lab), sample_of(Path(sys.argv[1])))
        print(json.dumps(reports_of(api)))


if __name__ == "__main__":
    main()

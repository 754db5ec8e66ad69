"""`make lint`: ruff, format, mypy, Django's checks, missing migrations, OpenAPI as committed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "docs" / "openapi.yaml"


def main() -> int:
    python, bin_folder = sys.executable, Path(sys.executable).parent
    manage = [python, "manage.py"]
    with tempfile.TemporaryDirectory(prefix="daftar-lint-") as folder:
        os.environ.update(
            DAFTAR_DATA=folder,
            DAFTAR_GENERATE_SECRETS="1",
            DATABASE_URL=f"sqlite:///{folder}/lint.sqlite3",
        )
        schema = Path(folder) / "openapi.yaml"
        steps = {
            "ruff": [bin_folder / "ruff", "check", "."],
            "format": [bin_folder / "ruff", "format", "--check", "."],
            "mypy": [bin_folder / "mypy", "config", "integrations", "invoicing"],
            "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
            "migrate": [*manage, "migrate", "--verbosity", "0"],
            "check": [*manage, "check", "--database", "default", "--fail-level", "WARNING"],
            "openapi": [*manage, "spectacular", "--validate", "--fail-on-warn", "--file", schema],
        }
        failed = [name for name, command in steps.items() if not passes(name, command)]
        if schema.exists() and schema.read_text() != (
            SCHEMA.read_text() if SCHEMA.exists() else ""
        ):
            print("docs/openapi.yaml is not what the code says; see `make openapi`.")
            failed.append("openapi diff")
    print(f"lint: {'failed: ' + ', '.join(failed) if failed else 'all clean'}")
    return int(bool(failed))


def passes(name: str, command: list) -> bool:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if result.returncode:
        print(f"-- {name}\n{result.stdout}{result.stderr}")
    else:
        print(f"{name}: ok")
    return result.returncode == 0


if __name__ == "__main__":
    sys.exit(main())

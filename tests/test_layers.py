"""Who may import whom (design.md §1), read from the source and tried in a fresh interpreter."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("invoicing", "health", "integrations")
PARTS = {"services", "selectors", "gateways", "models", "errors", "api", "admin", "filters"}
PURE = (
    "invoicing.zatca",
    "invoicing.judge",
    "invoicing.reconciliation",
    "integrations.ims",
    "integrations.triton",
)

# Inside an app: the part, and what of its own app it must not know.
FORBIDDEN = {
    "errors": PARTS - {"errors"} | {"zatca", "ims", "triton"},
    "models": {"services", "selectors", "gateways", "api", "admin"},
    "selectors": {"services", "gateways", "api", "admin"},
    "filters": {"services", "gateways", "api", "admin"},
    "gateways": {"services", "selectors", "api", "admin"},
    "services": {"api", "admin"},
    "chores": {"api", "admin"},
    "api": {"admin", "gateways"},
    "admin": {"api", "gateways"},
    "management": {"api", "admin", "gateways"},
}
NO_REST = {"errors", "models", "selectors", "services", "gateways", "chores"}


def modules(*under: str) -> Iterator[tuple[str, Path]]:
    """(dotted name, file) of every module below these packages."""
    for package in under:
        for file in sorted((ROOT / package.replace(".", "/")).rglob("*.py")):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), file


def imports(file: Path) -> set[str]:
    """What a file imports when it runs; what is for the type checker alone does not count."""
    tree = ast.parse(file.read_text())
    skipped = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.dump(branch.test)
        for node in ast.walk(branch)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def reaches(imported: set[str], package: str) -> list[str]:
    return sorted(name for name in imported if f"{name}.".startswith(f"{package}."))


def part_of(name: str) -> str:
    return name.partition(".")[2].partition(".")[0]


SOURCES = {name: imports(file) for name, file in modules("config", *APPS)}


def test_apps_never_import_each_other():
    for name, imported in SOURCES.items():
        own = name.split(".")[0]
        for app in APPS:
            # config.urls and config.settings alone know the apps.
            if app != own and name not in ("config.urls", "config.settings"):
                assert reaches(imported, app) == [] or name.startswith("config.demo"), name


@pytest.mark.parametrize("part", FORBIDDEN)
def test_a_part_knows_only_what_lies_below_it(part):
    for name, imported in SOURCES.items():
        app = name.split(".")[0]
        if app in APPS and part_of(name) == part:
            for other in FORBIDDEN[part]:
                assert reaches(imported, f"{app}.{other}") == [], f"{name} knows {other}"


def test_what_carries_the_business_does_not_know_rest():
    for name, imported in SOURCES.items():
        if name.split(".")[0] in APPS and part_of(name) in NO_REST:
            assert reaches(imported, "rest_framework") == [], name


def test_problems_know_no_framework():
    assert reaches(SOURCES["config.problems"], "django") == []
    assert reaches(SOURCES["config.problems"], "rest_framework") == []


def test_the_stand_in_is_built_from_another_reading_of_the_law():
    for name, imported in SOURCES.items():
        if name.startswith("invoicing.sandbox"):
            for package in ("invoicing.zatca", "invoicing.services", "invoicing.models", "django"):
                assert reaches(imported, package) == [], name


def test_the_partners_of_one_app_do_not_know_each_other():
    for name, imported in SOURCES.items():
        if name.startswith("integrations.ims"):
            assert reaches(imported, "integrations.triton") == [], name
        if name.startswith("integrations.triton"):
            assert reaches(imported, "integrations.ims") == [], name


def test_the_demo_drives_http_and_processes_only():
    for name, imported in SOURCES.items():
        if name.startswith("config.demo"):
            known = reaches(imported, "invoicing")
            assert [m for m in known if not m.startswith("invoicing.sandbox")] == [], name


@pytest.mark.parametrize("package", [*PURE, "integrations.sandbox", "invoicing.sandbox"])
def test_a_pure_package_runs_without_django(package):
    everything = [name for name, _ in modules(package)]
    look = (
        f"import importlib, sys\nfor name in {everything!r}: importlib.import_module(name)\n"
        "print([m for m in ('django', 'rest_framework') if m in sys.modules])"
    )
    seen = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == "[]"


def test_only_the_writer_of_the_log_writes_it():
    for name, file in modules(*APPS):
        text = file.read_text()
        if name != "invoicing.services.logbook":
            assert "InvoiceLog(" not in text.replace("class InvoiceLog(", ""), name
            assert "InvoiceLog.objects.create" not in text, name


def test_a_status_moves_through_move_alone():
    for name, file in modules("invoicing"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update":
                if name == "invoicing.models.invoices":
                    continue
                assert "status" not in {keyword.arg for keyword in node.keywords}, name

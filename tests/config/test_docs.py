"""README and .env.example name exactly the variables that the settings read, and no stale link."""

import ast
import re
from pathlib import Path

import pytest

from invoicing.zatca.environments import Environment

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)")


def read_by_settings() -> dict[str, str]:
    """Each variable with the name of the function that reads it, from the source of the settings.

    ``f"ZATCA_{environment}_URL"`` stands for one variable per environment.
    """
    tree = ast.parse((ROOT / "config" / "settings.py").read_text())
    found: dict[str, str] = {}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        if call.func.id.startswith("env_"):
            for name in _names(call.args[0]):
                found[name] = call.func.id
    return found


def _names(argument: ast.expr) -> list[str]:
    if isinstance(argument, ast.Constant):
        return [argument.value]
    assert isinstance(argument, ast.JoinedStr)
    template = ast.unparse(argument)[2:-1]
    return [template.replace("{environment}", environment) for environment in Environment]


def test_the_table_of_the_readme_has_every_variable_once():
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|", README, re.MULTILINE)

    assert sorted(rows) == sorted(read_by_settings())


def test_the_example_file_has_every_variable_once():
    lines = (ROOT / ".env.example").read_text().splitlines()
    names = [found[1] for line in lines if (found := re.match(r"(?:# )?([A-Z0-9_]+)=", line))]

    assert sorted(names) == sorted(read_by_settings())


def test_the_readme_names_the_file_of_every_secret():
    secrets = [name for name, reader in read_by_settings().items() if reader == "env_secret"]

    assert len(secrets) == 4
    assert [name for name in secrets if f"`{name}_FILE`" not in README] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    targets = [target for target in LINK.findall(page.read_text()) if target]

    assert [target for target in targets if not (page.parent / target).exists()] == []

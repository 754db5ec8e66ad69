"""What is asked of every page, whatever it is about."""

import re
from typing import Any

from playwright.sync_api import CDPSession, Page

# What the browser itself takes for a control, as a screen reader is told.
CONTROLS = {
    "button", "checkbox", "combobox", "DateTime", "Date", "listbox", "radio", "searchbox",
    "slider", "spinbutton", "switch", "textbox",
}  # fmt: skip
# A tag of a template or a place of a translation that nobody filled in; a value as Python has it.
UNFINISHED = re.compile(r"\{\{|\{%|%\}|%\(\w+\)[sd]|\('\w+', |<\w[\w.]* object at |__proxy__")
TOO_WIDE = """() => {
    const [root, body] = [document.documentElement, document.body];
    return Math.max(root.scrollWidth - root.clientWidth, body.scrollWidth - body.clientWidth);
}"""


def of_text(page: Page) -> list[str]:
    """What was meant for a programme and reached the reader."""
    text = page.evaluate("document.title + '\\n' + document.body.innerText")
    lines = (line.strip() for line in text.splitlines())
    return [f"unfinished: {line[:80]}" for line in lines if UNFINISHED.search(line)]


def of_width(page: Page, width: int) -> list[str]:
    """Whether the page has to be pushed sideways."""
    beyond = page.evaluate(TOO_WIDE)
    return [f"{beyond} px too wide at {width}"] if beyond > 0 else []


def of_names(session: CDPSession) -> list[str]:
    """Controls that have no name, as the browser's accessibility tree has it."""
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    return [f"no label: {_tag(session, node)}" for node in nodes if _is_nameless(node)]


def _is_nameless(node: dict[str, Any]) -> bool:
    is_control = not node["ignored"] and node.get("role", {}).get("value") in CONTROLS
    return is_control and not node.get("name", {}).get("value", "").strip()


def _tag(session: CDPSession, node: dict[str, Any]) -> str:
    found = session.send("DOM.describeNode", {"backendNodeId": node["backendDOMNodeId"]})["node"]
    said = found.get("attributes", [])
    pairs = dict(zip(said[::2], said[1::2], strict=True))
    kept = " ".join(f'{name}="{pairs[name]}"' for name in ("type", "name", "id") if name in pairs)
    return f"<{found['nodeName'].lower()} {kept}>".replace(" >", ">")

"""What the whole suite asks once, on SQLite, and why the database cannot change the answer.

Everything else runs on both. A file stands here when its question is about bytes, pages, routes or
text; what the same rows and requests do in the database is asked elsewhere, on both engines.
"""

# Reason: files and folders.
ONCE: dict[str, tuple[str, ...]] = {
    "pure packages, without Django or without its database": (
        "tests/invoicing/zatca",
        "tests/invoicing/sandbox",
        "tests/integrations/ims",
        "tests/integrations/sandbox",
        "tests/integrations/triton",
        "tests/invoicing/reconciliation/test_comparing.py",
        "tests/invoicing/reconciliation/test_reading_exports.py",
        "tests/invoicing/commands/test_zatca_validate.py",
        "tests/invoicing/test_baskets.py",
        "tests/config/delivery/test_mail_url.py",
        "tests/config/edge/test_field_paths.py",
        "tests/config/edge/test_text_and_numbers.py",
        "tests/config/edge/test_xml.py",
        "tests/config/printing/test_logos.py",
        "tests/config/printing/test_typesetting.py",
        "tests/config/test_zips.py",
        "tests/config/tenancy/test_crypto.py",
    ),
    "what the official rules, the authority and a camera make of the bytes of each kind": (
        "tests/invoicing/test_document_table.py",
        "tests/invoicing/printing/test_kinds.py",
        "tests/invoicing/printing/test_page.py",
        "tests/invoicing/printing/test_pdf.py",
        "tests/invoicing/printing/test_receipt.py",
    ),
    "the sources, the pages of the documentation, and the URL conf": (
        "tests/config/test_docs.py",
        "tests/invoicing/test_docs.py",
        "tests/invoicing/test_routes.py",
        "tests/test_layers.py",
        "tests/test_once.py",
        "tests/test_wishes.py",
    ),
    "the OpenAPI document, which is made from classes": (
        "tests/config/edge/test_openapi.py",
        "tests/config/tenancy/test_openapi.py",
        "tests/invoicing/test_openapi.py",
    ),
    "processes that are started with an environment of their own, always on SQLite": (
        "tests/config/test_demo.py",
        "tests/config/test_start.py",
    ),
}
PATHS = [path for paths in ONCE.values() for path in paths]

# What waits more than it computes, for processes, leases and sockets: on both engines, each in a
# process of its own with a database of its own, so that the others compute meanwhile.
WAITING = (
    "tests/invoicing/reliability",
    "tests/invoicing/test_turns.py",
    "tests/config/delivery",
    "tests/config/edge/test_health.py",
    "tests/config/idempotency",
    "tests/config/jobs",
    "tests/config/test_work.py",
    "tests/health",
    "tests/integrations/reliability",
)

"""ZATCA e-invoices as pure Python: documents, arithmetic, UBL, hash, stamp, QR, CSR, rules, client.

Nothing in this package imports Django, opens a database or reads a setting.
"""

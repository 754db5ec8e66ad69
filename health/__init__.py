"""The laboratory: test invoices whose books balance at every instant (document D2).

gst.py        the arithmetic of an invoice, pure: rules V1 to V16
models/       rows: accounts, vouchers, numbering, invoices, payments, credit_notes,
              books (settings, period locks, history), masters (never required)
triggers.py   what the database refuses, on both engines
chart.py      the accounts that a tenant starts with
numbering.py  numbers without gaps
posting.py    which lines an invoice makes in the books
ledger.py     the only writer of vouchers, lines and seals
errors.py     refusals, each with its code
printing.py   bills and credit notes as PDF; printing_sheet.py what they say
report.py     what a report is; reporting*.py the reports, reports.py all of them by name
exporting.py  reports as CSV, XLSX and PDF; files.py as answers; plots.py as SVG
"""

"""The settings of the tests, so that `pip install -r requirements.txt && pytest` is enough."""

import os

os.environ.setdefault("DAFTAR_GENERATE_SECRETS", "1")

from config.settings import *  # noqa: F403

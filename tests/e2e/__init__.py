"""`python -m tests.e2e` (`make e2e`): the real site through a real browser, as people use it."""

"""Laboratory invoices and the double-entry books behind them."""

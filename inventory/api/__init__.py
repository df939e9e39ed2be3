"""The inventory room over HTTP, one file per noun."""

"""Backups that the server cannot read: dumps and archived logs, sealed for keys that lie elsewhere.

`sealing` encrypts streams, `store` keeps and lets go the files of a folder, `programs` finds PostgreSQL's own
programs, `dumps` takes and restores dumps, `drill` restores one beside the running system and verifies it.
"""

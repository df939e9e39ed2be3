"""What a pharmacist goes through before units become stock, in the version that is stored with every decision.

After 药品管理法 art. 49 (what a label must show) and art. 70 (what is verified on intake).
"""

CHECKLIST_VERSION = 1
CHECKLIST = ("identity", "label", "integrity", "storage", "expiry")
WHOLE_CHECKLIST = dict.fromkeys(CHECKLIST, True)

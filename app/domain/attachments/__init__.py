"""Files: uploaded by one person, then attached to a ticket or a comment, with its rights.

An *upload* is not attached yet; only its uploader sees it, and after a day it is deleted. An
*attachment* is attached for good. Verbs: `begin_upload`, `store_upload`, `attach`,
`discard_upload`, `sweep_unattached_upload`, `settle_scan`. Reads: `attachment_for`,
`attachments_of` (a ticket), `attachments_of_comments`."""

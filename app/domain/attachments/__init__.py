"""Files: uploaded by one person, then hung on a ticket or a comment, with the rights of that.

An *upload* hangs on nothing yet; its uploader alone sees it, and after a day it is swept. Once
attached it is an *attachment* for good. Verbs: `begin_upload`, `store_upload`, `attach`,
`discard_upload`, `sweep_unattached_upload`, `settle_scan`. Reads: `attachment_for`,
`attachments_of` (a ticket), `attachments_of_comments`.
"""

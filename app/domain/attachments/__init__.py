"""Files: uploaded by one person, then hung on a ticket or a comment, with the rights of that.

An *upload* hangs on nothing yet; its uploader alone sees it, and after a day it is swept. Once
attached it is an *attachment* for good. Verbs: `begin_upload`, `store_upload`, `attach`,
`release_scanned`, `sweep_unattached_upload`.
"""

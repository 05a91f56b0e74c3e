"""The access report: who signed in, when, how and from where, and whose rights changed (S4-18).

It is read from the journal, which the application cannot change. One read: `report_page`."""

"""The few pages a backend must have: where browsers and links in mails arrive when there is no
frontend to send them to. Everything they do can be done over the API as well.

A page is data (`page`), rendered by one template in the portal's colours (`rendering`); what the
pages say stands in `words`; `route` guards their forms. No script, nothing from elsewhere.
"""

"""The five systems as stories: people at a served installation, over HTTP and by mail."""

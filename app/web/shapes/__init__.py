"""How what the trade knows becomes what a client is shown: in his language, for his side."""

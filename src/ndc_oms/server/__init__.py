"""The HTTP side: who is calling, how much, how long; bytes in, bytes out. No XML is read here."""

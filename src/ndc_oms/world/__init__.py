"""The airline's data: files of one folder, checked, indexed in memory."""

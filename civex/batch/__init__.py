"""Batches: folders, archives and tables of documents in, tables of records out."""

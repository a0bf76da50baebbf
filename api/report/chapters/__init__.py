"""The chapters of the report, one module each: from what was found to paragraphs, tables and figures."""

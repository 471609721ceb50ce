"""archiver's tables, read through archiver.resources only."""

//! Due jobs: claim, run, settle.

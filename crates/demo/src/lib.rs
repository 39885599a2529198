//! An invented caseload, lived through the service on a virtual clock.
